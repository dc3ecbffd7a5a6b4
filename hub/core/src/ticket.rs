//! The return ticket: the `state` that an IdP carries for us, and the way back from every error page.
//!
//! To the IdP it is noise of one length, whatever the service. Without the browser's cookie it opens
//! no login, but it tells the hub where the citizen was going.

use sha2::{Digest, Sha256};

use crate::{
    aead::Unsealable,
    clock::Timestamp,
    encoding::{base64url, from_base64url},
    entropy::Entropy,
    ids::{ClientId, IdpId, LoginId},
    seal::{self, KeyPair},
};

const PURPOSE: &[u8] = b"lethe/ticket";

/// A fingerprint of a registered name, so that tickets have one length. The registry finds the name.
pub type Reference = [u8; 16];

/// Which login this is, for which service, at which IdP, by which attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The login.
    pub login: LoginId,
    /// The service that asked.
    pub client: Reference,
    /// The IdP that was chosen; all zero before a choice.
    pub idp: Reference,
    /// The attempt: a second choice makes a new one, and the first is dead. All zero before a choice.
    pub attempt: [u8; 16],
    /// When the ticket was made.
    pub made_at: Timestamp,
}

/// Seals and opens tickets under the hub's ticket keys.
#[derive(Debug, Clone)]
pub struct TicketOffice {
    keys: KeyPair,
}

impl TicketOffice {
    /// An office that seals under the current key and opens under either.
    #[must_use]
    pub const fn new(keys: KeyPair) -> Self {
        Self { keys }
    }

    /// The ticket as text: always 140 base64url characters.
    ///
    /// # Errors
    /// [`Unsealable`] when the cryptographic library fails.
    pub fn issue(&self, ticket: &Ticket, entropy: &dyn Entropy) -> Result<String, Unsealable> {
        let plain = [
            ticket.login.as_bytes().as_slice(),
            &ticket.client,
            &ticket.idp,
            &ticket.attempt,
            &ticket.made_at.unix().to_be_bytes(),
        ]
        .concat();
        seal::seal_under(&self.keys, PURPOSE, &plain, entropy).map(|sealed| base64url(&sealed))
    }

    /// Reads a ticket that this hub made; nothing for anything else.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Ticket> {
        let plain = seal::open_under(&self.keys, PURPOSE, &from_base64url(text)?).ok()?;
        let (login, rest) = plain.split_first_chunk()?;
        let (client, rest) = rest.split_first_chunk()?;
        let (idp, rest) = rest.split_first_chunk()?;
        let (attempt, rest) = rest.split_first_chunk()?;
        let made_at = i64::from_be_bytes(rest.try_into().ok()?);
        Some(Ticket {
            login: LoginId::from_bytes(*login),
            client: *client,
            idp: *idp,
            attempt: *attempt,
            made_at: Timestamp::from_unix(made_at),
        })
    }
}

impl ClientId {
    /// This client's fingerprint in a ticket.
    #[must_use]
    pub fn reference(&self) -> Reference {
        fingerprint("client", self.as_str())
    }
}

impl IdpId {
    /// This IdP's fingerprint in a ticket.
    #[must_use]
    pub fn reference(&self) -> Reference {
        fingerprint("idp", self.as_str())
    }
}

fn fingerprint(kind: &str, name: &str) -> Reference {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(name)
        .finalize()
        .into();
    let mut short = Reference::default();
    short
        .iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = from);
    short
}
