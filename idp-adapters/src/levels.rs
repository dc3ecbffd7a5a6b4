//! The table from an IdP's `acr` values to assurance levels.
//!
//! The table cannot raise a level above the ceiling, and an unknown value is refused. Called by
//! `oidc/trust.rs`.

use std::collections::BTreeMap;

use hub_core::acr::Level;

/// The level table of one IdP, with a ceiling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    table: BTreeMap<String, Level>,
    without_acr: Option<Level>,
    ceiling: Level,
}

impl Levels {
    /// Creates a table from `acr` values to levels, limited to `ceiling`.
    ///
    /// `without_acr` is the level of a response without `acr`, if the operator allows that.
    #[must_use]
    pub const fn new(
        table: BTreeMap<String, Level>,
        without_acr: Option<Level>,
        ceiling: Level,
    ) -> Self {
        Self {
            table,
            without_acr,
            ceiling,
        }
    }

    /// Returns the level of a response with this `acr`.
    ///
    /// Returns `None` for a value that is not in the table.
    #[must_use]
    pub fn delivered(&self, acr: Option<&str>) -> Option<Level> {
        let table_level = match acr {
            Some(value) => self.table.get(value).copied(),
            None => self.without_acr,
        };
        table_level.map(|level| level.min(self.ceiling))
    }

    /// Returns the highest level that this IdP can reach.
    #[must_use]
    pub fn highest(&self) -> Level {
        let best = self.table.values().copied().chain(self.without_acr).max();
        best.map_or(Level::Eidas1, |level| level.min(self.ceiling))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(ceiling: Level) -> Levels {
        let table = [
            ("low", Level::Eidas1),
            ("mid", Level::Eidas2),
            ("high", Level::Eidas3),
        ];
        Levels::new(
            table.map(|(acr, level)| (acr.to_owned(), level)).into(),
            None,
            ceiling,
        )
    }

    #[test]
    fn the_level_is_the_lower_of_table_and_ceiling() {
        assert_eq!(
            levels(Level::Eidas3).delivered(Some("mid")),
            Some(Level::Eidas2)
        );
        assert_eq!(
            levels(Level::Eidas2).delivered(Some("high")),
            Some(Level::Eidas2)
        );
        assert_eq!(
            levels(Level::Eidas2).delivered(Some("low")),
            Some(Level::Eidas1)
        );
        assert_eq!(levels(Level::Eidas2).highest(), Level::Eidas2);
    }

    #[test]
    fn an_unknown_or_missing_value_is_refused() {
        for acr in [Some("unknown"), Some(""), Some("LOW"), None] {
            assert_eq!(levels(Level::Eidas3).delivered(acr), None, "{acr:?}");
        }
    }

    #[test]
    fn a_response_without_acr_has_a_level_only_if_configured() {
        let levels = Levels::new(BTreeMap::new(), Some(Level::Eidas2), Level::Eidas1);

        assert_eq!(levels.delivered(None), Some(Level::Eidas1));
        assert_eq!(levels.delivered(Some("x")), None);
    }
}
