//! Birth place and birth country.
//!
//! Called by `identity/claims.rs`.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use serde::{Deserialize, Serialize};

/// A commune by its INSEE code at the time of birth (code officiel géographique), 5 characters.
///
/// Postal codes are refused, and names of communes are not converted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cog(String);

impl Cog {
    /// Parses a commune code.
    ///
    /// It is a department of mainland France or Corsica and three digits, or an overseas department (971
    /// to 978) or territory (984, 986 to 989) and two digits. No commune has the number zero: `75000`
    /// and `98800` are postal codes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
        // Overseas, the department has three characters and the commune's number two.
        let overseas = text.starts_with("97") || text.starts_with("98");
        let (department, number) = text.split_at_checked(if overseas { 3 } else { 2 })?;
        // 20 was Corsica before 1976; births of that time keep the code.
        let known = matches!(
            department.as_bytes(),
            [b'9', b'7', b'1'..=b'8']
                | [b'9', b'8', b'4' | b'6'..=b'9']
                | [b'2', b'A' | b'B']
                | [b'9', b'0'..=b'6']
                | [b'0'..=b'8', b'0'..=b'9']
        );
        let commune = text.len() == 5 && digits(number) && number.bytes().any(|c| c != b'0');
        (known && commune).then(|| Self(text.to_owned()))
    }

    /// Returns the code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A country: its ISO 3166-1 alpha-2 code, or an INSEE code without a single ISO equivalent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Country(String);

const FRANCE: &str = "FR";
const FRANCE_COG: &str = "99100";
/// ISO codes of overseas parts of France: a person born there is born in France.
const OVERSEAS: [&str; 12] = [
    "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC", "TF",
];

static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

impl Country {
    /// Parses an INSEE code (`99xxx`) or an ISO 3166-1 alpha-2 code in capitals.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let insee =
            text.len() == 5 && text.starts_with("99") && text.bytes().all(|c| c.is_ascii_digit());
        if insee {
            let inside = TABLE
                .iso
                .get(text)
                .map_or_else(|| format!("COG:{text}"), |iso| (*iso).to_owned());
            return Some(Self(inside));
        }
        if OVERSEAS.contains(&text) {
            return Some(Self(FRANCE.to_owned()));
        }
        TABLE.cog.contains_key(text).then(|| Self(text.to_owned()))
    }

    /// Whether this is France.
    #[must_use]
    pub fn is_france(&self) -> bool {
        self.0 == FRANCE
    }

    /// Returns the form inside the hub: `FR`, `JP`, `COG:99115`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the INSEE code, the form of the `birthcountry` claim. France is `99100`.
    #[must_use]
    pub fn insee(&self) -> &str {
        self.0
            .strip_prefix("COG:")
            .or_else(|| TABLE.cog.get(self.0.as_str()).copied())
            .unwrap_or(FRANCE_COG)
    }
}

/// INSEE's country codes and their ISO equivalents, in both directions.
struct Table {
    iso: BTreeMap<&'static str, &'static str>,
    cog: BTreeMap<&'static str, &'static str>,
}

impl Table {
    fn read() -> Self {
        let rows = include_str!("countries.csv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(','));
        let (mut iso, mut cog) = (BTreeMap::new(), BTreeMap::new());
        for (insee, alpha2) in rows {
            iso.insert(insee, alpha2);
            cog.entry(alpha2).or_insert(insee);
        }
        Self { iso, cog }
    }
}

impl fmt::Debug for Cog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cog(hidden)")
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Country(hidden)")
    }
}
