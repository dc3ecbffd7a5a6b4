//! Circles of a graph.

use std::collections::{BTreeMap, BTreeSet};

/// Which modules each module depends on.
pub(super) type Graph = BTreeMap<String, BTreeSet<String>>;

/// The largest sets of modules of which each depends on every other, by way of others or not.
pub(super) fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = graph
        .keys()
        .map(|from| (from.as_str(), reached_from(graph, from)))
        .collect();
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for (from, targets) in &reached {
        let is_mutual = |to: &&&str| reached.get(**to).is_some_and(|back| back.contains(from));
        let circle: BTreeSet<String> = targets
            .iter()
            .filter(is_mutual)
            .map(|to| (*to).to_owned())
            .collect();
        if circle.len() > 1 && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

fn reached_from<'g>(graph: &'g Graph, from: &str) -> BTreeSet<&'g str> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = vec![from];
    while let Some(module) = waiting.pop() {
        for next in graph.get(module).into_iter().flatten() {
            if reached.insert(next.as_str()) {
                waiting.push(next);
            }
        }
    }
    reached
}
