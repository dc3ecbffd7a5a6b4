//! The sessions that ended at an identity provider while a login waits on the review page.
//!
//! The index knows sessions of the hub only: a login becomes one when the citizen goes on. A mark under a keyed
//! hash of the provider's `sid` ends the logins that wait. A logout by `sub` alone ends none of them: such a mark
//! would also refuse the citizen who signs in again.

use hub_core::{ids::IdpId, login::Authentication, upstream_sid::UpstreamSid};
use idp_adapters::{LoggedOut, Registered};

use crate::session::upstream_sessions::upstream_sid;
use crate::{hub::Hub, store::StoreError};

/// What the marks are for.
const PURPOSE: &str = "ended-upstream-session";

/// Marks the session that `ended`, a verified logout token of `idp`, names by its `sid`, for as long as a login
/// may wait. Does nothing for a `sid` that could be guessed.
///
/// # Errors
/// [`StoreError`].
pub async fn note_end(hub: &Hub, idp: &Registered, ended: &LoggedOut) -> Result<(), StoreError> {
    let Some(sid) = ended.sid.as_deref().and_then(UpstreamSid::parse) else {
        return Ok(());
    };
    let life = hub.shared.config.hub.login_lifetime;
    let parts = [idp.id.as_str(), sid.as_str()];
    hub.records.mark_used(PURPOSE, &parts, life).await?;
    Ok(())
}

/// Whether the provider `idp` has said that its session of `authentication` ended.
///
/// # Errors
/// [`StoreError`].
pub async fn has_ended(
    hub: &Hub,
    idp: &IdpId,
    authentication: &Authentication,
) -> Result<bool, StoreError> {
    let Some(sid) = upstream_sid(authentication).and_then(UpstreamSid::parse) else {
        return Ok(false);
    };
    hub.records
        .is_used(PURPOSE, &[idp.as_str(), sid.as_str()])
        .await
}
