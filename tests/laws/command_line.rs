//! The front door: the binary itself, as an operator uses it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The binary that this build made.
fn lethe() -> Command {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    let binary = path.join("lethe");
    assert!(binary.exists(), "build it first: cargo build -p hub");
    Command::new(binary)
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lethe-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed = fs::remove_dir_all(&self.0).is_ok();
    }
}

fn run(folder: &Folder, words: &[&str]) -> Output {
    lethe()
        .args(words)
        .arg("--config")
        .arg(folder.path())
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

const HUB: &str =
    "issuer = \"https://hub.example\"\nlisten = \"127.0.0.1:8080\"\nstore = \"memory\"\n";

#[test]
fn a_new_hub_is_made_checked_and_given_a_service() {
    let folder = Folder::new("new-hub");
    fs::write(folder.path().join("hub.toml"), HUB).unwrap();

    let without_keys = run(&folder, &["check"]);
    let keys = run(&folder, &["keys", "new"]);
    let service = run(
        &folder,
        &[
            "sp",
            "new",
            "library",
            "--name",
            "Bibliothèque \"Centrale\"",
            "--url",
            "https://library.example/",
            "--redirect",
            "https://library.example/cb",
            "--scope",
            "profile",
        ],
    );
    let checked = run(&folder, &["check"]);

    assert!(!without_keys.status.success());
    assert!(out(&without_keys).contains("lethe keys new"));
    assert!(keys.status.success(), "{}", out(&keys));
    assert!(service.status.success(), "{}", out(&service));
    assert!(checked.status.success(), "{}", out(&checked));
    assert!(
        out(&checked).contains("0 identity providers, 1 services"),
        "{}",
        out(&checked)
    );
    let printed = out(&service);
    let secret = printed
        .lines()
        .find_map(|line| line.strip_prefix("client_secret "))
        .unwrap();
    let entry = fs::read_to_string(folder.path().join("services/library.toml")).unwrap();
    assert_eq!(secret.len(), 43);
    assert!(!entry.contains(secret), "the file holds the digest alone");
    assert!(entry.contains("sha256:"));
}

#[test]
fn keys_and_services_are_never_overwritten() {
    let folder = Folder::new("twice");
    fs::write(folder.path().join("hub.toml"), HUB).unwrap();
    let service = [
        "sp",
        "new",
        "a",
        "--name",
        "A",
        "--url",
        "https://a.example/",
        "--redirect",
        "https://a.example/cb",
    ];
    assert!(run(&folder, &["keys", "new"]).status.success());
    assert!(run(&folder, &service).status.success());
    let before = fs::read(folder.path().join("keys/person")).unwrap();

    let keys = run(&folder, &["keys", "new"]);
    let again = run(&folder, &service);

    assert!(!keys.status.success() && !again.status.success());
    assert!(out(&keys).contains("never overwritten"), "{}", out(&keys));
    assert_eq!(fs::read(folder.path().join("keys/person")).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("modes");
    run(&folder, &["keys", "new"]);
    let mut seen = 0;
    for entry in fs::read_dir(folder.path().join("keys")).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        seen += 1;
    }
    assert_eq!(seen, 7);
}

#[test]
fn a_bad_service_is_told_why_and_writes_nothing() {
    let folder = Folder::new("bad-service");
    for (id, redirect, why) in [
        ("a", "http://a.example/cb", "not https"),
        ("a", "https://*.example/cb", "wildcard"),
        ("../a", "https://a.example/cb", "names a file"),
    ] {
        let output = run(
            &folder,
            &[
                "sp",
                "new",
                id,
                "--name",
                "A",
                "--url",
                "https://a.example/",
                "--redirect",
                redirect,
            ],
        );

        assert!(!output.status.success());
        assert!(out(&output).contains(why), "{}", out(&output));
        assert!(!folder.path().join("services").exists());
    }
}

#[test]
fn a_directory_that_is_none_is_told() {
    let output = lethe()
        .args(["check", "--config", "/nowhere/at/all"])
        .output()
        .unwrap();

    assert!(!output.status.success());
    assert!(
        out(&output).contains("hub.toml: cannot be read in /nowhere/at/all"),
        "{}",
        out(&output)
    );
}
