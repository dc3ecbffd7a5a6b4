//! The receipt that a citizen may keep: which data they agreed to hand to whom, when and on which
//! footing. Names of data, never a value, and no `sub`.

use hub_core::{clock::Timestamp, login::Asking, scope::Claim};
use hub_jose::Algorithm;
use serde_json::json;
use sp_registry::ServiceProvider;

use super::IdTokenFault;
use crate::hub::Hub;

/// What a receipt says.
#[derive(Debug)]
pub struct Receipt<'a> {
    /// To whom.
    pub service: &'a ServiceProvider,
    /// Which data.
    pub data: &'a [Claim],
    /// When.
    pub at: Timestamp,
    /// The transaction's id, which is in the hub's log too.
    pub transaction: &'a str,
}

/// The receipt as a JWT of type `receipt+jwt`, signed by the hub.
///
/// # Errors
/// [`IdTokenFault`] if it cannot be signed.
pub fn signed(hub: &Hub, receipt: &Receipt<'_>) -> Result<String, IdTokenFault> {
    let keys = &hub.site.config.keys.signing;
    let algorithm = keys
        .algorithms()
        .first()
        .copied()
        .unwrap_or(Algorithm::Es256);
    let names: Vec<&str> = receipt.data.iter().map(|claim| claim.name()).collect();
    let basis = match receipt.service.asking() {
        Asking::Consent => "consent",
        Asking::Information => "information",
    };
    let claims = json!({
        "iss": hub.issuer(),
        "iat": receipt.at.unix(),
        "jti": receipt.transaction,
        "client_id": receipt.service.client_id.as_str(),
        "service": receipt.service.name.get("en"),
        "organisation": receipt.service.organisation.get("en"),
        "basis": basis,
        "data": names,
    });
    Ok(keys.sign(algorithm, "receipt+jwt", &claims)?)
}
