//! Tickets: they name the login that a URL belongs to, sealed under the hub's ticket keys.
//!
//! There are two kinds with different AEAD purposes, so one is never accepted as the other. A
//! [`StateTicket`] goes to an identity provider as `state` and does not name the service: an IdP keeps
//! every `state` in its logs and could query the hub with it. A [`PathTicket`] stays in the URLs of the
//! hub's own pages, so it may name the service. Both expire. Neither gives access to a login without the
//! browser's cookie. Called by the server's `http` module.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::{
    aead::Unsealable,
    clock::Timestamp,
    encoding::{base64url, from_base64url},
    entropy::Entropy,
    ids::{ClientId, IdpId, LoginId},
    seal::{self, KeyPair},
};

const STATE: &[u8] = b"lethe/ticket/state";
const PATH: &[u8] = b"lethe/ticket/path";

/// A fingerprint of a registered id, which gives tickets a constant length. The registry maps it back.
pub type IdFingerprint = [u8; 16];

/// The `state` parameter toward an IdP, at login and at its end-session endpoint. It names no service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateTicket {
    /// The login or the logout.
    pub login: LoginId,
    /// The attempt. A second choice creates another attempt, and the first is no longer accepted. All
    /// zero at a logout.
    pub attempt: [u8; 16],
    /// The IdP that the browser is redirected to; all zero at a logout without one.
    pub idp: IdFingerprint,
    /// When the ticket was made.
    pub made_at: Timestamp,
}

/// The ticket in the path of the hub's own pages (`/login/...`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathTicket {
    /// The login.
    pub login: LoginId,
    /// The service that sent the authorization request.
    ///
    /// Error pages link back to it. The steps of the login use the login's record alone.
    pub client: IdFingerprint,
    /// When the ticket was made.
    pub made_at: Timestamp,
}

/// A ticket that this hub sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened<T> {
    /// The ticket has not expired.
    Live(T),
    /// The ticket expired and gives no access to a login. Error pages may still use its content.
    Expired(T),
}

/// Seals and opens tickets under the hub's ticket keys.
#[derive(Debug, Clone)]
pub struct TicketSealer {
    keys: KeyPair,
    lifetime: Duration,
}

impl TicketSealer {
    /// Seals under the current key and decrypts under either. A ticket expires `lifetime` after it was
    /// made.
    #[must_use]
    pub const fn new(keys: KeyPair, lifetime: Duration) -> Self {
        Self { keys, lifetime }
    }

    /// Returns the state ticket as text: always 119 base64url characters.
    ///
    /// # Errors
    /// [`Unsealable`] if the cryptographic library fails.
    pub fn seal_state(
        &self,
        ticket: &StateTicket,
        entropy: &dyn Entropy,
    ) -> Result<String, Unsealable> {
        let plain = [
            ticket.login.as_bytes().as_slice(),
            &ticket.attempt,
            &ticket.idp,
            &ticket.made_at.unix().to_be_bytes(),
        ]
        .concat();
        self.seal(STATE, &plain, entropy)
    }

    /// Returns the path ticket as text: always 98 base64url characters.
    ///
    /// # Errors
    /// [`Unsealable`] if the cryptographic library fails.
    pub fn seal_path(
        &self,
        ticket: &PathTicket,
        entropy: &dyn Entropy,
    ) -> Result<String, Unsealable> {
        let plain = [
            ticket.login.as_bytes().as_slice(),
            &ticket.client,
            &ticket.made_at.unix().to_be_bytes(),
        ]
        .concat();
        self.seal(PATH, &plain, entropy)
    }

    /// Decrypts a state ticket that this hub sealed. Returns `None` for any other text, including a path
    /// ticket.
    #[must_use]
    pub fn open_state(&self, text: &str, now: Timestamp) -> Option<Opened<StateTicket>> {
        let plain = self.open(STATE, text)?;
        let (login, rest) = plain.split_first_chunk()?;
        let (attempt, rest) = rest.split_first_chunk()?;
        let (idp, rest) = rest.split_first_chunk()?;
        let made_at = timestamp(rest)?;
        let ticket = StateTicket {
            login: LoginId::from_bytes(*login),
            attempt: *attempt,
            idp: *idp,
            made_at,
        };
        Some(self.check_lifetime(ticket, made_at, now))
    }

    /// Decrypts a path ticket that this hub sealed. Returns `None` for any other text, including a state
    /// ticket.
    #[must_use]
    pub fn open_path(&self, text: &str, now: Timestamp) -> Option<Opened<PathTicket>> {
        let plain = self.open(PATH, text)?;
        let (login, rest) = plain.split_first_chunk()?;
        let (client, rest) = rest.split_first_chunk()?;
        let made_at = timestamp(rest)?;
        let ticket = PathTicket {
            login: LoginId::from_bytes(*login),
            client: *client,
            made_at,
        };
        Some(self.check_lifetime(ticket, made_at, now))
    }

    fn seal(
        &self,
        purpose: &[u8],
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<String, Unsealable> {
        seal::seal_under(&self.keys, purpose, plain, entropy).map(|sealed| base64url(&sealed))
    }

    fn open(&self, purpose: &[u8], text: &str) -> Option<Vec<u8>> {
        seal::open_under(&self.keys, purpose, &from_base64url(text)?).ok()
    }

    fn check_lifetime<T>(&self, ticket: T, made_at: Timestamp, now: Timestamp) -> Opened<T> {
        if now.since(made_at) < self.lifetime {
            Opened::Live(ticket)
        } else {
            Opened::Expired(ticket)
        }
    }
}

fn timestamp(bytes: &[u8]) -> Option<Timestamp> {
    let seconds = i64::from_be_bytes(bytes.try_into().ok()?);
    Some(Timestamp::from_unix(seconds))
}

impl ClientId {
    /// Returns this client's fingerprint in a ticket.
    #[must_use]
    pub fn fingerprint(&self) -> IdFingerprint {
        fingerprint("client", self.as_str())
    }
}

impl IdpId {
    /// Returns this IdP's fingerprint in a ticket.
    #[must_use]
    pub fn fingerprint(&self) -> IdFingerprint {
        fingerprint("idp", self.as_str())
    }
}

fn fingerprint(kind: &str, name: &str) -> IdFingerprint {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(name)
        .finalize()
        .into();
    let mut short = IdFingerprint::default();
    short
        .iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = from);
    short
}
