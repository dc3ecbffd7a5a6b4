//! From the paths that a module names to the modules that define what they lead to.

use std::collections::BTreeMap;

use super::{
    graph::Graph,
    modules::{Module, Segments},
};

/// Paths are followed through this many re-exports, so that one that leads to itself ends.
const MOST_STEPS: usize = 16;

/// Which modules of one crate each module depends on. The crate's root is the empty name.
pub(super) fn dependencies(modules: &BTreeMap<String, Module>) -> Graph {
    let targets = |name: &String, module: &Module| {
        let named = module.named.iter();
        let found = named.filter_map(|path| target(modules, name, path, MOST_STEPS));
        found.filter(|target| target != name).collect()
    };
    modules
        .iter()
        .map(|(name, module)| (name.clone(), targets(name, module)))
        .collect()
}

/// The module that defines what `path` leads to from `from`; `None` for another crate's, for a name that
/// is local to a function, and for a module itself: what is used of it is named elsewhere.
fn target(
    modules: &BTreeMap<String, Module>,
    from: &str,
    path: &[String],
    steps: usize,
) -> Option<String> {
    let steps = steps.checked_sub(1)?;
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => walk(modules, String::new(), rest, steps),
        "self" => walk(modules, from.to_owned(), rest, steps),
        "super" => {
            let parent = from.rsplit_once("::").map_or("", |(parent, _)| parent);
            match rest.first().map(String::as_str) {
                Some("super") => target(modules, parent, rest, steps),
                _ => walk(modules, parent.to_owned(), rest, steps),
            }
        }
        _ => walk(modules, from.to_owned(), path, steps),
    }
}

/// The module that defines what `path`, whose first segment is a name in the module `at`, leads to.
fn walk(
    modules: &BTreeMap<String, Module>,
    at: String,
    path: &[String],
    steps: usize,
) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let child = if at.is_empty() {
        first.clone()
    } else {
        format!("{at}::{first}")
    };
    if modules.contains_key(&child) {
        return walk(modules, child, rest, steps);
    }
    let module = modules.get(&at)?;
    if module.defined.contains(first) {
        return Some(at);
    }
    if let Some(import) = module.imported.get(first) {
        let whole: Segments = import.iter().chain(rest).cloned().collect();
        // `use url;` names itself.
        return (whole != path)
            .then(|| target(modules, &at, &whole, steps))
            .flatten();
    }
    module.globs.iter().find_map(|glob| {
        let whole: Segments = glob.iter().chain(path).cloned().collect();
        target(modules, &at, &whole, steps)
    })
}
