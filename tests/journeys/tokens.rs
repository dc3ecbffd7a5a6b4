//! The token endpoint and userinfo: every wrong way in.

use std::collections::BTreeSet;

use hub_tests::{Browser, JsonExt, RelyingParty, Returned, World};
use serde_json::{Value, json};

async fn code(world: &World, sp: &RelyingParty) -> String {
    let mut browser = Browser::open();
    let start = sp.authorization_url(&[]);
    let authentication = world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;
    Returned::from(&authentication).get("code").to_owned()
}

fn without(fields: &[(String, String)], name: &str) -> Vec<(String, String)> {
    fields
        .iter()
        .filter(|(known, _)| known != name)
        .cloned()
        .collect()
}

fn with(fields: &[(String, String)], name: &str, value: &str) -> Vec<(String, String)> {
    let mut fields = without(fields, name);
    fields.push((name.to_owned(), value.to_owned()));
    fields
}

#[actix_web::test]
async fn each_fault_of_a_token_request_speaks_its_rfc_code() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let dead = sp.token_fields(&"A".repeat(43));
    let table = [
        ("invalid_grant", dead.clone()),
        ("invalid_grant", with(&dead, "code", "short")),
        ("invalid_request", without(&dead, "grant_type")),
        (
            "unsupported_grant_type",
            with(&dead, "grant_type", "password"),
        ),
        (
            "unsupported_grant_type",
            with(&dead, "grant_type", "refresh_token"),
        ),
        ("invalid_request", without(&dead, "code")),
        ("invalid_request", without(&dead, "redirect_uri")),
        ("invalid_request", with(&dead, "code_verifier", "short")),
        ("invalid_request", [dead.clone(), dead.clone()].concat()),
    ];
    for (expected, fields) in table {
        let (status, answer) = sp.request_tokens(&fields).await;

        assert_eq!(
            (status, &answer["error"]),
            (400, &json!(expected)),
            "{fields:?}"
        );
    }
}

#[actix_web::test]
async fn a_failed_token_request_says_nothing_of_the_code() {
    let world = World::start();
    let sp = world.sp("town-hall");

    let code = "B".repeat(43);
    let (_, answer) = sp.request_tokens(&sp.token_fields(&code)).await;

    assert_eq!(answer["error"], "invalid_grant");
    let description = answer["error_description"].text();
    // A sandbox service gets the long form, which tells the length of the code and no more of it.
    assert!(description.starts_with("the code is unknown, spent or expired; received: code: 43"));
    assert!(!description.contains("BBB"), "{description}");
}

#[actix_web::test]
async fn a_client_that_proves_nothing_gets_nothing() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let fields = sp.token_fields(&"A".repeat(43));
    let id = |id: &str| with(&fields, "client_id", id);
    let secret = |fields: &[(String, String)], value: &str| with(fields, "client_secret", value);
    let basic = |text: &str| format!("Basic {}", base64(text.as_bytes()));
    let table = [
        (401, "invalid_client", None, fields.clone()),
        (401, "invalid_client", None, id("town-hall")),
        (
            401,
            "invalid_client",
            None,
            secret(&id("town-hall"), "wrong"),
        ),
        (401, "invalid_client", None, secret(&id("nobody"), "wrong")),
        (401, "invalid_client", None, secret(&id("app"), "anything")),
        (
            401,
            "invalid_client",
            Some(basic("town-hall:wrong")),
            fields.clone(),
        ),
        (
            401,
            "invalid_client",
            Some(basic("town-hall")),
            fields.clone(),
        ),
        (
            401,
            "invalid_client",
            Some("Basic %%%".into()),
            fields.clone(),
        ),
        (
            401,
            "invalid_client",
            Some("Bearer x".into()),
            fields.clone(),
        ),
        (
            400,
            "invalid_request",
            Some(basic("town-hall:x")),
            secret(&fields, "x"),
        ),
        (
            400,
            "invalid_request",
            Some(basic("town-hall:x")),
            id("library"),
        ),
        (
            400,
            "invalid_request",
            None,
            with(&secret(&id("town-hall"), "x"), "client_assertion", "a.b.c"),
        ),
        (
            400,
            "invalid_request",
            None,
            with(&id("keyed"), "client_assertion", "a.b.c"),
        ),
    ];
    for (status, error, authorization, fields) in table {
        let (got, headers, answer) = sp
            .request_tokens_as(authorization.as_deref(), &fields)
            .await;

        assert_eq!(
            (got, &answer["error"]),
            (status, &json!(error)),
            "{authorization:?} {fields:?}"
        );
        let challenged = headers.contains_key("www-authenticate");
        assert_eq!(challenged, status == 401 && authorization.is_some());
    }
}

