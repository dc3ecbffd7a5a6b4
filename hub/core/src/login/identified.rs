//! Stage 3: the hub knows who the citizen is, and tells them what will be shared.

use serde::{Deserialize, Serialize};

use super::{Agreed, Agreement, Request, Requested, StageError};
use crate::{
    acr::Level,
    clock::Timestamp,
    data::DataItem,
    encoding::base64url,
    identity::PivotIdentity,
    ids::{ClientId, IdpId},
    register::Known,
    secret::Locator,
    session::Session,
    subject::Evidence,
};

/// Seconds by which an authentication may seem older than it is. `auth_time` is by the hub's own clock, so
/// that only rounding counts.
const LEEWAY: u64 = 5;

/// What an IdP vouched for, and the register of persons where it was asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Authentication {
    /// Who the person is.
    pub identity: PivotIdentity,
    /// What speaks for it.
    pub evidence: Evidence,
    /// Who the person was before, as the register of persons states.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub former: Vec<PivotIdentity>,
    /// The level delivered, already capped by the IdP's ceiling.
    pub level: Level,
    /// When the person authenticated, by the hub's clock, if the IdP proved it.
    pub auth_time: Option<Timestamp>,
    /// The IdP's own session, for logging out of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub upstream: Option<UpstreamSession>,
}

/// An IdP's own session with the citizen.
#[derive(Clone, Serialize, Deserialize)]
pub struct UpstreamSession {
    /// Its name (OpenID Connect Back-Channel Logout 2.1), if it has one.
    pub sid: Option<String>,
    /// The id token, which the IdP's end-session page wants to see, if it is wanted.
    pub id_token: Option<String>,
}

impl std::fmt::Debug for UpstreamSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UpstreamSession(hidden)")
    }
}

impl Authentication {
    /// Whether it has what `request` asks about the time of the authentication. A service that asks for
    /// `auth_time` gets it from every IdP or no login: a missing one would tell which IdP was used.
    #[must_use]
    pub fn has_time_for(&self, request: &Request) -> bool {
        self.auth_time.is_some() || !request.asks_auth_time()
    }

    /// Whether the authentication is known to be at most `max_age` seconds old, or made since the
    /// citizen left for it at `started_at`.
    #[must_use]
    pub fn is_fresh(&self, max_age: u32, started_at: Timestamp, now: Timestamp) -> bool {
        self.auth_time.is_some_and(|at| {
            now.since(at).as_secs() <= u64::from(max_age) + LEEWAY
                || started_at.since(at).as_secs() <= LEEWAY
        })
    }
}

/// The citizen is reading what will be shared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identified {
    request: Request,
    expires_at: Timestamp,
    idp: IdpId,
    authentication: Authentication,
    /// The number of the attempt that the IdP answered, if one did: a second answer of the same IdP for
    /// the same person is another one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    attempt: Option<String>,
    /// Where the session lies that the citizen is known from, if from one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    session: Option<String>,
}

impl Identified {
    pub(super) fn new(
        request: Request,
        expires_at: Timestamp,
        (idp, attempt): (IdpId, &[u8; 16]),
        authentication: Authentication,
    ) -> Self {
        Self {
            request,
            expires_at,
            idp,
            authentication,
            attempt: Some(base64url(attempt)),
            session: None,
        }
    }

    /// A login whose citizen is known from `session`, which lies at `at` and has to answer the request
    /// ([`Session::answers`]).
    #[must_use]
    pub fn known(request: Request, expires_at: Timestamp, session: &Session, at: &Locator) -> Self {
        Self {
            request,
            expires_at,
            idp: session.idp().clone(),
            authentication: session.authentication().clone(),
            attempt: None,
            session: Some(base64url(at.as_bytes())),
        }
    }

    /// Whether the citizen is known from a session, rather than from an authentication just made.
    #[must_use]
    pub const fn is_from_session(&self) -> bool {
        self.session.is_some()
    }

    /// Whether the citizen is known from the session at `at`.
    #[must_use]
    pub fn is_from(&self, at: &Locator) -> bool {
        self.session.as_deref() == Some(&base64url(at.as_bytes()))
    }

    /// What was asked.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// What the IdP vouched for.
    #[must_use]
    pub const fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// Which IdP vouched.
    #[must_use]
    pub const fn idp(&self) -> &IdpId {
        &self.idp
    }

    /// When the login ends.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The register of persons knows the citizen: the civil status is the register's from here on.
    #[must_use]
    pub fn registered(self, known: Known) -> Self {
        let Authentication {
            identity, evidence, ..
        } = self.authentication;
        let authentication = Authentication {
            identity: known.finding.settle(identity),
            evidence: Evidence {
                register_found: true,
                ..evidence
            },
            former: known.former,
            ..self.authentication
        };
        Self {
            authentication,
            ..self
        }
    }

    /// What was asked of data providers, as far as `keep` lets it through: the citizen may refuse what
    /// the service can do without.
    #[must_use]
    pub fn keeping(mut self, keep: impl Fn(&ClientId, DataItem<'_>) -> bool) -> Self {
        let asked = self.request.data.iter();
        self.request.data = asked
            .filter_map(|data| data.keeping(|item| keep(&data.provider, item)))
            .collect();
        self
    }

    /// The citizen agreed.
    ///
    /// # Errors
    /// [`StageError::Expired`].
    pub fn agree(self, _agreement: Agreement, now: Timestamp) -> Result<Agreed, StageError> {
        if now >= self.expires_at {
            return Err(StageError::Expired);
        }
        Ok(Agreed::new(self.request, self.authentication))
    }

    /// Back to the choice: the identity is forgotten.
    #[must_use]
    pub fn back_to_choice(self) -> Requested {
        Requested::new(self.request, self.expires_at)
    }
}
