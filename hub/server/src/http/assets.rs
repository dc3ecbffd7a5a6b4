//! The style sheet and the icon: public, kept by browsers for good.

use actix_web::{HttpResponse, http::header, web};

/// `GET /assets/{fingerprint}/{name}`.
pub async fn asset(path: web::Path<(String, String)>) -> HttpResponse {
    let (_, name) = path.into_inner();
    match hub_templates::asset(&name) {
        Some(asset) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, asset.content_type))
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(asset.body),
        None => HttpResponse::NotFound().finish(),
    }
}
