//! What a service asks at `/authorize`: rules of `wire.md`, one by one.

use hub_tests::{Browser, JsonExt, Returned, World, WorldOptions};
use serde_json::json;

/// The refusal that comes back to the service, or the page's code.
async fn refusal(world: &World, service: &'static str, changes: &[(&str, &str)]) -> String {
    let sp = world.sp(service);
    let mut browser = Browser::open();
    let answer = browser.visit(&sp.authorization_url(changes)).await;
    match answer.header("location") {
        None => answer.page.code().unwrap(),
        Some(location) if location.starts_with("https://") => {
            let returned = Returned::from(&location.parse().unwrap());
            let sent_state = changes
                .iter()
                .find(|(name, _)| *name == "state")
                .map(|(_, value)| *value);
            if sent_state.is_none() {
                assert_eq!(returned.get("state"), sp.state, "{changes:?}");
            }
            assert!(!returned.get("error_description").is_empty());
            returned.get("error").to_owned()
        }
        Some(_) => "accepted".to_owned(),
    }
}

#[actix_web::test]
async fn each_fault_of_a_request_is_refused_with_its_own_code() {
    let world = World::start();
    let long = "x".repeat(2049);
    let table = [
        ("accepted", "town-hall", Vec::<(&str, &str)>::new()),
        ("L2001", "town-hall", vec![("client_id", "nobody")]),
        ("L2001", "town-hall", vec![("client_id", "")]),
        (
            "L2003",
            "town-hall",
            vec![("redirect_uri", "https://evil.example/")],
        ),
        ("L2003", "town-hall", vec![("redirect_uri", "")]),
        (
            "unsupported_response_type",
            "town-hall",
            vec![("response_type", "token")],
        ),
        (
            "unsupported_response_type",
            "town-hall",
            vec![("response_type", "code id_token")],
        ),
        ("invalid_request", "town-hall", vec![("response_type", "")]),
        (
            "invalid_request",
            "town-hall",
            vec![("response_mode", "fragment")],
        ),
        (
            "invalid_request",
            "town-hall",
            vec![("response_mode", "jwt")],
        ),
        ("invalid_request", "town-hall", vec![("scope", "profile")]),
        ("invalid_request", "town-hall", vec![("scope", "")]),
        (
            "invalid_scope",
            "town-hall",
            vec![("scope", "openid phone")],
        ),
        (
            "accepted",
            "town-hall",
            vec![("scope", "openid whatever offline_access")],
        ),
        ("accepted", "town-hall", vec![("state", "")]),
        ("accepted", "town-hall", vec![("nonce", "")]),
        ("invalid_request", "town-hall", vec![("state", &long)]),
        ("invalid_request", "town-hall", vec![("nonce", &long)]),
        (
            "invalid_request",
            "town-hall",
            vec![("code_challenge", ""), ("code_challenge_method", "")],
        ),
        (
            "invalid_request",
            "town-hall",
            vec![("code_challenge", "short")],
        ),
        (
            "invalid_request",
            "town-hall",
            vec![("code_challenge_method", "plain")],
        ),
        (
            "invalid_request",
            "town-hall",
            vec![("code_challenge_method", "")],
        ),
        ("invalid_request", "fc-service", vec![("nonce", "tooshort")]),
        ("invalid_request", "fc-service", vec![("nonce", "")]),
        ("invalid_request", "fc-service", vec![("state", "")]),
        (
            "accepted",
            "fc-service",
            vec![("code_challenge", ""), ("code_challenge_method", "")],
        ),
        ("login_required", "town-hall", vec![("prompt", "none")]),
        (
            "invalid_request",
            "town-hall",
            vec![("prompt", "none login")],
        ),
        ("invalid_request", "town-hall", vec![("prompt", "create")]),
        (
            "accepted",
            "town-hall",
            vec![("prompt", "login consent select_account")],
        ),
        ("invalid_request", "town-hall", vec![("max_age", "-1")]),
        ("invalid_request", "town-hall", vec![("max_age", "+1")]),
        ("invalid_request", "town-hall", vec![("max_age", "soon")]),
        ("accepted", "town-hall", vec![("max_age", "0")]),
        ("accepted", "town-hall", vec![("acr_values", "unknown")]),
        (
            "accepted",
            "town-hall",
            vec![("acr_values", "unknown eidas3")],
        ),
        (
            "unmet_authentication_requirements",
            "picky",
            vec![("acr_values", "eidas3")],
        ),
        ("accepted", "picky", vec![("acr_values", "eidas3 eidas2")]),
        ("accepted", "picky", vec![("acr_values", "eidas1")]),
        ("invalid_request", "town-hall", vec![("claims", "{")]),
        ("invalid_request", "town-hall", vec![("claims", "[]")]),
        (
            "invalid_request",
            "town-hall",
            vec![("claims", r#"{"userinfo": 1}"#)],
        ),
        (
            "accepted",
            "town-hall",
            vec![("claims", r#"{"userinfo": {"email": null}, "x": 1}"#)],
        ),
        (
            "unmet_authentication_requirements",
            "town-hall",
            vec![(
                "claims",
                r#"{"id_token": {"acr": {"essential": true, "value": "gold"}}}"#,
            )],
        ),
        (
            "invalid_idp_hint",
            "town-hall",
            vec![("idp_hint", "boussole")],
        ),
        ("invalid_idp_hint", "picky", vec![("idp_hint", "ardoise")]),
        (
            "invalid_request",
            "town-hall",
            vec![("id_token_hint", "a.b.c")],
        ),
        (
            "request_not_supported",
            "town-hall",
            vec![("request", "a.b.c")],
        ),
        (
            "request_uri_not_supported",
            "town-hall",
            vec![("request_uri", "https://evil.example")],
        ),
        (
            "invalid_authorization_details",
            "town-hall",
            vec![("authorization_details", "[]")],
        ),
        (
            "accepted",
            "town-hall",
            vec![
                ("login_hint", "a@b"),
                ("display", "popup"),
                ("claims_locales", "x"),
            ],
        ),
        ("accepted", "town-hall", vec![("anything", "else")]),
        (
            "accepted",
            "town-hall",
            vec![("redirect_uri", "http://127.0.0.1:5555/native")],
        ),
    ];
    for (expected, service, changes) in table {
        assert_eq!(
            refusal(&world, service, &changes).await,
            expected,
            "{service} {changes:?}"
        );
    }
}

#[actix_web::test]
async fn a_repeated_parameter_is_refused() {
    let world = World::start();
    let sp = world.sp("town-hall");
    for name in [
        "scope",
        "state",
        "nonce",
        "response_type",
        "acr_values",
        "anything",
    ] {
        let mut url = sp.authorization_url(&[]);
        url.query_pairs_mut()
            .append_pair(name, "x")
            .append_pair(name, "y");
        let answer = Browser::open().visit(&url).await;

        assert_eq!(
            Returned::from(&answer.redirect_url()).get("error"),
            "invalid_request",
            "{name}"
        );
    }
    for name in ["client_id", "redirect_uri"] {
        let mut url = sp.authorization_url(&[]);
        url.query_pairs_mut().append_pair(name, "x");
        let answer = Browser::open().visit(&url).await;

        assert_eq!(
            (answer.status, answer.page.code().as_deref()),
            (400, Some("L2004")),
            "{name}"
        );
    }
}

#[actix_web::test]
async fn state_comes_back_byte_for_byte() {
    let world = World::start();
    for state in ["a b+c%26&=;é\u{1F600}", "../%00%0d%0a", "\"'<>{}"] {
        let sp = world.sp("town-hall");
        let url = sp.authorization_url(&[("state", state), ("prompt", "none")]);
        let answer = Browser::open().visit(&url).await;

        assert_eq!(Returned::from(&answer.redirect_url()).get("state"), state);
    }
}

#[actix_web::test]
async fn refusals_carry_the_issuer_but_for_franceconnect_services() {
    let world = World::start();
    let issuer = |service| {
        let url = world.sp(service).authorization_url(&[("prompt", "none")]);
        async move {
            let answer = Browser::open().visit(&url).await;
            Returned::from(&answer.redirect_url()).get("iss").to_owned()
        }
    };

    assert_eq!(issuer("town-hall").await, world.issuer);
    assert_eq!(issuer("fc-service").await, "");
}

#[actix_web::test]
async fn the_answer_is_in_the_family_of_acr_values_it_was_asked_in() {
    let world = World::start();
    let table = [
        ("eidas2", "boussole", "eidas2"),
        (
            "http://eidas.europa.eu/LoA/substantial",
            "boussole",
            "http://eidas.europa.eu/LoA/substantial",
        ),
        (
            "https://www.spid.gov.it/SpidL2",
            "boussole",
            "https://www.spid.gov.it/SpidL2",
        ),
        (
            "unknown http://eidas.europa.eu/LoA/low",
            "citadelle",
            "http://eidas.europa.eu/LoA/low",
        ),
    ];
    for (asked, idp, delivered) in table {
        let mut browser = Browser::open();
        let sp = world.sp("town-hall");
        let start = sp.authorization_url(&[("acr_values", asked)]);
        let authentication = world
            .complete_login(&mut browser, &start, idp, "angela")
            .await;

        assert_eq!(
            sp.fetch_claims(&authentication).await.0["acr"],
            delivered,
            "{asked}"
        );
    }
}

#[actix_web::test]
async fn the_claims_parameter_asks_single_claims_within_the_registration() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let claims = json!({
        "userinfo": {"family_name": {"essential": true}, "phone_number": null, "secret": null},
        "id_token": {"auth_time": {"essential": true}, "amr": null, "family_name": null},
    });
    let start = sp.authorization_url(&[("scope", "openid"), ("claims", &claims.to_string())]);

    let authentication = world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;
    let (id_token, userinfo) = sp.fetch_claims(&authentication).await;

    assert_eq!(
        userinfo.members().keys().collect::<Vec<_>>(),
        ["family_name", "sub"]
    );
    assert!(id_token["auth_time"].is_i64());
    assert_eq!(id_token["amr"], json!(["user"]));
    assert!(id_token.get("family_name").is_none());
}

#[actix_web::test]
async fn max_age_and_prompt_login_bring_a_fresh_authentication_with_its_time() {
    let world = World::start();
    for changes in [[("max_age", "600")], [("prompt", "login")]] {
        let mut browser = Browser::open();
        let sp = world.sp("town-hall");
        let start = sp.authorization_url(&changes);
        let authentication = world
            .complete_login(&mut browser, &start, "boussole", "angela")
            .await;

        assert!(
            sp.fetch_claims(&authentication).await.0["auth_time"].is_i64(),
            "{changes:?}"
        );
    }
}

#[actix_web::test]
async fn a_service_that_expects_somebody_gets_nobody_else() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let first = world
        .complete_login(
            &mut browser,
            &sp.authorization_url(&[]),
            "boussole",
            "angela",
        )
        .await;
    let (status, tokens) = sp
        .request_tokens(&sp.token_fields(Returned::from(&first).get("code")))
        .await;
    let hint = tokens["id_token"].text();

    let again = sp.authorization_url(&[("id_token_hint", hint)]);
    let same = world
        .complete_login(&mut browser, &again, "citadelle", "angela")
        .await;
    let other = world
        .complete_login(&mut browser, &again, "boussole", "sosefo")
        .await;

    assert_eq!(status, 200);
    assert_ne!(Returned::from(&same).get("code"), "");
    assert_eq!(Returned::from(&other).get("error"), "login_required");
}

#[actix_web::test]
async fn a_hint_of_another_client_is_refused() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("library");
    let authentication = world
        .complete_login(
            &mut browser,
            &sp.authorization_url(&[]),
            "boussole",
            "angela",
        )
        .await;
    let (_, tokens) = sp
        .request_tokens(&sp.token_fields(Returned::from(&authentication).get("code")))
        .await;
    let hint = tokens["id_token"].text();

    assert_eq!(
        refusal(&world, "town-hall", &[("id_token_hint", hint)]).await,
        "invalid_request"
    );
}

#[actix_web::test]
async fn the_pages_speak_the_language_that_the_service_asks_then_the_browsers() {
    let world = World::start();
    let title = |locales: &'static str, language: &'static str| {
        let url = world
            .sp("town-hall")
            .authorization_url(&[("ui_locales", locales)]);
        async move {
            let mut browser = Browser::open().speaking(language);
            let answer = browser.visit(&url).await;
            let choice = browser.follow_redirects(answer, "https://").await;
            choice.page.html().contains("<html lang=\"en\"")
        }
    };

    assert!(title("en", "fr").await);
    assert!(!title("fr-NC en", "en").await);
    assert!(title("", "en-GB,en;q=0.8").await);
    assert!(!title("", "de").await, "the hub's own language");
}

#[actix_web::test]
async fn bad_encoding_and_oversize_get_a_page_and_no_crash() {
    let world = World::start();
    let long = format!("client_id=town-hall&x={}", "a".repeat(9000));
    for query in [
        "client_id=%",
        "client_id=%zz",
        "client_id=%ff",
        "%=%",
        long.as_str(),
    ] {
        let answer = Browser::open()
            .visit(&world.hub_url(&format!("/authorize?{query}")))
            .await;

        assert_eq!(
            (answer.status, answer.page.code().as_deref()),
            (400, Some("L2004")),
            "{query:.40}"
        );
    }
}

#[actix_web::test]
async fn a_suspended_service_is_told_apart_from_an_unknown_one() {
    let edits = vec![(
        "services/library.toml",
        "status = \"sandbox\"",
        "status = \"suspended\"",
    )];
    let world = World::start_with(WorldOptions {
        edits,
        ..WorldOptions::default()
    });

    assert_eq!(refusal(&world, "library", &[]).await, "L2002");
}
