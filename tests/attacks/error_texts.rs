//! What errors give away: to a production service, to strangers, and of what was sent.

use hub_tests::{Browser, Returned, World, WorldOptions};

#[actix_web::test]
async fn a_production_service_gets_the_short_form_of_every_error() {
    let production = "status = \"production\"";
    let agreement = "[agreement]\nreference = \"A-1\"\nsigned_on = \"2026-01-01\"\nexpires_on = \"2027-01-01\"\n\n[authentication]";
    let world = World::start_with(WorldOptions {
        edits: vec![
            (
                "services/town-hall.toml",
                "status = \"sandbox\"",
                production,
            ),
            ("services/town-hall.toml", "[authentication]", agreement),
            (
                "services/town-hall.toml",
                ", \"http://127.0.0.1/native\"",
                "",
            ),
        ],
        ..WorldOptions::default()
    });
    let sp = world.sp("town-hall");
    let mut browser = Browser::open();

    let start = sp.authorization_url(&[("scope", "openid phone health")]);
    let refused = browser.visit(&start).await;
    let returned = Returned::from(&refused.redirect_url());
    assert_eq!(
        returned.get("error_description"),
        "a scope that this client is not registered for"
    );
    let elsewhere = [("redirect_uri", "https://town-hall.example/other")];
    let page = browser.visit(&sp.authorization_url(&elsewhere)).await;
    assert_eq!(page.page.code().as_deref(), Some("L2003"));
    assert!(!page.page.html().contains("town-hall.example/other"));
    assert!(!page.page.html().contains("town-hall.example/callback"));

    let mut fields = sp.token_fields("no-code");
    let (_, answer) = sp.request_tokens(&fields).await;
    assert_eq!(
        answer["error_description"],
        "the code is unknown, spent or expired"
    );
    // Another secret, another method: the same words.
    fields.push(("client_id".to_owned(), "town-hall".to_owned()));
    for secret in ["wrong", ""] {
        let mut fields = fields.clone();
        fields.push(("client_secret".to_owned(), secret.to_owned()));
        let (_, _, answer) = sp.request_tokens_as(None, &fields).await;
        assert_eq!(answer["error_description"], "client authentication failed");
    }
}

#[actix_web::test]
async fn an_error_repeats_no_secret_and_nothing_about_a_person() {
    const MARK: &str = "zQ7-MARKED-9fK";
    let world = World::start();
    let sp = world.sp("town-hall");
    let claims = format!("{{\"userinfo\": \"{MARK}\"}}");
    let details = format!("[\"{MARK}\"]");
    for (name, value) in [
        ("id_token_hint", MARK),
        ("claims", &claims),
        ("authorization_details", &details),
        ("code_challenge", MARK),
        ("request", MARK),
        ("request_uri", MARK),
    ] {
        // `login_hint` names a person, and comes with every other fault.
        let changes = [(name, value), ("login_hint", MARK), ("nonce", MARK)];
        let start = sp.authorization_url(&changes);
        let answer = Browser::open().visit(&start).await;
        let location = answer.redirect_url();
        assert!(location.as_str().contains("error="), "{location}");
        assert!(!location.as_str().contains(MARK), "{name}: {location}");
    }

    for name in [
        "client_secret",
        "code",
        "code_verifier",
        "subject_token",
        "actor_token",
        "client_assertion",
    ] {
        for grant in [
            "authorization_code",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ] {
            let fields = [
                ("grant_type", grant),
                ("client_id", "town-hall"),
                ("redirect_uri", "https://town-hall.example/callback"),
                ("subject_token_type", "x"),
                (name, MARK),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
            for authorization in [None, Some("Basic dG93bi1oYWxsOndyb25n")] {
                let sent = sp.raw_token(authorization, &fields).await;
                let (status, _, answer) = sent.unwrap();
                assert!(status >= 400, "{name}");
                assert!(!answer.to_string().contains(MARK), "{name}: {answer}");
            }
            // Proven, so that later checks are reached.
            let (_, answer) = sp.request_tokens(&fields[..1]).await;
            assert!(!answer.to_string().contains(MARK), "{name}: {answer}");
        }
    }
}

#[actix_web::test]
async fn what_an_error_repeats_is_cut_and_clean() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let hostile = format!("\"\\<script>\r\n\u{202e}é{}", "x".repeat(3000));
    for name in ["response_type", "prompt", "scope", "max_age"] {
        let start = sp.authorization_url(&[(name, &hostile)]);
        let answer = Browser::open().visit(&start).await;
        let returned = Returned::from(&answer.redirect_url());
        let text = returned.get("error_description");

        // RFC 6749 section 4.1.2.1.
        let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        assert!(text.chars().all(allowed), "{text}");
        assert!(text.contains("received") && text.len() < 1000, "{text}");
    }
    let start = sp.authorization_url(&[("client_id", &hostile)]);
    let page = Browser::open().visit(&start).await;
    assert!(!page.page.html().contains("<script>"));
    assert!(page.page.html().len() < 6000);
}
