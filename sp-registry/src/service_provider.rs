//! One service provider.

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

/// Where the people behind a service are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// For citizens: an address or a page, shown on error pages.
    pub support: Option<String>,
}

/// A registered service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProvider {
    /// Its id on the wire.
    pub client_id: ClientId,
    /// Its name, as citizens read it.
    pub name: Localised,
    /// The body that runs it, as citizens read it.
    pub organisation: Localised,
    /// On what ground that body may use the hub.
    pub eligibility: Eligibility,
    /// Where it stands.
    pub status: Status,
    /// The agreement; always there in production.
    pub agreement: Option<Agreement>,
    /// Whether citizens are informed or asked.
    pub kind: Kind,
    /// Its own front page: the way back from every error.
    pub service_url: String,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether a registered loopback address, for answers or after a logout, matches on any port: native
    /// apps and sandboxes (RFC 8252 section 7.3).
    pub loopback_any_port: bool,
    /// The origins of its pages, for a client that runs in the browser (`application = "browser"`). Empty
    /// for every other client.
    pub origins: BTreeSet<String>,
    /// The sector of its `sub`.
    pub sector: Sector,
    /// The services of other organisations with which it shares that sector by decision.
    pub shares_sector_with: BTreeSet<ClientId>,
    /// How it authenticates.
    pub authentication: ClientAuthentication,
    /// The `alg` of its id tokens and signed userinfo.
    pub signing_alg: String,
    /// The scopes it may ask.
    pub scopes: BTreeSet<Scope>,
    /// The scopes of data providers that it may ask.
    pub data_scopes: BTreeSet<DataScope>,
    /// The types of `authorization_details` that it may ask (RFC 9396).
    pub authorization_details_types: BTreeSet<String>,
    /// Which of those scopes and types it can do without: citizens may refuse them.
    pub optional: BTreeSet<String>,
    /// The lowest level it accepts, whatever it asks.
    pub minimum_level: Level,
    /// The level it gets when it asks none that is known.
    pub default_level: Level,
    /// Which IdPs it accepts.
    pub idps: IdpRule,
    /// The IdPs it may name with `idp_hint`.
    pub hints: BTreeSet<IdpId>,
    /// Whether a session that began at another service will do.
    pub single_sign_on: bool,
    /// Whether `prompt=none` may be answered with a code, where the citizen has been there in this
    /// session.
    pub silent: bool,
    /// Where the browser may go after a logout.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where it is told that a session has ended (OpenID Connect Back-Channel Logout 2.2).
    pub backchannel_logout_uri: Option<Url>,
    /// Its rules.
    pub policy: Policy,
    /// Where its people are reached.
    pub contact: Contact,
}

impl ServiceProvider {
    /// `sent`, if it is one of this service's addresses, byte for byte.
    #[must_use]
    pub fn redirect(&self, sent: &str) -> Option<VerifiedRedirect> {
        VerifiedRedirect::among(&self.redirect_uris, sent, self.loopback_any_port)
    }

    /// `sent`, if it is one of the addresses that this service registered for after a logout, compared as
    /// redirects are.
    #[must_use]
    pub fn post_logout_redirect(&self, sent: &str) -> Option<VerifiedRedirect> {
        let registered = &self.post_logout_redirect_uris;
        VerifiedRedirect::among(registered, sent, self.loopback_any_port)
    }

    /// Whether scripts of `origin` (RFC 6454 section 6.2) may read this client's answers. Compared byte for
    /// byte, but for the port of the loopback, as redirects are.
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.contains(origin)
            || (self.loopback_any_port && application::is_loopback_of(&self.origins, origin))
    }

    /// The claims that its scopes give it at the most.
    #[must_use]
    pub fn claims(&self) -> BTreeSet<Claim> {
        hub_core::scope::claims_of(&self.scopes)
    }

    /// On which footing its citizens hand over data.
    #[must_use]
    pub const fn legal_basis(&self) -> LegalBasis {
        match self.kind {
            Kind::Private => LegalBasis::Consent,
            Kind::Public => LegalBasis::Information,
        }
    }

    /// Whether it may ask a data provider at all: one of its own environment.
    #[must_use]
    pub fn may_ask(&self, provider: &DataProvider) -> bool {
        self.status.is_of(provider.environment)
    }

    /// Whether it may use an IdP at all: one of its own environment that its rule lets through.
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
