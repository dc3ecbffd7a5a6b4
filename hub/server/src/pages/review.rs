//! The review page: shown when the citizen comes back known, and again whenever they reload it.

use actix_web::HttpResponse;
use hub_core::{
    acr::Vocabulary,
    identity::PivotIdentity,
    login::{AskedClaim, Asking, Identified, Login},
    release::{held, release},
    scope::Claim,
};
use hub_templates::{DataItem, Item, ProviderPart, Review};
use serde_json::Value;
use sp_registry::ServiceProvider;

use crate::{
    audit::Event,
    consent::data_release::{self, Handover},
    jwt::basis_name,
};
use crate::{
    http::{BrowserError, Parameters, Pending, PublicCode, Stop, Visit},
    pages::wording,
};

/// The page for an identified login.
///
/// # Errors
/// [`BrowserError`] if `login` is at another stage or the page cannot be rendered.
pub fn from(visit: &Visit, pending: &Pending, login: &Login) -> Result<HttpResponse, BrowserError> {
    match login {
        Login::Identified(identified) => show(visit, pending, identified, None),
        Login::Agreed(_)
        | Login::Answered(_)
        | Login::Requested(_)
        | Login::Upstream(_)
        | Login::Verifying => Err(Stop::new(PublicCode::L4002).into()),
    }
}

/// Why the page is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The form that was submitted showed something else than what would happen now.
    Changed,
    /// The form came back without the tick that consent needs.
    Unticked,
}

impl Notice {
    /// The notice that the query of the page's address names.
    #[must_use]
    pub fn named(sent: &Parameters) -> Option<Self> {
        match sent.only("notice")? {
            "changed" => Some(Self::Changed),
            "unticked" => Some(Self::Unticked),
            _ => None,
        }
    }

    /// The page's name with the query that [`Notice::named`] reads.
    #[must_use]
    pub const fn query(self) -> &'static str {
        match self {
            Self::Changed => "review?notice=changed",
            Self::Unticked => "review?notice=unticked",
        }
    }
}

/// The page for `identified`.
///
/// # Errors
/// [`BrowserError`] if the page cannot be rendered.
pub fn show(
    visit: &Visit,
    pending: &Pending,
    identified: &Identified,
    notice: Option<Notice>,
) -> Result<HttpResponse, BrowserError> {
    let service = visit.hub.service(&identified.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    let review = contents(visit, pending, identified, service);
    let basis = basis_name(if review.consent {
        Asking::Consent
    } else {
        Asking::Information
    });
    let transaction = &identified.request().transaction;
    visit.trace(transaction, Event::ReviewShown { basis })?;
    visit.page(&Review {
        unticked: notice == Some(Notice::Unticked),
        changed: notice == Some(Notice::Changed),
        warnings: identified.request().warnings.clone(),
        ..review
    })
}

/// What the page for `identified` says.
#[must_use]
pub fn contents(
    visit: &Visit,
    pending: &Pending,
    identified: &Identified,
    service: &ServiceProvider,
) -> Review {
    let language = visit.language().tag();
    let idp = visit.hub.site.config.catalogue.find(identified.idp());
    let items = items(visit, service, identified);
    let providers = providers(visit, service, identified);
    let mut review = Review {
        service: service.name.get(language).to_owned(),
        organisation: Some(service.organisation.get(language).to_owned())
            .filter(|organisation| organisation != service.name.get(language)),
        verified: identified.arrival().evidence.is_checked(),
        idp: idp.map_or("", |idp| idp.title.get(language)).to_owned(),
        tells: telling(visit, identified),
        shares: !items.is_empty() || !providers.is_empty(),
        items,
        providers,
        sign_in: sign_in(visit, identified),
        consent: data_release::asking(&visit.hub, service, identified.request()) == Asking::Consent,
        unticked: false,
        changed: false,
        warnings: Vec::new(),
        action: String::new(),
        token: String::new(),
        read: String::new(),
        again: String::new(),
        cancel: String::new(),
    };
    // The addresses follow: a login has many tickets, and each opens the same page.
    review.read = form_token(visit, pending, (identified, service), &review);
    review.action = visit.hub.path(&pending.page("review"));
    review.token = pending.handle.page_token();
    review.again = visit.hub.path(&pending.choice());
    review.cancel = visit.hub.path(&pending.page("cancel"));
    review
}

/// The token of the form on the page: bound to the login in this browser, to the attempt and the identity,
/// to what the page says, and to the form in which dates are sent: two forms of one date read the same. A form
/// of any other page of the login has another token.
fn form_token(
    visit: &Visit,
    pending: &Pending,
    (identified, service): (&Identified, &ServiceProvider),
    review: &Review,
) -> String {
    let dates = service.policy.dates.name();
    let shown = (identified, review, wording::lines(visit, review), dates);
    let content = serde_json::to_vec(&shown).unwrap_or_default();
    pending.handle.form_token(&content)
}

/// What the service receives to sign the citizen in, whatever data it asks for.
fn sign_in(visit: &Visit, identified: &Identified) -> String {
    // The level told to the service. The level delivered is not told: it could reveal the IdP.
    let level = identified.request().level.acr(Vocabulary::Eidas);
    let level = visit.text(&format!("level.{level}"));
    let mut received = vec![
        visit.text("signin.sub").to_owned(),
        visit.text("signin.level").replace("{level}", level),
    ];
    for asked in &identified.request().id_token {
        let key = match asked {
            AskedClaim::AtHash => continue,
            AskedClaim::Amr => "signin.amr",
            AskedClaim::AuthTime => "signin.auth_time",
            AskedClaim::PreviousSubs => "signin.previous_subs",
            AskedClaim::Sid => "signin.sid",
            AskedClaim::SubBasis => "signin.sub_basis",
        };
        received.push(visit.text(key).to_owned());
    }
    received.join(", ")
}

/// What data providers hand over, and what they are told.
fn providers(
    visit: &Visit,
    service: &ServiceProvider,
    identified: &Identified,
) -> Vec<ProviderPart> {
    let language = visit.language().tag();
    let part = |handover: Handover<'_>| {
        let provider = handover.provider;
        let item = |item| DataItem {
            text: provider.words(item, language),
            field: data_release::is_optional(service, item)
                .then(|| data_release::field(&provider.id, item)),
        };
        let mut items: Vec<DataItem> = handover.request.items().map(item).collect();
        // What the citizen can refuse comes last.
        items.sort_by_key(|item| item.field.is_some());
        ProviderPart {
            name: provider.name.get(language).to_owned(),
            items,
            identity: words(visit, &handover.told).join(", "),
            sees_client: provider.sees_client,
        }
    };
    let handovers = data_release::handovers(&visit.hub, service, identified);
    handovers.into_iter().map(part).collect()
}

