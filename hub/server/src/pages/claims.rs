//! The claims of an identity, as pages and receipts name them and show their values.

use std::collections::BTreeSet;

use hub_core::{
    login::Identified,
    release::{named_on_pages, release},
    scope::Claim,
};
use hub_templates::Item;
use serde_json::Value;
use sp_registry::ServiceProvider;

use crate::http::BrowserRequest;

/// The names of `claims` in the language of the page, as [`named_on_pages`] lists them.
#[must_use]
pub fn names(browser: &BrowserRequest, claims: &BTreeSet<Claim>) -> Vec<String> {
    let named = named_on_pages(claims);
    named.map(|claim| name(browser, claim)).collect()
}

/// The claims that `service` receives of `identified`, with their values, in the order of the wire.
#[must_use]
pub fn items(
    browser: &BrowserRequest,
    service: &ServiceProvider,
    identified: &Identified,
) -> Vec<Item> {
    let released = release(
        &identified.authentication().identity,
        &identified.request().claims(),
        service.policy.dates,
    );
    let sent = Claim::ALL.into_iter();
    let sent = sent.filter(|claim| released.contains_key(claim.name()));
    let is_verified = released.get(Claim::EmailVerified.name()) == Some(&true.into());
    let item = |claim: Claim| {
        let mut value = value(browser, claim, released.get(claim.name())?);
        if claim == Claim::Email && is_verified {
            value = format!("{value} {}", browser.text("value.verified"));
        }
        Some(Item {
            label: name(browser, claim),
            value,
        })
    };
    named_on_pages(&sent.collect()).filter_map(item).collect()
}

fn name(browser: &BrowserRequest, claim: Claim) -> String {
    browser.text(&format!("claim.{}", claim.name())).to_owned()
}

fn value(browser: &BrowserRequest, claim: Claim, value: &Value) -> String {
    match (claim, value) {
        (Claim::Birthdate, Value::String(date)) => date_in_words(browser, date),
        (Claim::Birthplace, Value::String(text)) if text.is_empty() => {
            browser.text("value.abroad").to_owned()
        }
        (Claim::Birthcountry, Value::String(text)) if text == "99100" => {
            browser.text("value.france").to_owned()
        }
        (Claim::Gender, Value::String(text)) => browser.text(&format!("value.{text}")).to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Object(members)) => members
            .values()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        (_, Value::Array(entries)) => {
            let entries = entries.iter().filter_map(Value::as_str);
            entries.collect::<Vec<_>>().join(", ")
        }
        (_, Value::Bool(answer)) => browser.text(&format!("value.{answer}")).to_owned(),
        (_, Value::Null | Value::Number(_)) => value.to_string(),
    }
}

/// `1992-11-00` as "novembre 1992": unknown parts are left out.
fn date_in_words(browser: &BrowserRequest, date: &str) -> String {
    let mut parts = date.split('-');
    let year = parts.next().unwrap_or_default();
    let month = parts
        .next()
        .map(|month| browser.text(&format!("month.{month}")));
    let day = parts.next().map(|day| day.trim_start_matches('0'));
    let known = [day, month, Some(year)];
    known
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
