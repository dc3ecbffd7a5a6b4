use std::convert::Infallible;

use hub_core::{
    ids::{ClientId, InvalidId},
    redirect_uri::RedirectUri,
};

use crate::{Document, Section};

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
        let silent = root.flag("allow_prompt_none", false);
        root.number("lifetime", 1..61, 60);
        root.section("name", |names| Some(names.entries()));
        root.section("authentication", |section| section.required("method", text));
        if silent {
            root.add_problem("allow_prompt_none", "not in this test");
        }
        Some((id?.to_string(), uris))
    };
    Document::read("services/a.toml", source, entry)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[test]
fn a_valid_file_is_read() {
    let (id, uris) = read(
        "client_id = \"a\"\nredirect_uris = [\"https://a.example/cb\"]\n[name]\nfr = \"A\"\n\
         [authentication]\nmethod = \"none\"\n",
    )
    .unwrap();

    assert_eq!((id.as_str(), uris.len()), ("a", 1));
}

#[test]
fn every_problem_is_reported_at_once_with_its_line_and_a_remedy() {
    let source = "client_id = 12\nredirect_uri = []\nredirect_uris = [\n  \"http://a.example\",\n  \
                  3,\n]\nallow_prompt_none = true\nlifetime = 61\nwhatever = 1\n[name]\nfr = 1\n[authentication]\n\
                  methd = \"none\"\n";

    assert_eq!(
        read(source).unwrap_err(),
        [
            "services/a.toml:1: `client_id`: expected a text in quotes",
            "services/a.toml:2: `redirect_uri`: unknown key: did you mean `redirect_uris`?",
            "services/a.toml:4: `redirect_uris`: not https: use https://, http:// on 127.0.0.1, \
             [::1] or localhost, or an app's own reverse-domain scheme",
            "services/a.toml:5: `redirect_uris`: expected a list of texts, [\"...\"]",
            "services/a.toml:7: `allow_prompt_none`: not in this test",
            "services/a.toml:8: `lifetime`: expected a whole number from 1 to 60",
            "services/a.toml:9: `whatever`: unknown key: remove it",
            "services/a.toml:11: `name.fr`: expected a text in quotes",
            "services/a.toml:12: `authentication.method` is missing: add it",
            "services/a.toml:13: `authentication.methd`: unknown key: did you mean `method`?",
        ]
    );
}

#[test]
fn a_syntax_error_is_reported_without_a_panic() {
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
fn a_missing_key_is_reported_by_name() {
    assert_eq!(
        read("").unwrap_err(),
        ["services/a.toml:1: `client_id` is missing: add it"]
    );
}

const DEFAULTS: &str = "kind = \"public\"\nlist = [\"a\"]\n[name]\nfr = \"Mairie\"\nen = \"Hall\"\n\
                          [data]\nold = \"1\"\n[rule]\nfrom = \"x\"\n";

/// Reads `(kind, list, name.fr, name.en, data, rule)` from `text` with [`DEFAULTS`].
#[expect(
    clippy::type_complexity,
    reason = "the tuple is used in these tests alone"
)]
fn read_with_defaults(
    text: &str,
) -> Result<
    (
        String,
        Vec<String>,
        String,
        String,
        Vec<(String, String)>,
        String,
    ),
    Vec<String>,
