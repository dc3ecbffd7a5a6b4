//! The configuration: the example that ships, the blocks in the documents, and bad files of every kind.

use std::{collections::BTreeMap, fs, path::Path};

use hub::config::{Configuration, Sources};
use hub_document::ConfigProblem;

use crate::architecture::root;

const KEYS: [&str; 5] = ["pepper", "ticket", "person", "subject", "audit"];

/// Keys and secrets for any configuration that a document shows.
fn held() -> BTreeMap<String, Vec<u8>> {
    let pem = |algorithm| hub_jose::generate(algorithm).unwrap();
    let mut held = BTreeMap::from([
        (
            "keys/signing-es256.pem".to_owned(),
            pem(hub_jose::Algorithm::Es256),
        ),
        (
            "keys/signing-rs256.pem".to_owned(),
            pem(hub_jose::Algorithm::Rs256),
        ),
        (
            "keys/client-es256.pem".to_owned(),
            pem(hub_jose::Algorithm::Es256),
        ),
        (
            "keys/encryption-p256.pem".to_owned(),
            pem(hub_jose::Algorithm::Es256),
        ),
    ]);
    for (n, name) in KEYS.iter().enumerate() {
        let key = hub_core::encoding::base64url(&[u8::try_from(n).unwrap(); 32]);
        held.insert(format!("keys/{name}"), key.into_bytes());
    }
    for secret in [
        "secrets/la-poste",
        "secrets/example-idp",
        "secrets/register",
        "secrets/former-hub",
    ] {
        held.insert(secret.to_owned(), b"secret".to_vec());
    }
    let (_, escrow) = hub_tests::generate_escrow_keys();
    held.insert("keys/escrow.pub.pem".to_owned(), escrow);
    held.insert(
        "secrets/smtp".to_owned(),
        b"smtps://hub:password@mail.example".to_vec(),
    );
    held
}

fn read(files: &[(&str, &str)]) -> Result<Configuration, Vec<String>> {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    Configuration::read(&Sources::held(files, held())).map_err(|problems| all(&problems))
}

