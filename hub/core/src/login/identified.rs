//! Stage 3: the hub identified the citizen and shows the review page.
//!
//! The server's callback step and its sessions make [`Identified`]; the review step consumes it.

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
    secret::{BrowserBinding, Locator},
    session::Session,
    subject::Evidence,
};

/// Seconds by which an authentication may seem older than it is. `auth_time` comes from the hub's own
/// clock, so only rounding must be tolerated.
const LEEWAY: u64 = 5;

/// What an IdP proved about the citizen, completed by the register of persons if it was asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Authentication {
    /// The identity.
    pub identity: PivotIdentity,
    /// The evidence for the identity.
    pub evidence: Evidence,
    /// The identities that the person had before, as the register of persons states.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub former: Vec<PivotIdentity>,
    /// The assurance level of the authentication, at most the IdP's registered maximum.
    pub level: Level,
    /// When the person authenticated, by the hub's clock, if the IdP proved it.
    pub auth_time: Option<Timestamp>,
    /// The IdP's own session, used for logout.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub upstream: Option<UpstreamSession>,
}

/// The session of the citizen at the IdP.
#[derive(Clone, Serialize, Deserialize)]
pub struct UpstreamSession {
    /// The `sid` of the session (OpenID Connect Back-Channel Logout 2.1), if the IdP sent one.
    pub sid: Option<String>,
    /// The ID token, if the IdP's end-session endpoint requires it as `id_token_hint`.
    pub id_token: Option<String>,
}

impl std::fmt::Debug for UpstreamSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UpstreamSession(hidden)")
    }
}

impl Authentication {
    /// Whether the authentication has the `auth_time` that `request` asks for.
    ///
    /// A login without it fails: a missing `auth_time` would tell the service which IdP was used.
    #[must_use]
    pub fn has_time_for(&self, request: &Request) -> bool {
        self.auth_time.is_some() || !request.asks_auth_time()
    }

    /// Whether the authentication is at most `max_age` seconds old, or was made after `started_at`.
    ///
    /// `started_at` is the time of the redirect to the IdP.
    #[must_use]
    pub fn is_fresh(&self, max_age: u32, started_at: Timestamp, now: Timestamp) -> bool {
        self.auth_time.is_some_and(|at| {
            now.since(at).as_secs() <= u64::from(max_age) + LEEWAY
                || started_at.since(at).as_secs() <= LEEWAY
        })
    }
}

/// The citizen is identified and reads the review page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identified {
    request: Request,
    expires_at: Timestamp,
    idp: IdpId,
    authentication: Authentication,
    /// The id of the attempt that the IdP answered. It distinguishes two answers of one IdP about the
    /// same person.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    attempt: Option<String>,
    /// The locator of the session that identifies the citizen, if a session does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    session: Option<String>,
    /// The browser that may open the login.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    binding: Option<BrowserBinding>,
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
            binding: None,
        }
    }

    /// Creates a login whose citizen is identified by `session`, stored at `at`.
    ///
    /// The caller has checked [`Session::answers`].
    #[must_use]
    pub fn known(request: Request, expires_at: Timestamp, session: &Session, at: &Locator) -> Self {
        Self {
            request,
            expires_at,
            idp: session.idp().clone(),
            authentication: session.authentication().clone(),
            attempt: None,
            session: Some(base64url(at.as_bytes())),
            binding: None,
        }
    }

    /// The same login, which only the browser of `binding` may open.
    #[must_use]
    pub fn bound(self, binding: BrowserBinding) -> Self {
        Self {
            binding: Some(binding),
            ..self
        }
    }

    /// The browser that may open the login. `None` before [`Self::bound`].
    #[must_use]
    pub const fn binding(&self) -> Option<&BrowserBinding> {
        self.binding.as_ref()
    }

    /// Whether a session identifies the citizen, and not a new authentication.
    #[must_use]
    pub const fn is_from_session(&self) -> bool {
        self.session.is_some()
    }

    /// Whether the session at `at` identifies the citizen.
    #[must_use]
    pub fn is_from(&self, at: &Locator) -> bool {
        self.session.as_deref() == Some(&base64url(at.as_bytes()))
    }

    /// Returns the checked authorization request.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// Returns what the IdP proved about the citizen.
    #[must_use]
    pub const fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// Returns the IdP that authenticated the citizen.
    #[must_use]
    pub const fn idp(&self) -> &IdpId {
        &self.idp
    }

    /// Returns when the login expires.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Replaces the civil status with the register's, after the register of persons found the citizen.
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

    /// Removes the requested data for which `keep` returns `false`.
    ///
    /// The citizen may refuse optional data.
    #[must_use]
    pub fn keeping(mut self, keep: impl Fn(&ClientId, DataItem<'_>) -> bool) -> Self {
        let requested = self.request.data.iter();
        self.request.data = requested
            .filter_map(|data| data.keeping(|item| keep(&data.provider, item)))
            .collect();
        self
    }

    /// Records that the citizen agreed.
    ///
    /// # Errors
    /// [`StageError::Expired`].
    pub fn agree(self, _agreement: Agreement, now: Timestamp) -> Result<Agreed, StageError> {
        if now >= self.expires_at {
            return Err(StageError::Expired);
        }
        Ok(Agreed::new(self.request, self.authentication))
    }

    /// Returns to the choice of an IdP and drops the identity.
    #[must_use]
    pub fn back_to_choice(self) -> Requested {
        Requested::new(self.request, self.expires_at)
    }
}
