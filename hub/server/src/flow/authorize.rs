//! Step 1: a service sends a citizen to the hub (`/authorize`, OpenID Connect Core 3.1.2.1).
//!
//! First the client, then its redirect, then everything else: the first two fail on a page of the hub
//! and never redirect, all later failures go to the verified redirect.

use actix_web::HttpResponse;
use hub_core::{
    ids::{ClientId, LoginId},
    login::{Answer, Login, Requested},
    redirect_uri::{RedirectUri, VerifiedRedirect},
    secret::{BearerSecret, Handle},
};
use hub_templates::Language;
use sp_registry::{ServiceProvider, Status};

use crate::{
    authorization::{self, Asked, Refusal},
    http::{BrowserError, Parameters, PublicCode, Sent, Stop, Visit},
};

/// `GET` and `POST /authorize`.
pub async fn authorize(visit: Visit, sent: Sent) -> HttpResponse {
    visit.respond(begin(&visit, sent).await)
}

async fn begin(visit: &Visit, sent: Sent) -> Result<HttpResponse, BrowserError> {
    let sent = sent.0.map_err(|_unreadable| Stop::new(PublicCode::L2004))?;
    if let Some(language) = sent.only("ui_locales").and_then(Language::from_ui_locales) {
        visit.speak(language.tag());
    }
    let service = caller(visit, &sent)?;
    visit.head_for(&service.client_id);
    let redirect = redirect(service, &sent)?;

    let locale = visit.language().tag();
    let asked = authorization::read(&visit.hub, service, redirect.clone(), &sent, locale)
        .map_err(|refusal| refuse(visit, service, redirect, &sent, refusal))?;
    start(visit, asked).await
}

/// Who asks. Nothing is redirected anywhere before this is known.
fn caller<'v>(visit: &'v Visit, sent: &Parameters) -> Result<&'v ServiceProvider, Stop> {
    let id = sent
        .one("client_id")
        .map_err(|_twice| Stop::new(PublicCode::L2004))?;
    let id: Option<ClientId> = id.and_then(|id| id.parse().ok());
    let service = id.and_then(|id| visit.hub.service(&id));
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    if service.status == Status::Suspended {
        visit.head_for(&service.client_id);
        return Err(Stop::new(PublicCode::L2002));
    }
    Ok(service)
}

fn redirect(service: &ServiceProvider, sent: &Parameters) -> Result<VerifiedRedirect, Stop> {
    let asked = sent
        .one("redirect_uri")
        .map_err(|_twice| Stop::new(PublicCode::L2004))?;
    let verified = asked.and_then(|address| service.redirect(address));
    verified.ok_or_else(|| {
        // In a sandbox the developers are told what they sent and what they registered.
        let registered = service.redirect_uris.iter().map(RedirectUri::as_str);
        let mismatch = (service.status == Status::Sandbox).then(|| {
            let registered: Vec<&str> = registered.collect();
            (asked.unwrap_or("–").to_owned(), registered.join(" "))
        });
        Stop {
            mismatch,
            ..Stop::new(PublicCode::L2003)
        }
    })
}

fn refuse(
    visit: &Visit,
    service: &ServiceProvider,
    redirect: VerifiedRedirect,
    sent: &Parameters,
    refusal: Refusal,
) -> Answer {
    let (mode, state) = authorization::way_back(sent);
    let issuer = visit.hub.issuer_for(service);
    tracing::info!(service.id = %service.client_id, error = refusal.0.code(), cause = refusal.1, "refused");
    Answer::refusal((redirect, mode), state.as_deref(), refusal, issuer)
}

/// Opens the login under the browser's own secret, and shows the choice.
async fn start(visit: &Visit, asked: Asked) -> Result<HttpResponse, BrowserError> {
    let hub = &visit.hub;
    let browser = visit
        .browser
        .clone()
        .unwrap_or_else(|| BearerSecret::draw(hub.entropy()));
    let id = LoginId::draw(hub.entropy());
    let client = asked.request.client.clone();
    let life = hub.site.config.hub.login_lifetime;
    let login = Login::Requested(Requested::new(asked.request, hub.now().plus(life)));
    hub.records
        .put(&Handle::login(&browser, &id), &login, life)
        .await?;
    metrics::counter!("lethe_logins_started_total", "service" => client.to_string()).increment(1);

    let ticket = hub.ticket(id, &client, None)?;
    let path = match asked.hint {
        Some(idp) => format!("/login/{ticket}/idp/{idp}"),
        None => format!("/login/{ticket}/"),
    };
    Ok(visit.see_and_keep(&path, &browser))
}
