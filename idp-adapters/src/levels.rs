//! From an IdP's own `acr` values to levels. A level never rises, and an unknown value is refused.

use std::collections::BTreeMap;

use hub_core::acr::Level;

/// One IdP's table of levels, with a ceiling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    table: BTreeMap<String, Level>,
    without_acr: Option<Level>,
    ceiling: Level,
}

impl Levels {
    /// A table from `acr` values to levels; `without_acr` is the level of an answer without `acr`, where the
    /// operator allows that; nothing goes above `ceiling`.
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

    /// The level of an answer that says `acr`, or nothing for a value that is not in the table.
    #[must_use]
    pub fn delivered(&self, acr: Option<&str>) -> Option<Level> {
        let said = match acr {
            Some(value) => self.table.get(value).copied(),
            None => self.without_acr,
        };
        said.map(|level| level.min(self.ceiling))
    }

    /// The highest level that this IdP can reach.
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
    fn the_level_delivered_is_the_lower_of_table_and_ceiling() {
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
    fn an_unknown_or_absent_value_is_refused_not_taken_for_the_lowest() {
        for acr in [Some("unknown"), Some(""), Some("LOW"), None] {
            assert_eq!(levels(Level::Eidas3).delivered(acr), None, "{acr:?}");
        }
    }

    #[test]
    fn an_answer_without_acr_has_a_level_only_where_the_operator_says_so() {
        let levels = Levels::new(BTreeMap::new(), Some(Level::Eidas2), Level::Eidas1);

        assert_eq!(levels.delivered(None), Some(Level::Eidas1));
        assert_eq!(levels.delivered(Some("x")), None);
    }
}
