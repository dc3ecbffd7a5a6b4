//! No circle of modules in any crate: modules that need each other cannot be read one after the other.
//!
//! A module is a file. It depends on the modules that define the items it names. A re-export is followed to
//! the definition: `pub use` alone makes no dependency. ADR 33 has the rules.

mod dependencies;
mod graph;
mod modules;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::architecture::root;
use dependencies::dependencies;
use graph::circles;
use modules::Module;

/// The crates in which no module depends on itself by way of others.
const FREE: [&str; 5] = [
    "hub/document",
    "hub/jose",
    "hub/outbound",
    "idp-adapters",
    "person-register",
];

/// The crates that still have circles. A crate without one has to move to the list of the free.
const STILL_TO_DO: [&str; 6] = [
    "hub/core",
    "hub/demo",
    "hub/server",
    "sp-registry",
    "templates",
    "tests",
];

/// The circles of modules below the file `root_file`, which `read` returns the text of.
fn circles_of(root_file: &str, read: &dyn Fn(&str) -> Option<String>) -> Vec<BTreeSet<String>> {
    let mut modules = BTreeMap::new();
    Module::read_tree(root_file, &[], read, &mut modules);
    circles(&dependencies(&modules))
}

fn circles_of_crate(folder: &str) -> Vec<BTreeSet<String>> {
    let read = |file: &str| fs::read_to_string(root().join(folder).join("src").join(file)).ok();
    circles_of("lib.rs", &read)
}

fn circles_of_files(files: &[(&str, &str)]) -> Vec<String> {
    let read = |name: &str| {
        let found = files.iter().find(|(file, _)| *file == name);
        found.map(|(_, text)| (*text).to_owned())
    };
    let joined = |circle: BTreeSet<String>| circle.into_iter().collect::<Vec<_>>().join(" ");
    circles_of("lib.rs", &read)
        .into_iter()
        .map(joined)
        .collect()
}

#[test]
fn a_free_crate_has_no_circle_of_modules() {
    let found = FREE.map(|folder| (folder, circles_of_crate(folder)));

    let circles: Vec<_> = found.iter().filter(|(_, all)| !all.is_empty()).collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn a_crate_that_lost_its_last_circle_is_listed_as_free() {
    let found = STILL_TO_DO.map(|folder| (folder, circles_of_crate(folder)));

    let free: Vec<_> = found.iter().filter(|(_, all)| all.is_empty()).collect();
    assert!(free.is_empty(), "move to FREE: {free:?}");
}

#[test]
fn every_member_of_the_workspace_is_in_one_of_the_two_lists() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest.lines().find(|line| line.starts_with("members"));
    let members = members.unwrap().split('"').skip(1).step_by(2);
    let listed: BTreeSet<&str> = FREE.into_iter().chain(STILL_TO_DO).collect();

    assert_eq!(members.collect::<BTreeSet<_>>(), listed);
}

#[test]
fn two_modules_that_import_each_other_are_a_circle() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B; pub struct A(B); pub fn g() {}"),
        ("b.rs", "pub struct B; fn f() { crate::a::g(); }"),
        ("c.rs", "use crate::{a::A, b::B};"),
    ];

    assert_eq!(circles_of_files(&files), ["a b"]);
}

#[test]
fn a_circle_through_a_re_export_is_found() {
    let files = [
        ("lib.rs", "pub mod room;"),
        (
            "room/mod.rs",
            "mod a; mod b; pub use a::A; pub use self::b::*;",
        ),
        ("room/a.rs", "use super::B; pub struct A(B);"),
        ("room/b.rs", "pub struct B; pub fn f(_: super::A) {}"),
    ];

    assert_eq!(circles_of_files(&files), ["room::a room::b"]);
}

#[test]
fn siblings_that_meet_at_a_re_export_are_no_circle() {
    let files = [
        ("lib.rs", "mod room; mod other; pub use room::A;"),
        ("room/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("room/a.rs", "pub struct A;"),
        ("room/b.rs", "use super::A; pub struct B(A);"),
        ("other.rs", "use crate::A;"),
    ];

    assert_eq!(circles_of_files(&files), Vec::<String>::new());
}

#[test]
fn a_child_that_needs_its_parent_and_is_needed_by_it_is_a_circle() {
    let files = [
        ("lib.rs", "mod parent;"),
        (
            "parent/mod.rs",
            "mod child; pub struct P; fn f() { child::g() }",
        ),
        ("parent/child.rs", "use super::P; pub fn g() {}"),
    ];

    assert_eq!(circles_of_files(&files), ["parent parent::child"]);
}

#[test]
fn tests_in_a_file_make_no_circle_and_arguments_of_macros_do() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        (
            "a.rs",
            "pub fn f() {} #[cfg(test)] mod tests { use crate::b::g; }",
        ),
        (
            "b.rs",
            "pub fn g() { crate::a::f() } pub fn h() { crate::c::i() }",
        ),
        ("c.rs", "pub fn i() { assert!(crate::b::g() == ()); }"),
    ];

    assert_eq!(circles_of_files(&files), ["b c"]);
}
