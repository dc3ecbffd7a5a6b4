//! A service ends a token that it got (`/token/revocation`, RFC 7009): at the next question of a data
//! provider it is dead, and with it every token that was made of it.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use hub_core::{ids::ClientId, secret::Handle};
use sp_registry::ServiceProvider;

use crate::{
    access,
    audit::Event,
    http::{
        Parameters, Sent, TokenError, authenticate, claimed_id, cors, explain, refuse_stranger,
    },
    hub::Hub,
    store::StoreError,
};

/// `POST /token/revocation`.
///
/// # Errors
/// [`TokenError`], as JSON.
pub async fn revoke(
    hub: Data<Hub>,
    request: HttpRequest,
    sent: Sent,
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
                hub.note("", event);
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
    let found = find(hub, token).await?;
    // RFC 7009 section 2.2: a token that is nobody's, or another's, is answered as one that was ended.
    if let Some((handle, _, transaction)) =
        found.filter(|(_, client, _)| *client == service.client_id)
    {
        hub.records.forget(&handle.locator()).await?;
        let event = Event::TokenRevoked {
            service: service.client_id.as_str(),
        };
        hub.note(&transaction, event);
    }
    Ok(())
}

/// The token's handle, whose it is, and its transaction.
async fn find(hub: &Hub, token: &str) -> Result<Option<(Handle, ClientId, String)>, StoreError> {
    if let Some((handle, made)) = access::open_made(hub, token).await? {
        return Ok(Some((handle, made.client, made.transaction)));
    }
    let whole = access::open(hub, token).await?;
    Ok(whole.map(|(handle, grant)| (handle, grant.client, grant.transaction)))
}
