use std::convert::Infallible;

use crate::{
    document::{Document, Section},
    ids::{ClientId, InvalidId},
    redirect_uri::RedirectUri,
};

#[expect(
    clippy::unnecessary_wraps,
    reason = "the form of every parser of a section"
)]
fn text(text: &str) -> Result<String, Infallible> {
    Ok(text.to_owned())
}

fn client(text: &str) -> Result<ClientId, InvalidId> {
    text.parse()
}

fn read(source: &str) -> Result<(String, Vec<RedirectUri>), Vec<String>> {
    let entry = |root: &Section<'_>| {
        let id = root.required("client_id", client);
        let uris = root.list("redirect_uris", RedirectUri::parse);
        let silent = root.flag("silent", false);
        root.number("lifetime", 1..61, 60);
        root.section("name", |names| Some(names.entries()));
        root.section("authentication", |section| section.required("method", text));
        if silent {
            root.blame("silent", "not in this test");
        }
        Some((id?.to_string(), uris))
    };
    Document::read("services/a.toml", source, entry)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

#[test]
fn a_good_file_is_read() {
    let (id, uris) = read(
        "client_id = \"a\"\nredirect_uris = [\"https://a.example/cb\"]\n[name]\nfr = \"A\"\n\
         [authentication]\nmethod = \"none\"\n",
    )
    .unwrap();

    assert_eq!((id.as_str(), uris.len()), ("a", 1));
}

#[test]
fn every_fault_is_reported_at_once_with_its_line_and_a_remedy() {
    let source = "client_id = 12\nredirect_uri = []\nredirect_uris = [\n  \"http://a.example\",\n  \
                  3,\n]\nsilent = true\nlifetime = 61\nwhatever = 1\n[name]\nfr = 1\n[authentication]\n\
                  methd = \"none\"\n";

    assert_eq!(
        read(source).unwrap_err(),
        [
            "services/a.toml:1: `client_id`: expected a text in quotes",
            "services/a.toml:2: `redirect_uri`: unknown key: did you mean `redirect_uris`?",
            "services/a.toml:4: `redirect_uris`: not https: use https://, http:// on 127.0.0.1, \
             [::1] or localhost, or an app's own reverse-domain scheme",
            "services/a.toml:5: `redirect_uris`: expected a list of texts, [\"...\"]",
            "services/a.toml:7: `silent`: not in this test",
            "services/a.toml:8: `lifetime`: expected a whole number from 1 to 60",
            "services/a.toml:9: `whatever`: unknown key: remove it",
            "services/a.toml:11: `name.fr`: expected a text in quotes",
            "services/a.toml:12: `authentication.method` is missing: add it",
            "services/a.toml:13: `authentication.methd`: unknown key: did you mean `method`?",
        ]
    );
}

#[test]
fn broken_toml_is_a_fault_and_no_panic() {
    for source in [
        "client_id = ",
        "= 1",
        "[a",
        "client_id = \"a\"\nclient_id = \"b\"",
        "\u{0}",
        "a = [1,,2]",
    ] {
        assert!(read(source).is_err(), "{source:?}");
    }
}

#[test]
fn a_missing_key_is_named() {
    assert_eq!(
        read("").unwrap_err(),
        ["services/a.toml:1: `client_id` is missing: add it"]
    );
}
