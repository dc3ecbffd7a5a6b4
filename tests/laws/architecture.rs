//! Who may import whom (`docs/ARCHITECTURE.md`), and how long a file may be. Read off the source.

use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Every Rust file below `folder`, with its text; tests are left out.
pub(crate) fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path
                .strip_prefix(root())
                .unwrap()
                .to_string_lossy()
                .into_owned();
            if !name.contains("/tests/") && !name.ends_with("/tests.rs") {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no source");
    found.sort();
    found
}

/// The lines that name another module: imports, and paths in the code itself.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
}

fn assert_never_names(folder: &str, forbidden: &[&str], except: &[&str]) {
    for (file, text) in sources(folder) {
        if except.iter().any(|allowed| file.ends_with(allowed)) {
            continue;
        }
        for line in code(&text) {
            for word in forbidden {
                let named =
                    line.contains(&format!("{word}::")) || line.contains(&format!("use {word};"));
                assert!(!named, "{file} names {word}: {line}");
            }
        }
    }
}

#[test]
fn the_vocabulary_knows_no_framework_and_no_io() {
    for folder in ["hub/core/src", "hub/document/src"] {
        assert_never_names(
            folder,
            &[
                "tokio",
                "actix_web",
                "redis",
                "reqwest",
                "openidconnect",
                "josekit",
                "std::fs",
                "std::net::Tcp",
            ],
            &[],
        );
    }
}

/// The crates of the workspace that each crate may depend on. Tests may depend on all.
const ARROWS: [(&str, &[&str]); 11] = [
    ("hub/core", &[]),
    ("hub/document", &["hub-core"]),
    ("hub/jose", &["hub-core"]),
    ("hub/outbound", &["hub-core", "hub-jose"]),
    ("person-register", &["hub-core", "hub-outbound"]),
    ("sp-registry", &["hub-core", "hub-document"]),
    (
        "idp-adapters",
        &["hub-core", "hub-document", "hub-jose", "hub-outbound"],
    ),
    ("templates", &[]),
    ("hub/demo", &["hub-core", "hub-document", "hub-jose"]),
    (
        "hub/server",
        &[
            "hub-core",
            "hub-demo",
            "hub-document",
            "hub-jose",
            "hub-outbound",
            "hub-templates",
            "idp-adapters",
            "person-register",
            "sp-registry",
        ],
    ),
    ("tests", &["*"]),
];

#[test]
fn a_crate_depends_only_on_the_crates_that_its_arrows_name() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest
        .lines()
        .find(|line| line.starts_with("members"))
        .unwrap();
    let ours: Vec<&str> = manifest
        .lines()
        .filter(|line| line.contains("{ path = "))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(
        members.matches('"').count() / 2,
        ARROWS.len(),
        "a member of the workspace has no arrows here"
    );
    for (folder, allowed) in ARROWS {
        assert!(members.contains(&format!("\"{folder}\"")), "{folder}");
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        for name in manifest
            .lines()
            .filter_map(|line| line.split(['.', ' ']).next())
        {
            let is_allowed = allowed.contains(&name) || allowed.contains(&"*");
            assert!(
                is_allowed || !ours.contains(&name),
                "{folder} depends on {name}"
            );
        }
    }
}

#[test]
fn one_room_each_touches_josekit_openidconnect_redis_and_handlebars() {
    for folder in [
        "hub/core/src",
        "hub/document/src",
        "hub/outbound/src",
        "hub/server/src",
        "hub/demo/src",
        "idp-adapters/src",
        "person-register/src",
        "sp-registry/src",
        "templates/src",
    ] {
        assert_never_names(folder, &["josekit"], &[]);
    }
    for folder in [
        "hub/core/src",
        "hub/document/src",
        "hub/jose/src",
        "hub/outbound/src",
        "hub/server/src",
        "hub/demo/src",
        "person-register/src",
        "sp-registry/src",
        "templates/src",
    ] {
        assert_never_names(folder, &["openidconnect"], &[]);
    }
    for (file, text) in sources("idp-adapters/src") {
        let inside = file.starts_with("idp-adapters/src/oidc/");
        assert!(
            inside || !code(&text).any(|line| line.contains("openidconnect::")),
            "{file}"
        );
    }
    for (file, text) in sources("hub/server/src") {
        let inside = file.ends_with("store/redis.rs");
        assert!(
            inside || !code(&text).any(|line| line.contains("::redis::")),
            "{file}"
        );
    }
    for folder in [
        "hub/core/src",
        "hub/document/src",
        "hub/jose/src",
        "hub/outbound/src",
        "hub/server/src",
        "idp-adapters/src",
        "person-register/src",
        "sp-registry/src",
    ] {
        assert_never_names(folder, &["handlebars"], &[]);
    }
}

#[test]
fn no_flow_step_imports_another() {
    for (file, text) in sources("hub/server/src/flow") {
        if file.ends_with("mod.rs") {
            continue;
        }
        for line in code(&text) {
            assert!(
                !line.contains("flow::") && !line.contains("super::"),
                "{file}: {line}"
            );
        }
    }
}

#[test]
fn store_and_jwt_know_neither_http_nor_flow() {
    for folder in ["hub/server/src/store", "hub/server/src/jwt"] {
        assert_never_names(folder, &["crate::http", "crate::flow", "actix_web"], &[]);
    }
}

#[test]
fn only_the_door_of_the_hub_names_actix() {
    for (file, text) in sources("hub/server/src") {
        let rooms = [
            "src/http/",
            "src/pages/",
            "src/flow/",
            "src/router.rs",
            "src/app.rs",
            "src/telemetry.rs",
            "src/cli/demo.rs",
            "src/main.rs",
        ];
        let allowed = rooms.iter().any(|room| file.contains(room));
        assert!(
            allowed || !code(&text).any(|line| line.contains("actix_web")),
            "{file}"
        );
    }
}

#[test]
fn only_main_reads_the_environment() {
    for folder in [
        "hub",
        "idp-adapters",
        "person-register",
        "sp-registry",
        "templates",
    ] {
        for (file, text) in sources(folder) {
            let allowed = file.ends_with("src/main.rs");
            let reads = code(&text).any(|line| line.contains("env::var"));
            assert!(allowed || !reads, "{file}");
        }
    }
}

#[test]
fn no_file_is_longer_than_a_reader_will_bear() {
    for folder in [
        "hub",
        "idp-adapters",
        "person-register",
        "sp-registry",
        "templates",
        "tests/src",
    ] {
        for (file, text) in sources(folder) {
            let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
            assert!(lines <= 400, "{file} has {lines} lines");
        }
    }
}

#[test]
fn every_file_opens_with_what_it_is() {
    for folder in [
        "hub",
        "idp-adapters",
        "person-register",
        "sp-registry",
        "templates",
        "tests/src",
    ] {
        for (file, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{file} says nothing of itself");
        }
    }
}
