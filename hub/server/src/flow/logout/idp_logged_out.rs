//! An identity provider says that its own session has ended (`/backchannel/{idp}`, OpenID Connect
//! Back-Channel Logout 1.0 section 2.5): so do the sessions here that came of it.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use hub_core::ids::IdpId;
use serde_json::json;

use crate::{
    audit::Event,
    http::{RequestParameters, json},
    hub::Hub,
    session::{end, upstream_sessions},
    store::StoreError,
};

/// How long a logout token could be used again.
const LIFE: Duration = Duration::from_secs(900);
/// What the marks of used logout tokens are for.
const USE: &str = "logout-token";
const USED: &str = "a logout token that was used";

/// `POST /backchannel/{idp}`.
pub async fn logged_out(
    hub: Data<Hub>,
    path: web::Path<String>,
    sent: RequestParameters,
) -> HttpResponse {
    let refused = |status, said: &str| {
        json(
            status,
            &json!({"error": "invalid_request", "error_description": said}),
        )
    };
    match end(&hub, &path, sent).await {
        Ok(()) => HttpResponse::Ok()
            .insert_header(("cache-control", "no-store"))
            .finish(),
        Err(Refused::Token(said)) => refused(StatusCode::BAD_REQUEST, said),
        Err(Refused::Store) => {
            let said = "the store does not answer: try again";
            refused(StatusCode::SERVICE_UNAVAILABLE, said)
        }
    }
}

/// Why nothing was ended.
enum Refused {
    Store,
    Token(&'static str),
}

impl From<StoreError> for Refused {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

async fn end(hub: &Hub, path: &str, sent: RequestParameters) -> Result<(), Refused> {
    let id: Option<IdpId> = path.parse().ok();
    let idp = id
        .and_then(|id| hub.shared.config.catalogue.find(&id))
        .filter(|idp| idp.backchannel_logout)
        .ok_or(Refused::Token("not an IdP that is registered to log out"))?;
    let sent = sent
        .0
        .map_err(|_unreadable| Refused::Token("an unreadable form"))?;
    let token = sent
        .only("logout_token")
        .ok_or(Refused::Token("logout_token is missing"))?;
    let ended = idp.provider.logged_out(token, hub.now()).await;
    let ended = ended.map_err(|error| {
        tracing::warn!(idp.id = %idp.id, %error, "a logout token was refused");
        Refused::Token("a logout token that is not acceptable")
    })?;
    let parts = [idp.id.as_str(), ended.jti.as_str()];
    if hub.records.is_used(USE, &parts).await? {
        return Err(Refused::Token(USED));
    }
    let event = Event::IdpLoggedOut {
        idp: idp.id.as_str(),
    };
    hub.audit_best_effort("", event);
    // Before the index is read: logins that go on from here are refused, and those that went on before are
    // in the index.
    upstream_sessions::note_end(hub, idp, &ended).await?;
    end::end_upstream(hub, idp, &ended)
        .await?
        .map_err(|cause| {
            tracing::warn!(idp.id = %idp.id, cause, "a logout token was refused");
            Refused::Token(cause)
        })?;
    // Last: a token whose effect the store interrupted has to work when the provider sends it again.
    if hub.records.mark_used(USE, &parts, LIFE).await? {
        Ok(())
    } else {
        Err(Refused::Token(USED))
    }
}
