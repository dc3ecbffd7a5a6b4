//! The receipt page: what the citizen agreed to, to keep, before the browser leaves.

use actix_web::HttpResponse;
use hub_core::{
    login::{Asking, Identified},
    release::held,
    scope::Claim,
};
use sp_registry::ServiceProvider;

use super::{BrowserError, Pending, PublicCode, Stop, Visit};
use crate::tokens::{self, Receipt};

/// The receipt for `identified` at `service`, and the button that goes on, with word of whether the IdP
/// shall be remembered.
///
/// # Errors
/// [`BrowserError`] if it cannot be signed or rendered.
pub fn show(
    visit: &Visit,
    pending: &Pending,
    identified: &Identified,
    service: &ServiceProvider,
    remember: bool,
) -> Result<HttpResponse, BrowserError> {
    let hub = &visit.hub;
    let held = held(
        &identified.arrival().identity,
        &identified.request().claims(),
    );
    let data: Vec<Claim> = held.into_iter().collect();
    let at = hub.now();
    let receipt = Receipt {
        service,
        data: &data,
        at,
        transaction: visit.incident(),
    };
    let signed = tokens::signed(hub, &receipt).map_err(|fault| {
        tracing::error!(%fault, "a receipt could not be signed");
        Stop::new(PublicCode::L4002)
    })?;
    let language = visit.language().tag();
    let words = |claim: &Claim| visit.text(&format!("claim.{}", claim.name())).to_owned();
    visit.page(&hub_templates::Receipt {
        service: service.name.get(language).to_owned(),
        organisation: service.organisation.get(language).to_owned(),
        time: at.to_string(),
        basis: visit
            .text(match service.asking() {
                Asking::Consent => "value.consent",
                Asking::Information => "value.information",
            })
            .to_owned(),
        data: data
            .iter()
            .filter(|claim| !matches!(claim, Claim::GivenNameArray | Claim::EmailVerified))
            .map(words)
            .collect(),
        transaction: visit.incident().to_owned(),
        signed,
        remember,
        action: hub.path(&pending.page("review")),
        token: pending.handle.page_token(),
    })
}
