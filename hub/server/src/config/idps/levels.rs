//! `[levels]` of an entry: what an IdP's `acr` values mean here.

use std::collections::BTreeMap;

use hub_core::acr::Level;
use hub_document::Section;
use idp_adapters::{Levels, Path};

use super::words;

/// The levels, and the claim that says the level if it is not `acr`.
pub(super) fn levels(section: &Section<'_>) -> Option<(Levels, Option<Path>)> {
    let claim = section.optional("claim", words::place);
    let ceiling = section.required("ceiling", words::level);
    let without_acr = section.optional("without_acr", words::level);
    let table = section.section("table", |table| {
        let read = |(acr, name): (String, String)| match words::level(&name) {
            Ok(level) => Some((acr, level)),
            Err(wanted) => {
                table.add_problem(&acr, wanted);
                None
            }
        };
        Some(
            table
                .entries()
                .into_iter()
                .filter_map(read)
                .collect::<BTreeMap<String, Level>>(),
        )
    });
    let table = table.unwrap_or_default();
    if table.is_empty() && without_acr.is_none() {
        section.add_problem(
            "table",
            "no answer would have a level: add the IdP's `acr` values, or `without_acr`",
        );
    }
    Some((Levels::new(table, without_acr, ceiling?), claim))
}