> {
    let owned = |text: &str| Ok::<_, &str>(text.to_owned());
    Document::read_upon(DEFAULTS, "a.toml", text, |root| {
        let kind = root.required("kind", owned);
        let list = root.list("list", owned);
        let (fr, en) = root.section("name", |name| {
            Some((name.required("fr", owned), name.required("en", owned)))
        })?;
        let data = root.section("data", |data| Some(data.entries()));
        let joined = |texts: &[String]| Ok::<_, &str>(texts.join("|"));
        let rule = root.texts_or_section("rule", joined, |rule| {
            let from = rule.optional("from", owned).unwrap_or_default();
            let to = rule.optional("to", owned).unwrap_or_default();
            Some(format!("{from}>{to}"))
        });
        Some((kind?, list, fr?, en?, data?, rule?))
    })
    .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[test]
fn a_missing_key_is_taken_from_the_defaults() {
    let (kind, list, fr, en, data, rule) = read_with_defaults("").unwrap();

    assert_eq!(
        (kind.as_str(), fr.as_str(), en.as_str()),
        ("public", "Mairie", "Hall")
    );
    assert_eq!((list, rule.as_str()), (vec!["a".to_owned()], "x>"));
    assert_eq!(data, [("old".to_owned(), "1".to_owned())]);
}

#[test]
fn a_document_overrides_defaults_by_key_and_replaces_data_and_rules() {
    let text =
        "kind = \"private\"\nrule = { to = \"y\" }\n[name]\nfr = \"Ville\"\n[data]\nnew = \"2\"\n";

    let (kind, _, fr, en, data, rule) = read_with_defaults(text).unwrap();

    assert_eq!(
        (kind.as_str(), fr.as_str(), en.as_str()),
        ("private", "Ville", "Hall")
    );
    assert_eq!(data, [("new".to_owned(), "2".to_owned())]);
    assert_eq!(rule, ">y");
    assert_eq!(read_with_defaults("rule = \"z\"").unwrap().5, "z");
    assert_eq!(
        read_with_defaults("rule = [\"y\", \"z\"]").unwrap().5,
        "y|z"
    );
    assert_eq!(
        read_with_defaults("rule = 1\nkind = 2").unwrap_err(),
        [
            "a.toml:1: `rule`: expected a text, or a list of texts",
            "a.toml:2: `kind`: expected a text in quotes"
        ]
    );
}

#[test]
fn repeated_tables_are_read_and_reported_with_their_number() {
    let text = "[[examples]]\nname = \"a\"\n[examples.claims]\nn = 1\nlist = [true, 0.5]\n[[examples]]\nnam = \"b\"\n";
    let read = |text: &str| {
        Document::read("a.toml", text, |root| {
            Some(root.sections("examples", |example| {
                let name = example.required("name", |text| Ok::<_, &str>(text.to_owned()));
                Some((name?, example.json("claims").unwrap_or_default()))
            }))
        })
    };

    let problems = read(text).unwrap_err();
    let kept = read(text.split_once("[[examples]]\nnam ").unwrap().0).unwrap();

    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "a.toml:6: `examples[2].name` is missing: add it",
            "a.toml:7: `examples[2].nam`: unknown key: did you mean `name`?"
        ]
    );
    assert_eq!(kept.len(), 1);
    assert_eq!(
        serde_json::Value::from(kept[0].1.clone()),
        serde_json::json!({"n": 1, "list": [true, 0.5]})
    );
    assert_eq!(
        Document::peek("preset = \"keycloak\"\nx = ", "preset").as_deref(),
        Some("keycloak")
    );
    assert_eq!(Document::peek("preset = 1", "preset"), None);
}

#[test]
fn a_text_with_an_invisible_character_is_reported() {
    let read = |text: &str| {
        let read = Document::read("a.toml", text, |root| {
            let name = root.localised("name");
            let support = root.optional("support", |text| Ok::<_, &str>(text.to_owned()));
            let keywords = root.list("keywords", |text| Ok::<_, &str>(text.to_owned()));
            Some((name?, support, keywords))
        });
        read.map(|(name, ..)| name.get("fr").to_owned())
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())
    };

    assert_eq!(read("name = \"Ma\\u00ADirie\"").as_deref(), Ok("Mairie"));
    for (text, place) in [
        ("name = \"Mairie\\u202E\"", "a.toml:1: `name`"),
        ("name = { fr = \"Mairie\\u200B\" }", "a.toml:1: `name.fr`"),
        (
            "name = \"x\"\nsupport = \"y\\u0007\"",
            "a.toml:2: `support`",
        ),
        (
            "name = \"x\"\nkeywords = [\"y\", \"z\\uFEFF\"]",
            "a.toml:2: `keywords`",
        ),
    ] {
        let problems = read(text).unwrap_err();

        let expected = format!("{place}: has a character that cannot be seen");
        assert!(
            problems
                .iter()
                .any(|problem| problem.starts_with(&expected)),
            "{problems:?}"
        );
    }
}
