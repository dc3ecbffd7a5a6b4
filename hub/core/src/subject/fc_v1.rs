//! `fc-v1`: the `sub` derivation that FranceConnect publishes, for operators who keep its subjects.
//!
//! `identityHash = base64(SHA-256(given_name || family_name || birthdate || gender || birthplace ||
//! birthcountry))`, without `birthplace` for a birth abroad; `sub = hex(SHA-256(entity || identityHash
//! || secret)) || "v1"`. The formula joins the fields without separators and cuts the upper byte of
//! characters beyond U+00FF, so that two names could give one hash. Identities with such names get no
//! `fc-v1` hash. Called by `subject/mod.rs`.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    encoding::{base64, hex},
    identity::{DateForm, PivotIdentity},
};

/// Returns the text to hash in Latin-1, if all six attributes are present and use that alphabet.
pub(super) fn record(identity: &PivotIdentity) -> Option<Zeroizing<Vec<u8>>> {
    let country = identity.birthcountry.as_ref()?;
    let place = match (&identity.birthplace, country.is_france()) {
        (Some(place), true) => place.as_str(),
        (None, true) => return None,
        (_, false) => "",
    };
    let given = identity.given_names.as_ref()?.joined();
    let birthdate = identity.birthdate?.write(DateForm::Zero);
    let fields = [
        given.as_str(),
        identity.family_name.as_ref()?.as_str(),
        &birthdate,
        identity.gender?.as_str(),
        place,
        country.insee(),
    ];
    let latin_1 = fields
        .iter()
        .flat_map(|field| field.chars())
        .map(|c| u8::try_from(u32::from(c)));
    Some(Zeroizing::new(latin_1.collect::<Result<_, _>>().ok()?))
}

/// Returns the `identityHash`.
pub(super) fn identity_hash(record: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(base64(&Sha256::digest(record)))
}

/// Returns the `sub` at `entity`.
pub(super) fn subject(identity_hash: &str, entity: &str, secret: &[u8]) -> String {
    let digest = Sha256::new()
        .chain_update(entity.as_bytes())
        .chain_update(identity_hash.as_bytes())
        .chain_update(secret)
        .finalize();
    written(&digest)
}

/// Formats a digest as a `sub` of a deployment under `fc-v1`: 64 hexadecimal digits and `v1`.
pub(super) fn written(digest: &[u8]) -> String {
    format!("{}v1", hex(digest))
}
