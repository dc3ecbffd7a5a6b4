//! One registered service provider.
//!
//! Created by `file.rs`; used by the server for every request of the service.

use std::collections::BTreeSet;

use hub_core::{
    acr::Level,
    data::DataScope,
    ids::{ClientId, IdpId, Sector},
    localised::Localised,
    login::LegalBasis,
    redirect_uri::{RedirectUri, VerifiedRedirect},
    scope::{Claim, Scope},
};

use url::Url;

use crate::{
    Agreement, ClientAuthentication, DataProvider, Eligibility, IdpRule, Kind, Policy, Status,
    application,
};

/// The contact of a service or data provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// An e-mail address or a page for citizens, shown on error pages.
    pub support: Option<String>,
}

/// A registered service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProvider {
    /// The client id.
    pub client_id: ClientId,
    /// The name shown to citizens.
    pub name: Localised,
    /// The organisation that runs it, as shown to citizens.
    pub organisation: Localised,
    /// Why that organisation may use the hub.
    pub eligibility: Eligibility,
    /// The operational status.
    pub status: Status,
    /// The agreement; always present in production.
    pub agreement: Option<Agreement>,
    /// Whether citizens are informed or must consent.
    pub kind: Kind,
    /// The service's front page, to which every error page links.
    pub service_url: String,
    /// The redirect URIs for authorization responses.
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether a registered loopback address matches with any port, for responses and after a logout.
    /// Used for native apps and sandboxes (RFC 8252 section 7.3).
    pub loopback_any_port: bool,
    /// The origins of the pages of a browser client (`application = "browser"`). Empty for every other
    /// client.
    pub origins: BTreeSet<String>,
    /// The sector of its `sub`.
    pub sector: Sector,
    /// The services of other organisations that share the sector by an explicit decision.
    pub shares_sector_with: BTreeSet<ClientId>,
    /// How the service authenticates at the token endpoint.
    pub authentication: ClientAuthentication,
    /// The `alg` of its ID tokens and signed UserInfo responses.
    pub signing_alg: String,
    /// The scopes that it may request.
    pub scopes: BTreeSet<Scope>,
    /// The scopes of data providers that it may request.
    pub data_scopes: BTreeSet<DataScope>,
    /// The types of `authorization_details` that it may request (RFC 9396).
    pub authorization_details_types: BTreeSet<String>,
    /// The scopes and types that the service marked as optional: citizens may refuse them.
    pub optional: BTreeSet<String>,
    /// The lowest accepted level, whatever the request says.
    pub minimum_level: Level,
    /// The level for a request without a known level.
    pub default_level: Level,
    /// The IdPs that it accepts.
    pub idps: IdpRule,
    /// The IdPs that it may name in `idp_hint`.
    pub hints: BTreeSet<IdpId>,
    /// Whether it accepts a session that began at another service.
    pub single_sign_on: bool,
    /// Whether a request with `prompt=none` may succeed, if the citizen visited the service in the same
    /// session.
    pub silent: bool,
    /// The redirect URIs after a logout (`post_logout_redirect_uris`).
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// The URL that receives logout tokens (OpenID Connect Back-Channel Logout 2.2).
    pub backchannel_logout_uri: Option<Url>,
    /// The protocol rules.
    pub policy: Policy,
    /// The contact of the people who run it.
    pub contact: Contact,
}

impl ServiceProvider {
    /// Returns the verified redirect if `sent` is one of this service's redirect URIs, byte for byte.
    #[must_use]
    pub fn redirect(&self, sent: &str) -> Option<VerifiedRedirect> {
        VerifiedRedirect::among(&self.redirect_uris, sent, self.loopback_any_port)
    }

    /// Returns the verified redirect if `sent` is one of the redirect URIs after a logout.
    ///
    /// The comparison is that of [`ServiceProvider::redirect`].
    #[must_use]
    pub fn post_logout_redirect(&self, sent: &str) -> Option<VerifiedRedirect> {
        let registered = &self.post_logout_redirect_uris;
        VerifiedRedirect::among(registered, sent, self.loopback_any_port)
    }

    /// Whether scripts of `origin` (RFC 6454 section 6.2) may read this client's responses.
    ///
    /// The comparison is byte for byte, except for the port of the loopback.
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.contains(origin)
            || (self.loopback_any_port && application::is_loopback_of(&self.origins, origin))
    }

    /// Returns all claims that its scopes release.
    #[must_use]
    pub fn claims(&self) -> BTreeSet<Claim> {
        hub_core::scope::claims_of(&self.scopes)
    }

    /// Returns the legal basis on which its citizens release data.
    #[must_use]
    pub const fn legal_basis(&self) -> LegalBasis {
        match self.kind {
            Kind::Private => LegalBasis::Consent,
            Kind::Public => LegalBasis::Information,
        }
    }

    /// Whether it may use a data provider: only one of its own environment.
    #[must_use]
    pub fn may_ask(&self, provider: &DataProvider) -> bool {
        self.status.is_of(provider.environment)
    }

    /// Whether it may use an IdP: only one of its own environment that its rule allows.
    #[must_use]
    pub fn may_use(&self, idp: &IdpId, idp_is_for_tests: bool) -> bool {
        let same_world = match self.status {
            Status::Production => !idp_is_for_tests,
            Status::Sandbox => idp_is_for_tests,
            Status::Suspended => false,
        };
        same_world && self.idps.allows(idp)
    }
}
