//! The single sign-on session: who signed in, for the next service that the same browser comes from.
//!
//! It lies sealed under a secret of its own that only the browser has, new at each authentication.

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

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// How long one lasts without being used.
    pub idle_timeout: Duration,
    /// How long one lasts whatever happens.
    pub max_lifetime: Duration,
    /// Whether the browser keeps the cookie when it is closed.
    pub persistent_cookie: bool,
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
    authentication: Authentication,
    begun_at: Timestamp,
    services: Vec<VisitedService>,
    /// Absent in sessions that the version before wrote.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    end_mark: Option<EndMark>,
}

/// A service that the citizen went to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisitedService {
    /// The service.
    pub client: ClientId,
    /// The session's name there (`sid`): the service has it, so it stays when the citizen authenticates
    /// again.
    pub sid: String,
    /// What the citizen read on this service's review page since they last authenticated, if they did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reviewed: Option<ReviewedTerms>,
}

/// What a review page said: a request with `prompt=none` is answered for a part of it only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedTerms {
    /// The claims about the person that were asked. Those that the IdP does not hold are among them: else
    /// the answer to a request for one would tell which IdP was used.
    claims: BTreeSet<Claim>,
    /// The scopes that were asked.
    scopes: BTreeSet<Scope>,
    /// The claims about the authentication that were asked.
    about_authentication: BTreeSet<AskedClaim>,
    /// The level that was asked, which is the one that the service is told. The lowest in records that the
    /// version before wrote.
    #[serde(default = "lowest_level")]
    level: Level,
    /// The digest of its words, in every language.
    words: String,
}

const fn lowest_level() -> Level {
    Level::Eidas1
}

impl ReviewedTerms {
    /// The terms of `request`, whose page has the words with the digest `words`.
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

    /// Whether `other` asks for nothing that these terms do not hold, in the same words.
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

    /// These terms with those of `other`, which was read earlier in the same words.
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
    /// A session that begins with an authentication at `idp`.
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

    /// The mark by which the tokens of this session end with it, if one was given in it.
    #[must_use]
    pub const fn end_mark(&self) -> Option<&EndMark> {
        self.end_mark.as_ref()
    }

    /// The same; `fresh` becomes the mark if there is none yet.
    pub fn end_mark_or(&mut self, fresh: &EndMark) -> EndMark {
        self.end_mark.get_or_insert_with(|| fresh.clone()).clone()
    }

    /// Takes over what belongs to `old`, a session of the same person that this one replaces: the services
    /// and the mark by which their tokens end.
    pub fn replace(&mut self, old: Self) {
        self.end_mark = old.end_mark;
        for service in old.services {
            // What was read then was said of another answer of an IdP.
            self.add_service(VisitedService {
                reviewed: None,
                ..service
            });
        }
    }

    /// The IdP that vouched.
    #[must_use]
    pub const fn idp(&self) -> &IdpId {
        &self.idp
    }

    /// What it vouched for.
    #[must_use]
    pub const fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// When the session began.
    #[must_use]
    pub const fn begun_at(&self) -> Timestamp {
        self.begun_at
    }

    /// The services that the citizen went to in it, in the order in which they did.
    #[must_use]
    pub fn services(&self) -> &[VisitedService] {
        &self.services
    }

    /// The session's name at `client`, if the citizen went there.
    #[must_use]
    pub fn sid_at(&self, client: &ClientId) -> Option<&str> {
        let services = self.services.iter().find(|one| one.client == *client);
        services.map(|one| one.sid.as_str())
    }

    /// What the citizen read on the review page of `client`.
    #[must_use]
    pub fn reviewed_at(&self, client: &ClientId) -> Option<&ReviewedTerms> {
        let services = self.services.iter().find(|one| one.client == *client);
        services.and_then(|one| one.reviewed.as_ref())
    }

    /// The citizen goes to a service. Where they have been there already, its name for the session stays,
    /// and what they read now is added to what they read then.
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

    /// How long it lasts if it is not used again; nothing once it is over.
    #[must_use]
    pub fn life(&self, rules: SessionRules, now: Timestamp) -> Option<Duration> {
        let left = self.begun_at.plus(rules.max_lifetime).since(now);
        let life = left.min(rules.idle_timeout);
        (!life.is_zero()).then_some(life)
    }

    /// Whether it answers `request` without another authentication: the level is high enough and the
    /// authentication young enough.
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
