//! What errors give away: to a production service, to strangers, and of what was sent.

use hub_tests::{Browser, Opening, Returned, World};

#[actix_web::test]
async fn a_production_service_gets_the_short_form_of_every_error() {
    let production = "status = \"production\"";
    let agreement = "[agreement]\nreference = \"A-1\"\nsigned_on = \"2026-01-01\"\nexpires_on = \"2027-01-01\"\n\n[authentication]";
    let world = World::open_with(Opening {
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
        ..Opening::default()
    })
    .unwrap();
    let sp = world.service("town-hall").unwrap();
    let mut browser = Browser::new().unwrap();

    let start = sp.request(&[("scope", "openid phone health")]).unwrap();
    let refused = browser.get(&start).await.unwrap();
    let returned = Returned::from(&refused.location().unwrap());
    assert_eq!(
        returned.get("error_description"),
        "a scope that this client is not registered for"
    );
    let elsewhere = [("redirect_uri", "https://town-hall.example/other")];
    let page = browser.get(&sp.request(&elsewhere).unwrap()).await.unwrap();
    assert_eq!(page.page.code().as_deref(), Some("L2003"));
    assert!(!page.page.html().contains("town-hall.example/other"));
    assert!(!page.page.html().contains("town-hall.example/callback"));

    let mut fields = sp.token_fields("no-code");
    let (_, answer) = sp.token(&fields).await.unwrap();
    assert_eq!(
        answer["error_description"],
        "the code is unknown, spent or expired"
    );
    // Another secret, another method: the same words.
    fields.push(("client_id".to_owned(), "town-hall".to_owned()));
    for secret in ["wrong", ""] {
        let mut fields = fields.clone();
        fields.push(("client_secret".to_owned(), secret.to_owned()));
        let (_, _, answer) = sp.raw_token(None, &fields).await.unwrap();
        assert_eq!(answer["error_description"], "client authentication failed");
    }
}

#[actix_web::test]
async fn an_error_repeats_no_secret_and_nothing_about_a_person() {
    const MARK: &str = "zQ7-MARKED-9fK";
    let world = World::open().unwrap();
    let sp = world.service("town-hall").unwrap();
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
        let start = sp.request(&changes).unwrap();
        let answer = Browser::new().unwrap().get(&start).await.unwrap();
        let location = answer.location().unwrap();
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
            let (_, answer) = sp.token(&fields[..1]).await.unwrap();
            assert!(!answer.to_string().contains(MARK), "{name}: {answer}");
        }
    }
}

#[actix_web::test]
async fn what_an_error_repeats_is_cut_and_clean() {
    let world = World::open().unwrap();
    let sp = world.service("town-hall").unwrap();
    let hostile = format!("\"\\<script>\r\n\u{202e}é{}", "x".repeat(3000));
    for name in ["response_type", "prompt", "scope", "max_age"] {
        let start = sp.request(&[(name, &hostile)]).unwrap();
        let answer = Browser::new().unwrap().get(&start).await.unwrap();
        let returned = Returned::from(&answer.location().unwrap());
        let text = returned.get("error_description");

        // RFC 6749 section 4.1.2.1.
        let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        assert!(text.chars().all(allowed), "{text}");
        assert!(text.contains("received") && text.len() < 1000, "{text}");
    }
    let start = sp.request(&[("client_id", &hostile)]).unwrap();
    let page = Browser::new().unwrap().get(&start).await.unwrap();
    assert!(!page.page.html().contains("<script>"));
    assert!(page.page.html().len() < 6000);
}
