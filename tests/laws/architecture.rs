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
    assert_never_names(
        "hub/core/src",
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

#[test]
fn one_room_each_touches_josekit_openidconnect_redis_and_handlebars() {
    for folder in [
        "hub/core/src",
        "hub/server/src",
        "hub/demo/src",
        "idp-adapters/src",
        "sp-registry/src",
        "templates/src",
    ] {
        assert_never_names(folder, &["josekit"], &[]);
    }
    for folder in [
        "hub/core/src",
        "hub/jose/src",
        "hub/server/src",
        "hub/demo/src",
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
        "hub/jose/src",
        "hub/server/src",
        "idp-adapters/src",
        "sp-registry/src",
    ] {
        assert_never_names(folder, &["handlebars"], &[]);
    }
}

#[test]
fn the_registry_and_the_adapters_meet_only_in_the_hub() {
    assert_never_names("sp-registry/src", &["idp_adapters", "hub_jose", "hub"], &[]);
    assert_never_names("idp-adapters/src", &["sp_registry", "hub"], &[]);
    assert_never_names(
        "templates/src",
        &["hub_core", "hub_jose", "sp_registry", "idp_adapters", "hub"],
        &[],
    );
    assert_never_names("hub/demo/src", &["hub", "sp_registry", "idp_adapters"], &[]);
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
fn store_and_tokens_know_neither_http_nor_flow() {
    for folder in ["hub/server/src/store", "hub/server/src/tokens"] {
        assert_never_names(folder, &["crate::http", "crate::flow", "actix_web"], &[]);
    }
}

#[test]
fn only_the_door_of_the_hub_names_actix() {
    for (file, text) in sources("hub/server/src") {
        let rooms = [
            "src/http/",
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
    for folder in ["hub", "idp-adapters", "sp-registry", "templates"] {
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
        "sp-registry",
        "templates",
        "tests/src",
    ] {
        for (file, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{file} says nothing of itself");
        }
    }
}
