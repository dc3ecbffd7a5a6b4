//! Step 1: a service sends a citizen to the hub (`/authorize`, OpenID Connect Core 3.1.2.1).
//!
//! First the client, then its redirect, then everything else: the first two fail on a page of the hub
//! and never redirect, all later failures go to the verified redirect.

use std::time::Duration;

use actix_web::HttpResponse;
use hub_core::{
    acr::Vocabulary,
    clock::Timestamp,
    data::scope_parameter,
    ids::{ClientId, LoginId},
    login::{AuthorizationResponse, Identified, Login, Request, Requested},
    redirect_uri::{RedirectUri, VerifiedRedirect},
    secret::{BearerSecret, BrowserBinding, Handle},
};
use hub_templates::Language;
use sp_registry::{ServiceProvider, Status};

use crate::{
    audit::{AuditError, Event, Side},
    authorization::{self, Asked, Refusal},
    http::{
        BrowserError, BrowserRequest, ErrorPage, Parameters, PublicCode, RequestParameters, explain,
    },
    hub::Hub,
    person::register_check,
    session::{self, Current, silent},
};

/// How long a request is kept in which nothing was chosen yet. The first choice extends it to the login's whole
/// lifetime.
const UNTIL_THE_FIRST_CHOICE: Duration = Duration::from_secs(600);

/// `POST /authorize` (OpenID Connect Core 3.1.2.1): the browser is sent round once more, from our own page,
/// and brings its cookies then.
pub async fn posted_authorize(browser: BrowserRequest, sent: RequestParameters) -> HttpResponse {
    let round = match &sent.0 {
        Ok(sent) => browser.repeat_from_own_page("/authorize", sent.pairs()),
        Err(_unreadable) => Err(ErrorPage::new(PublicCode::L2004).into()),
    };
    browser.respond(round)
}

/// `GET /authorize`.
pub async fn authorize(browser: BrowserRequest, sent: RequestParameters) -> HttpResponse {
    browser.respond(begin(&browser, sent).await)
}

async fn begin(
    browser: &BrowserRequest,
    sent: RequestParameters,
) -> Result<HttpResponse, BrowserError> {
    let sent = sent
        .0
        .map_err(|_unreadable| ErrorPage::new(PublicCode::L2004))?;
    if let Some(language) = sent.only("ui_locales").and_then(Language::from_ui_locales) {
        browser.set_language(language.tag());
    }
    let service = caller(browser, &sent)?;
    browser.set_service(&service.client_id);
    let redirect = redirect(service, &sent)?;

    let locale = browser.language().tag();
    let transaction = browser.hub.new_transaction();
    let transaction = transaction.as_str();
    browser.enter_login(transaction, Side::Service);
    let named = (locale, transaction);
    let asked = match authorization::read(&browser.hub, service, redirect.clone(), &sent, named) {
        Ok(asked) => asked,
        Err(refusal) => {
            let event = Event::LoginRefused {
                service: service.client_id.as_str(),
                error: refusal.0.code(),
            };
            browser.audit(transaction, event)?;
            return Err(refuse(browser, service, redirect, &sent, refusal).into());
        }
    };
    browser.audit(transaction, requested(service, &asked.request))?;
    if asked.prompt.is_silent {
        let answer = silent::answer(browser, service, asked).await?;
        return browser.send(&answer);
    }
    let known = known(browser, service, &asked).await?;
    if let Some(current) = &known {
        let authentication = current.session.authentication();
        let event = Event::SessionRecognised {
            person: session::alias(&browser.hub, authentication),
            acr: authentication.level.acr(Vocabulary::Eidas),
        };
        browser.audit(transaction, event)?;
    }
    start(browser, asked, known).await
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
    browser: &BrowserRequest,
    service: &ServiceProvider,
    asked: &Asked,
) -> Result<Option<Current>, BrowserError> {
    let prompt = asked.prompt;
    if prompt.is_fresh || prompt.is_choice || asked.hint.is_some() {
        return Ok(None);
    }
    let current = session::current(&browser.hub, browser.session_secret.as_ref()).await?;
    Ok(current.filter(|current| {
        session::answers(&browser.hub, &current.session, service, &asked.request)
    }))
}

