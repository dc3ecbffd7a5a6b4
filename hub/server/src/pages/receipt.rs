//! The receipt page: what the citizen agreed to, to keep, before the browser leaves.

use actix_web::HttpResponse;
use hub_core::{
    login::{AgreedLogin, Identified, LegalBasis},
    release::held,
};
use hub_templates::ReceiptPart;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sp_registry::ServiceProvider;

use crate::{
    consent::data_release::{self, Handover},
    jwt::{Receipt, SigningError},
};
use crate::{
    http::{BrowserError, BrowserRequest, ErrorPage, LoginContext, PublicCode},
    pages::{claims::names, review, wording},
};

/// The receipt of what `identified` shares with `service`, the citizen having read the page for `shown`:
/// the same login with everything that they could refuse.
#[must_use]
pub fn receipt<'a>(
    browser: &'a BrowserRequest,
    context: &LoginContext,
    (shown, identified): (&Identified, &'a Identified),
    service: &'a ServiceProvider,
) -> Receipt<'a> {
    let request = identified.request();
    let data = held(&identified.authentication().identity, &request.claims());
    let text = wording::lines(browser, &review::contents(browser, context, shown, service));
    Receipt {
        service,
        basis: data_release::legal_basis(&browser.hub, service, request),
        data,
        providers: data_release::handovers(&browser.hub, service, identified),
        at: browser.hub.now(),
        number: browser.hub.receipt_number(&request.transaction),
        language: browser.language().tag(),
        text_digest: wording::digest(&text),
        text,
    }
}

/// The page of `receipt`, which `agreed` holds signed, and the button that goes on.
///
/// # Errors
/// [`BrowserError`] if it cannot be rendered.
pub fn show(
    browser: &BrowserRequest,
    context: &LoginContext,
    receipt: &Receipt<'_>,
    agreed: &AgreedLogin,
) -> Result<HttpResponse, BrowserError> {
    let hub = &browser.hub;
    let language = browser.language().tag();
    let part = |handover: &Handover<'_>| {
        let items = handover.request.items();
        ReceiptPart {
            name: handover.provider.name.get(language).to_owned(),
            data: items
                .map(|item| handover.provider.words(item, language))
                .collect(),
            basis: basis(browser, handover.basis),
            told: names(browser, &handover.told).join(", "),
        }
    };
    let mut page = hub_templates::Receipt {
        service: receipt.service.name.get(language).to_owned(),
        organisation: receipt.service.organisation.get(language).to_owned(),
        time: receipt.at.to_string(),
        basis: basis(browser, receipt.basis),
        data: names(browser, &receipt.data),
        providers: receipt.providers.iter().map(part).collect(),
        transaction: receipt.number.clone(),
        digest: receipt.text_digest.clone(),
        signed: agreed.receipt.clone(),
        readable: String::new(),
        read: agreed.form.clone(),
        action: hub.path(&context.page("review")),
        token: context.handle.page_token(),
    };
    let text = readable(browser, &page, &receipt.text);
    page.readable = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
    browser.page(&page)
}

/// The receipt as a text to read and to print, with the signed one at its end.
fn readable(browser: &BrowserRequest, page: &hub_templates::Receipt, read: &[String]) -> String {
    let label = |key: &str| browser.text(&format!("receipt.{key}"));
    let mut lines = vec![
        format!(
            "{} – {}",
            label("title"),
            browser.hub.shared.config.hub.name
        ),
        String::new(),
        format!("{}: {}", label("service"), page.service),
        format!("{}: {}", label("organisation"), page.organisation),
        format!("{}: {}", label("time"), page.time),
        format!("{}: {}", label("basis"), page.basis),
        format!("{}: {}", label("data"), page.data.join(", ")),
    ];
    for part in &page.providers {
        let source = label("provider").replace("{{name}}", &part.name);
        lines.push(format!(
            "{source}: {} ({})",
            part.data.join(", "),
            part.basis
        ));
        if !part.told.is_empty() {
            lines.push(format!("{} {}", label("told"), part.told));
        }
    }
    lines.push(format!("{}: {}", label("transaction"), page.transaction));
    lines.push(String::new());
    lines.push(format!("{} ({}):", label("read"), page.digest));
    lines.extend(read.iter().map(|line| format!("  {line}")));
    lines.push(String::new());
    lines.push(label("values").to_owned());
    lines.push(String::new());
    lines.push(label("signed").to_owned());
    lines.push(page.signed.clone());
    lines.join("\r\n") + "\r\n"
}

/// The error page for a receipt that could not be signed.
#[must_use]
pub fn unsigned(error: &SigningError) -> BrowserError {
    tracing::error!(%error, "a receipt could not be signed");
    ErrorPage::new(PublicCode::L4002).into()
}

fn basis(browser: &BrowserRequest, basis: LegalBasis) -> String {
    browser
        .text(match basis {
            LegalBasis::Consent => "value.consent",
            LegalBasis::Information => "value.information",
        })
        .to_owned()
}
