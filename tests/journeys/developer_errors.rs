//! What the developers of a sandbox service read: received, expected, and where to read on.

use hub_core::encoding::base64;
use hub_tests::{Browser, JsonExt, RelyingParty, Returned, World};
use serde_json::Value;

/// The description of the refusal at `/authorize`.
async fn refused(sp: &RelyingParty, changes: &[(&str, &str)]) -> String {
    let start = sp.authorization_url(changes);
    let answer = Browser::open().visit(&start).await;
    let returned = Returned::from(&answer.redirect_url());
    returned.get("error_description").to_owned()
}

fn description(answer: &Value) -> &str {
    answer["error_description"].text()
}

fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[actix_web::test]
async fn a_refusal_at_authorize_says_what_was_received_and_what_was_expected() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let table = [
        (
            ("scope", "openid phone"),
            vec![
                "not granted: phone",
                "identite_pivot",
                "INTEGRATING, Scopes",
            ],
        ),
        (("scope", "profile"), vec!["scope: profile", "openid"]),
        (
            ("response_type", "token"),
            vec!["response_type: token", "expected: code"],
        ),
        (
            ("response_mode", "fragment"),
            vec!["response_mode: fragment", "form_post"],
        ),
        (
            ("code_challenge", ""),
            vec!["code_challenge: nothing", "43 characters"],
        ),
        (
            ("code_challenge_method", "plain"),
            vec!["code_challenge_method: plain", "S256"],
        ),
        (("prompt", "maybe"), vec!["prompt: maybe", "select_account"]),
        (("max_age", "soon"), vec!["max_age: soon", "seconds"]),
        (("idp_hint", "boussole"), vec!["idp_hint: boussole", "none"]),
    ];
    for (change, parts) in table {
        assert_says(&refused(&sp, &[change]).await, &parts);
    }
    // Its one IdP does not reach that level.
    let picky = world.sp("picky");
    let text = refused(&picky, &[("acr_values", "eidas3")]).await;
    assert_says(&text, &["acr_values: eidas3", "eidas1"]);
}

#[actix_web::test]
async fn a_refusal_at_the_token_endpoint_names_the_failure() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let without = |fields: Vec<(String, String)>, name: &str| -> Vec<(String, String)> {
        fields.into_iter().filter(|(key, _)| key != name).collect()
    };

    let fields = sp.token_fields(&world.login_for_code(&sp, &[], &[]).await);
    let (_, answer) = sp.request_tokens(&without(fields, "code_verifier")).await;
    assert_eq!(answer["error"], "invalid_grant");
    let parts = ["code_verifier: nothing", "had a code_challenge"];
    assert_says(description(&answer), &parts);

    let mut fields = sp.token_fields(&world.login_for_code(&sp, &[], &[]).await);
    for (name, value) in &mut fields {
        if name == "redirect_uri" {
            "https://town-hall.example/other".clone_into(value);
        }
    }
    let (_, answer) = sp.request_tokens(&fields).await;
    let parts = [
        "redirect_uri: https://town-hall.example/other",
        "expected: https://town-hall.example/callback",
    ];
    assert_says(description(&answer), &parts);

    let fields = [("grant_type".to_owned(), "password".to_owned())];
    let (_, answer) = sp.request_tokens(&fields).await;
    assert_says(description(&answer), &["grant_type: password", "expected"]);
}

#[actix_web::test]
async fn each_failure_of_a_client_is_told_apart() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let basic = |pair: &str| format!("Basic {}", base64(pair.as_bytes()));
    let named = |id: &str, secret: &str| -> Vec<(String, String)> {
        let mut fields = sp.token_fields("no-code");
        fields.push(("client_id".to_owned(), id.to_owned()));
        if !secret.is_empty() {
            fields.push(("client_secret".to_owned(), secret.to_owned()));
        }
        fields
    };
    let table = [
        (None, sp.token_fields("no-code"), vec!["no client_id"]),
        (
            None,
            named("town-hall", ""),
            vec!["another method", "client_secret_basic"],
        ),
        (
            None,
            named("town-hall", "wrong"),
            vec!["another secret", "client_secret in the form"],
        ),
        (
            Some(basic("town-hall:wrong")),
            sp.token_fields("no-code"),
            vec!["another secret", "an Authorization header"],
        ),
        (
            None,
            named("keyed", "wrong"),
            vec!["another method", "private_key_jwt"],
        ),
        (
            None,
            named("town-hal", "wrong"),
            vec!["client_id town-hal is not registered"],
        ),
    ];
    for (authorization, fields, parts) in table {
        let sent = sp.raw_token(authorization.as_deref(), &fields).await;
        let (status, _, answer) = sent.unwrap();
        assert_eq!((status, &answer["error"]), (401, &"invalid_client".into()));
        assert_says(description(&answer), &parts);
    }
    let start = sp.authorization_url(&[("client_id", "town-hal")]);
    let page = Browser::open().visit(&start).await;
    assert_eq!(page.page.code().as_deref(), Some("L2001"));
    assert!(page.page.html().contains("town-hal<"));
}

#[actix_web::test]
async fn what_was_ignored_is_on_the_page_and_in_the_token_answer() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let asked = [
        ("scope", "openid email health"),
        ("acr_values", "loa9 eidas1"),
    ];
    let start = sp.authorization_url(&asked);
    let (mut browser, review) = world
        .login_in_new_browser(&start, "boussole", "angela")
        .await;
    for ignored in ["unknown: health", "unknown: loa9"] {
        assert!(review.page.html().contains(ignored), "{ignored}");
    }

    let authentication = world.consent(&mut browser, &review).await;
    let code = Returned::from(&authentication).get("code").to_owned();
    let (_, tokens) = sp.request_tokens(&sp.token_fields(&code)).await;

    let warnings = tokens["warnings"].items();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert_says(warnings[0].text(), &["health", "Scopes"]);
    assert_says(warnings[1].text(), &["loa9", "eidas1"]);
    let tokens = world.login_for_tokens(&sp, &[], &[]).await;
    assert!(tokens.get("warnings").is_none());
}
