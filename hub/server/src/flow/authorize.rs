//! Step 1: a service sends a citizen to the hub (`/authorize`, OpenID Connect Core 3.1.2.1).
//!
//! First the client, then its redirect, then everything else: the first two fail on a page of the hub
//! and never redirect, all later failures go to the verified redirect.

use actix_web::HttpResponse;
use hub_core::{
    acr::Vocabulary,
    clock::Timestamp,
    data::scope_parameter,
    ids::{ClientId, LoginId},
    login::{Answer, Identified, Login, Request, Requested},
    oauth_error::OAuthError,
    redirect_uri::{RedirectUri, VerifiedRedirect},
    release::held,
    secret::{BearerSecret, Handle},
};
use hub_templates::Language;
use sp_registry::{ServiceProvider, Status};

use crate::{
    audit::{AuditFault, Event},
    authorization::{self, Asked, Refusal},
    granting::{self, Beside},
    http::{BrowserError, Parameters, PublicCode, Sent, Stop, Visit},
    hub::Hub,
    register_check,
    sessions::{self, Current},
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
    let transaction = visit.incident();
    let named = (locale, transaction);
    let asked = match authorization::read(&visit.hub, service, redirect.clone(), &sent, named) {
        Ok(asked) => asked,
        Err(refusal) => {
            let event = Event::LoginRefused {
                service: service.client_id.as_str(),
                error: refusal.0.code(),
            };
            visit.trace(transaction, event)?;
            return Err(refuse(visit, service, redirect, &sent, refusal).into());
        }
    };
    visit.trace(transaction, requested(service, &asked.request))?;
    let known = known(visit, service, &asked).await?;
    if let Some(current) = &known {
        let arrival = current.session.arrival();
        let event = Event::SessionRecognised {
            person: sessions::alias(&visit.hub, arrival),
            acr: arrival.level.acr(Vocabulary::Eidas),
        };
        visit.trace(transaction, event)?;
    }
    if asked.prompt.is_silent {
        let answer = silently(visit, service, asked.request, known).await?;
        return visit.answer(&answer);
    }
    start(visit, asked, known).await
}

fn requested<'a>(service: &'a ServiceProvider, request: &Request) -> Event<'a> {
    Event::LoginRequested {
        service: service.client_id.as_str(),
        acr: request.level.acr(Vocabulary::Eidas),
        scope: scope_parameter(&request.scopes, request.data.iter()),
    }
}

/// The session that answers the request, if there is one.
async fn known(
    visit: &Visit,
    service: &ServiceProvider,
    asked: &Asked,
) -> Result<Option<Current>, BrowserError> {
    let prompt = asked.prompt;
    if prompt.is_fresh || prompt.is_choice || asked.hint.is_some() {
        return Ok(None);
    }
    let current = sessions::current(&visit.hub, visit.session.as_ref()).await?;
    Ok(current
        .filter(|current| sessions::answers(&visit.hub, &current.session, service, &asked.request)))
}

/// The answer to `prompt=none` (OpenID Connect Core 3.1.2.1): a code, where the citizen has been at this
/// service in this session and read what it gets.
async fn silently(
    visit: &Visit,
    service: &ServiceProvider,
    request: Request,
    known: Option<Current>,
) -> Result<Answer, BrowserError> {
    let hub = &visit.hub;
    let refuse = |request: Request, error: OAuthError, said| {
        let event = Event::LoginRefused {
            service: service.client_id.as_str(),
            error: error.code(),
        };
        visit.trace(&request.transaction, event)?;
        Ok(request.refuse(error, said, hub.issuer_for(service)))
    };
    let Some(Current {
        secret,
        handle,
        session,
    }) = known
    else {
        let said = "the citizen has to sign in";
        return refuse(request, OAuthError::LoginRequired, said);
    };
    let agreement = service.asking().answered(None);
    let been_here = session.sid_at(&service.client_id).is_some();
    // Data of data providers is asked for on a page, each time.
    let silent = service.silent && been_here && request.data.is_empty();
    let Some(agreement) = agreement.filter(|_| silent) else {
        let said = "the citizen has to read what is shared";
        return refuse(request, OAuthError::ConsentRequired, said);
    };
    let ends = hub.now().plus(hub.site.config.hub.login_lifetime);
    let identified = Identified::known(request, ends, &session, &handle.locator());
    let claims = held(
        &identified.arrival().identity,
        &identified.request().claims(),
    );
    let event = Event::Agreed {
        service: service.client_id.as_str(),
        basis: "session",
        claims: claims.iter().map(|claim| claim.name()).collect(),
        data: Vec::new(),
        text_digest: None,
    };
    visit.trace(&identified.request().transaction, event)?;
    let kept = sessions::go_on(hub, Some(&secret), &identified, service).await?;
    let agreed = identified
        .agree(agreement, hub.now())
        .map_err(|_expired| Stop::new(PublicCode::L1001))?;
    let (sid, end_mark) = kept.map(|kept| (kept.sid, kept.end_mark)).unzip();
    let beside = Beside {
        sid,
        end_mark,
        receipt: None,
    };
    Ok(granting::answer(hub, service, agreed, beside).await?)
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

/// Opens the login under the browser's own secret, and shows the choice, or the review to a citizen who
/// is known.
async fn start(
    visit: &Visit,
    asked: Asked,
    known: Option<Current>,
) -> Result<HttpResponse, BrowserError> {
    let hub = &visit.hub;
    let browser = visit
        .browser
        .clone()
        .unwrap_or_else(|| BearerSecret::draw(hub.entropy()));
    let id = LoginId::draw(hub.entropy());
    let client = asked.request.client.clone();
    let life = hub.site.config.hub.login_lifetime;
    let ends = hub.now().plus(life);
    let login = match &known {
        None => Login::Requested(Requested::new(asked.request, ends)),
        Some(current) => recognise(hub, asked.request, ends, current).await?,
    };
    hub.records
        .put(&Handle::login(&browser, &id), &login, life)
        .await?;
    metrics::counter!("lethe_logins_started_total", "service" => client.to_string()).increment(1);

    let ticket = hub.path_ticket(id, &client)?;
    let path = match (&login, asked.hint) {
        (Login::Identified(_), _) => format!("/login/{ticket}/review"),
        (_, Some(idp)) => format!("/login/{ticket}/idp/{idp}"),
        (_, None) => format!("/login/{ticket}/"),
    };
    Ok(visit.see_and_keep(&path, &browser))
}

/// The login of a citizen who is known from a session; where the deployment asks the register of persons
/// again, and it does not vouch any more, they have to choose.
async fn recognise(
    hub: &Hub,
    request: Request,
    ends: Timestamp,
    current: &Current,
) -> Result<Login, AuditFault> {
    let identified = Identified::known(
        request.clone(),
        ends,
        &current.session,
        &current.handle.locator(),
    );
    let config = &hub.site.config;
    let again = config
        .hub
        .register
        .as_ref()
        .is_some_and(|register| register.check_sessions);
    let settled = match config.catalogue.find(current.session.idp()) {
        Some(idp) if again => register_check::settle(hub, idp, identified).await?,
        _ => Ok(identified),
    };
    Ok(settled.map_or_else(
        |_cause| Login::Requested(Requested::new(request, ends)),
        |identified| Login::Identified(Box::new(identified)),
    ))
}