fn all(problems: &[ConfigProblem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

const HUB: &str =
    "issuer = \"https://hub.example\"\nlisten = \"127.0.0.1:8080\"\nstore = \"memory\"\n";

#[test]
fn the_example_that_ships_is_good() {
    let folder = root().join("deploy/example");
    let mut files = BTreeMap::new();
    for name in [
        "hub.toml",
        "idps/example-idp.toml",
        "services/town-hall.toml",
        "data-providers/tax-office.toml",
    ] {
        files.insert(
            name.to_owned(),
            fs::read_to_string(folder.join(name)).unwrap(),
        );
    }

    let config =
        Configuration::read(&Sources::held(files, held())).map_err(|problems| all(&problems));

    let config = config.unwrap();
    assert_eq!(
        (
            config.catalogue.iter().count(),
            config.registry.iter().count(),
            config.registry.data_providers().count()
        ),
        (1, 1, 1)
    );
}

#[test]
fn every_configuration_block_in_the_documents_is_read_by_the_program() {
    let mut blocks = 0;
    for (name, text) in crate::documents::documents() {
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            let file = block
                .lines()
                .next()
                .unwrap()
                .trim_start_matches("# ")
                .to_owned();
            assert!(
                Path::new(&file)
                    .extension()
                    .is_some_and(|end| end == "toml"),
                "{name}: {file}"
            );
            let mut files = vec![(file.as_str(), block)];
            if file != "hub.toml" {
                files.push(("hub.toml", HUB));
            }
            read(&files).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
            blocks += 1;
        }
    }
    assert!(blocks >= 6, "{blocks} blocks");
}

#[test]
fn every_fault_of_every_file_is_reported_at_once() {
    let problems = read(&[
        (
            "hub.toml",
            "issuer = \"http://hub.example/\"\nlisten = \"8080\"\nstroe = \"memory\"\n",
        ),
        ("idps/a.toml", "id = \"A\"\n"),
        ("services/a.toml", "client_id = \"a\"\nstatus = \"live\"\n"),
    ])
    .unwrap_err();

    let has = |part: &str| problems.iter().any(|problem| problem.contains(part));
    assert!(
        has("hub.toml:1: `issuer`: expected https://host"),
        "{problems:#?}"
    );
    assert!(has("hub.toml:2: `listen`: expected an IP address"));
    assert!(has(
        "hub.toml:3: `stroe`: unknown key: did you mean `store`?"
    ));
    assert!(has("hub.toml:1: `store` is missing"));
    assert!(has(
        "services/a.toml:2: `status`: expected sandbox, production or suspended"
    ));
    assert!(has("services/a.toml:1: `name` is missing"));
}

#[test]
fn a_hub_without_keys_does_not_start_and_says_what_to_do() {
    let files = BTreeMap::from([("hub.toml".to_owned(), HUB.to_owned())]);
    let problems = Configuration::read(&Sources::held(files, BTreeMap::new())).unwrap_err();
    let problems = all(&problems);

    assert_eq!(problems.len(), 7, "{problems:#?}");
    assert!(
        problems
            .iter()
            .all(|problem| problem.contains("lethe keys new")),
        "{problems:#?}"
    );
}

#[test]
fn a_secret_is_never_written_in_a_file_nor_shown_in_a_fault() {
    let idp = "id = \"a\"\ntitle = \"A\"\nenvironment = \"test\"\nissuer = \"https://a.example\"\n\
               client_id = \"x\"\npivot = \"none\"\n[levels]\nceiling = \"eidas1\"\nwithout_acr = \"eidas1\"\n\
               [authentication]\nmethod = \"client_secret_basic\"\nsecret = \"hunter2\"\n";
    let problems = read(&[("hub.toml", HUB), ("idps/a.toml", idp)]).unwrap_err();

    assert!(
        problems[0].contains("expected env:NAME or file:PATH"),
        "{problems:?}"
    );
    assert!(!problems.concat().contains("hunter2"));
}

#[test]
fn names_that_lead_nowhere_are_faults() {
    let service =
        fs::read_to_string(root().join("deploy/example/services/town-hall.toml")).unwrap();
    let service = service
        .replace(", \"tax_income\"", "")
        .replace("optional = [\"tax_income\"]", "");
    let named = service.replace(
        "# allowed_idp_hints",
        "allowed_idp_hints = [\"nobody\"]\n# allowed_idp_hints",
    );
    let named = if named == service {
        format!("allowed_idp_hints = [\"nobody\"]\n{service}")
    } else {
        named
    };
    let problems = read(&[("hub.toml", HUB), ("services/town-hall.toml", &named)]).unwrap_err();

    assert!(
        problems
            .iter()
            .any(|problem| problem.contains("names the IdP `nobody`")),
        "{problems:?}"
    );
}

#[test]
fn an_algorithm_without_its_key_is_a_fault() {
    let service =
        fs::read_to_string(root().join("deploy/example/services/town-hall.toml")).unwrap();
    let service = service
        .replace(", \"tax_income\"", "")
        .replace("optional = [\"tax_income\"]", "");
    let hub = format!("{HUB}[keys]\nsigning = [\"file:keys/signing-es256.pem\"]\n");
    let problems = read(&[("hub.toml", &hub), ("services/town-hall.toml", &service)]).unwrap_err();

    assert!(problems[0].contains("wants RS256 tokens"), "{problems:?}");
}

#[test]
fn hostile_files_are_faults_and_no_crash() {
    let deep = "a = ".to_owned() + &"[".repeat(5000);
    for text in [
        "\u{0}",
        "= = =",
        "[[[",
        deep.as_str(),
        "issuer = 1e999",
        "\u{feff}",
        "a.b.c = 1\na = 2",
    ] {
        assert!(read(&[("hub.toml", text)]).is_err());
        assert!(read(&[("hub.toml", HUB), ("idps/x.toml", text)]).is_err());
        assert!(read(&[("hub.toml", HUB), ("services/x.toml", text)]).is_err());
        assert!(read(&[("hub.toml", HUB), ("data-providers/x.toml", text)]).is_err());
    }
}

/// The least that an entry says beside its preset.
fn entry_upon(preset: &str) -> String {
    format!(
        "preset = \"{preset}\"\nid = \"a\"\ntitle = \"A\"\nenvironment = \"test\"\n\
         issuer = \"https://a.example\"\nclient_id = \"x\"\n\
         [authentication]\nmethod = \"private_key_jwt\"\n"
    )
}

#[test]
fn every_preset_holds_an_entry_and_its_own_examples() {
    for (name, text) in idp_adapters::PRESETS {
        let mut entry = entry_upon(name);
        if name == "generic" {
            entry.push_str("[levels]\nceiling = \"eidas1\"\nwithout_acr = \"eidas1\"\n");
        } else {
            assert!(text.contains("[[examples]]"), "{name}");
        }
        read(&[("hub.toml", HUB), ("idps/a.toml", &entry)])
            .unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    }
}

#[test]
fn a_preset_nobody_knows_and_an_example_that_fails_are_faults() {
    let unknown = entry_upon("keycloack");
    let problems = read(&[("hub.toml", HUB), ("idps/a.toml", &unknown)]).unwrap_err();
    assert!(
        problems.iter().any(|problem| problem.contains(
            "idps/a.toml:1: `preset`: expected one of eidas, franceconnect, generic, keycloak"
        )),
        "{problems:?}"
    );

    let broken = entry_upon("nc-connect") + "[mapping]\nlogin = \"sub\"\n";
    let problems = read(&[("hub.toml", HUB), ("idps/a.toml", &broken)]).unwrap_err();
    assert_eq!(
        problems,
        ["idps/a.toml:1: `examples`: example 1 does not come out as expected in login"]
    );
    assert!(!problems.concat().contains("NOUMEA"));
}

#[test]
fn what_identity_needs_is_a_fault_where_it_is_missing_or_wrong() {
    let hub =
        format!("{HUB}[subject]\nderivation = \"fc-v2\"\n[register]\nurl = \"http://r.example\"\n");
    let entry = entry_upon("franceconnect").replace(
        "client_id",
        "register_check = true\nuserinfo = \"encrypted\"\nclient_id",
    ) + "[pivot_when]\nclaim = \"verified\"\n[register_number]\nclaim = \"n\"\ncountry = \"fr\"\n";

    let of_hub = read(&[("hub.toml", &hub)]).unwrap_err();
    let bare = Sources::held(
        BTreeMap::from([
            ("hub.toml".to_owned(), HUB.to_owned()),
            ("idps/a.toml".to_owned(), entry),
        ]),
        held()
            .into_iter()
            .filter(|(name, _)| !name.starts_with("keys/encryption"))
            .collect(),
    );
    let of_idp = all(&Configuration::read(&bare).unwrap_err());

    for (problems, expected) in [
        (&of_hub, "`subject.derivation`: expected pivot-v1 or fc-v1"),
        (&of_hub, "`register.url`: expected https://"),
        (&of_hub, "`register.secret` is missing"),
        (&of_hub, "`register.on_unavailable` is missing"),
        (&of_idp, "`register_check`: hub.toml has no [register]"),
        (&of_idp, "`userinfo`: hub.toml names no key that opens it"),
        (&of_idp, "`pivot_when.values`: add the values"),
        (&of_idp, "`register_number.country`: expected an ISO 3166-1"),
        (&of_idp, "`register_number.scheme` is missing"),
    ] {
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "{expected}: {problems:#?}"
        );
    }
}

