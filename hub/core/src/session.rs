//! The single sign-on session: it identifies the citizen when the same browser visits another service.
//!
//! The store keeps it sealed under a secret that only the browser has. Each authentication replaces that
//! secret. The server's `session` module reads and writes it.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    acr::Level,
    clock::Timestamp,
    entropy::{Entropy, draw},
    ids::{ClientId, IdpId},
    login::{AskedClaim, Authentication, Request},
    scope::{Claim, Scope},
    secret::Locator,
};

/// The lifetimes of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// How long a session lasts without being used.
    pub idle_timeout: Duration,
    /// How long a session lasts at most.
    pub max_lifetime: Duration,
    /// Whether the browser keeps the cookie after it is closed.
    pub persistent_cookie: bool,
}

/// The locator of the record that marks a session as ended.
///
/// Each token issued in the session carries it. The token is refused once that record exists. The
/// locator is random and occurs only in sealed records, so a reader of the store cannot relate the
/// record to a session or a token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndMark(#[serde(with = "crate::encoding::as_text")] [u8; 32]);

impl EndMark {
    /// Draws a random mark.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(draw(entropy))
    }

    /// Returns the locator of the record.
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

/// An authenticated citizen, and the services that they visited.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    idp: IdpId,
    authentication: Authentication,
    begun_at: Timestamp,
    services: Vec<VisitedService>,
    /// Absent in sessions that the previous version wrote.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    end_mark: Option<EndMark>,
}

/// A service that the citizen visited in the session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisitedService {
    /// The service.
    pub client: ClientId,
    /// The `sid` of the session at this service.
    ///
    /// The service knows it, so it stays the same when the citizen authenticates again.
    pub sid: String,
    /// What the citizen read on this service's review page since the last authentication, if they saw
    /// one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reviewed: Option<ReviewedTerms>,
}

/// What a review page showed.
///
/// A request with `prompt=none` succeeds only if it asks for a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedTerms {
    /// The requested claims about the person, including those that the IdP does not have: otherwise the
    /// response to a request for one would tell the service which IdP was used.
    claims: BTreeSet<Claim>,
    /// The requested scopes.
    scopes: BTreeSet<Scope>,
    /// The requested claims about the authentication.
    about_authentication: BTreeSet<AskedClaim>,
    /// The requested assurance level, which the service receives. The lowest one in records that the
    /// previous version wrote.
    #[serde(default = "lowest_level")]
    level: Level,
    /// The digest of the page's text, in every language.
    words: String,
}

const fn lowest_level() -> Level {
    Level::Eidas1
}

impl ReviewedTerms {
    /// Returns the terms of `request`; `words` is the digest of its page's text.
    #[must_use]
    pub fn new(request: &Request, words: String) -> Self {
        Self {
            claims: request.claims(),
            scopes: request.scopes.clone(),
            about_authentication: request.id_token.clone(),
            level: request.level,
            words,
        }
    }

    /// Whether `other` requests nothing beyond these terms, under the same text.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        self.words == other.words
            && self.level.satisfies(other.level)
            && other.claims.is_subset(&self.claims)
            && other.scopes.is_subset(&self.scopes)
            && other
                .about_authentication
                .is_subset(&self.about_authentication)
    }

    /// Adds the terms of `other`, which the citizen read earlier under the same text.
    fn with(mut self, other: &Self) -> Self {
        if self.words == other.words {
            self.claims.extend(&other.claims);
            self.scopes.extend(&other.scopes);
            self.level = self.level.max(other.level);
            self.about_authentication
                .extend(&other.about_authentication);
        }
        self
    }
}

impl Session {
    /// Starts a session with an authentication at `idp`.
    #[must_use]
    pub const fn begin(idp: IdpId, authentication: Authentication, now: Timestamp) -> Self {
        Self {
            idp,
            authentication,
            begun_at: now,
            services: Vec::new(),
            end_mark: None,
        }
    }

    /// Returns the end mark of the session, if a token was issued in it.
    #[must_use]
    pub const fn end_mark(&self) -> Option<&EndMark> {
        self.end_mark.as_ref()
    }

    /// Returns the end mark, and sets it to `fresh` if the session has none yet.
    pub fn end_mark_or(&mut self, fresh: &EndMark) -> EndMark {
        self.end_mark.get_or_insert_with(|| fresh.clone()).clone()
    }

    /// Takes over the services and the end mark of `old`, the same person's session that this one
    /// replaces.
    pub fn replace(&mut self, old: Self) {
        self.end_mark = old.end_mark;
        for service in old.services {
            // The citizen read those terms for another answer of an IdP: they must read them again.
            self.add_service(VisitedService {
                reviewed: None,
                ..service
            });
        }
    }

    /// Returns the IdP that authenticated the citizen.
    #[must_use]
    pub const fn idp(&self) -> &IdpId {
        &self.idp
    }

    /// Returns what the IdP proved about the citizen.
    #[must_use]
    pub const fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// Returns when the session began.
    #[must_use]
    pub const fn begun_at(&self) -> Timestamp {
        self.begun_at
    }

    /// Returns the services that the citizen visited, in the order of the first visits.
    #[must_use]
    pub fn services(&self) -> &[VisitedService] {
        &self.services
    }

    /// Returns the `sid` of the session at `client`, if the citizen visited it.
    #[must_use]
    pub fn sid_at(&self, client: &ClientId) -> Option<&str> {
        let services = self.services.iter().find(|one| one.client == *client);
        services.map(|one| one.sid.as_str())
    }

    /// Returns what the citizen read on the review page of `client`.
    #[must_use]
    pub fn reviewed_at(&self, client: &ClientId) -> Option<&ReviewedTerms> {
        let services = self.services.iter().find(|one| one.client == *client);
        services.and_then(|one| one.reviewed.as_ref())
    }

    /// Adds a visited service.
    ///
    /// If it is already there, its `sid` stays, and the terms read now are added to those read before.
    pub fn add_service(&mut self, service: VisitedService) {
        let known = self.services.iter_mut();
        match known.into_iter().find(|one| one.client == service.client) {
            None => self.services.push(service),
            Some(known) => {
                let earlier = known.reviewed.take();
                known.reviewed = match (service.reviewed, earlier) {
                    (Some(now), Some(earlier)) => Some(now.with(&earlier)),
                    (now, earlier) => now.or(earlier),
                };
            }
        }
    }

    /// Returns the remaining lifetime without further use.
    ///
    /// Returns `None` if the session has expired.
    #[must_use]
    pub fn life(&self, rules: SessionRules, now: Timestamp) -> Option<Duration> {
        let left = self.begun_at.plus(rules.max_lifetime).since(now);
        let life = left.min(rules.idle_timeout);
        (!life.is_zero()).then_some(life)
    }

    /// Whether the session answers `request` without another authentication.
    ///
    /// The level must be high enough and the authentication recent enough.
    #[must_use]
    pub fn answers(&self, request: &Request, now: Timestamp) -> bool {
        let fresh = |max_age: u32| {
            let age = self.authentication.auth_time.map(|at| now.since(at));
            age.is_some_and(|age| age <= Duration::from_secs(max_age.into()))
        };
        self.authentication.level.satisfies(request.level)
            && request.max_age.is_none_or(fresh)
            && self.authentication.has_time_for(request)
    }
}
