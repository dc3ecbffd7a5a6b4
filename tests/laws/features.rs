//! Each feature of `docs/FEATURES.md` has a test, and each test that has the number of a feature is there.

use std::{collections::BTreeSet, fs};

use crate::{
    architecture::root,
    documents::{document, quoted},
};

/// The text of every test that `docs/FEATURES.md` may name.
fn tests() -> String {
    let mut text = String::new();
    for folder in [
        "tests/journeys",
        "tests/attacks",
        "tests/laws",
        "tests/node/browser",
        "tests/node/interop",
        "templates/src",
    ] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

/// The number of a feature at the start of a test's name: `c01` of `c01_a_citizen` and of `C01 a citizen`.
fn number(name: &str) -> Option<String> {
    let number = name.get(..3)?.to_lowercase();
    let (letter, digits) = number.split_at(1);
    let is_number = letter == "c" && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_separated = name.get(3..)?.starts_with(['_', ' ']);
    (is_number && is_separated).then_some(number)
}

#[test]
fn every_test_that_the_features_name_exists() {
    let tests = tests();
    let features = document("docs/FEATURES.md");
    for row in features.lines().filter(|line| line.starts_with("| ")) {
        let last_column = row.rsplit(" | ").next().unwrap();
        for name in quoted(last_column) {
            let forms = ["fn ", "'", "`"].map(|before| format!("{before}{name}"));
            assert!(
                forms.iter().any(|form| tests.contains(form)),
                "no test is named {name}"
            );
        }
    }
}

#[test]
fn every_number_of_a_feature_in_a_test_is_in_the_features() {
    let features = document("docs/FEATURES.md");
    let rows = features.lines().filter_map(|line| line.strip_prefix("| "));
    let known: BTreeSet<String> = rows
        .filter_map(|row| number(&row.replace(" |", " ")))
        .collect();
    let tests = tests();
    let starts = ["fn ", "test('", "test(`"];
    let names = starts.iter().flat_map(|start| tests.split(start).skip(1));
    let used: BTreeSet<String> = names.filter_map(number).collect();

    assert_eq!(used, known);
}
