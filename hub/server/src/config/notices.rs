//! `[[notices]]` of `hub.toml`: what citizens read above the choice, for a while.

use hub_core::{clock::Timestamp, ids::IdpId, localised::Localised};
use hub_document::Section;

/// A notice.
#[derive(Debug, Clone)]
pub struct Notice {
    /// What it says.
    pub text: Localised,
    /// The IdP that it is about: only those who may choose it read it.
    pub idp: Option<IdpId>,
    from: Option<String>,
    until: Option<String>,
}

impl Notice {
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let text = section.localised("text");
        let idp = section.optional("idp", str::parse);
        let from = section.optional("from", moment);
        let until = section.optional("until", moment);
        Some(Self {
            text: text?,
            idp,
            from,
            until,
        })
    }

    /// Whether it is shown at `now`: from its beginning, until the minute of its end.
    #[must_use]
    pub fn is_shown(&self, now: Timestamp) -> bool {
        // Moments are written with their parts in falling order, so that texts compare as times do.
        let now = now.to_string();
        self.from.as_ref().is_none_or(|from| *from <= now)
            && self.until.as_ref().is_none_or(|until| now < *until)
    }
}

/// `2026-11-22 02:45`, in UTC.
fn moment(text: &str) -> Result<String, &'static str> {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    (shape == "0000-00-00 00:00")
        .then(|| text.to_owned())
        .ok_or("expected a moment in UTC, \"2026-11-22 18:30\"")
}
