//! What a service asks at `/authorize`: read, checked against its registration, reduced to what it may
//! have. Everything here fails as a refusal to the service, at its verified redirect.

mod claims_parameter;
mod data;
mod level;
mod prompt;

use std::collections::BTreeSet;

use hub_core::{
    ids::IdpId,
    login::{AskedClaim, Request, ResponseMode},
    oauth_error::OAuthError,
    pkce::Challenge,
    redirect_uri::VerifiedRedirect,
    scope::Scope,
};
use hub_jose::{Algorithm, TokenType, claims::own_hint, verify};
use sp_registry::ServiceProvider;

use crate::{
    http::{Parameters, explain},
    hub::Hub,
};
use claims_parameter::ClaimsParameter;
pub use prompt::Prompt;

const LONGEST_STATE: usize = 2048;
const LONGEST_NONCE: usize = 512;

/// An error for the service, with its description. The name is for what every reader here returns.
pub type Refusal = (OAuthError, &'static str);

/// What was asked, and how the login has to go on.
#[derive(Debug)]
pub struct Asked {
    /// The request, for the login's record.
    pub request: Request,
    /// How the citizen may be asked.
    pub prompt: Prompt,
    /// The IdP to leave for at once, if the service named one that it may name.
    pub hint: Option<IdpId>,
}

/// How the answer travels, and the `state` it carries: known before anything else is checked, so that
/// every refusal arrives.
#[must_use]
pub fn service_link(sent: &Parameters) -> (ResponseMode, Option<String>) {
    let mode = match sent.only("response_mode") {
        Some("form_post") => ResponseMode::FormPost,
        _ => ResponseMode::Query,
    };
    let state = sent
        .only("state")
        .filter(|state| state.len() <= LONGEST_STATE);
    (mode, state.map(str::to_owned))
}

/// Reads everything but `client_id` and `redirect_uri`, which have been verified. The login is in the
/// language `locale`, and named `transaction` in receipts and traces.
///
/// # Errors
/// The refusal for the service.
pub fn read(
    hub: &Hub,
    service: &ServiceProvider,
    redirect: VerifiedRedirect,
    sent: &Parameters,
    (locale, transaction): (&str, &str),
) -> Result<Asked, Refusal> {
    if sent.has_duplicates_but_resource() {
        return Err((
            OAuthError::InvalidRequest,
            "a parameter came more than once",
        ));
    }
    refuse_what_is_not_taken(sent)?;
    let (mode, state) = service_link(sent);
    let scopes = scopes(service, sent)?;
    let data = data::read(&hub.shared.config.registry, service, sent)?;
    let claims = ClaimsParameter::read(sent.only("claims"), service)?;
    let (nonce, challenge) = (nonce(service, sent)?, challenge(service, sent)?);
    check_state(service, sent, nonce.is_some() || challenge.is_some())?;
    let prompt = Prompt::read(sent.only("prompt"))?;
    let max_age = max_age(sent, prompt)?;
    let hinted_sub = hinted_sub(hub, service, sent)?;
    let hint = idp_hint(service, sent)?;
    let (level, vocabulary) = level::choose(hub, service, sent.only("acr_values"), &claims)?;
    let mut id_token: BTreeSet<AskedClaim> = service
        .policy
        .id_token
        .union(&claims.about_authentication)
        .copied()
        .collect();
    if max_age.is_some() {
        id_token.insert(AskedClaim::AuthTime);
    }
    let request = Request {
        client: service.client_id.clone(),
        redirect,
        mode,
        state,
        nonce,
        challenge,
        single_claims: claims.about_person,
        scopes,
        id_token,
        level,
        vocabulary,
        max_age,
        expected_sub: claims.sub.or(hinted_sub),
        locale: locale.to_owned(),
        data,
        warnings: explain::warnings(&hub.shared.config.registry, service, sent),
        transaction: transaction.to_owned(),
    };
    Ok(Asked {
        request,
        prompt,
        hint,
    })
}

/// Parameters that this hub says it does not take, each with the error that its specification names.
fn refuse_what_is_not_taken(sent: &Parameters) -> Result<(), Refusal> {
    if sent.only("request").is_some() {
        return Err((
            OAuthError::RequestNotSupported,
            "request objects are not taken",
        ));
    }
    if sent.only("request_uri").is_some() {
        return Err((
            OAuthError::RequestUriNotSupported,
            "request_uri is not taken",
        ));
    }
    match sent.only("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err((
                OAuthError::UnsupportedResponseType,
                "response_type has to be code",
            ));
        }
        None => return Err((OAuthError::InvalidRequest, "response_type is missing")),
    }
    match sent.only("response_mode") {
        None | Some("query" | "form_post") => Ok(()),
        Some(_) => Err((
            OAuthError::InvalidRequest,
            "response_mode has to be query or form_post",
        )),
    }
}

