//! The glossary names types that exist.

use crate::documents::{document, quoted};

#[test]
fn every_type_of_the_glossary_is_in_the_file_that_it_names() {
    let glossary = document("docs/GLOSSARY.md");
    for row in glossary.lines().filter(|line| line.starts_with("| ")) {
        let last_column = row.rsplit(" | ").next().unwrap();
        if let [name, file] = quoted(last_column).as_slice() {
            assert!(document(file).contains(name), "{file} has no {name}");
        }
    }
}
