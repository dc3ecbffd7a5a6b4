//! How the hub is, for those who run it: on the operations listener, never beside the citizens' pages.

use actix_web::{HttpResponse, http::StatusCode, http::header, web::Data};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::{http::json, hub::Hub, store::same_keys};

/// `GET /health/live`: the process answers.
pub async fn live() -> HttpResponse {
    json(StatusCode::OK, &json!({"status": "live"}))
}

/// `GET /health/ready`: the store answers, no other node has other keys, and traces can be written. IdPs play no part: one
/// that is down is its own users' trouble.
pub async fn ready(hub: Data<Hub>) -> HttpResponse {
    let audit = hub.shared.audit.as_ref();
    if audit.is_some_and(|audit| !audit.is_writable(hub.now())) {
        return unready("the audit stream cannot be written");
    }
    let check = hub.shared.config.keys.subject.check_value();
    match same_keys(hub.store.as_ref(), &check).await {
        Ok(true) => json(StatusCode::OK, &json!({"status": "ready"})),
        Ok(false) => unready("another node has other keys"),
        Err(_) => unready("the store does not answer"),
    }
}

/// `GET /metrics`, in the text format of Prometheus.
pub async fn metrics(recorder: Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4"))
        .body(recorder.render())
}

fn unready(reason: &str) -> HttpResponse {
    json(
        StatusCode::SERVICE_UNAVAILABLE,
        &json!({"status": "unready", "reason": reason}),
    )
}
