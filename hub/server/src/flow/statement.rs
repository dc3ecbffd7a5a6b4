//! The accessibility statement (`/accessibility`).

use actix_web::HttpResponse;
use hub_templates::{Accessibility, Language};

use crate::http::{Sent, Visit};

/// `GET /accessibility`.
pub async fn accessibility(visit: Visit, sent: Sent) -> HttpResponse {
    let asked = sent.0.unwrap_or_default();
    if let Some(language) = asked.only("lang").and_then(Language::from_tag) {
        visit.speak(language.tag());
    }
    let contact = visit.hub.site.config.hub.support.clone();
    visit.respond(visit.page(&Accessibility { contact }))
}
