//! Where a citizen's connection came from, for the audit stream of an operator who has to keep that.

use actix_web::HttpRequest;

use crate::{audit::Origin, hub::Hub};

/// Where the connection came from, where that is recorded: from the headers that the operator's proxy sets,
/// else from the connection itself.
pub(super) fn of(request: &HttpRequest, hub: &Hub) -> Option<Origin> {
    let settings = hub.site.config.hub.audit.as_ref()?;
    if !settings.addresses {
        return None;
    }
    let said = |header: &Option<String>| {
        let value = request.headers().get(header.as_deref()?)?;
        value.to_str().ok().map(str::to_owned)
    };
    let peer = request.peer_addr().map(Origin::from);
    match said(&settings.address_header) {
        Some(address) => Some(Origin {
            address,
            port: said(&settings.port_header).and_then(|port| port.parse().ok()),
        }),
        None => peer,
    }
}
