//! `lethe sp new --client`: every library gets an entry that fits, and the configuration that the document
//! shows.

use std::fs;

use hub::cli::{ClientLibrary, NewService, recipe};

use crate::{
    architecture::root,
    command_line::{Folder, HUB, out, run},
};

const KEYCLOAK: &str = "https://id.example/realms/town/broker/lethe/endpoint";

/// The words of `lethe sp new` for a service with `client`.
fn new_service<'a>(client: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let url = "https://library.example/";
    let mut words = vec!["sp", "new", client, "--name", "Library", "--url", url];
    words.extend(["--scope", "profile", "--client", client]);
    words.extend(more);
    words
}

fn hub(name: &str) -> Folder {
    let folder = Folder::new(name);
    fs::write(folder.path().join("hub.toml"), HUB).unwrap();
    folder
}

#[test]
fn every_client_library_gets_an_entry_that_passes_the_check() {
    let folder = hub("client-libraries");
    assert!(run(&folder, &["keys", "new"]).status.success());
    for library in &ClientLibrary::ALL {
        let redirect = ["--redirect", KEYCLOAK];
        let more = if library.name == "keycloak" {
            &redirect[..]
        } else {
            &[]
        };

        let made = run(&folder, &new_service(library.name, more));

        let printed = out(&made);
        assert!(made.status.success(), "{printed}");
        assert_eq!(printed.contains("client_secret "), !library.public);
        assert!(printed.contains("https://hub.example"), "{printed}");
        let entry = folder
            .path()
            .join(format!("services/{}.toml", library.name));
        let entry = fs::read_to_string(entry).unwrap();
        assert!(entry.contains("signing_alg = \"RS256\""), "{entry}");
        assert_eq!(
            entry.contains("pkce = \"optional\""),
            library.name == "drupal"
        );
    }
    // The services share a sector: they are one organisation's.
    let checked = run(&folder, &["check"]);
    assert!(out(&checked).contains("12 services"), "{}", out(&checked));
}

#[test]
fn an_algorithm_that_a_library_cannot_verify_is_refused() {
    let folder = hub("client-algorithms");

    let php = run(&folder, &new_service("php", &["--signing", "ES256"]));
    let spring = run(&folder, &new_service("spring", &["--signing", "ES256"]));
    let unknown = run(&folder, &new_service("cobol", &[]));

    assert!(out(&php).contains("cannot verify ES256"), "{}", out(&php));
    assert!(out(&spring).contains("SignatureAlgorithm.ES256"));
    assert!(
        out(&unknown).contains("mod-auth-openidc"),
        "{}",
        out(&unknown)
    );
}

#[test]
fn a_redirect_address_that_only_the_operator_knows_is_asked_for() {
    let folder = hub("client-redirects");

    let keycloak = run(&folder, &new_service("keycloak", &[]));
    let url = [
        "sp",
        "new",
        "a",
        "--name",
        "A",
        "--url",
        "https://a.example/",
    ];
    let neither = run(&folder, &url);

    assert!(out(&keycloak).contains("needs --redirect"));
    assert!(out(&neither).contains("--client with one of browser, django"));
}

#[test]
fn the_document_shows_the_configuration_that_the_command_prints() {
    let document = fs::read_to_string(root().join("docs/CLIENTS.md")).unwrap();
    for library in &ClientLibrary::ALL {
        let url = "https://library.example/".to_owned();
        let redirect = library
            .redirect_uri(&url)
            .unwrap_or_else(|_unknown| KEYCLOAK.to_owned());
        let service = NewService {
            client_id: "library".to_owned(),
            name: "Library".to_owned(),
            organisation: "Library".to_owned(),
            service_url: url,
            redirect_uris: vec![redirect],
            scopes: vec!["openid".to_owned(), "profile".to_owned()],
            library: Some(library),
            signing: "RS256".to_owned(),
        };

        let printed = recipe(library, &service, "https://hub.example", "SECRET").unwrap();

        for file in printed.split("--- ").skip(1) {
            let (name, text) = file.split_once('\n').unwrap();
            assert!(
                document.contains(&format!("\n{text}```")),
                "docs/CLIENTS.md lacks {name} of {}, or has another:\n{text}",
                library.name
            );
        }
    }
}
