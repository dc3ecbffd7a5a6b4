//! Requests of clients that proved nothing, refused: counted and logged within a limit.

use actix_web::{HttpMessage, HttpRequest};
use tracing_actix_web::RequestId;

use super::PublicCode;
use crate::{audit::Refused, hub::Hub};

/// The incident id of a request: 32 hexadecimal digits, drawn for this request alone.
#[must_use]
pub(super) fn incident_of(request: &HttpRequest) -> String {
    let id = request.extensions().get::<RequestId>().copied();
    id.map(|id| id.simple().to_string()).unwrap_or_default()
}

/// The pattern of the endpoint that the router chooses for `request`, one of a closed list: the path itself
/// holds tickets. `other` for a path without an endpoint.
///
/// The router matches the decoded path. Before it has run, `match_pattern` of actix compares the path as it was
/// sent, in which `/%61uthorize` is not `/authorize`: a limit or a log line that used it could be evaded.
#[must_use]
pub fn endpoint_of(request: &HttpRequest) -> String {
    request
        .resource_map()
        .match_pattern(request.match_info().as_str())
        .unwrap_or_else(|| "other".to_owned())
}

/// Counts and logs a request that is refused with `error` because of `cause`, both from closed lists, to a
/// client that did not prove who it is; `claimed` is a registered client whose id it showed.
pub fn refuse_stranger(
    hub: &Hub,
    request: &HttpRequest,
    (error, cause): (&str, &str),
    claimed: Option<&str>,
) {
    hub.shared.refusals.record(&Refused {
        endpoint: &endpoint_of(request),
        error,
        cause,
        claimed,
        incident: &incident_of(request),
    });
}

/// Logs that an error page was shown for the request `incident`; outside a login, within a limit.
pub(super) fn log_error_page(
    hub: &Hub,
    public: PublicCode,
    (endpoint, incident): (&str, &str),
    in_login: bool,
) {
    let code = public.as_str();
    if !in_login {
        hub.shared.refusals.record(&Refused {
            endpoint,
            error: &code,
            cause: "no login of this browser",
            claimed: None,
            incident,
        });
    } else if public.status().is_server_error() {
        tracing::error!(code, incident, "error page shown");
    } else {
        tracing::info!(code, incident, "error page shown");
    }
}
