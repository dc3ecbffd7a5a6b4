//! Assurance levels, in order, and their `acr` values (OpenID Connect Core 2).
//!
//! Called by the login stages, the IdP adapters and the service registry.

use serde::{Deserialize, Serialize};

/// The assurance level: low, substantial or high of Regulation (EU) 910/2014 article 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Low.
    Eidas1,
    /// Substantial.
    Eidas2,
    /// High.
    Eidas3,
}

/// A family of `acr` values. The response uses the family of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vocabulary {
    /// `eidas1`, `eidas2`, `eidas3`: the values of FranceConnect and of the hub.
    Eidas,
    /// The URIs of the eIDAS technical specifications.
    EuUri,
    /// The SPID URIs of Italy.
    Spid,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 3] = [Self::Eidas1, Self::Eidas2, Self::Eidas3];

    /// Whether an identity of this level satisfies a request for `asked`.
    #[must_use]
    pub fn satisfies(self, asked: Self) -> bool {
        self >= asked
    }

    /// Parses an `acr` value of any known family.
    #[must_use]
    pub fn from_acr(value: &str) -> Option<(Self, Vocabulary)> {
        Vocabulary::ALL
            .into_iter()
            .flat_map(|family| Self::ALL.map(|level| (level, family)))
            .find(|(level, family)| level.acr(*family) == value)
    }

    /// Returns the `acr` value of this level in the family `vocabulary`.
    #[must_use]
    pub const fn acr(self, vocabulary: Vocabulary) -> &'static str {
        match (vocabulary, self) {
            (Vocabulary::Eidas, Self::Eidas1) => "eidas1",
            (Vocabulary::Eidas, Self::Eidas2) => "eidas2",
            (Vocabulary::Eidas, Self::Eidas3) => "eidas3",
            (Vocabulary::EuUri, Self::Eidas1) => "http://eidas.europa.eu/LoA/low",
            (Vocabulary::EuUri, Self::Eidas2) => "http://eidas.europa.eu/LoA/substantial",
            (Vocabulary::EuUri, Self::Eidas3) => "http://eidas.europa.eu/LoA/high",
            (Vocabulary::Spid, Self::Eidas1) => "https://www.spid.gov.it/SpidL1",
            (Vocabulary::Spid, Self::Eidas2) => "https://www.spid.gov.it/SpidL2",
            (Vocabulary::Spid, Self::Eidas3) => "https://www.spid.gov.it/SpidL3",
        }
    }

    /// Returns the `amr` (RFC 8176) that a service receives.
    ///
    /// It depends on the level alone: the IdP's own value would tell the service which IdP was used.
    #[must_use]
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Eidas1 => "user",
            Self::Eidas2 | Self::Eidas3 => "mfa",
        }
    }
}

impl Vocabulary {
    /// Every family, the hub's own first.
    pub const ALL: [Self; 3] = [Self::Eidas, Self::EuUri, Self::Spid];
}
