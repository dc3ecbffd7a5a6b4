//! The front door: the binary itself, as an operator uses it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
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
    assert_eq!(seen, 10);
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

/// A hub with the keys of the published vectors, and the service `sp`.
fn hub_of_the_vectors(folder: &Folder) {
    fs::write(folder.path().join("hub.toml"), HUB).unwrap();
    run(folder, &["keys", "new"]);
    for (name, byte) in [("person", 1), ("subject", 2)] {
        let key = hub_core::encoding::base64url(&[byte; 32]);
        fs::write(folder.path().join("keys").join(name), key).unwrap();
    }
    let url = [
        "--url",
        "https://sp.example/",
        "--redirect",
        "https://sp.example/cb",
    ];
    run(
        folder,
        &[&["sp", "new", "sp", "--name", "SP"], &url[..]].concat(),
    );
}

/// What `lethe sub` makes of `input`, and whether it is content.
fn sub(folder: &Folder, service: &str, input: &str) -> (bool, String) {
    let mut child = lethe()
        .args(["sub", "--service", service, "--config"])
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The binary may have given up already: then its answer says why.
    let _written = stdin.write_all(input.as_bytes()).is_ok();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    (output.status.success(), out(&output))
}

const ANGELA: &str = "{\"given_name\": \"Angela Claire Louise\", \"family_name\": \"Dubois\", \
                      \"birthdate\": \"1962-08-24\", \"birthplace\": \"75107\", \
                      \"birthcountry\": \"FR\"}";

#[test]
fn support_makes_a_sub_again_from_an_identity_on_standard_input() {
    let folder = Folder::new("sub");
    hub_of_the_vectors(&folder);
    let angela = [
        "verified_pivot or register_check",
        "person     a55893507ce17937...",
        "sector     sp.example",
        "sub        p1.bw2yXNK7hZZ8nN3BN2OZtro0vf6r8WYpg2UYhgPagvI",
    ];
    for (input, expected) in [
        (ANGELA, &angela[..]),
        (
            "{\"issuer\": \"https://idp.example\", \"sub\": \"42\"}",
            &["idp_account"],
        ),
        ("{\"eidas_identifier\": \"GR/FR/1\"}", &["eidas_identifier"]),
        (
            "{\"register_number\": {\"country\": \"NC\", \"scheme\": \"cafat\", \"number\": \"1\"}}",
            &["register_number"],
        ),
    ] {
        let (good, made) = sub(&folder, "sp", input);

        assert!(good, "{made}");
        for expected in expected {
            assert!(made.contains(expected), "{expected}: {made}");
        }
    }
}

#[test]
fn a_description_that_makes_no_sub_is_refused_by_name_and_never_by_value() {
    let folder = Folder::new("no-sub");
    hub_of_the_vectors(&folder);
    for (service, input, remedy) in [
        ("nobody", ANGELA, "no service `nobody`"),
        ("sp", "Angela", "one JSON object"),
        (
            "sp",
            "{\"name\": \"Angela\"}",
            "`name` is no part of a description",
        ),
        (
            "sp",
            "{\"birthdate\": \"24/08/1962\"}",
            "birthdate is malformed",
        ),
        (
            "sp",
            "{\"given_name\": \"Angela\"}",
            "nothing here makes a key",
        ),
        ("sp", "{\"eidas_identifier\": \"Angela\"}", "XX/YY/id"),
        (
            "sp",
            "{\"register_number\": \"Angela\"}",
            "register_number is",
        ),
    ] {
        let (good, said) = sub(&folder, service, input);

        assert!(!good && said.contains(remedy), "{remedy}: {said}");
        assert!(!said.contains("Angela") && !said.contains("1962"), "{said}");
    }
}

#[test]
fn a_theme_is_a_sheet_and_pictures_and_nothing_else() {
    let folder = Folder::new("theme");
    fs::write(folder.path().join("hub.toml"), HUB).unwrap();
    run(&folder, &["keys", "new"]);
    let theme = folder.path().join("theme");
    fs::create_dir(&theme).unwrap();
    fs::write(theme.join("theme.css"), ":root { --accent: #7a1f3d }").unwrap();
    fs::write(theme.join("logo.svg"), "<svg/>").unwrap();
    let good = run(&folder, &["check"]);
    fs::write(theme.join("theme.js"), "alert(1)").unwrap();
    let bad = run(&folder, &["check"]);

    assert!(good.status.success(), "{}", out(&good));
    assert!(!bad.status.success());
    assert!(
        out(&bad).contains("theme/theme.js: no part of a theme: theme.css, and pictures"),
        "{}",
        out(&bad)
    );
}
