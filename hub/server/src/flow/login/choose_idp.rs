//! Step 2: the citizen chooses an identity provider (`/login/{ticket}/`).

use actix_web::{HttpResponse, web};
use hub_core::{
    clock::Timestamp,
    identity::AttributeError,
    login::{FailedAttempt, FailureCause, Login, Request, Requested},
};
use hub_templates::{Choice, Filter, Notice, Wait};
use idp_adapters::{Registered, State};
use sp_registry::ServiceProvider;

use crate::{
    audit::Event,
    config,
    http::{
        BrowserError, BrowserRequest, ErrorPage, LoginContext, PublicCode, RequestParameters,
        request_of,
    },
    hub::may_use,
    pages::{Availability, Prepared},
};

/// How much of what citizens look for is read.
const LONGEST_QUERY: usize = 100;

/// `GET /login/{ticket}/`.
pub async fn choose(
    browser: BrowserRequest,
    path: web::Path<String>,
    sent: RequestParameters,
) -> HttpResponse {
    let sent = sent.0.unwrap_or_default();
    let looking = Looking {
        query: sent.only("q").unwrap_or_default(),
        no_such_email: false,
    };
    browser.respond(show(&browser, &path, looking).await)
}

/// `POST /login/{ticket}/`: the account of an e-mail address, which is in no address line and no log.
pub async fn by_email(
    browser: BrowserRequest,
    path: web::Path<String>,
    sent: RequestParameters,
) -> HttpResponse {
    let sent = sent.0.unwrap_or_default();
    let address = sent.only("email").unwrap_or_default();
    browser.respond(route(&browser, &path, address).await)
}

/// What a citizen looks for on the page.
#[derive(Clone, Copy)]
struct Looking<'a> {
    query: &'a str,
    no_such_email: bool,
}

async fn route(
    browser: &BrowserRequest,
    path: &str,
    address: &str,
) -> Result<HttpResponse, BrowserError> {
    let context = LoginContext::find(browser, path)?;
    let login = context.open(browser).await?;
    let Some(request) = request_of(&login) else {
        // The hub is asking the IdP, or has answered the service: the page says which.
        return Ok(browser.redirect(&context.choice()));
    };
    let service = browser.hub.service(&request.client);
    let service = service.ok_or(ErrorPage::new(PublicCode::L2001))?;
    let domain = address
        .trim()
        .rsplit_once('@')
        .map(|(_, domain)| domain.to_ascii_lowercase());
    let found = domain.and_then(|domain| {
        let mut idps = browser.hub.idps_for(service);
        idps.find(|idp| idp.state == State::Active && idp.email_domains.contains(&domain))
    });
    let Some(idp) = found else {
        let looking = Looking {
            query: "",
            no_such_email: true,
        };
        return show(browser, path, looking).await;
    };
    // Chromium holds what follows a form to `form-action`: a page goes on instead.
    browser.page(&Wait {
        seconds: 0,
        href: browser.hub.path(&context.page(&format!("idp/{}", idp.id))),
    })
}

/// `GET /login/{ticket}/forget`: the choice, without the last one first.
pub async fn forget(browser: BrowserRequest, path: web::Path<String>) -> HttpResponse {
    let choice =
        LoginContext::find(&browser, &path).map(|context| browser.redirect(&context.choice()));
    browser.remembering(browser.respond(choice), None)
}

async fn show(
    browser: &BrowserRequest,
    path: &str,
    looking: Looking<'_>,
) -> Result<HttpResponse, BrowserError> {
    let context = LoginContext::find(browser, path)?;
    // Coming back to this page changes nothing yet: only a new departure gives up what there was.
    let requested = match context.open(browser).await? {
        Login::Requested(stage) => stage,
        Login::Upstream(stage) => stage.back_to_choice(),
        Login::Identified(stage) => stage.back_to_choice(),
        Login::Verifying => {
            return browser.page(&Wait {
                seconds: 2,
                href: browser.hub.path(&context.choice()),
            });
        }
        // The receipt says that the citizen agreed: there is no way back.
        Login::Agreed(_) => return Ok(browser.redirect(&context.page("review"))),
        Login::Answered(_) => return Err(ErrorPage::new(PublicCode::L1005).into()),
    };
    let service = browser.hub.service(&requested.request().client);
    let service = service.ok_or(ErrorPage::new(PublicCode::L2001))?;
    browser.audit(&requested.request().transaction, Event::ChoiceShown)?;
    browser.page(&page(browser, service, &requested, looking))
}

