//! The signature algorithms that the hub supports (RFC 7518 section 3.1, RFC 8037).
//!
//! There is no MAC algorithm, so a public key can never be used as a shared secret. Called by every part
//! that signs or verifies.

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256. Signing costs a tenth of RS256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, the default of OpenID Connect clients.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm, in the order of preference.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    /// Returns the `alg` value.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Returns the algorithm of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    /// Returns the `kty` of its keys (RFC 7518 section 6.1).
    #[must_use]
    pub const fn key_type(self) -> &'static str {
        match self {
            Self::Es256 => "EC",
            Self::Rs256 | Self::Ps256 => "RSA",
            Self::EdDsa => "OKP",
        }
    }
}
