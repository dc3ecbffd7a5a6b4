//! A service ends a token that it got (`/token/revocation`, RFC 7009): at the next question of a data
//! provider it is dead, and with it every token that was made of it.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use sp_registry::ServiceProvider;

use crate::{
    audit::Event,
    data_token,
    http::{
        Parameters, RequestParameters, TokenError, authenticate, claimed_id, cors, explain,
        refuse_stranger,
    },
    hub::Hub,
    store::StoreError,
    token,
};

/// `POST /token/revocation`.
///
/// # Errors
/// [`TokenError`], as JSON.
pub async fn revoke(
    hub: Data<Hub>,
    request: HttpRequest,
    sent: RequestParameters,
) -> Result<HttpResponse, TokenError> {
    let mut asker = None;
    let ended = match &sent.0 {
        Ok(sent) => end(&hub, &request, sent, &mut asker)
            .await
            .map_err(|error| explain::token_error(&hub, (request.headers(), sent), error)),
        Err(unreadable) => Err(TokenError::from(*unreadable)),
    };
    if let Err(error) = &ended {
        let (code, cause) = (error.code().code(), error.cause().to_string());
        match asker {
            None => refuse_stranger(&hub, &request, (code, &cause), None),
            Some(service) => {
                let service = service.client_id.as_str();
                tracing::info!(
                    service.id = service,
                    error = code,
                    cause,
                    "token revocation refused"
                );
                let event = Event::RevocationRefused {
                    service,
                    error: code,
                };
                hub.audit_best_effort("", event);
            }
        }
    }
    ended?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}

/// Ends the token; `asker` is who asks, as soon as that is proven.
async fn end<'h>(
    hub: &'h Hub,
    request: &HttpRequest,
    sent: &Parameters,
    asker: &mut Option<&'h ServiceProvider>,
) -> Result<(), TokenError> {
    cors::asked_by(request, claimed_id(request.headers(), sent).as_ref());
    if sent.has_duplicates() {
        return Err(TokenError::Duplicate);
    }
    let service = authenticate(hub, request, sent, "/token/revocation").await?;
    *asker = Some(service);
    let token = sent.only("token").ok_or(TokenError::Parameter("token"))?;
    // RFC 7009 section 2.2: an unknown token, or one of another client, is answered as one that was revoked.
    if let Some(transaction) = revoke_own(hub, service, token).await? {
        let event = Event::TokenRevoked {
            service: service.client_id.as_str(),
        };
        hub.audit_best_effort(&transaction, event);
    }
    Ok(())
}

/// Revokes `token` if it is one of `service`, and returns its transaction.
async fn revoke_own(
    hub: &Hub,
    service: &ServiceProvider,
    token: &str,
) -> Result<Option<String>, StoreError> {
    if let Some((handle, issued)) = data_token::find(hub, token).await? {
        if issued.client != service.client_id {
            return Ok(None);
        }
        hub.records.forget(&handle.locator()).await?;
        return Ok(Some(issued.transaction));
    }
    let found = token::find(hub, token).await?;
    let Some((handle, grant)) = found.filter(|(_, grant)| grant.client == service.client_id) else {
        return Ok(None);
    };
    // Tokens for data providers that were exchanged for it look for this revocation.
    let life = token::revocation_lifetime(hub, service);
    hub.records.revoke(&handle.locator(), life).await?;
    Ok(Some(grant.transaction))
}
