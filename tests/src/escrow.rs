//! The key pair of an escrow.

use openssl::{
    ec::{EcGroup, EcKey},
    nid::Nid,
    pkey::PKey,
};

/// A fresh pair of P-256 keys in PEM, private and public, as the `openssl` command writes them.
///
/// # Errors
/// When the library fails.
pub fn escrow_keys() -> Result<(Vec<u8>, Vec<u8>), anyhow::Error> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    Ok((key.private_key_to_pem_pkcs8()?, key.public_key_to_pem()?))
}
