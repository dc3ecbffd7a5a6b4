//! The events of the audit stream, in the order in which a login meets them. None holds an identity
//! value, a `sub` or a secret; none holds an identity provider together with a service or a person.
//!
//! Only what an authenticated party does, or a browser within a login, is an event: requests of strangers
//! are counted and logged within a limit (`refused.rs`), since a full disk here stops every login.

use serde::Serialize;

use super::Side;

/// Something that happened. `name` of each is its `event` on the line.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// The stream begins, when a hub starts; `continues` is the digest of the file's last line.
    StreamOpened {
        /// The version of the hub.
        version: &'a str,
        /// The digest of the line before, if the file had one.
        #[serde(skip_serializing_if = "Option::is_none")]
        continues: Option<String>,
    },
    /// The stream can be written again after a failure.
    StreamResumed,
    /// A service asked for a login.
    LoginRequested {
        /// The service.
        service: &'a str,
        /// The level to reach.
        acr: &'a str,
        /// The scopes asked, data providers' among them.
        scope: String,
    },
    /// A service asked for what it does not get.
    LoginRefused {
        /// The service.
        service: &'a str,
        /// The error code it was told.
        error: &'a str,
    },
    /// The citizen is known from a session.
    SessionRecognised {
        /// Who, to whoever has the key of the aliases.
        person: String,
        /// The level of the session's authentication.
        acr: &'a str,
    },
    /// The citizen saw the choice of identity providers.
    ChoiceShown,
    /// The citizen left for an identity provider.
    IdpChosen {
        /// Which one.
        idp: &'a str,
    },
    /// The citizen came back from it.
    IdpReturned {
        /// Which one.
        idp: &'a str,
    },
    /// The hub asked it for tokens and claims; how that ended.
    IdpAnswered {
        /// Which one.
        idp: &'a str,
        /// `identified`, `declined`, `incomplete`, `misbehaved` or `unreachable`.
        outcome: &'a str,
    },
    /// The register of persons was asked.
    RegisterAnswered {
        /// `known`, `refused` or `unavailable`.
        outcome: &'a str,
    },
    /// The login goes back to the choice.
    IdpAttemptFailed {
        /// The public code that the citizen read.
        code: &'a str,
        /// The incident id beside it, which is in the log too.
        incident: &'a str,
    },
    /// Somebody is identified.
    IdentityVerified {
        /// Who, to whoever has the key of the aliases.
        person: String,
        /// The level delivered.
        acr: &'a str,
    },
    /// The citizen read what is shared.
    ReviewShown {
        /// `information` or `consent`.
        basis: &'a str,
    },
    /// The citizen gave up.
    LoginCancelled {
        /// The service that is told.
        service: &'a str,
    },
    /// The citizen agreed.
    ConsentRecorded {
        /// The service that receives.
        service: &'a str,
        /// `information`, `consent` or, for `prompt=none`, `session`.
        basis: &'a str,
        /// The names of the claims.
        claims: Vec<&'a str>,
        /// What data providers may hand over.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        data: Vec<AgreedData>,
        /// The digest of what the citizen read.
        #[serde(skip_serializing_if = "Option::is_none")]
        text_digest: Option<String>,
    },
    /// The service got a code, or word that another person came.
    AuthorizationResponseSent {
        /// The service.
        service: &'a str,
        /// `code`, or an error code.
        outcome: &'a str,
    },
    /// The service got tokens.
    TokenIssued {
        /// The service.
        service: &'a str,
        /// The data provider that the token is for, if for one alone.
        #[serde(skip_serializing_if = "Option::is_none")]
        data_provider: Option<&'a str>,
    },
    /// A service that proved who it is got no tokens.
    TokenRefused {
        /// The service.
        service: &'a str,
        /// The error code.
        error: &'a str,
    },
    /// A service read claims.
    UserinfoSent {
        /// The service.
        service: &'a str,
    },
    /// A service ended a token.
    TokenRevoked {
        /// The service.
        service: &'a str,
    },
    /// Token revocation was refused to a service that proved who it is.
    RevocationRefused {
        /// The service.
        service: &'a str,
        /// The error code.
        error: &'a str,
    },
    /// A data provider asked about a token.
    TokenIntrospected {
        /// The data provider.
        data_provider: &'a str,
        /// `active`, `unknown` (nobody's, expired or ended) or `wrong_audience`.
        outcome: &'a str,
        /// The number by which the data provider knows an active token.
        #[serde(skip_serializing_if = "Option::is_none")]
        jti: Option<String>,
    },
    /// Introspection was refused to a data provider that proved who it is.
    IntrospectionRefused {
        /// The data provider.
        data_provider: &'a str,
        /// The error code.
        error: &'a str,
    },
    /// A session was to be ended.
    LogoutRequested {
        /// The service that asked, if one did.
        #[serde(skip_serializing_if = "Option::is_none")]
        service: Option<&'a str>,
    },
    /// An identity provider said that its session has ended.
    IdpLoggedOut {
        /// Which one.
        idp: &'a str,
    },
    /// The citizen was sent to the identity provider's own logout.
    IdpLogoutVisited {
        /// Which one.
        idp: &'a str,
    },
    /// A session ended.
    SessionEnded,
    /// The citizen saw an error page within a login.
    ErrorShown {
        /// In which part of the login: about which side.
        #[serde(skip)]
        side: Side,
        /// The public code.
        code: &'a str,
        /// The incident id on the page, which is in the log too.
        incident: &'a str,
    },
    /// A citizen was told by mail of a sign-in on a new device. Without an incident id, and on the side of
    /// the person: only some identity providers have notices.
    NoticeSent,
    /// What joins the sides of the login, encrypted for the escrow ([`super::link::Link`]).
    LinkSealed {
        /// The JWE.
        link: String,
    },
    /// The escrow looked for the link of a login (in the record of `lethe audit link`).
    LinkOpened {
        /// The pseudonym of the login that was asked for.
        asked: &'a str,
        /// The reference of the case.
        case: &'a str,
        /// Whether there was one.
        found: bool,
    },
}

/// What a citizen agreed that one data provider hands over.
#[derive(Debug, Clone, Serialize)]
pub struct AgreedData {
    /// The data provider.
    pub data_provider: String,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// Its types of `authorization_details`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// `information` or `consent`.
    pub basis: &'static str,
}
