//! Step 6: the service spends its code, once (`/token`, OpenID Connect Core 3.1.3).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use hub_core::{
    login::{AccessGrant, CodeRecord, Granted},
    pkce::Verifier,
    scope,
    secret::{BearerSecret, Handle, Kind, Locator},
};
use serde_json::json;
use sp_registry::ServiceProvider;

use crate::{
    http::{Parameters, Sent, TokenError, authenticate, json},
    hub::Hub,
    tokens::id_token,
};

/// `POST /token`.
///
/// # Errors
/// [`TokenError`], as JSON.
pub async fn token(
    hub: Data<Hub>,
    request: HttpRequest,
    sent: Sent,
) -> Result<HttpResponse, TokenError> {
    let sent = sent.0?;
    if sent.has_duplicates() {
        return Err(TokenError::Duplicate);
    }
    match sent.only("grant_type") {
        Some("authorization_code") => {}
        Some(_) => return Err(TokenError::UnsupportedGrant),
        None => return Err(TokenError::Parameter("grant_type")),
    }
    let service = authenticate(&hub, request.headers(), &sent).await?;
    let access = BearerSecret::draw(hub.entropy());
    let granted = spend(&hub, service, &sent, &Handle::new(Kind::Access, &access)).await?;
    issue(&hub, service, granted, &access).await
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
    // As long as the token that came of the code may live, a replay has to find it.
    let life = service
        .policy
        .lifetimes
        .access
        .max(service.policy.lifetimes.code);
    let granted = match hub.records.exchange(&handle, &tombstone, life).await? {
        Some(CodeRecord::Live(granted)) => granted,
        Some(CodeRecord::Spent(access)) => {
            tracing::warn!(service.id = %service.client_id, "a code was presented twice");
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
        return Err(TokenError::RedirectMismatch);
    }
    match (&granted.challenge, &verifier) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => {}
        // RFC 9700 section 4.8.2: a verifier without a challenge is a downgrade, not a courtesy.
        _ => return Err(TokenError::PkceMismatch),
    }
    Ok(*granted)
}

async fn issue(
    hub: &Hub,
    service: &ServiceProvider,
    granted: Granted,
    access: &BearerSecret,
) -> Result<HttpResponse, TokenError> {
    let access_token = access.reveal();
    let id_token = id_token(hub, service, &granted, &access_token, hub.now()).map_err(|fault| {
        tracing::error!(%fault, "an id token could not be signed");
        TokenError::Signing
    })?;
    let life = service.policy.lifetimes.access;
    let scope = scope::to_parameter(&granted.scopes);
    let grant = AccessGrant {
        client: granted.client,
        subject: granted.subject,
        claims: granted.claims,
        scopes: granted.scopes,
    };
    // A replay that came between the spending and now has revoked the token before it was given.
    if !hub
        .records
        .claim(&Handle::new(Kind::Access, access), &grant, life)
        .await?
    {
        return Err(TokenError::DeadCode);
    }
    metrics::counter!("lethe_tokens_total", "service" => service.client_id.to_string())
        .increment(1);
    Ok(json(
        StatusCode::OK,
        &json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": life.as_secs(),
            "id_token": id_token,
            "scope": scope,
        }),
    ))
}
