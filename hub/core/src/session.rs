//! The single sign-on session: who signed in, for the next service that the same browser comes from.
//!
//! It lies sealed under a secret of its own that only the browser has, new at each authentication.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{ClientId, IdpId},
    login::{Arrival, Request},
};

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// How long one lasts without being used.
    pub idle: Duration,
    /// How long one lasts whatever happens.
    pub longest: Duration,
}

/// A citizen who signed in, and the services that they went to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    idp: IdpId,
    arrival: Arrival,
    begun_at: Timestamp,
    reached: Vec<Reached>,
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