#[test]
fn what_the_audit_stream_needs_is_a_fault_where_it_is_missing_or_wrong() {
    let problems = |section: &str, without: &str| {
        let hub = format!("{HUB}[audit]\n{section}");
        let held = held().into_iter().filter(|(name, _)| name != without);
        let files = BTreeMap::from([("hub.toml".to_owned(), hub)]);
        all(&Configuration::read(&Sources::held(files, held.collect())).unwrap_err())
    };
    for (section, without, expected) in [
        ("", "", "`audit.output` is missing"),
        (
            "output = \"syslog\"",
            "",
            "expected folder:PATH, file:PATH or stdout",
        ),
        (
            "output = \"file:\"",
            "",
            "expected folder:PATH, file:PATH or stdout",
        ),
        (
            "output = \"stdout\"",
            "keys/audit",
            "`audit.key`: keys/audit cannot be read",
        ),
        (
            "output = \"stdout\"\nkey = \"file:secrets/smtp\"",
            "",
            "`lethe keys new --only audit` writes them",
        ),
        (
            "output = \"stdout\"\n[proxy]\ntrusted = [\"127.0.0.1\"]\nheader = \"x y\"",
            "",
            "expected the name of a header",
        ),
        (
            "output = \"stdout\"\nescrow = \"file:keys/signing-es256.pem\"",
            "",
            "`audit.escrow`: expected the public key of the escrow",
        ),
        (
            "output = \"stdout\"\n[proxy]\ntrusted = [\"0.0.0.0/0\"]\nheader = \"forwarded\"",
            "",
            "`proxy.trusted`: expected the addresses of your proxies",
        ),
        (
            "output = \"stdout\"\n[proxy]\ntrusted = [\"127.0.0.1\"]",
            "",
            "`proxy.header` is missing",
        ),
    ] {
        let said = problems(section, without);
        assert!(
            said.iter().any(|problem| problem.contains(expected)),
            "{expected}: {said:?}"
        );
    }
}

#[test]
fn a_key_that_encrypts_nothing_is_a_fault() {
    let entry =
        fs::read_to_string(root().join("deploy/example/data-providers/tax-office.toml")).unwrap();
    let jwks = r#"{"keys": [{"kty": "EC", "use": "sig"}]}"#;
    let entry = entry.replace(
        "[authentication]",
        &format!("[encryption]\njwks = '{jwks}'\n\n[authentication]"),
    );
    let problems = read(&[("hub.toml", HUB), ("data-providers/a.toml", &entry)]).unwrap_err();

    assert!(
        problems[0].contains("`encryption.jwks` has no key with use \"enc\""),
        "{problems:?}"
    );
}
