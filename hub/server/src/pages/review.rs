//! The review page: shown when the citizen comes back known, and again whenever they reload it.

use actix_web::HttpResponse;
use hub_core::{
    acr::Vocabulary,
    login::{AskedClaim, Identified, LegalBasis, Login},
    release::held,
    scope::Claim,
};
use hub_templates::{DataItem, ProviderPart, Review};
use sp_registry::ServiceProvider;

use crate::{
    audit::Event,
    consent::data_release::{self, Handover},
    jwt::basis_name,
};
use crate::{
    http::{BrowserError, BrowserRequest, ErrorPage, LoginContext, Parameters, PublicCode},
    pages::{
        claims::{items, names},
        wording,
    },
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
            identity: names(browser, &handover.told).join(", "),
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
    names(browser, &held).join(", ")
}
