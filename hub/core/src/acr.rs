//! Assurance levels, ordered, and the names they go by on the wire (`acr`, OpenID Connect Core 2).

use serde::{Deserialize, Serialize};

/// How sure the hub is of a person: low, substantial or high of Regulation (EU) 910/2014 article 8.
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

/// A family of `acr` values. A service is answered in the family it asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vocabulary {
    /// `eidas1`, `eidas2`, `eidas3`: FranceConnect's and ours.
    Eidas,
    /// The URIs of the eIDAS technical specifications.
    EuUri,
    /// The SPID URIs of Italy.
    Spid,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 3] = [Self::Eidas1, Self::Eidas2, Self::Eidas3];

    /// Whether an identity of this level may answer a request for `asked`.
    #[must_use]
    pub fn satisfies(self, asked: Self) -> bool {
        self >= asked
    }

    /// Reads an `acr` value in any family we know.
    #[must_use]
    pub fn from_acr(value: &str) -> Option<(Self, Vocabulary)> {
        Vocabulary::ALL
            .into_iter()
            .flat_map(|family| Self::ALL.map(|level| (level, family)))
            .find(|(level, family)| level.acr(*family) == value)
    }

    /// This level's `acr` value in the family `vocabulary`.
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

    /// The `amr` (RFC 8176) that a service may be told: what the level demands, never what one IdP
    /// did, so that the value does not give the IdP away.
    #[must_use]
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Eidas1 => "user",
            Self::Eidas2 | Self::Eidas3 => "mfa",
        }
    }
}

impl Vocabulary {
    /// Every family, our own first.
    pub const ALL: [Self; 3] = [Self::Eidas, Self::EuUri, Self::Spid];
}