/// The names of the claims that only one kind of IdP has, as far as they are released: the account's own
/// name, and names in their own script.
fn telling(visit: &Visit, identified: &Identified) -> String {
    let asked = identified.request().claims();
    let telling = [
        Claim::Login,
        Claim::GivenNameOriginal,
        Claim::FamilyNameOriginal,
    ];
    let telling = telling.into_iter().filter(|claim| asked.contains(claim));
    let held = held(&identified.arrival().identity, &telling.collect());
    words(visit, &held.into_iter().collect::<Vec<_>>()).join(", ")
}

/// The names of claims, as citizens read them: what says nothing new to the reader is left out.
#[must_use]
pub fn words(visit: &Visit, claims: &[Claim]) -> Vec<String> {
    let told = claims.iter();
    let told = told.filter(|claim| !matches!(claim, Claim::GivenNameArray | Claim::EmailVerified));
    told.map(|claim| visit.text(&format!("claim.{}", claim.name())).to_owned())
        .collect()
}

/// Exactly what is released, in words and in the order of the wire.
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
        let mut value = in_words(visit, claim, value);
        if claim == Claim::Email && released.get(Claim::EmailVerified.name()) == Some(&true.into())
        {
            value = format!("{value} {}", visit.text("value.verified"));
        }
        Some(Item { label, value })
    };
    Claim::ALL
        .into_iter()
        // Said with the names and with the address: nothing new to the reader.
        .filter(|claim| !matches!(claim, Claim::GivenNameArray | Claim::EmailVerified))
        .filter_map(item)
        .collect()
}

fn in_words(visit: &Visit, claim: Claim, value: &Value) -> String {
    match (claim, value) {
        (Claim::Birthdate, Value::String(date)) => date_in_words(visit, date),
        (Claim::Birthplace, Value::String(text)) if text.is_empty() => {
            visit.text("value.abroad").to_owned()
        }
        (Claim::Birthcountry, Value::String(text)) if text == "99100" => {
            visit.text("value.france").to_owned()
        }
        (Claim::Gender, Value::String(text)) => visit.text(&format!("value.{text}")).to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Object(members)) => members
            .values()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        (_, Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_)) => value.to_string(),
    }
}

/// `1992-11-00` as "novembre 1992": unknown parts are left out.
fn date_in_words(visit: &Visit, date: &str) -> String {
    let mut parts = date.split('-');
    let year = parts.next().unwrap_or_default();
    let month = parts
        .next()
        .map(|month| visit.text(&format!("month.{month}")));
    let day = parts.next().map(|day| day.trim_start_matches('0'));
    let known = [day, month, Some(year)];
    known
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