/// Standard base64, for a header that a test writes by hand.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let word = group
            .iter()
            .fold(0_u32, |word, byte| (word << 8) | u32::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = usize::try_from((word >> (18 - 6 * place)) & 63).unwrap();
            text.push(if place <= group.len() {
                char::from(ALPHABET[letter])
            } else {
                '='
            });
        }
    }
    text
}

#[actix_web::test]
async fn codes_are_bound_to_client_redirect_and_verifier() {
    let world = World::start();
    let (owner, other) = (world.sp("town-hall"), world.sp("library"));
    let foreign = other
        .request_tokens(&owner.token_fields(&code(&world, &owner).await))
        .await
        .1;
    let fields = owner.token_fields(&code(&world, &owner).await);
    let elsewhere = owner
        .request_tokens(&with(&fields, "redirect_uri", "http://127.0.0.1/native"))
        .await
        .1;
    let fields = owner.token_fields(&code(&world, &owner).await);
    let guessed = owner
        .request_tokens(&with(&fields, "code_verifier", &"a".repeat(43)))
        .await
        .1;
    let fields = owner.token_fields(&code(&world, &owner).await);
    let bare = owner
        .request_tokens(&without(&fields, "code_verifier"))
        .await
        .1;

    for answer in [foreign, elsewhere, guessed, bare] {
        assert_eq!(answer["error"], "invalid_grant", "{answer}");
    }
}

#[actix_web::test]
async fn userinfo_answers_in_header_or_form_and_nowhere_else() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let (tokens, _) = sp.redeem_code(&code(&world, &sp).await).await;
    let access = tokens["access_token"].text();
    let url = world.hub_url("/userinfo");
    let mut browser = Browser::open();
    let bearer = format!("Bearer {access}");
    let form = [("access_token".to_owned(), access.to_owned())];

    let header = browser
        .visit_with(&url, &[("authorization", &bearer)])
        .await;
    let posted = browser.post_form(&url, &form).await;
    let mut in_query = url.clone();
    in_query
        .query_pairs_mut()
        .append_pair("access_token", access);
    let query = browser.visit(&in_query).await;
    let nothing = browser.visit(&url).await;
    let wrong = browser
        .visit_with(&url, &[("authorization", "Bearer wrong")])
        .await;
    let cut = browser
        .visit_with(
            &url,
            &[("authorization", bearer.get(..bearer.len() - 1).unwrap())],
        )
        .await;

    assert_eq!((header.status, posted.status), (200, 200));
    assert_eq!(
        (query.status, nothing.status, wrong.status, cut.status),
        (400, 401, 401, 401)
    );
    assert_eq!(nothing.header("www-authenticate"), Some("Bearer"));
    assert_eq!(
        wrong.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
    for answer in [header, posted, query, nothing, wrong] {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(serde_json::from_str::<Value>(answer.page.html()).is_ok());
    }
}

#[actix_web::test]
async fn servers_are_answered_in_json_whatever_they_do_wrong() {
    let world = World::start();
    let mut browser = Browser::open();
    for path in [
        "/token",
        "/jwks",
        "/userinfo",
        "/.well-known/openid-configuration",
    ] {
        let url = world.hub_url(path);
        let posted = browser.post_form(&url, &[("a".into(), "b".into())]).await;
        let got = browser.visit(&url).await;
        for answer in [posted, got] {
            let kind = answer.header("content-type").unwrap_or_default().to_owned();
            assert!(
                kind.starts_with("application/json"),
                "{path} {} {kind}",
                answer.status
            );
            assert!(answer.status < 500);
        }
    }
}

#[actix_web::test]
async fn what_can_be_read_can_be_asked_for_its_head() {
    let world = World::start();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in ["/jwks", "/client/jwks", "/.well-known/openid-configuration"] {
        let url = world.hub_url(path);
        let head = client.head(url.clone()).send().await.unwrap();
        let posted = client.post(url).send().await.unwrap();

        assert_eq!(head.status().as_u16(), 200, "{path}");
        assert!(head.text().await.unwrap().is_empty());
        assert_eq!(posted.status().as_u16(), 405);
        assert_eq!(posted.headers()["allow"], "GET, HEAD", "{path}");
    }
}

#[actix_web::test]
async fn the_scope_of_the_token_answer_is_what_was_granted() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[("scope", "openid email unknown")]);
    let authentication = world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;

    let (tokens, _) = sp
        .redeem_code(Returned::from(&authentication).get("code"))
        .await;

    let names: BTreeSet<&str> = tokens.members().keys().map(String::as_str).collect();
    let known = [
        "access_token",
        "expires_in",
        "id_token",
        "scope",
        "token_type",
        // In a sandbox: that `unknown` was ignored.
        "warnings",
    ];
    assert_eq!(names, BTreeSet::from(known));
    assert_eq!(tokens["scope"], "openid email");
}