/// Who asks. Nothing is redirected anywhere before this is known.
fn caller<'v>(
    browser: &'v BrowserRequest,
    sent: &Parameters,
) -> Result<&'v ServiceProvider, ErrorPage> {
    let id = sent
        .one("client_id")
        .map_err(|_twice| ErrorPage::new(PublicCode::L2004))?;
    let sent_id = id.unwrap_or_default();
    let id: Option<ClientId> = id.and_then(|id| id.parse().ok());
    let service = id.and_then(|id| browser.hub.service(&id));
    let service = service.ok_or_else(|| {
        // On a hub for developers alone, whose issuer is on the loopback, they are told what they sent.
        let is_local = !browser.hub.shared.config.hub.secure_cookies;
        ErrorPage {
            mismatch: is_local.then(|| (explain::quoted(sent_id), "–".to_owned())),
            ..ErrorPage::new(PublicCode::L2001)
        }
    })?;
    if service.status == Status::Suspended {
        browser.set_service(&service.client_id);
        return Err(ErrorPage::new(PublicCode::L2002));
    }
    Ok(service)
}

fn redirect(service: &ServiceProvider, sent: &Parameters) -> Result<VerifiedRedirect, ErrorPage> {
    let asked = sent
        .one("redirect_uri")
        .map_err(|_twice| ErrorPage::new(PublicCode::L2004))?;
    let verified = asked.and_then(|address| service.redirect(address));
    verified.ok_or_else(|| {
        // In a sandbox the developers are told what they sent and what they registered.
        let registered = service.redirect_uris.iter().map(RedirectUri::as_str);
        let mismatch = explain::applies_to(service).then(|| {
            let registered: Vec<&str> = registered.collect();
            let received = asked.map_or_else(|| "–".to_owned(), explain::quoted);
            (received, registered.join(" "))
        });
        ErrorPage {
            mismatch,
            ..ErrorPage::new(PublicCode::L2003)
        }
    })
}

fn refuse(
    browser: &BrowserRequest,
    service: &ServiceProvider,
    redirect: VerifiedRedirect,
    sent: &Parameters,
    refusal: Refusal,
) -> AuthorizationResponse {
    let (mode, state) = authorization::service_link(sent);
    let issuer = browser.hub.issuer_for(service);
    tracing::info!(service.id = %service.client_id, error = refusal.0.code(), cause = refusal.1, "refused");
    let (error, short) = refusal;
    let long = explain::refusal(service, sent, refusal);
    let refusal = (error, long.as_deref().unwrap_or(short));
    AuthorizationResponse::refusal((redirect, mode), state.as_deref(), refusal, issuer)
}

/// Opens the login under the browser's own secret, and shows the choice, or the review to a citizen who
/// is known.
async fn start(
    browser: &BrowserRequest,
    asked: Asked,
    known: Option<Current>,
) -> Result<HttpResponse, BrowserError> {
    let hub = &browser.hub;
    let login_secret = browser
        .login_secret
        .clone()
        .unwrap_or_else(|| BearerSecret::draw(hub.entropy()));
    let id = LoginId::draw(hub.entropy());
    let handle = Handle::login(&login_secret, &id);
    let secret = BearerSecret::draw(hub.entropy());
    let client = asked.request.client.clone();
    let life = hub.shared.config.hub.login_lifetime;
    let ends = hub.now().plus(life);
    let login = match &known {
        None => Login::Requested(Requested::new(asked.request, ends)),
        Some(current) => {
            recognise(hub, (asked.request, ends), current, handle.bind(&secret)).await?
        }
    };
    // Until the first choice a request may be a stranger's: it is kept for minutes, not for the whole login.
    let kept = if matches!(login, Login::Requested(_)) {
        life.min(UNTIL_THE_FIRST_CHOICE)
    } else {
        life
    };
    hub.records.put(&handle, &login, kept).await?;
    metrics::counter!("lethe_logins_started_total", "service" => client.to_string()).increment(1);

    let ticket = hub.path_ticket(id, &client)?;
    let response = match (&login, asked.hint) {
        (Login::Identified(_), _) => {
            let response = browser.redirect(&format!("/login/{ticket}/review"));
            browser.with_authentication(response, &secret)
        }
        // By a page: a redirect would tell the page that began the chain which IdP is on the way.
        (_, Some(idp)) => browser.go_on(hub.path(&format!("/login/{ticket}/idp/{idp}")))?,
        (_, None) => browser.redirect(&format!("/login/{ticket}/")),
    };
    Ok(browser.with_login(response, &login_secret))
}

/// The login of a citizen who is known from a session. If the register of persons is asked again and refuses the
/// identity, the citizen has to choose an IdP.
async fn recognise(
    hub: &Hub,
    (request, ends): (Request, Timestamp),
    current: &Current,
    binding: BrowserBinding,
) -> Result<Login, AuditError> {
    let identified = Identified::known(
        request.clone(),
        ends,
        &current.session,
        &current.handle.locator(),
    );
    let settled = register_check::settle_again(hub, identified).await?;
    Ok(settled.map_or_else(
        |_cause| Login::Requested(Requested::new(request, ends)),
        |identified| Login::Identified(Box::new(identified.bound(binding))),
    ))
}
