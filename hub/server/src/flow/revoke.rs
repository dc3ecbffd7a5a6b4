//! A service ends a token that it got (`/token/revocation`, RFC 7009): at the next question of a data
//! provider it is dead, and with it every token that was made of it.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};

use crate::{
    access,
    audit::Event,
    http::{Sent, TokenError, authenticate},
    hub::Hub,
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
    let sent = sent.0?;
    if sent.has_duplicates() {
        return Err(TokenError::Duplicate);
    }
    let service = authenticate(&hub, request.headers(), &sent, "/token/revocation").await?;
    let token = sent.only("token").ok_or(TokenError::Parameter("token"))?;
    let shown = access::open(&hub, token).await?;
    // RFC 7009 section 2.2: a token that is nobody's, or another's, is answered as one that was ended.
    if let Some(shown) = shown.filter(|shown| shown.grant.client == service.client_id) {
        let event = Event::TokenRevoked {
            service: service.client_id.as_str(),
        };
        hub.records.forget(&shown.handle.locator()).await?;
        hub.note(&shown.grant.transaction, event);
    }
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}
