//! The review page: shown when the citizen comes back known, and again whenever they reload it.

use actix_web::HttpResponse;
use hub_core::{
    identity::PivotIdentity,
    login::{Asking, Identified, Login},
    release::release,
    scope::Claim,
};
use hub_templates::{Item, Review};
use serde_json::Value;
use sp_registry::ServiceProvider;

use super::{BrowserError, Pending, PublicCode, Stop, Visit};

/// The page for an identified login.
///
/// # Errors
/// [`BrowserError`] if `login` is at another stage or the page cannot be rendered.
pub fn from(visit: &Visit, pending: &Pending, login: &Login) -> Result<HttpResponse, BrowserError> {
    match login {
        Login::Identified(identified) => show(visit, pending, identified, Tick::NotAsked),
        Login::Answered(_) | Login::Requested(_) | Login::Upstream(_) | Login::Verifying => {
            Err(Stop::new(PublicCode::L4002).into())
        }
    }
}

/// Whether the form came back without the tick that consent needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// It came back without.
    Missing,
    /// The page is shown for the first time, or no tick is needed.
    NotAsked,
}

/// The page for `identified`.
///
/// # Errors
/// [`BrowserError`] if the page cannot be rendered.
pub fn show(
    visit: &Visit,
    pending: &Pending,
    identified: &Identified,
    tick: Tick,
) -> Result<HttpResponse, BrowserError> {
    let service = visit.hub.service(&identified.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    let language = visit.language().tag();
    let idp = visit.hub.site.config.catalogue.find(identified.idp());
    visit.page(&Review {
        service: service.name.get(language).to_owned(),
        organisation: service.organisation.get(language).to_owned(),
        idp: idp.map_or("", |idp| idp.title.get(language)).to_owned(),
        items: items(visit, service, identified),
        consent: service.asking() == Asking::Consent,
        unticked: tick == Tick::Missing,
        action: visit.hub.path(&pending.page("review")),
        token: pending.handle.page_token(),
        again: visit.hub.path(&pending.choice()),
        cancel: visit.hub.path(&pending.page("cancel")),
    })
}

/// Exactly what is released, in the order of the wire.
fn items(visit: &Visit, service: &ServiceProvider, identified: &Identified) -> Vec<Item> {
    let identity: &PivotIdentity = &identified.arrival().identity;
    let released = release(
        identity,
        &identified.request().claims(),
        service.policy.dates,
    );
    let item = |claim: Claim| {
        let value = released.get(claim.name())?;
        let label = visit.text(&format!("claim.{}", claim.name())).to_owned();
        Some(Item {
            label,
            value: in_words(visit, claim, value),
        })
    };
    Claim::ALL
        .into_iter()
        // The same names once more, one by one: nothing new to the reader.
        .filter(|claim| *claim != Claim::GivenNameArray)
        .filter_map(item)
        .collect()
}

fn in_words(visit: &Visit, claim: Claim, value: &Value) -> String {
    match (claim, value) {
        (Claim::Birthplace, Value::String(text)) if text.is_empty() => {
            visit.text("value.abroad").to_owned()
        }
        (Claim::Gender, Value::String(text)) => visit.text(&format!("value.{text}")).to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Bool(yes)) => visit.text(&format!("value.{yes}")).to_owned(),
        (_, Value::Array(list)) => join(list.iter()),
        (_, Value::Object(members)) => join(members.values()),
        (_, Value::Null | Value::Number(_)) => value.to_string(),
    }
}

fn join<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    values
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