/// Unknown scopes are ignored (OpenID Connect Core 3.1.2.1); known ones have to be registered.
fn scopes(service: &ServiceProvider, sent: &Parameters) -> Result<BTreeSet<Scope>, Refusal> {
    let asked: BTreeSet<Scope> = sent
        .only("scope")
        .unwrap_or_default()
        .split(' ')
        .filter_map(Scope::parse)
        .collect();
    if !asked.contains(&Scope::Openid) {
        return Err((OAuthError::InvalidRequest, "scope has to contain openid"));
    }
    if !asked.is_subset(&service.scopes) {
        return Err((
            OAuthError::InvalidScope,
            "a scope that this client is not registered for",
        ));
    }
    Ok(asked)
}

fn nonce(service: &ServiceProvider, sent: &Parameters) -> Result<Option<String>, Refusal> {
    let nonce = sent.only("nonce");
    let length = nonce.map_or(0, str::len);
    if length > LONGEST_NONCE {
        return Err((OAuthError::InvalidRequest, "nonce is too long"));
    }
    if length < service.policy.nonce_length {
        let said = "nonce is required for this client, with at least 22 characters";
        return Err((OAuthError::InvalidRequest, said));
    }
    Ok(nonce.map(str::to_owned))
}

/// RFC 7636 section 4.3, S256 alone.
fn challenge(service: &ServiceProvider, sent: &Parameters) -> Result<Option<Challenge>, Refusal> {
    let method = sent.only("code_challenge_method");
    match (sent.only("code_challenge"), method) {
        (None, _) if service.policy.pkce_required => Err((
            OAuthError::InvalidRequest,
            "code_challenge is required, with S256",
        )),
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) => Challenge::parse(challenge).map(Some).ok_or((
            OAuthError::InvalidRequest,
            "code_challenge is not 43 base64url characters",
        )),
        (None, Some(_)) => Err((
            OAuthError::InvalidRequest,
            "code_challenge_method without code_challenge",
        )),
        (Some(_), _) => Err((
            OAuthError::InvalidRequest,
            "code_challenge_method has to be S256",
        )),
    }
}

/// `state` protects the client where neither PKCE nor a nonce does (RFC 9700 section 4.7).
fn check_state(
    service: &ServiceProvider,
    sent: &Parameters,
    otherwise_protected: bool,
) -> Result<(), Refusal> {
    match sent.only("state") {
        Some(state) if state.len() > LONGEST_STATE => {
            Err((OAuthError::InvalidRequest, "state is too long"))
        }
        None if service.policy.state_required || !otherwise_protected => {
            Err((OAuthError::InvalidRequest, "state is required"))
        }
        _ => Ok(()),
    }
}

/// `prompt=login` asks for an authentication made now, which is `max_age=0` (OpenID Connect Core
/// 3.1.2.1 and 15.1).
fn max_age(sent: &Parameters, prompt: Prompt) -> Result<Option<u32>, Refusal> {
    let asked = match sent.only("max_age") {
        None => None,
        Some(text) => {
            let wrong = (
                OAuthError::InvalidRequest,
                "max_age has to be a number of seconds",
            );
            let plain = text.bytes().all(|c| c.is_ascii_digit());
            Some(text.parse().ok().filter(|_| plain).ok_or(wrong)?)
        }
    };
    Ok(if prompt.is_fresh { Some(0) } else { asked })
}

/// The `sub` of an id token that we issued to this very client.
fn hinted_sub(
    hub: &Hub,
    service: &ServiceProvider,
    sent: &Parameters,
) -> Result<Option<String>, Refusal> {
    let Some(hint) = sent.only("id_token_hint") else {
        return Ok(None);
    };
    let keys = hub.shared.config.keys.signing.own();
    let claims = verify(hint, keys, &Algorithm::ALL, TokenType::Jwt).ok();
    let sub =
        claims.and_then(|claims| own_hint(&claims, hub.issuer(), service.client_id.as_str()).ok());
    sub.map(Some).ok_or((
        OAuthError::InvalidRequest,
        "id_token_hint is not a token of this hub",
    ))
}

fn idp_hint(service: &ServiceProvider, sent: &Parameters) -> Result<Option<IdpId>, Refusal> {
    let Some(hint) = sent.only("idp_hint") else {
        return Ok(None);
    };
    let known = hint.parse().ok().filter(|idp| service.hints.contains(idp));
    known.map(Some).ok_or((
        OAuthError::InvalidIdpHint,
        "an idp_hint that this client may not give",
    ))
}
