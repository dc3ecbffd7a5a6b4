//! Keys and secrets are kept apart from each other and from other users of the machine.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use hub::{
    cli::{check, new_keys},
    config::{Configuration, Sources},
};
use hub_core::entropy::SystemEntropy;

use crate::command_line::Folder;

const HUB: &str = "issuer = \"https://hub.example\"\nlisten = \"127.0.0.1:8080\"\n";

/// A configuration directory with every key.
fn directory(store: &str) -> Folder {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = Folder::new(&format!("safe-keys-{number}"));
    new_keys(folder.path(), None, &SystemEntropy, &mut Vec::new()).unwrap();
    let hub = format!("{HUB}store = \"{store}\"\n");
    fs::write(folder.path().join("hub.toml"), hub).unwrap();
    folder
}

fn errors(folder: &Path) -> Vec<String> {
    let read = Sources::from_directory(folder, BTreeMap::new())
        .and_then(|sources| Configuration::read(&sources));
    let errors = read
        .map(|_| ())
        .map_or_else(|errors| errors, |()| Vec::new());
    errors.iter().map(ToString::to_string).collect()
}

/// What `lethe check` prints.
fn checked(folder: &Path) -> (bool, String) {
    let mut out = Vec::new();
    let good = check(folder, BTreeMap::new(), &mut out).unwrap();
    (good, String::from_utf8(out).unwrap())
}

#[test]
fn new_keys_are_good() {
    assert_eq!(errors(directory("memory").path()), Vec::<String>::new());
}

#[test]
fn a_key_file_that_others_can_read_is_a_fault() {
    for (key, mode, others) in [
        ("pepper", 0o604, "every user of this machine"),
        ("person", 0o640, "every user of its group"),
        ("signing-es256.pem", 0o644, "every user of this machine"),
        ("encryption-rsa.pem", 0o620, "every user of its group"),
    ] {
        let folder = directory("memory");
        let file = folder.path().join("keys").join(key);
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();

        let errors = errors(folder.path());

        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains(key), "{errors:?}");
        assert!(
            errors[0].contains(&format!("{others} can read it: chmod 600")),
            "{errors:?}"
        );
    }
}

#[test]
fn two_equal_keys_are_a_fault() {
    for (one, two) in [
        ("person", "subject"),
        ("pepper", "ticket"),
        ("signing-es256.pem", "client-es256.pem"),
        ("client-es256.pem", "encryption-p256.pem"),
    ] {
        let folder = directory("memory");
        let file = |name: &str| folder.path().join("keys").join(name);
        fs::copy(file(one), file(two)).unwrap();

        let errors = errors(folder.path());

        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains("the same key as"), "{errors:?}");
        assert!(
            errors[0].contains(one) && errors[0].contains(two),
            "{errors:?}"
        );
    }
}

#[test]
fn redis_without_tls_on_another_host_is_a_warning() {
    let said = |store: &str| checked(directory(store).path());
    for store in [
        "redis://10.0.0.5:6379/0",
        "redis://:password@redis.internal:6379",
        "redis-cluster://127.0.0.1:7000,redis.internal:7001",
    ] {
        let (good, text) = said(store);

        assert!(good && text.contains("warning: `store`"), "{store}: {text}");
        assert!(!text.contains("password@"), "{text}");
    }
    for store in [
        "memory",
        "redis://127.0.0.1:6379",
        "redis://localhost",
        "redis://[::1]:6379",
        "rediss://10.0.0.5:6379",
    ] {
        let (good, text) = said(store);

        assert!(good && !text.contains("`store`"), "{store}: {text}");
    }
}

#[test]
fn more_connections_than_files_may_be_open_are_a_warning() {
    let folder = directory("memory");
    let hub = format!("{HUB}store = \"memory\"\n[limits]\nconnections = 1000000\n");
    fs::write(folder.path().join("hub.toml"), hub).unwrap();

    let (good, text) = checked(folder.path());

    // Where the limit of open files is above a million, there is nothing to warn of.
    let room = hub::process::file_limit_warning(1_000_000).is_none();
    assert!(good);
    assert_eq!(
        text.contains("warning: `limits.connections`"),
        !room,
        "{text}"
    );
}
