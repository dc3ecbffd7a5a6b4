//! The style sheet, the icon and the operator's theme: public, kept by browsers for good.

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Data},
};

use crate::hub::Hub;

/// `GET /assets/{fingerprint}/{name}`.
pub async fn asset(hub: Data<Hub>, path: web::Path<(String, String)>) -> HttpResponse {
    let (_, name) = path.into_inner();
    let themed = hub.shared.config.theme.get(&name).cloned();
    let found = match (hub_templates::asset(&name), themed) {
        (Some(asset), _) => Some((asset.content_type, asset.body.to_vec())),
        (None, Some(bytes)) => hub_templates::media_type(&name).map(|kind| (kind, bytes)),
        (None, None) => None,
    };
    match found {
        Some((content_type, body)) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, content_type))
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(body),
        None => HttpResponse::NotFound().finish(),
    }
}
