//! Pages for whoever comes by: the accessibility statement (`/accessibility`), what the hub is (`/about`),
//! and the button kit for services (`/kit/`).

use actix_web::{HttpResponse, http::header, web};
use hub_templates::{About, Accessibility, Button, Kit, Language};

use crate::http::{BrowserRequest, ErrorPage, PublicCode, RequestParameters};

/// `GET /accessibility`.
pub async fn accessibility(browser: BrowserRequest, sent: RequestParameters) -> HttpResponse {
    set_language(&browser, sent);
    let contact = browser.hub.shared.config.hub.support.clone();
    browser.respond(browser.page(&Accessibility { contact }))
}

/// `GET /about`.
pub async fn about(browser: BrowserRequest, sent: RequestParameters) -> HttpResponse {
    set_language(&browser, sent);
    let audit = browser.hub.shared.config.hub.audit.as_ref();
    let about = About {
        audit: audit.is_some(),
        months: audit.and_then(|audit| audit.retention_months),
        escrow: audit.is_some_and(|audit| audit.escrow.is_some()),
    };
    browser.respond(browser.page(&about))
}

/// `GET /kit/`.
pub async fn kit(browser: BrowserRequest, sent: RequestParameters) -> HttpResponse {
    set_language(&browser, sent);
    let shared = &browser.hub.shared;
    let brand = &shared.config.hub.name;
    let mut buttons = Vec::new();
    for language in Language::ALL {
        let lang = language.tag();
        let about = format!("{}/about?lang={lang}", browser.hub.issuer());
        let text = |key: &str| shared.pages.text(key, language).replace("{brand}", brand);
        let (words, question) = (text("kit.words"), text("kit.question"));
        for (name, size, dark) in [
            ("kit.normal", "", false),
            ("kit.small", "small", false),
            ("kit.large", "large", false),
            ("kit.dark", "", true),
        ] {
            let name = format!("{} ({lang})", browser.text(name));
            let said = (name.as_str(), words.as_str(), question.as_str());
            buttons.push(Button::new(lang, said, (size, dark), &about));
        }
    }
    let files = Kit::FILES;
    browser.respond(browser.page(&Kit { files, buttons }))
}

/// `GET /kit/{name}`: a file of the kit.
pub async fn kit_file(browser: BrowserRequest, path: web::Path<String>) -> HttpResponse {
    match hub_templates::kit_file(&path) {
        Some(file) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, file.content_type))
            .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
            .body(file.body),
        None => browser.respond(Err(ErrorPage::new(PublicCode::L1404).into())),
    }
}

fn set_language(browser: &BrowserRequest, sent: RequestParameters) {
    let asked = sent.0.unwrap_or_default();
    if let Some(language) = asked.only("lang").and_then(Language::from_tag) {
        browser.set_language(language.tag());
    }
}
