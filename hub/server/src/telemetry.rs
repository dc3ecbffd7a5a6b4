//! Logs, request spans and metrics, without people: no query string, no identity, no secret.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::http::endpoint_of;

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogForm {
    /// One JSON object a line, for machines.
    Json,
    /// For people.
    Text,
}

/// The log filter for what the operator asks for. Libraries that carry requests, answers and mails stay
/// at `info` at the most: at `trace` they would print what they carry.
#[must_use]
pub fn filter(asked: &str) -> String {
    let quiet = [
        "actix_http",
        "actix_server",
        "actix_web",
        "handlebars",
        "hyper",
        "hyper_util",
        "lettre",
        "mio",
        "redis",
        "reqwest",
    ];
    let quieter = asked
        .split(',')
        .find(|level| ["warn", "error", "off"].contains(level));
    let cap = quieter.unwrap_or("info");
    let caps: Vec<String> = quiet.iter().map(|name| format!("{name}={cap}")).collect();
    format!("{asked},{}", caps.join(","))
}

/// Sends log lines to standard error, as `filter` says (`info`, `hub=debug`).
///
/// # Errors
/// When `filter` is none, or logging was set up before.
pub fn log_to_stderr(filter: &str, form: LogForm) -> Result<(), anyhow::Error> {
    let filter = EnvFilter::try_new(self::filter(filter))?;
    let registry = tracing_subscriber::registry().with(filter);
    match form {
        LogForm::Json => registry
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_writer(std::io::stderr),
            )
            .try_init()?,
        LogForm::Text => registry
            .with(fmt::layer().with_writer(std::io::stderr))
            .try_init()?,
    }
    Ok(())
}

/// Starts counting.
///
/// # Errors
/// When a recorder was set up before.
pub fn count() -> Result<PrometheusHandle, anyhow::Error> {
    Ok(PrometheusBuilder::new().install_recorder()?)
}

/// One span for each request: method, route pattern, status and incident id. The path itself stays
/// out: it holds tickets, and the query holds codes.
#[derive(Debug)]
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        use actix_web::HttpMessage;
        let incident = request.extensions().get::<RequestId>().copied();
        let incident = incident
            .map(|id| id.simple().to_string())
            .unwrap_or_default();
        tracing::info_span!(
            "request",
            http.method = request.method().as_str(),
            http.route = endpoint_of(request.request()),
            http.status = tracing::field::Empty,
            incident,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("http.status", status.as_u16());
        span.in_scope(|| tracing::debug!("answered"));
    }
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn libraries_say_no_more_than_info_and_no_more_than_is_asked() {
        for (asked, cap) in [
            ("trace", "redis=info"),
            ("info", "redis=info"),
            ("hub=debug,info", "redis=info"),
            ("warn", "redis=warn"),
            ("hub=debug,error", "redis=error"),
        ] {
            assert!(filter(asked).starts_with(asked));
            assert!(filter(asked).contains(cap), "{asked}");
        }
    }
}
