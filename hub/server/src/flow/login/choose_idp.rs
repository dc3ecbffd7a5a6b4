//! Step 2: the citizen chooses an identity provider (`/login/{ticket}/`).

use actix_web::{HttpResponse, web};
use hub_core::{
    clock::Timestamp,
    identity::AttributeFault,
    login::{Login, Request, Requested, Setback, SetbackCause},
};
use hub_templates::{Choice, Filter, Notice, Wait};
use idp_adapters::{Registered, State};
use sp_registry::ServiceProvider;

use crate::{
    audit::Event,
    config,
    http::{BrowserError, Pending, PublicCode, Sent, Stop, Visit, request_of},
    hub::may_use,
    pages::{Prepared, Standing},
};

/// How much of what citizens look for is read.
const LONGEST_QUERY: usize = 100;

/// `GET /login/{ticket}/`.
pub async fn choose(visit: Visit, path: web::Path<String>, sent: Sent) -> HttpResponse {
    let sent = sent.0.unwrap_or_default();
    let looking = Looking {
        query: sent.only("q").unwrap_or_default(),
        no_such_email: false,
    };
    visit.respond(show(&visit, &path, looking).await)
}

/// `POST /login/{ticket}/`: the account of an e-mail address, which is in no address line and no log.
pub async fn by_email(visit: Visit, path: web::Path<String>, sent: Sent) -> HttpResponse {
    let sent = sent.0.unwrap_or_default();
    let address = sent.only("email").unwrap_or_default();
    visit.respond(route(&visit, &path, address).await)
}

/// What a citizen looks for on the page.
#[derive(Clone, Copy)]
struct Looking<'a> {
    query: &'a str,
    no_such_email: bool,
}

