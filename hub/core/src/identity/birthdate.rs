//! Birth dates, of which the day, or the day and the month, may be unknown.
//!
//! Called by `identity/claims.rs` to parse and by `release.rs` to write.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The earliest accepted year of birth. No living person was born before it: an earlier year is a
/// default value or a typing error, and people with the same error would share a key.
const OLDEST_YEAR: u16 = 1850;

/// A date of birth. Unknown parts are zero; a day is never known without its month.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Birthdate {
    year: u16,
    month: u8,
    day: u8,
}

/// How the date is written for a service when a part is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateForm {
    /// `1992-11-00`, `1992-00-00`.
    #[default]
    Zero,
    /// `1992-11`, `1992`.
    Truncate,
    /// `1992-11-01`, `1992-01-01`: what FranceConnect sends.
    First,
}

impl DateForm {
    /// Returns the name of the form in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Truncate => "truncate",
            Self::First => "first",
        }
    }
}

impl Birthdate {
    /// Parses `YYYY-MM-DD`, `YYYY-MM-00`, `YYYY-00-00`, `YYYY-MM` or `YYYY`.
    ///
    /// Returns `None` for a year before 1850, a known day of an unknown month, an impossible date, or a
    /// date after `today`.
    #[must_use]
    pub fn parse(text: &str, today: Timestamp) -> Option<Self> {
        let date = Self::read(text)?;
        let (year, month, day) = today.date();
        let this_day = (year, month, day);
        ((i32::from(date.year), date.month, date.day) <= this_day).then_some(date)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = u8::try_from(digits(parts.next().unwrap_or("00"), 2)?).ok()?;
        let day = u8::try_from(digits(parts.next().unwrap_or("00"), 2)?).ok()?;
        let is_valid_year = parts.next().is_none() && year >= OLDEST_YEAR;
        let possible = match (month, day) {
            (0, 0) => true,
            (0, _) => false,
            (month, 0) => month <= 12,
            (month, day) => {
                time::Month::try_from(month).is_ok_and(|month| day <= month.length(i32::from(year)))
            }
        };
        (is_valid_year && possible).then_some(Self { year, month, day })
    }

    /// Whether the day and the month are known.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.month != 0 && self.day != 0
    }

    /// Writes the date in `form`.
    #[must_use]
    pub fn write(self, form: DateForm) -> String {
        let Self { year, month, day } = self;
        match (form, month, day) {
            (DateForm::Truncate, 0, _) => format!("{year:04}"),
            (DateForm::Truncate, _, 0) => format!("{year:04}-{month:02}"),
            (DateForm::First, ..) => format!("{year:04}-{:02}-{:02}", month.max(1), day.max(1)),
            (DateForm::Zero | DateForm::Truncate, ..) => format!("{year:04}-{month:02}-{day:02}"),
        }
    }
}

/// Parses exactly `width` ASCII digits.
fn digits(text: &str, width: usize) -> Option<u16> {
    let plain = text.len() == width && text.bytes().all(|c| c.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl From<Birthdate> for String {
    fn from(date: Birthdate) -> Self {
        date.write(DateForm::Zero)
    }
}

impl TryFrom<String> for Birthdate {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::read(&text).ok_or("not a date of birth")
    }
}

impl fmt::Debug for Birthdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birthdate(hidden)")
    }
}
