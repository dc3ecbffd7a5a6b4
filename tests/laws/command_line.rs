//! The front door: the binary itself, as an operator uses it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use hub_core::{clock::Timestamp, entropy::SystemEntropy, subject::AuditKey};

/// The binary that this build made.
fn lethe() -> Command {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    let binary = path.join("lethe");
    assert!(binary.exists(), "build it first: cargo build -p hub");
    Command::new(binary)
}

pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lethe-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed = fs::remove_dir_all(&self.0).is_ok();
    }
}

pub(crate) fn run(folder: &Folder, words: &[&str]) -> Output {
    lethe()
        .args(words)
        .arg("--config")
        .arg(folder.path())
        .output()
        .unwrap()
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

pub(crate) const HUB: &str =
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

#[test]
fn an_audit_stream_is_verified_and_a_removed_line_shows() {
    let folder = Folder::new("verify-audit");
    let file = folder.path().join("audit.jsonl");
    let sink = hub::audit::Output::File(file.clone());
    let open = || {
        let keys = (AuditKey::new([7; 32]), None);
        hub::audit::Audit::open(&sink, keys, Timestamp::from_unix(0), &SystemEntropy).unwrap()
    };
    let verify = || {
        let output = lethe()
            .args(["audit", "verify"])
            .arg(&file)
            .output()
            .unwrap();
        (output.status.success(), out(&output))
    };
    drop(open());
    drop(open());
    let (good, said) = verify();
    assert!(
        good && said.starts_with("whole: 2 lines of 2 chains"),
        "{said}"
    );

    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.lines().nth(1).unwrap()).unwrap();
    let (good, said) = verify();
    assert!(!good);
    assert!(
        said.contains("audit.jsonl:1: lines before this start are gone or changed"),
        "{said}"
    );
}

#[test]
fn a_data_provider_is_one_command_and_a_service_may_then_ask_its_scopes() {
    let folder = Folder::new("new-dp");
    fs::write(folder.path().join("hub.toml"), HUB).unwrap();
    run(&folder, &["keys", "new"]);
    let words = [
        "dp",
        "new",
        "taxes",
        "--name",
        "Taxes",
        "--resource",
        "https://api.taxes.example/v1",
        "--scope",
        "income",
    ];
    let made = out(&run(&folder, &words));
    let service = [
        "sp",
        "new",
        "town",
        "--name",
        "Town",
        "--url",
        "https://town.example/",
        "--redirect",
        "https://town.example/cb",
        "--scope",
        "income",
    ];
    let served = out(&run(&folder, &service));
    let checked = out(&run(&folder, &["check"]));
    let again = run(&folder, &words);

    let secret = made
        .lines()
        .find_map(|line| line.strip_prefix("client_secret "));
    assert_eq!(secret.unwrap().len(), 43, "{made}");
    assert!(served.contains("client_secret"), "{served}");
    assert!(
        checked.contains("1 services, 1 data providers"),
        "{checked}"
    );
    let file = fs::read_to_string(folder.path().join("data-providers/taxes.toml")).unwrap();
    assert!(!file.contains(secret.unwrap()));
    assert!(!again.status.success(), "an entry is never overwritten");
}

#[test]
fn a_bad_data_provider_is_told_why_and_writes_nothing() {
    let folder = Folder::new("bad-dp");
    for (id, resource, scope, why) in [
        (
            "a",
            "ftp://a.example",
            "x",
            "expected the address of the API",
        ),
        (
            "a",
            "https://a.example/#x",
            "x",
            "expected the address of the API",
        ),
        (
            "a",
            "https://a.example",
            "email",
            "the hub itself has a scope",
        ),
        ("a", "https://a.example", "x y", "a scope has"),
        ("../a", "https://a.example", "x", "the id names a file"),
    ] {
        let words = [
            "dp",
            "new",
            id,
            "--name",
            "A",
            "--resource",
            resource,
            "--scope",
            scope,
        ];
        let output = run(&folder, &words);

        assert!(
            !output.status.success() && out(&output).contains(why),
            "{}",
            out(&output)
        );
    }
    assert!(
        !folder.path().join("data-providers").exists()
            || fs::read_dir(folder.path().join("data-providers"))
                .unwrap()
                .count()
                == 0
    );
}

#[test]
fn one_key_is_made_alone_for_a_hub_that_has_the_others() {
    let folder = Folder::new("one-key");
    run(&folder, &["keys", "new"]);
    fs::remove_file(folder.path().join("keys/audit")).unwrap();
    let whole = run(&folder, &["keys", "new"]);
    let one = run(&folder, &["keys", "new", "--only", "audit"]);
    let unknown = run(&folder, &["keys", "new", "--only", "adit"]);

    assert!(
        !whole.status.success() && one.status.success(),
        "{}",
        out(&one)
    );
    assert!(folder.path().join("keys/audit").exists());
    assert!(!unknown.status.success() && out(&unknown).contains("no key of that name"));
}

#[test]
fn a_new_secret_comes_with_its_digest() {
    let output = lethe().arg("secret").output().unwrap();
    let said = out(&output);
    let secret = said
        .lines()
        .find_map(|line| line.strip_prefix("client_secret  "))
        .unwrap();
    let digest = hub_core::encoding::hex(&sha2::Digest::finalize(sha2::Digest::chain_update(
        <sha2::Sha256 as sha2::Digest>::new(),
        secret,
    )));

    assert_eq!(secret.len(), 43);
    assert!(
        said.contains(&format!("secret_digests = [\"sha256:{digest}\"]")),
        "{said}"
    );
}