async fn route(visit: &Visit, path: &str, address: &str) -> Result<HttpResponse, BrowserError> {
    let pending = Pending::find(visit, path)?;
    let login = pending.open(visit).await?;
    let Some(request) = request_of(&login) else {
        // The hub is asking the IdP, or has answered the service: the page says which.
        return Ok(visit.see(&pending.choice()));
    };
    let service = visit.hub.service(&request.client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    let domain = address
        .trim()
        .rsplit_once('@')
        .map(|(_, domain)| domain.to_ascii_lowercase());
    let found = domain.and_then(|domain| {
        let mut idps = visit.hub.idps_for(service);
        idps.find(|idp| idp.state == State::Active && idp.email_domains.contains(&domain))
    });
    let Some(idp) = found else {
        let looking = Looking {
            query: "",
            no_such_email: true,
        };
        return show(visit, path, looking).await;
    };
    // Chromium holds what follows a form to `form-action`: a page goes on instead.
    visit.page(&Wait {
        seconds: 0,
        href: visit.hub.path(&pending.page(&format!("idp/{}", idp.id))),
    })
}

/// `GET /login/{ticket}/forget`: the choice, without the last one first.
pub async fn forget(visit: Visit, path: web::Path<String>) -> HttpResponse {
    let choice = Pending::find(&visit, &path).map(|pending| visit.see(&pending.choice()));
    visit.remembering(visit.respond(choice), None)
}

async fn show(
    visit: &Visit,
    path: &str,
    looking: Looking<'_>,
) -> Result<HttpResponse, BrowserError> {
    let pending = Pending::find(visit, path)?;
    // Coming back to this page changes nothing yet: only a new departure gives up what there was.
    let requested = match pending.open(visit).await? {
        Login::Requested(stage) => stage,
        Login::Upstream(stage) => stage.reconsider(),
        Login::Identified(stage) => stage.reconsider(),
        Login::Verifying => {
            return visit.page(&Wait {
                seconds: 2,
                href: visit.hub.path(&pending.choice()),
            });
        }
        // The receipt says that the citizen agreed: there is no way back.
        Login::Agreed(_) => return Ok(visit.see(&pending.page("review"))),
        Login::Answered(_) => return Err(Stop::new(PublicCode::L1005).into()),
    };
    let service = visit.hub.service(&requested.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    visit.trace(&requested.request().transaction, Event::ChoiceShown)?;
    visit.page(&page(visit, service, &requested, looking))
}

fn page(
    visit: &Visit,
    service: &ServiceProvider,
    requested: &Requested,
    looking: Looking<'_>,
) -> Choice {
    let site = &visit.hub.site;
    let (language, now, asked) = (visit.language(), visit.hub.now(), requested.request());
    let mut listed: Vec<(&Registered, Standing, &Prepared)> = site
        .config
        .catalogue
        .iter()
        .zip(site.idp_list.entries(language))
        .filter(|(idp, _)| may_use(service, idp))
        .map(|(idp, prepared)| (idp, standing(idp, asked, now), prepared))
        .collect();
    let notices = site.config.hub.notices.iter();
    let notices = notices.filter(|notice| notice.is_shown(now) && concerns(notice, &listed));
    let notices: Vec<String> = notices
        .map(|notice| notice.text.get(language.tag()).to_owned())
        .collect();
    let filter = (listed.len() >= site.config.hub.filter_from).then(|| {
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
    let last = visit.remembered.as_ref().and_then(|last| {
        let open = |(idp, standing, _): &(&Registered, Standing, &Prepared)| {
            idp.id == *last && *standing == Standing::Open
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
            .map(|(_, standing, prepared)| prepared.in_standing(*standing))
            .collect(),
        by_email: listed
            .iter()
            .any(|(idp, standing, _)| *standing == Standing::Open && !idp.email_domains.is_empty()),
        no_such_email: looking.no_such_email,
        notices,
        filter,
        notice: requested.setback().map(|setback| notice(visit, setback)),
        cancel: "cancel".to_owned(),
    }
}

/// Whether a notice is about everybody, or about an IdP of this list.
fn concerns(notice: &config::Notice, listed: &[(&Registered, Standing, &Prepared)]) -> bool {
    let about = notice.idp.as_ref();
    about.is_none_or(|idp| listed.iter().any(|(listed, ..)| listed.id == *idp))
}

fn standing(idp: &Registered, asked: &Request, now: Timestamp) -> Standing {
    match idp.state {
        State::Disabled(_) | State::Draining(_) => Standing::Off,
        State::Active if !idp.highest.satisfies(asked.level) => Standing::TooLow,
        State::Active if !idp.proves_auth_time && asked.asks_auth_time() => Standing::Undated,
        State::Active if !idp.provider.is_answering(now) => Standing::Off,
        State::Active => Standing::Open,
    }
}

fn notice(visit: &Visit, setback: &Setback) -> Notice {
    let code = PublicCode::of(setback.cause);
    let idp = visit.hub.site.config.catalogue.find(&setback.idp);
    let title = idp.map_or("", |idp| idp.title.get(visit.language().tag()));
    let attribute = match setback.cause {
        SetbackCause::Attribute(AttributeFault { claim, .. }) => {
            visit.text(&format!("claim.{}", claim.name()))
        }
        SetbackCause::Declined
        | SetbackCause::LevelTooLow
        | SetbackCause::Misbehaved
        | SetbackCause::RegisterUnavailable
        | SetbackCause::Stale
        | SetbackCause::Unavailable
        | SetbackCause::Unreachable
        | SetbackCause::Unregistered(_) => "",
    };
    let what = visit.text(&format!("error.{}", code.as_str()));
    let own = what.split("{idp}");
    let own = own.map(|part| part.replace("{attribute}", attribute));
    // The title stands between the parts of the sentence, and is a part of its own.
    let parts = own.flat_map(|part| [title.to_owned(), part]).skip(1);
    Notice {
        what: parts.filter(|part| !part.is_empty()).collect(),
        code: code.as_str(),
        incident: setback.incident.clone(),
    }
}
