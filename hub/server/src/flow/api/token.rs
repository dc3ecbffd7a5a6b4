//! Step 6: the service spends its code, once (`/token`, OpenID Connect Core 3.1.3).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use hub_core::{
    login::{CodeRecord, Granted},
    pkce::Verifier,
    secret::{BearerSecret, Handle, Kind, Locator},
};
use serde_json::json;
use sp_registry::{DataProvider, ServiceProvider};

use crate::{
    audit::Event,
    data_token,
    http::{
        Parameters, PkceFailure, RequestParameters, TokenError, authenticate, claimed_id, cors,
        explain, json, refuse_stranger,
    },
    hub::Hub,
    jwt::id_token,
    token::{self, TokenResponse, exchange},
};

/// `POST /token`.
///
/// # Errors
/// [`TokenError`], as JSON.
pub async fn token(
    hub: Data<Hub>,
    request: HttpRequest,
    sent: RequestParameters,
) -> Result<HttpResponse, TokenError> {
    let mut asker = None;
    let answered = match &sent.0 {
        Ok(sent) => tokens(&hub, &request, sent, &mut asker)
            .await
            .map_err(|error| explain::token_error(&hub, (request.headers(), sent), error)),
        Err(unreadable) => Err(TokenError::from(*unreadable)),
    };
    match answered {
        Err(TokenError::Audit(error)) => Err(error.into()),
        Err(error) => {
            let (code, cause) = (error.code().code(), error.cause().to_string());
            let Some(service) = asker else {
                refuse_stranger(&hub, &request, (code, &cause), None);
                return Err(error);
            };
            let service = service.client_id.as_str();
            tracing::info!(
                service.id = service,
                error = code,
                cause,
                "token request refused"
            );
            let event = Event::TokenRefused {
                service,
                error: code,
            };
            hub.audit("", event)?;
            Err(error)
        }
        Ok(answer) => Ok(json(StatusCode::OK, &json!(answer))),
    }
}

/// The token answer; `asker` is who asks, as soon as that is proven.
async fn tokens<'h>(
    hub: &'h Hub,
    request: &HttpRequest,
    sent: &Parameters,
    asker: &mut Option<&'h ServiceProvider>,
) -> Result<TokenResponse, TokenError> {
    cors::asked_by(request, claimed_id(request.headers(), sent).as_ref());
    if sent.has_duplicates_but_resource() {
        return Err(TokenError::Duplicate);
    }
    let grant_type = sent.only("grant_type");
    let grant_type = grant_type.ok_or(TokenError::Parameter("grant_type"))?;
    if !["authorization_code", exchange::GRANT_TYPE].contains(&grant_type) {
        return Err(TokenError::UnsupportedGrant);
    }
    let service = authenticate(hub, request, sent, "/token").await?;
    *asker = Some(service);
    if grant_type == exchange::GRANT_TYPE {
        return exchange::exchange(hub, service, sent).await;
    }
    let provider = exchange::target(hub, service, sent)?;
    let access = BearerSecret::draw(hub.entropy());
    let granted = spend(hub, service, sent, &Handle::new(Kind::Access, &access)).await?;
    issue(hub, service, granted, (&access, provider)).await
}

/// Takes the code and leaves, in the same act, where the token will lie: whoever brings the code again
/// finds that, and ends the token with it.
async fn spend(
    hub: &Hub,
    service: &ServiceProvider,
    sent: &Parameters,
    access: &Handle,
) -> Result<Granted, TokenError> {
    let code = sent.only("code").ok_or(TokenError::Parameter("code"))?;
    let redirect = sent
        .only("redirect_uri")
        .ok_or(TokenError::Parameter("redirect_uri"))?;
    let verifier = match sent.only("code_verifier") {
        Some(text) => Some(Verifier::parse(text).ok_or(TokenError::Parameter("code_verifier"))?),
        None => None,
    };
    let code = BearerSecret::parse(code).ok_or(TokenError::DeadCode)?;
    let handle = Handle::new(Kind::Code, &code);
    let tombstone = CodeRecord::Spent(*access.locator().as_bytes());
    // As long as a token that came of the code may live, a replay has to find it.
    let life = token::revocation_lifetime(hub, service);
    let granted = match hub
        .records
        .replace_existing(&handle, &tombstone, life)
        .await?
    {
        Some(CodeRecord::Live(granted)) => granted,
        Some(CodeRecord::Spent(access)) => {
            tracing::warn!(service.id = %service.client_id, "a code was presented twice");
            let event = Event::TokenRevoked {
                service: service.client_id.as_str(),
            };
            hub.audit_best_effort("", event);
            hub.records
                .revoke(&Locator::from_bytes(access), life)
                .await?;
            return Err(TokenError::DeadCode);
        }
        None => return Err(TokenError::DeadCode),
    };
    // RFC 6749 4.1.3: whose code it is, where it went, and who began.
    if granted.client != service.client_id {
        return Err(TokenError::DeadCode);
    }
    if granted.redirect != redirect {
        return Err(TokenError::RedirectMismatch(granted.redirect));
    }
    match (&granted.challenge, &verifier) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => {}
        (Some(_), Some(_)) => return Err(TokenError::PkceMismatch(PkceFailure::Unequal)),
        (Some(_), None) => return Err(TokenError::PkceMismatch(PkceFailure::Missing)),
        // RFC 9700 section 4.8.2: a verifier without a challenge is a downgrade, not a courtesy.
        (None, Some(_)) => return Err(TokenError::PkceMismatch(PkceFailure::Unasked)),
    }
    if !token::counts(hub, &granted.client, granted.end_mark.as_ref()).await? {
        return Err(TokenError::DeadCode);
    }
    Ok(*granted)
}

/// The answer: an id token, and an access token for the service, or, where one is named that the citizen
/// agreed to, for a data provider alone. That one is made of the service's own, which nobody gets.
async fn issue(
    hub: &Hub,
    service: &ServiceProvider,
    mut granted: Granted,
    (access, provider): (&BearerSecret, Option<&DataProvider>),
) -> Result<TokenResponse, TokenError> {
    let (now, life) = (hub.now(), service.policy.lifetimes.access);
    let receipt = granted.receipt.take();
    let warnings = std::mem::take(&mut granted.warnings);
    let grant = token::access_grant(service, granted.clone(), now);
    let given = provider.and_then(|one| Some((one, data_token::granted(&grant, one)?.clone())));
    if given.is_none() {
        let event = Event::TokenIssued {
            service: service.client_id.as_str(),
            data_provider: None,
        };
        hub.audit(&granted.transaction, event)?;
    }
    let handle = Handle::new(Kind::Access, access);
    // A replay that came between the spending and now has revoked the token before it was given.
    let kept = token::record_lifetime(hub, service, &grant);
    if !hub.records.put_if_absent(&handle, &grant, kept).await? {
        return Err(TokenError::DeadCode);
    }
    let mut answer = match given {
        Some((provider, given)) => exchange::issue(hub, provider, given, (&handle, &grant)).await?,
        None => TokenResponse::whole(access.reveal(), &grant, life),
    };
    let id_token = id_token(hub, service, &granted, answer.token(), now).map_err(|error| {
        tracing::error!(%error, "an id token could not be signed");
        TokenError::Signing
    })?;
    metrics::counter!("lethe_tokens_total", "service" => service.client_id.to_string())
        .increment(1);
    answer.id_token = Some(id_token);
    answer.consent_receipt = receipt;
    answer.warnings = warnings;
    Ok(answer)
}
