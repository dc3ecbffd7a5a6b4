//! The single sign-on session: who signed in, for the next service that the same browser comes from.
//!
//! It lies sealed under a secret of its own that only the browser has, new at each authentication.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    entropy::{Entropy, draw},
    ids::{ClientId, IdpId},
    login::{Arrival, Request},
    secret::Locator,
};

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// How long one lasts without being used.
    pub idle: Duration,
    /// How long one lasts whatever happens.
    pub longest: Duration,
}

/// Where the store notes that a session was ended.
///
/// Each token that was given in the session carries it, and opens nothing once the note is there. Random,
/// and only in sealed records, so that the note joins nothing for whoever reads the store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndMark(#[serde(with = "crate::encoding::as_text")] [u8; 32]);

impl EndMark {
    /// A fresh mark.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(draw(entropy))
    }

    /// Where the note lies.
    #[must_use]
    pub const fn locator(&self) -> Locator {
        Locator::from_bytes(self.0)
    }
}

impl std::fmt::Debug for EndMark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EndMark(hidden)")
    }
}

/// A citizen who signed in, and the services that they went to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    idp: IdpId,
    arrival: Arrival,
    begun_at: Timestamp,
    reached: Vec<Reached>,
    /// Absent in sessions that the version before wrote.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    end_mark: Option<EndMark>,
}

/// A service that the citizen went to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reached {
    /// The service.
    pub client: ClientId,
    /// The session's name there (`sid`): the service has it, so it stays when the citizen authenticates
    /// again.
    pub sid: String,
}

impl Session {
    /// A session that begins with an authentication at `idp`.
    #[must_use]
    pub const fn begin(idp: IdpId, arrival: Arrival, now: Timestamp) -> Self {
        Self {
            idp,
            arrival,
            begun_at: now,
            reached: Vec::new(),
            end_mark: None,
        }
    }

    /// The mark by which the tokens of this session end with it, if one was given in it.
    #[must_use]
    pub const fn end_mark(&self) -> Option<&EndMark> {
        self.end_mark.as_ref()
    }

    /// The same, drawn if there is none yet.
    pub fn end_mark_or_draw(&mut self, entropy: &dyn Entropy) -> EndMark {
        let mark = self.end_mark.get_or_insert_with(|| EndMark::draw(entropy));
        mark.clone()
    }

    /// Takes over what belongs to `old`, a session of the same person that this one replaces: the services
    /// and the mark by which their tokens end.
    pub fn replace(&mut self, old: Self) {
        self.end_mark = old.end_mark;
        for service in old.reached {
            self.reach(service);
        }
    }

    /// The IdP that vouched.
    #[must_use]
    pub const fn idp(&self) -> &IdpId {
        &self.idp
    }

    /// What it vouched for.
    #[must_use]
    pub const fn arrival(&self) -> &Arrival {
        &self.arrival
    }

    /// The services that the citizen went to in it, in the order in which they did.
    #[must_use]
    pub fn reached(&self) -> &[Reached] {
        &self.reached
    }

    /// The session's name at `client`, if the citizen went there.
    #[must_use]
    pub fn sid_at(&self, client: &ClientId) -> Option<&str> {
        let reached = self.reached.iter().find(|one| one.client == *client);
        reached.map(|one| one.sid.as_str())
    }

    /// The citizen goes to a service; where they have been there already, its name for the session stays.
    pub fn reach(&mut self, service: Reached) {
        if self.sid_at(&service.client).is_none() {
            self.reached.push(service);
        }
    }

    /// How long it lasts if it is not used again; nothing once it is over.
    #[must_use]
    pub fn life(&self, rules: SessionRules, now: Timestamp) -> Option<Duration> {
        let left = self.begun_at.plus(rules.longest).since(now);
        let life = left.min(rules.idle);
        (!life.is_zero()).then_some(life)
    }

    /// Whether it answers `request` without another authentication: the level is high enough and the
    /// authentication young enough.
    #[must_use]
    pub fn answers(&self, request: &Request, now: Timestamp) -> bool {
        let fresh = |max_age: u32| {
            let age = self.arrival.auth_time.map(|at| now.since(at));
            age.is_some_and(|age| age <= Duration::from_secs(max_age.into()))
        };
        self.arrival.level.satisfies(request.level) && request.max_age.is_none_or(fresh)
    }
}
