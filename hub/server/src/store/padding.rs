//! The sizes of records. Whoever reads the store sees the length of each record, and sees one record change from
//! step to step: without padding, what it begins with tells the service, and what is added to it the IdP.

use hub_core::{
    data::DataToken,
    login::{AccessGrant, CodeRecord, Login},
    session::Session,
};
use serde::Serialize;

/// The least size of a login before an IdP is chosen. Strangers make such records, so that it is small.
const REQUESTED: usize = 1024;
/// The least size of a login at an IdP: the same for every IdP.
const AT_IDP: usize = 2 * 1024;
/// The least size of a record that may hold an identity and an IdP's id token.
const IDENTITY: usize = 8 * 1024;
/// The least size of what a token opens: claims that were reduced to what one party may read.
const TOKEN: usize = 4 * 1024;
/// What the store adds to the plain text: the seal, and the head of a string in Redis. The sum is a power of two,
/// which is how Redis allocates.
const OVERHEAD: usize = 64;

/// What lies in the store, sealed.
pub trait Record: Serialize {
    /// The size, in bytes, below which no record of this kind is written. It has to be the same for all parties,
    /// and large enough for nearly every record.
    fn least_size(&self) -> usize {
        IDENTITY
    }
}

impl Record for Login {
    fn least_size(&self) -> usize {
        match self {
            Self::Requested(_) => REQUESTED,
            Self::Upstream(_) | Self::Verifying => AT_IDP,
            Self::Identified(_) | Self::Agreed(_) | Self::Answered(_) => IDENTITY,
        }
    }
}

impl Record for Session {}

impl Record for CodeRecord {
    fn least_size(&self) -> usize {
        match self {
            Self::Live(_) => IDENTITY,
            // The place of a token and nothing else: always of one length.
            Self::Spent(_) => 0,
        }
    }
}

impl Record for AccessGrant {
    fn least_size(&self) -> usize {
        TOKEN
    }
}

impl Record for DataToken {
    fn least_size(&self) -> usize {
        TOKEN
    }
}

/// `record` as JSON, filled up with blanks to its least size or to the next power of two. A reader of JSON skips
/// blanks at the end, the version of the hub before this one too.
pub(super) fn padded<R: Record>(record: &R) -> Result<Vec<u8>, serde_json::Error> {
    let mut plain = serde_json::to_vec(record)?;
    let needed = plain.len().saturating_add(OVERHEAD);
    let size = needed.next_power_of_two().max(record.least_size());
    plain.resize(size.saturating_sub(OVERHEAD), b' ');
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::{IDENTITY, OVERHEAD, Record, padded};

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Text(String);

    impl Record for Text {}

    #[test]
    fn a_record_is_filled_up_and_reads_as_before() {
        for (length, size) in [
            (0, IDENTITY),
            (IDENTITY - OVERHEAD - 2, IDENTITY),
            (IDENTITY - OVERHEAD - 1, 2 * IDENTITY),
            (3 * IDENTITY, 4 * IDENTITY),
        ] {
            let record = Text("x".repeat(length));
            let plain = padded(&record).unwrap();

            assert_eq!(plain.len(), size - OVERHEAD, "{length}");
            assert_eq!(serde_json::from_slice::<Text>(&plain).unwrap(), record);
        }
    }
}
