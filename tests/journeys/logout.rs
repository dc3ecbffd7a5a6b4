//! The end of a session: asked by a service, by the citizen, or by the identity provider.

use hub_core::encoding::from_base64url;
use hub_tests::{Answer, Browser, Listener, Opening, World};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

/// A world with sessions, in which the library is told of logouts at `told`.
fn open(told: &Listener) -> World {
    open_with(told, vec![])
}

fn open_with(told: &Listener, mut edits: Vec<(&'static str, &'static str, &'static str)>) -> World {
    let line = format!("backchannel_logout_uri = \"{}\"\nclient_id", told.url);
    edits.push((
        "services/library.toml",
        "client_id",
        Box::leak(line.into_boxed_str()),
    ));
    World::open_with(Opening {
        sessions: true,
        edits,
        ..Opening::default()
    })
    .unwrap()
}

/// Signs angela in at `service`; the raw id token and its claims.
async fn sign_in(world: &World, browser: &mut Browser, service: &'static str) -> (String, Value) {
    let sp = world.service(service).unwrap();
    let start = sp.request(&[]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    let first = browser.follow(answer, "https://").await.unwrap();
    let review = if first.url.path().ends_with("/review") {
        first
    } else {
        world
            .to_review(browser, &start, "boussole", "angela")
            .await
            .unwrap()
    };
    let arrival = world.agree(browser, &review).await.unwrap();
    let code = hub_tests::Returned::from(&arrival);
    let (_, tokens) = sp.token(&sp.token_fields(code.get("code"))).await.unwrap();
    let raw = tokens["id_token"].as_str().unwrap().to_owned();
    let claims = claims_of(&raw);
    (raw, claims)
}

fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&from_base64url(payload).unwrap()).unwrap()
}

/// The address that ends the session, with `parameters`.
fn end(world: &World, parameters: &[(&str, &str)]) -> Url {
    let mut url = world.url("/session/end").unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    url
}

/// Goes through a logout to where the browser leaves for a service, or stays on a page.
async fn go(browser: &mut Browser, url: &Url) -> Answer {
    let answer = browser.get(url).await.unwrap();
    browser.follow(answer, "https://").await.unwrap()
}

/// Whether the browser still has a session.
async fn is_signed_in(world: &World, browser: &mut Browser) -> bool {
    let start = world.service("insurer").unwrap().request(&[]).unwrap();
    go(browser, &start).await.url.path().ends_with("/review")
}

fn logout_token(message: &str) -> Value {
    let (name, token) = message.split_once('=').unwrap();
    assert_eq!(name, "logout_token");
    claims_of(token)
}

