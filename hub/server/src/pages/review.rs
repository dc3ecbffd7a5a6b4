//! The review page: shown when the citizen comes back known, and again whenever they reload it.

use actix_web::HttpResponse;
use hub_core::{
    acr::Vocabulary,
    identity::PivotIdentity,
    login::{AskedClaim, Identified, LegalBasis, Login},
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
    http::{BrowserError, BrowserRequest, ErrorPage, LoginContext, Parameters, PublicCode},
    pages::wording,
};

/// The page for an identified login.
///
/// # Errors
/// [`BrowserError`] if `login` is at another stage or the page cannot be rendered.
pub fn from(
    browser: &BrowserRequest,
    context: &LoginContext,
    login: &Login,
) -> Result<HttpResponse, BrowserError> {
    match login {
        Login::Identified(identified) => show(browser, context, identified, None),
        Login::Agreed(_)
        | Login::Answered(_)
        | Login::Requested(_)
        | Login::Upstream(_)
        | Login::Verifying => Err(ErrorPage::new(PublicCode::L4002).into()),
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
    browser: &BrowserRequest,
    context: &LoginContext,
    identified: &Identified,
    notice: Option<Notice>,
) -> Result<HttpResponse, BrowserError> {
    let service = browser.hub.service(&identified.request().client);
    let service = service.ok_or(ErrorPage::new(PublicCode::L2001))?;
    let review = contents(browser, context, identified, service);
    let basis = basis_name(if review.consent {
        LegalBasis::Consent
    } else {
        LegalBasis::Information
    });
    let transaction = &identified.request().transaction;
    browser.audit(transaction, Event::ReviewShown { basis })?;
    browser.page(&Review {
        unticked: notice == Some(Notice::Unticked),
        changed: notice == Some(Notice::Changed),
        warnings: identified.request().warnings.clone(),
        ..review
    })
}

/// What the page for `identified` says.
#[must_use]
pub fn contents(
    browser: &BrowserRequest,
    context: &LoginContext,
    identified: &Identified,
    service: &ServiceProvider,
) -> Review {
    let language = browser.language().tag();
    let idp = browser.hub.shared.config.catalogue.find(identified.idp());
    let items = items(browser, service, identified);
    let providers = providers(browser, service, identified);
    let mut review = Review {
        service: service.name.get(language).to_owned(),
        organisation: Some(service.organisation.get(language).to_owned())
            .filter(|organisation| organisation != service.name.get(language)),
        verified: identified.authentication().evidence.is_checked(),
        idp: idp.map_or("", |idp| idp.title.get(language)).to_owned(),
        tells: to_notify(browser, identified),
        shares: !items.is_empty() || !providers.is_empty(),
        items,
        providers,
        sign_in: sign_in(browser, identified),
        consent: data_release::legal_basis(&browser.hub, service, identified.request())
            == LegalBasis::Consent,
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
    review.read = form_token(browser, context, (identified, service), &review);
    review.action = browser.hub.path(&context.page("review"));
    review.token = context.handle.page_token();
    review.again = browser.hub.path(&context.choice());
    review.cancel = browser.hub.path(&context.page("cancel"));
    review
}

/// The token of the form on the page: bound to the login in this browser, to the attempt and the identity,
/// to what the page says, and to the form in which dates are sent: two forms of one date read the same. A form
/// of any other page of the login has another token.
fn form_token(
    browser: &BrowserRequest,
    context: &LoginContext,
    (identified, service): (&Identified, &ServiceProvider),
    review: &Review,
) -> String {
    let dates = service.policy.dates.name();
    let shown = (identified, review, wording::lines(browser, review), dates);
    let bytes = serde_json::to_vec(&shown).unwrap_or_default();
    context.handle.form_token(&bytes)
}

/// What the service receives to sign the citizen in, whatever data it asks for.
fn sign_in(browser: &BrowserRequest, identified: &Identified) -> String {
    // The level told to the service. The level delivered is not told: it could reveal the IdP.
    let level = identified.request().level.acr(Vocabulary::Eidas);
    let level = browser.text(&format!("level.{level}"));
    let mut received = vec![
        browser.text("signin.sub").to_owned(),
        browser.text("signin.level").replace("{level}", level),
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
        received.push(browser.text(key).to_owned());
    }
    received.join(", ")
}

/// What data providers hand over, and what they are told.
fn providers(
    browser: &BrowserRequest,
    service: &ServiceProvider,
    identified: &Identified,
) -> Vec<ProviderPart> {
    let language = browser.language().tag();
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
            identity: words(browser, &handover.told).join(", "),
            receives_client_id: provider.receives_client_id,
        }
    };
    let handovers = data_release::handovers(&browser.hub, service, identified);
    handovers.into_iter().map(part).collect()
}

/// The names of the claims that only one kind of IdP has, as far as they are released: the account's own
/// name, and names in their own script.
fn to_notify(browser: &BrowserRequest, identified: &Identified) -> String {
    let asked = identified.request().claims();
    let to_notify = [
        Claim::Login,
        Claim::GivenNameOriginal,
        Claim::FamilyNameOriginal,
    ];
    let to_notify = to_notify.into_iter().filter(|claim| asked.contains(claim));
    let held = held(&identified.authentication().identity, &to_notify.collect());
    words(browser, &held.into_iter().collect::<Vec<_>>()).join(", ")
}

/// The names of claims, as citizens read them: what says nothing new to the reader is left out.
#[must_use]
pub fn words(browser: &BrowserRequest, claims: &[Claim]) -> Vec<String> {
    let told = claims.iter();
    let told = told.filter(|claim| !matches!(claim, Claim::GivenNameArray | Claim::EmailVerified));
    told.map(|claim| browser.text(&format!("claim.{}", claim.name())).to_owned())
        .collect()
}

/// Exactly what is released, in words and in the order of the wire.
fn items(
    browser: &BrowserRequest,
    service: &ServiceProvider,
    identified: &Identified,
) -> Vec<Item> {
    let identity: &PivotIdentity = &identified.authentication().identity;
    let released = release(
        identity,
        &identified.request().claims(),
        service.policy.dates,
    );
    let item = |claim: Claim| {
        let value = released.get(claim.name())?;
        let label = browser.text(&format!("claim.{}", claim.name())).to_owned();
        let mut value = in_words(browser, claim, value);
        if claim == Claim::Email && released.get(Claim::EmailVerified.name()) == Some(&true.into())
        {
            value = format!("{value} {}", browser.text("value.verified"));
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

fn in_words(browser: &BrowserRequest, claim: Claim, value: &Value) -> String {
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
        (_, Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_)) => value.to_string(),
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
