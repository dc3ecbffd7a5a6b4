//! What the log says of an identity provider whose sessions cannot be indexed.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use hub_core::login::Authentication;
use idp_adapters::Registered;

use crate::hub::Hub;
use crate::session::upstream_sessions::name_at;

/// The providers of which the log says already that their `sid` indexes no session.
#[derive(Debug, Default)]
pub struct ReportedIdps(Mutex<BTreeSet<String>>);

/// Logs, once for each provider in a process, that its logout tokens will not end sessions.
///
/// This is for the callback: the request of the review page is about the service, and its incident id may be on a line that
/// names the service.
pub fn report_unusable_sid(hub: &Hub, idp: &Registered, authentication: &Authentication) {
    let logs_out = hub.shared.config.hub.session.is_some() && idp.backchannel_logout;
    if !logs_out || name_at(idp, authentication).is_some() {
        return;
    }
    let reported = hub.shared.reported_idps.0.lock();
    let mut reported = reported.unwrap_or_else(PoisonError::into_inner);
    if reported.insert(idp.id.to_string()) {
        let cause = "its sid is absent or guessable";
        tracing::warn!(idp.id = %idp.id, cause, "logout tokens will not end sessions");
    }
}
