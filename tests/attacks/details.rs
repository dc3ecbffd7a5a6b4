//! `authorization_details`: nothing is passed on that the page did not show.

use hub_tests::{JsonExt, World, WorldOptions};
use serde_json::{Value, json};

const SCHEMA: &str = r#""additionalProperties": false, "properties": {"type": {"const": "fiscal_notice"}, "year": {"type": "integer", "minimum": 2020}}}"#;

fn open(to: &'static str) -> Result<World, anyhow::Error> {
    World::open_with(WorldOptions {
        edits: vec![("data-providers/taxes.toml", SCHEMA, to)],
        ..WorldOptions::default()
    })
}

#[actix_web::test]
async fn a_schema_of_details_that_takes_unknown_members_is_a_fault() {
    for (schema, place) in [
        (r#""properties": {"year": {"type": "integer"}}}"#, "$ "),
        (
            r#""additionalProperties": {"type": "string"}, "properties": {"year": {"type": "integer"}}}"#,
            "$ ",
        ),
        (
            r#""additionalProperties": false, "patternProperties": {"^x": {"type": "string"}}, "properties": {"year": {"type": "integer"}}}"#,
            "$ ",
        ),
        (
            r#""additionalProperties": false, "properties": {"year": {"type": "object", "properties": {}}}}"#,
            "$.year ",
        ),
        (
            r#""additionalProperties": false, "properties": {"year": {}}}"#,
            "$.year ",
        ),
        (
            r#""additionalProperties": false, "properties": {"year": true}}"#,
            "$.year ",
        ),
        (
            r#""additionalProperties": false, "properties": {"year": {"type": "array"}}}"#,
            "$.year[] ",
        ),
        (
            r#""additionalProperties": false, "properties": {"year": {"type": "array", "items": {"type": ["object", "null"]}}}}"#,
            "$.year[] ",
        ),
        (
            r#""additionalProperties": false, "properties": {"year": {"anyOf": [{"type": "object"}]}}}"#,
            "$.year ",
        ),
    ] {
        let error = open(schema).map(|_world| ()).unwrap_err().to_string();
        let said = format!("{place}accepts members that citizens are not shown");
        assert!(error.contains(&said), "{schema}: {error}");
    }
}

/// A type with members that its words do not name.
const WIDE: &str = r#""additionalProperties": false, "properties": {"type": {"const": "fiscal_notice"}, "year": {"type": "string"}, "purpose": {"type": "string"}, "for": {"type": "object", "additionalProperties": false, "properties": {"whom": {"type": "string"}}}}}"#;

#[actix_web::test]
async fn every_member_of_the_details_is_on_the_page_and_a_services_words_are_quoted() {
    let world = open(WIDE).unwrap();
    let sp = world.sp("canteen");
    let page = async |detail: Value| {
        let details = json!([detail]).to_string();
        let changes = [
            ("authorization_details", details.as_str()),
            ("scope", "openid"),
        ];
        let start = sp.authorization_url(&changes);
        world.outcome(&start, "boussole", "angela").await
    };

    let shown = page(json!({
        "type": "fiscal_notice", "year": "{purpose}", "purpose": "publicité",
        "for": {"whom": "<b>tiers</b>"},
    }));
    let (_, shown) = shown.await.unwrap();

    let html = shown.page.html().replace('\u{a0}', " ");
    for said in [
        "votre avis de « {purpose} »",
        "purpose: « publicité »",
        "for: whom: « &lt;b&gt;tiers&lt;/b&gt; »",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    for text in [
        "a".repeat(201),
        "2025 ». Rien n’est transmis. «".to_owned(),
        "2025\u{202e}".to_owned(),
        "2025\n".to_owned(),
        "20\u{200b}25".to_owned(),
    ] {
        let details = json!([{"type": "fiscal_notice", "year": "2025", "for": {"whom": text}}]);
        let details = details.to_string();
        let changes = [
            ("authorization_details", details.as_str()),
            ("scope", "openid"),
        ];
        let start = sp.request(&changes);
        let mut browser = hub_tests::Browser::open();
        let refused = browser.visit(&start.unwrap()).await;
        let location = refused.expect_header("location");
        assert!(
            location.contains("error=invalid_authorization_details"),
            "{text:?}: {location}"
        );
    }
}

#[actix_web::test]
async fn an_exchange_that_names_scopes_keeps_no_details() {
    let world = World::start();
    let sp = world.sp("canteen");
    let taxes = world.dp("taxes");
    let details = r#"[{"type":"fiscal_notice","year":2025}]"#;
    let changes = [
        ("scope", "openid fiscal_income"),
        ("authorization_details", details),
    ];
    let ticks = ["data:taxes:fiscal_notice:0"];
    let tokens = world.login_for_tokens(&sp, &changes, &ticks).await;
    let whole = tokens["access_token"].text();

    for (asked, scope, kept) in [
        (vec![("scope", "fiscal_income")], json!("fiscal_income"), 0),
        (vec![("authorization_details", details)], Value::Null, 1),
        (
            vec![
                ("scope", "fiscal_income"),
                ("authorization_details", details),
            ],
            json!("fiscal_income"),
            1,
        ),
        (vec![], json!("fiscal_income"), 1),
    ] {
        let exchanged = sp.exchange(whole, &taxes.resource(), &asked).await;
        let (status, answer) = exchanged.unwrap();
        let told = taxes.told(answer["access_token"].text()).await;
        let told = told.unwrap();
        assert_eq!(status, 200, "{asked:?}");
        for said in [&answer, &told] {
            assert_eq!(said["scope"], scope, "{asked:?}");
            let details = said["authorization_details"].as_array();
            assert_eq!(details.map_or(0, Vec::len), kept, "{asked:?}");
        }
    }
}
