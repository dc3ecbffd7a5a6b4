//! The sealed link of a login: what joins the sides of the audit stream, readable by an escrow alone.
//!
//! The hub and its operator hold the public key only. Who holds the private key (a judge, a data-protection
//! authority) opens links with `lethe audit link`.

use std::{io, path::Path};

use hub_core::{clock::Timestamp, entropy::Entropy};
use hub_jose::{Decrypter, DecryptionKey, Recipient};
use serde::{Deserialize, Serialize};

use super::{
    Event, Output,
    stream::{Entry, Stream},
};

/// What joins the sides of one login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The login on the lines about the service.
    pub service_login: String,
    /// The login on the lines about the identity provider.
    pub idp_login: String,
    /// The alias of the person.
    pub person: String,
}

impl Link {
    /// Whether it is the link of the login that one side calls `name`.
    #[must_use]
    pub fn is_of(&self, name: &str) -> bool {
        self.service_login == name || self.idp_login == name
    }

    /// The link as a JWE (ECDH-ES, A256GCM) for `escrow`. Every link has the same length.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub(super) fn seal(&self, escrow: &Recipient) -> io::Result<String> {
        let text = serde_json::to_string(self)?;
        let sealed = escrow.seal_as(&text, "json");
        sealed.ok_or_else(|| io::Error::other("a link could not be encrypted for the escrow"))
    }
}

/// The private key of an escrow.
#[derive(Debug)]
pub struct EscrowKey(Decrypter);

impl EscrowKey {
    /// Reads a private key in PEM; `None` if it is not one of P-256.
    #[must_use]
    pub fn from_pem(pem: &[u8]) -> Option<Self> {
        let key = DecryptionKey::from_pem(pem).ok()?;
        Some(Self(Decrypter::new(vec![key])))
    }

    /// The link in `line` of an audit stream; `None` if there is none in it, or for another key.
    #[must_use]
    pub fn open(&self, line: &str) -> Option<Link> {
        #[derive(Deserialize)]
        struct Sealed {
            link: String,
        }
        let sealed: Sealed = serde_json::from_str(line).ok()?;
        serde_json::from_str(&self.0.open(&sealed.link).ok()?).ok()
    }
}

/// Writes down, in a stream of its own at `record`, that the link of the login `asked` was looked for in
/// `case`, and whether it was found.
///
/// # Errors
/// When it cannot be written.
pub fn record_opening(
    record: &Path,
    (asked, case, found): (&str, &str, bool),
    now: Timestamp,
    entropy: &dyn Entropy,
) -> io::Result<()> {
    let stream = Stream::open(&Output::File(record.to_owned()), now, entropy)?;
    let event = Event::LinkOpened { asked, case, found };
    stream.write(&Entry {
        time: now.rfc3339(),
        event: &event,
        login: None,
        origin: None,
    })
}
