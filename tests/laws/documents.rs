//! Documents stay true: what they name exists, and what exists is in them.

use std::{collections::BTreeSet, fs, path::PathBuf};

use hub::http::PublicCode;

use crate::architecture::root;

pub(crate) fn documents() -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(|name| root().join(name))
        .into();
    for folder in ["docs", "docs/adr"] {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        paths.extend(entries.map(|entry| entry.unwrap().path()));
    }
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .map(|path| {
            let name = path
                .strip_prefix(root())
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

pub(crate) fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// What stands between backticks, outside fenced blocks.
pub(crate) fn quoted(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    prose
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let tops = [
        "hub/",
        "idp-adapters/",
        "sp-registry/",
        "templates/",
        "tests/",
        "docs/",
        "deploy/",
        "bench/",
        ".ci/",
    ];
    for (name, text) in documents() {
        for path in quoted(&text) {
            let plain = !path.contains(['*', '{', ' ', '<']);
            if plain && tops.iter().any(|top| path.starts_with(top)) {
                assert!(root().join(&path).exists(), "{name} names {path}");
            }
        }
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let file = link.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") {
                let folder = root().join(&name).parent().unwrap().to_owned();
                assert!(folder.join(file).exists(), "{name} links to {link}");
            }
        }
    }
}

fn headings(text: &str, level: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix(level))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_attack_in_the_threats_has_a_test_of_its_name_and_every_test_its_heading() {
    let mut tests = BTreeSet::new();
    for entry in fs::read_dir(root().join("tests/attacks")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line.trim() == "#[actix_web::test]" {
                let name = lines
                    .next()
                    .unwrap()
                    .trim()
                    .strip_prefix("async fn ")
                    .unwrap();
                tests.insert(name.split('(').next().unwrap().to_owned());
            }
        }
    }
    let named = |heading: &String| {
        let plain: String = heading
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        plain.trim_matches('_').to_owned()
    };
    let threats: BTreeSet<String> = headings(&document("docs/THREATS.md"), "### ")
        .iter()
        .map(named)
        .collect();

    let untested: Vec<_> = threats.difference(&tests).collect();
    let untold: Vec<_> = tests.difference(&threats).collect();
    assert!(
        untested.is_empty(),
        "in docs/THREATS.md without a test: {untested:?}"
    );
    assert!(
        untold.is_empty(),
        "tests without a heading in docs/THREATS.md: {untold:?}"
    );
}

#[test]
fn every_public_code_has_its_page_in_the_error_reference() {
    let known: Vec<String> = PublicCode::ALL.iter().map(|code| code.as_str()).collect();
    let told: Vec<String> = headings(&document("docs/ERRORS.md"), "### ")
        .iter()
        .map(|heading| heading.split(':').next().unwrap().to_owned())
        .collect();

    assert_eq!(told, known);
}

#[test]
fn every_public_code_has_its_words_in_every_language() {
    let pages = hub_templates::Pages::new("x", "").unwrap();
    for code in PublicCode::ALL.map(PublicCode::as_str) {
        for language in hub_templates::Language::ALL {
            let text = |part: &str| pages.text(&format!("error.{code}{part}"), language);
            let on_its_own_page =
                ["", ".title", ".what", ".remedy"].map(|part| !text(part).is_empty());

            assert!(
                on_its_own_page == [false, true, true, true]
                    || on_its_own_page == [true, false, false, false],
                "{code} in {}: {on_its_own_page:?}",
                language.tag()
            );
        }
    }
}

#[test]
fn no_document_speaks_of_this_machine() {
    for (name, text) in documents() {
        for word in ["/work/", "/root/", "/home/"] {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
}

/// The catalogue of people as a document.
fn catalogue_of_people() -> String {
    use std::fmt::Write;

    let mut text = "# Fictitious people\n\n\
        Each person has an account at every demonstration identity provider (`lethe demo`), and is a case of\n\
        the tests (`tests/journeys/people.rs`). At the provider *Corail*, the register of persons is asked; the key\n\
        `register` says what it answers, and `trouble` what fails. A form takes any other person.\n\n\
        Generated from `hub/demo/people.toml` by `UPDATE=1 cargo test -p hub-tests --test laws`.\n\n\
        | account | password | given names | birth name | born | case |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for person in hub_demo::PEOPLE.iter() {
        let civil = &person.civil_status;
        let place = if civil.birthplace.is_empty() {
            &civil.birthcountry
        } else {
            &civil.birthplace
        };
        writeln!(
            text,
            "| {} | {} | {} | {} | {}, {place} | {} |",
            person.username,
            person.password,
            civil.given_names.join(" "),
            civil.family_name,
            civil.birthdate,
            person.case
        )
        .unwrap();
    }
    text
}

#[test]
fn the_catalogue_of_people_is_documented() {
    let path = root().join("docs/PEOPLE.md");
    let expected = catalogue_of_people();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == expected,
        "docs/PEOPLE.md is not hub/demo/people.toml: UPDATE=1 cargo test -p hub-tests --test laws"
    );
}

/// Every code with its status, where it is shown, and what citizens read.
fn table_of_codes() -> String {
    use std::fmt::Write;

    let pages = hub_templates::Pages::new("x", "").unwrap();
    let mut table =
        "| code | status | shown on | in English | in French |\n|---|---|---|---|---|\n".to_owned();
    for code in PublicCode::ALL {
        let name = code.as_str();
        let said = |part: &str| {
            hub_templates::Language::ALL
                .map(|language| pages.text(&format!("error.{name}{part}"), language))
        };
        let (shown, [french, english]) = match said(".title") {
            ["", ""] => ("the choice page, 200".to_owned(), said("")),
            titles => (
                format!("a page of its own, {}", code.status().as_u16()),
                titles,
            ),
        };
        let (place, status) = shown.rsplit_once(", ").unwrap();
        writeln!(
            table,
            "| {name} | {status} | {place} | {english} | {french} |"
        )
        .unwrap();
    }
    table
}

#[test]
fn the_error_reference_has_the_table_of_the_source() {
    let path = root().join("docs/ERRORS.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- codes -->\n").unwrap();
    let (table, after) = rest.split_once("<!-- end of codes -->").unwrap();
    let expected = table_of_codes();
    if std::env::var_os("UPDATE").is_some() {
        let whole = format!("{before}<!-- codes -->\n{expected}<!-- end of codes -->{after}");
        fs::write(&path, whole).unwrap();
        return;
    }
    assert_eq!(
        table, expected,
        "UPDATE=1 cargo test -p hub-tests --test laws"
    );
}

/// `TokenGiven` as `token_issued`.
fn snake(name: &str) -> String {
    let parts = name.chars().map(|c| {
        if c.is_ascii_uppercase() {
            format!("_{}", c.to_ascii_lowercase())
        } else {
            c.to_string()
        }
    });
    parts.collect::<String>().trim_start_matches('_').to_owned()
}

#[test]
fn every_event_of_the_audit_stream_is_in_the_operators_manual() {
    let source = document("hub/server/src/audit/event.rs");
    let (_, events) = source.split_once("pub enum Event").unwrap();
    let (events, _) = events.split_once("\n}\n").unwrap();
    let names: Vec<String> = events
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| snake(line.trim_end_matches([' ', '{', ','])))
        .collect();
    let manual = quoted(&document("docs/OPERATING.md"));

    assert!(names.len() > 20, "{names:?}");
    for name in names {
        assert!(
            manual.contains(&name),
            "docs/OPERATING.md does not name {name}"
        );
    }
}