fn page(
    browser: &BrowserRequest,
    service: &ServiceProvider,
    requested: &Requested,
    looking: Looking<'_>,
) -> Choice {
    let shared = &browser.hub.shared;
    let (language, now, asked) = (browser.language(), browser.hub.now(), requested.request());
    let mut listed: Vec<(&Registered, Availability, &Prepared)> = shared
        .config
        .catalogue
        .iter()
        .zip(shared.idp_list.entries(language))
        .filter(|(idp, _)| may_use(service, idp))
        .map(|(idp, prepared)| (idp, availability(idp, asked, now), prepared))
        .collect();
    let notices = shared.config.hub.notices.iter();
    let notices = notices.filter(|notice| notice.is_shown(now) && concerns(notice, &listed));
    let notices: Vec<String> = notices
        .map(|notice| notice.text.get(language.tag()).to_owned())
        .collect();
    let filter = (listed.len() >= shared.config.hub.search_from).then(|| {
        let looked_for: String = looking.query.chars().take(LONGEST_QUERY).collect();
        let found = |idp: &Registered| idp.is_found_by(&looked_for);
        let nothing = !listed.iter().any(|(idp, ..)| found(idp));
        if !nothing {
            listed.retain(|(idp, ..)| found(idp));
        }
        Filter {
            looked_for,
            nothing,
        }
    });
    let last = browser.remembered.as_ref().and_then(|last| {
        let open = |(idp, availability, _): &(&Registered, Availability, &Prepared)| {
            idp.id == *last && *availability == Availability::Open
        };
        listed.iter().position(open)
    });
    if let Some(place) = last {
        let first = listed.remove(place);
        listed.insert(0, first);
    }
    let remembered = last.and_then(|_| listed.first());
    Choice {
        service: service.name.get(language.tag()).to_owned(),
        empty: listed.is_empty(),
        remembered: remembered.map(|(idp, ..)| idp.title.get(language.tag()).to_owned()),
        idps: listed
            .iter()
            .map(|(_, availability, prepared)| prepared.with_availability(*availability))
            .collect(),
        by_email: listed.iter().any(|(idp, availability, _)| {
            *availability == Availability::Open && !idp.email_domains.is_empty()
        }),
        no_such_email: looking.no_such_email,
        notices,
        filter,
        notice: requested
            .failed_attempt()
            .map(|failed_attempt| notice(browser, failed_attempt)),
        cancel: "cancel".to_owned(),
    }
}

/// Whether a notice is about everybody, or about an IdP of this list.
fn concerns(notice: &config::Notice, listed: &[(&Registered, Availability, &Prepared)]) -> bool {
    let about = notice.idp.as_ref();
    about.is_none_or(|idp| listed.iter().any(|(listed, ..)| listed.id == *idp))
}

fn availability(idp: &Registered, asked: &Request, now: Timestamp) -> Availability {
    match idp.state {
        State::Disabled(_) | State::Draining(_) => Availability::Off,
        State::Active if !idp.highest.satisfies(asked.level) => Availability::TooLow,
        State::Active if !idp.proves_auth_time && asked.asks_auth_time() => Availability::Undated,
        State::Active if !idp.provider.is_answering(now) => Availability::Off,
        State::Active => Availability::Open,
    }
}

fn notice(browser: &BrowserRequest, failed_attempt: &FailedAttempt) -> Notice {
    let code = PublicCode::of(failed_attempt.cause);
    let idp = browser
        .hub
        .shared
        .config
        .catalogue
        .find(&failed_attempt.idp);
    let title = idp.map_or("", |idp| idp.title.get(browser.language().tag()));
    let attribute = match failed_attempt.cause {
        FailureCause::Attribute(AttributeError { claim, .. }) => {
            browser.text(&format!("claim.{}", claim.name()))
        }
        FailureCause::Declined
        | FailureCause::LevelTooLow
        | FailureCause::Misbehaved
        | FailureCause::RegisterUnavailable
        | FailureCause::Stale
        | FailureCause::Unavailable
        | FailureCause::Unreachable
        | FailureCause::Unregistered(_) => "",
    };
    let what = browser.text(&format!("error.{}", code.as_str()));
    let own = what.split("{idp}");
    let own = own.map(|part| part.replace("{attribute}", attribute));
    // The title stands between the parts of the sentence, and is a part of its own.
    let parts = own.flat_map(|part| [title.to_owned(), part]).skip(1);
    Notice {
        what: parts.filter(|part| !part.is_empty()).collect(),
        code: code.as_str(),
        incident: failed_attempt.incident.clone(),
    }
}
