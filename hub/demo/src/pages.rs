//! The demonstration's own pages: the sign-in page of an identity provider, and the front and result
//! pages of a service.
//!
//! Called by the endpoints.

use std::sync::LazyLock;

use actix_web::{HttpResponse, http::StatusCode, http::header};
use handlebars::Handlebars;
use serde::Serialize;

static ENGINE: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    for (name, text) in [
        ("sign-in", include_str!("../pages/sign-in.hbs")),
        ("forgotten", include_str!("../pages/forgotten.hbs")),
        ("service", include_str!("../pages/service.hbs")),
        ("result", include_str!("../pages/result.hbs")),
        ("data", include_str!("../pages/data.hbs")),
        ("trouble", include_str!("../pages/trouble.hbs")),
    ] {
        // An invalid template shows as a missing page in the first test that requests it.
        let _registered = engine.register_template_string(name, text).is_ok();
    }
    engine
});

/// Renders a page from a template and its values.
pub(crate) fn page(status: StatusCode, template: &str, values: &impl Serialize) -> HttpResponse {
    match ENGINE.render(template, values) {
        Ok(html) => HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
