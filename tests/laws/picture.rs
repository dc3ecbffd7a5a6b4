//! The picture of the crates in `docs/ARCHITECTURE.md` has the arrows of the manifests, and no others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::{architecture::root, documents::document};

type Arrows = BTreeSet<(String, String)>;

/// The arrows of the first picture of the document, from crate to crate.
fn drawn() -> Arrows {
    let text = document("docs/ARCHITECTURE.md");
    let picture = text.split("```").nth(1).unwrap();
    let boxes: BTreeMap<&str, &str> = picture
        .lines()
        .filter_map(|line| {
            let (id, label) = line.trim().split_once("[\"")?;
            Some((id, label.split(['<', '"']).next()?))
        })
        .collect();
    let name = |id: &str| (*boxes.get(id).unwrap()).to_owned();
    picture
        .lines()
        .filter_map(|line| line.trim().split_once(" --> "))
        .map(|(from, to)| (name(from), name(to)))
        .collect()
}

/// The dependencies between the crates of the workspace, those of the tests left out.
fn declared() -> Arrows {
    let workspace = document("Cargo.toml");
    let members = workspace
        .lines()
        .find(|line| line.starts_with("members"))
        .unwrap();
    let manifests: Vec<(String, String)> = members
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|folder| *folder != "tests")
        .map(|folder| {
            let text = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
            let name = text.split('"').nth(1).unwrap().to_owned();
            (name, text)
        })
        .collect();
    let mut arrows = Arrows::new();
    for (from, text) in &manifests {
        let dependencies = text.split("[dev-dependencies]").next().unwrap();
        for (to, _) in &manifests {
            if dependencies.contains(&format!("\n{to}.workspace")) {
                arrows.insert((from.clone(), to.clone()));
            }
        }
    }
    arrows
}

#[test]
fn the_picture_of_the_crates_has_the_arrows_of_the_manifests() {
    assert_eq!(drawn(), declared());
}