#[actix_web::test]
async fn a_service_that_shows_its_id_token_ends_the_session_and_gets_its_browser_back() {
    let told = Listener::open(&[]).unwrap();
    let world = open(&told);
    let mut browser = Browser::new().unwrap();
    let (hint, _) = sign_in(&world, &mut browser, "town-hall").await;
    let (_, library) = sign_in(&world, &mut browser, "library").await;
    assert!(is_signed_in(&world, &mut browser).await);

    let back = "https://town-hall.example/bye?from=hub";
    let asked = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", back),
        ("state", "a b&c"),
    ];
    let left = go(&mut browser, &end(&world, &asked)).await;

    assert_eq!(
        left.location().unwrap().as_str(),
        "https://town-hall.example/bye?from=hub&state=a+b%26c"
    );
    assert!(!is_signed_in(&world, &mut browser).await);
    let token = logout_token(&told.hear(1).await.unwrap()[0]);
    assert_eq!(token["aud"], "library");
    assert_eq!(token["iss"], world.issuer);
    assert_eq!(token["sub"], library["sub"]);
    assert!(token["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    assert!(token.get("nonce").is_none());
    // The IdP's own session was closed on the way.
    let visited = world.idp("boussole").unwrap().seen();
    let visited = visited
        .iter()
        .rfind(|seen| seen.starts_with("GET /logout?"));
    assert!(visited.unwrap().contains("id_token_hint="), "{visited:?}");
}

#[actix_web::test]
async fn the_sid_that_a_service_is_told_is_the_one_of_its_id_token_and_of_no_other_service() {
    let told = Listener::open(&[]).unwrap();
    let claims = "id_token_claims = [\"sid\"]\nsector";
    let world = open_with(
        &told,
        vec![
            ("services/library.toml", "sector", claims),
            ("services/town-hall.toml", "sector", claims),
        ],
    );
    let mut browser = Browser::new().unwrap();
    let (hint, town_hall) = sign_in(&world, &mut browser, "town-hall").await;
    let (_, library) = sign_in(&world, &mut browser, "library").await;

    go(&mut browser, &end(&world, &[("id_token_hint", &hint)])).await;

    let token = logout_token(&told.hear(1).await.unwrap()[0]);
    assert_eq!(token["sid"], library["sid"]);
    assert_ne!(library["sid"], town_hall["sid"]);
    assert_eq!(library["sid"].as_str().unwrap().len(), 22);
}

#[actix_web::test]
async fn without_a_hint_the_citizen_is_asked_and_nothing_ends_before_they_say_so() {
    let told = Listener::open(&[]).unwrap();
    let world = open(&told);
    let mut browser = Browser::new().unwrap();
    sign_in(&world, &mut browser, "town-hall").await;
    sign_in(&world, &mut browser, "library").await;

    let asked = end(&world, &[("client_id", "town-hall")]);
    let page = go(&mut browser, &asked).await;
    assert!(page.page.html().contains("Service library"));
    assert!(is_signed_in(&world, &mut browser).await);
    // A form from elsewhere has no page token.
    let forged = page.page.form().unwrap().with("token", "forged");
    browser.submit(&page, &forged).await.unwrap();
    assert!(is_signed_in(&world, &mut browser).await);
    assert_eq!(told.received().len(), 0);

    let form = page.page.form().unwrap();
    let waiting = browser.submit(&page, &form).await.unwrap();
    let next = Url::parse(&world.issuer)
        .unwrap()
        .join(&waiting.page.refresh().unwrap());
    let out = go(&mut browser, &next.unwrap()).await;

    assert!(out.page.html().contains("Service library"), "told");
    assert!(!is_signed_in(&world, &mut browser).await);
    assert_eq!(told.hear(1).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn a_hint_of_another_session_or_client_is_no_hint() {
    let told = Listener::open(&[]).unwrap();
    let world = open(&told);
    let mut stranger = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();
    let arrival = world
        .log_in(&mut stranger, &start, "boussole", "jean")
        .await
        .unwrap();
    let code = hub_tests::Returned::from(&arrival);
    let (_, tokens) = sp.token(&sp.token_fields(code.get("code"))).await.unwrap();
    let foreign = tokens["id_token"].as_str().unwrap();
    let mut browser = Browser::new().unwrap();
    let (hint, _) = sign_in(&world, &mut browser, "town-hall").await;

    let forged = hint.replace('.', "A.");
    for parameters in [
        vec![("id_token_hint", foreign)],
        vec![("id_token_hint", hint.as_str()), ("client_id", "library")],
        vec![("id_token_hint", forged.as_str())],
        vec![("id_token_hint", "x")],
        vec![],
    ] {
        let page = go(&mut browser, &end(&world, &parameters)).await;
        assert_eq!(page.status, 200);
        assert!(is_signed_in(&world, &mut browser).await, "{parameters:?}");
    }
}

#[actix_web::test]
async fn nobody_is_sent_to_an_address_that_the_service_has_not_registered() {
    let told = Listener::open(&[]).unwrap();
    let world = open(&told);
    for address in [
        "https://evil.example/",
        "https://town-hall.example/bye",
        "https://town-hall.example/bye?from=hub&x=1",
        "https://library.example/bye?from=hub",
        "//evil.example",
    ] {
        let mut browser = Browser::new().unwrap();
        let (hint, _) = sign_in(&world, &mut browser, "town-hall").await;
        let asked = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", address),
        ];

        let page = go(&mut browser, &end(&world, &asked)).await;

        assert_eq!(page.status, 200, "{address}");
        assert!(page.page.html().contains("https://town-hall.example/\""));
        assert!(!page.page.html().contains("evil"));
    }
}

#[actix_web::test]
async fn without_a_session_the_service_still_gets_its_browser_back() {
    let told = Listener::open(&[]).unwrap();
    let world = open(&told);
    let asked = [
        ("client_id", "town-hall"),
        (
            "post_logout_redirect_uri",
            "https://town-hall.example/bye?from=hub",
        ),
    ];

    let left = go(&mut Browser::new().unwrap(), &end(&world, &asked)).await;

    assert_eq!(
        left.location().unwrap().as_str(),
        "https://town-hall.example/bye?from=hub"
    );
}

#[actix_web::test]
async fn c31_the_page_says_what_was_closed_and_what_was_not() {
    let told = Listener::open(&[]).unwrap();
    let world = open(&told);
    let mut browser = Browser::new().unwrap();
    sign_in(&world, &mut browser, "town-hall").await;
    sign_in(&world, &mut browser, "insurer").await;
    let (hint, _) = sign_in(&world, &mut browser, "library").await;
    // The IdP's end-session page is out of order.
    world
        .idp("boussole")
        .unwrap()
        .misbehave(Some(hub_demo::Mischief::ServerError));

    let out = go(&mut browser, &end(&world, &[("id_token_hint", &hint)])).await;

    let html = out.page.html();
    let (closed, open) = html.split_once("class=\"notice\"").unwrap();
    assert!(!closed.contains("Service town-hall"), "{html}");
    for left_open in ["Service town-hall", "Service insurer", "Boussole"] {
        assert!(open.contains(left_open), "{left_open}: {html}");
    }
    assert!(!is_signed_in(&world, &mut browser).await);
    // Reloaded, it says the same; in another browser, nothing of it.
    let again = browser.get(&out.url).await.unwrap();
    assert!(again.page.html().contains("Service insurer"));
    let stranger = Browser::new().unwrap().get(&out.url).await.unwrap();
    assert_eq!(stranger.status, 200);
    assert!(!stranger.page.html().contains("Service insurer"));
}

#[actix_web::test]
async fn a_service_that_does_not_answer_is_told_again_and_one_that_refuses_is_not() {
    let told = Listener::open(&[503]).unwrap();
    let world = open(&told);
    let mut browser = Browser::new().unwrap();
    let (hint, _) = sign_in(&world, &mut browser, "town-hall").await;
    sign_in(&world, &mut browser, "library").await;
    go(&mut browser, &end(&world, &[("id_token_hint", &hint)])).await;

    let twice = told.hear(2).await.unwrap();

    assert_eq!(
        logout_token(&twice[0])["jti"],
        logout_token(&twice[1])["jti"]
    );
}

#[actix_web::test]
async fn a_provider_ends_the_sessions_that_came_of_its_own_without_any_browser() {
    let told = Listener::open(&[]).unwrap();
    let world = open(&told);
    let idp = world.idp("boussole").unwrap();
    let upstream = "account-of-angela";
    for named in ["sub", "sid"] {
        let mut browser = Browser::new().unwrap();
        sign_in(&world, &mut browser, "library").await;
        let before = told.received().len();
        let name = if named == "sub" {
            upstream.to_owned()
        } else {
            // The demonstration names its sessions after the nonce it was sent.
            let seen = idp.seen();
            let asked = seen
                .iter()
                .rfind(|seen| seen.starts_with("GET /authorize?"))
                .unwrap();
            let query = asked.split_whitespace().nth(1).unwrap();
            let url = Url::parse(&format!("http://idp{query}")).unwrap();
            let nonce = url
                .query_pairs()
                .find(|(name, _)| name == "nonce")
                .unwrap()
                .1;
            hub_core::encoding::base64url(&Sha256::digest(nonce.as_bytes()))
        };
        assert!(is_signed_in(&world, &mut browser).await);

        let token = idp.logout_token(json!({named: name})).unwrap();
        let body = [("logout_token".to_owned(), token)];
        let url = world.url("/backchannel/boussole").unwrap();
        let mut server = Browser::new().unwrap();
        let answer = server.post(&url, &body).await.unwrap();

        assert_eq!(answer.status, 200, "{named}");
        assert!(!is_signed_in(&world, &mut browser).await, "{named}");
        let messages = told.hear(before + 1).await.unwrap();
        assert_eq!(logout_token(&messages[before])["aud"], "library");
        // A token is used once.
        assert_eq!(server.post(&url, &body).await.unwrap().status, 400);
    }
}

#[actix_web::test]
async fn a_forged_logout_token_ends_nothing() {
    let told = Listener::open(&[]).unwrap();
    let world = open(&told);
    let mut browser = Browser::new().unwrap();
    sign_in(&world, &mut browser, "library").await;
    let idp = world.idp("boussole").unwrap();
    let angela = json!("account-of-angela");
    let good = idp.logout_token(json!({"sub": angela})).unwrap();
    let foreign = world
        .idp("citadelle")
        .unwrap()
        .logout_token(json!({"sub": angela}));
    let tokens = [
        idp.logout_token(json!({"sub": angela, "aud": "another"})),
        idp.logout_token(json!({"sub": angela, "iss": "https://other.example"})),
        idp.logout_token(json!({"sub": angela, "nonce": "x"})),
        idp.logout_token(json!({"sub": angela, "events": null})),
        idp.logout_token(json!({"sub": angela, "events": {"x": {}}})),
        idp.logout_token(json!({"sub": angela, "iat": 1})),
        idp.logout_token(json!({"sub": angela, "iat": "now"})),
        idp.logout_token(json!({"sub": angela, "exp": 1})),
        idp.logout_token(json!({"sub": angela, "jti": null})),
        idp.logout_token(json!({})),
        foreign,
        Some(good.replacen('e', "f", 1)),
        Some("x".to_owned()),
        Some(String::new()),
    ];
    for token in tokens {
        let body = [("logout_token".to_owned(), token.unwrap())];
        for path in ["/backchannel/boussole", "/backchannel/nobody"] {
            let url = world.url(path).unwrap();
            let answer = Browser::new().unwrap().post(&url, &body).await.unwrap();
            assert_eq!(answer.status, 400, "{path} {body:?}");
        }
    }
    assert!(is_signed_in(&world, &mut browser).await);
    assert_eq!(told.received().len(), 0);
}

#[actix_web::test]
async fn the_provider_learns_nothing_of_the_service_when_its_session_ends() {
    let told = Listener::open(&[]).unwrap();
    let world = open(&told);
    let mut seen = Vec::new();
    for service in ["town-hall", "library"] {
        let mut browser = Browser::new().unwrap();
        let (hint, _) = sign_in(&world, &mut browser, service).await;
        go(
            &mut browser,
            &end(&world, &[("id_token_hint", &hint), ("state", "s")]),
        )
        .await;
        let all = world.idp("boussole").unwrap().seen();
        let visit = all
            .iter()
            .rfind(|seen| seen.starts_with("GET /logout?"))
            .unwrap()
            .clone();
        assert!(!visit.contains(service), "{visit}");
        seen.push(visit);
    }
    assert_eq!(seen[0].len(), seen[1].len());
}
