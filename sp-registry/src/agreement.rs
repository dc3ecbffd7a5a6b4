//! The agreement under which a service may use the hub.
//!
//! Read by `file.rs`; its remaining days are shown by the server's warnings.

use hub_core::clock::Timestamp;
use time::{Date, Month};

/// A signed agreement with its term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The operator's reference of the agreement.
    pub reference: String,
    /// The first day of the term.
    pub signed_on: Date,
    /// The last day of the term.
    pub expires_on: Date,
}

impl Agreement {
    /// Returns the days left after the day of `now`. The number is negative once the agreement has
    /// expired.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> i64 {
        let (year, month, day) = now.date();
        let today = Month::try_from(month)
            .ok()
            .and_then(|month| Date::from_calendar_date(year, month, day).ok());
        today.map_or(0, |today| (self.expires_on - today).whole_days())
    }
}

/// Parses `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> Result<Date, &'static str> {
    const WANTED: &str = "expected a date in quotes, \"YYYY-MM-DD\"";
    let mut parts = text.split('-');
    let mut part = |width: usize| parts.next().filter(|part| part.len() == width);
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else {
        return Err(WANTED);
    };
    let number = |text: &str| text.parse::<u8>().map_err(|_digits| WANTED);
    let month = Month::try_from(number(month)?).map_err(|_range| WANTED)?;
    let year = year.parse().map_err(|_digits| WANTED)?;
    Date::from_calendar_date(year, month, number(day)?).map_err(|_range| WANTED)
}
