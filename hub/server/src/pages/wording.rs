//! What a citizen reads on the review page, apart from every value of the identity: the wording that receipts and traces
//! refer to by its digest.

use hub_core::{encoding::base64url, scope::Claim};
use hub_templates::{Language, Review};
use sha2::{Digest, Sha256};
use sp_registry::ServiceProvider;

use crate::http::BrowserRequest;
use crate::{hub::Hub, jwt::basis_name};

/// The lines of the page, in order, without any value of the identity and without the identity provider.
#[must_use]
pub fn lines(browser: &BrowserRequest, review: &Review) -> Vec<String> {
    let organisation = review.organisation.as_deref().unwrap_or_default();
    let said = |key: &str| {
        browser
            .text(key)
            .replace("{{service}}", &review.service)
            .replace("{{../service}}", &review.service)
            .replace("{{organisation}}", organisation)
    };
    let mut lines = vec![said(if review.shares {
        "review.title"
    } else {
        "review.title.anonymous"
    })];
    if review.organisation.is_some() {
        lines.push(said("review.organisation"));
    }
    lines.extend(review.items.iter().map(|item| item.label.clone()));
    for provider in &review.providers {
        let of = |key: &str| said(key).replace("{{name}}", &provider.name);
        lines.push(of("review.data.title"));
        lines.push(of("review.data.lead"));
        for item in &provider.items {
            let optional = item.field.as_ref().map(|_| of("review.data.optional"));
            lines.extend(optional);
            lines.push(item.text.clone());
        }
        if !provider.identity.is_empty() {
            lines.push(of("review.data.identity"));
            lines.push(provider.identity.clone());
        }
        if provider.receives_client_id {
            lines.push(of("review.data.client"));
        }
    }
    lines.push(said("review.sign_in").replace("{{sign_in}}", &review.sign_in));
    if !review.tells.is_empty() {
        // The service gets the receipt: the identity provider that the page names here has no name in it.
        let tells = said("review.tells").replace("{{tells}}", &review.tells);
        lines.push(tells.replace("{{idp}}", browser.text("value.account")));
    }
    lines.push(said("review.nothing.else"));
    if review.consent {
        lines.push(said("review.consent"));
    }
    lines
}

/// The SHA-256 of the lines, joined by line feeds, in base64url.
#[must_use]
pub fn digest<L: std::borrow::Borrow<str>>(lines: &[L]) -> String {
    base64url(&Sha256::digest(lines.join("\n")))
}

/// The digest of what a review page of `service` says in every language, whatever is asked.
///
/// The names of all data and the form in which dates are written are part of it. Another digest means that a
/// page read earlier said something else, or that something else would be sent.
#[must_use]
pub fn digest_in_every_language(hub: &Hub, service: &ServiceProvider) -> String {
    let labels = Claim::ALL.map(|claim| format!("claim.{}", claim.name()));
    let keys = SENTENCES
        .into_iter()
        .chain(labels.iter().map(String::as_str));
    let mut lines: Vec<&str> = vec![
        basis_name(service.legal_basis()),
        service.policy.dates.name(),
    ];
    for key in keys {
        let texts = Language::ALL.map(|language| hub.shared.pages.text(key, language));
        lines.extend(texts);
    }
    lines.extend(service.name.all().chain(service.organisation.all()));
    digest(&lines)
}

/// The sentences of the page that depend on no value, by their keys.
const SENTENCES: [&str; 17] = [
    "review.title",
    "review.organisation",
    "review.consent",
    "review.sign_in",
    "review.tells",
    "review.nothing.else",
    "review.blind",
    "signin.sub",
    "signin.level",
    "signin.amr",
    "signin.auth_time",
    "signin.previous_subs",
    "signin.sid",
    "signin.sub_basis",
    "level.eidas1",
    "level.eidas2",
    "level.eidas3",
];
