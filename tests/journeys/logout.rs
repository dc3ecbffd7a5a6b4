//! The end of a session: asked by a service, by the citizen, or by the identity provider.

use hub_tests::{Browser, Listener, World, claims_of};
use serde_json::{Value, json};

fn logout_token(message: &str) -> Value {
    let (name, token) = message.split_once('=').unwrap();
    assert_eq!(name, "logout_token");
    claims_of(token).unwrap()
}

#[actix_web::test]
async fn a_service_that_shows_its_id_token_ends_the_session_and_gets_its_browser_back() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    let (hint, _) = world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();
    let (_, library) = world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();
    assert!(world.is_signed_in(&mut browser).await.unwrap());

    let back = "https://town-hall.example/bye?from=hub";
    let asked = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", back),
        ("state", "a b&c"),
    ];
    let left = world
        .go(&mut browser, &world.end(&asked).unwrap())
        .await
        .unwrap();

    assert_eq!(
        left.next().unwrap().as_str(),
        "https://town-hall.example/bye?from=hub&state=a+b%26c"
    );
    assert!(!world.is_signed_in(&mut browser).await.unwrap());
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
        .rfind(|seen| seen.starts_with("POST /logout"));
    let (_, body) = visited.unwrap().split_once("\n\n").unwrap();
    assert!(body.starts_with("id_token_hint="), "{body}");
}

#[actix_web::test]
async fn the_sid_that_a_service_is_told_is_the_one_of_its_id_token_and_of_no_other_service() {
    let told = Listener::open(&[]).unwrap();
    let claims = "id_token_claims = [\"sid\"]\nsector";
    let world = World::with_sessions(
        &told,
        vec![
            ("services/library.toml", "sector", claims),
            ("services/town-hall.toml", "sector", claims),
        ],
    )
    .unwrap();
    let mut browser = Browser::new().unwrap();
    let (hint, town_hall) = world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();
    let (_, library) = world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();

    world
        .go(
            &mut browser,
            &world.end(&[("id_token_hint", &hint)]).unwrap(),
        )
        .await
        .unwrap();

    let token = logout_token(&told.hear(1).await.unwrap()[0]);
    assert_eq!(token["sid"], library["sid"]);
    assert_ne!(library["sid"], town_hall["sid"]);
    assert_eq!(library["sid"].as_str().unwrap().len(), 22);
}

#[actix_web::test]
async fn without_a_session_the_service_still_gets_its_browser_back() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut elsewhere = Browser::new().unwrap();
    let signed_in = world.id_token(&mut elsewhere, "town-hall", "angela").await;
    let (hint, _) = signed_in.unwrap();
    let asked = [
        ("id_token_hint", hint.as_str()),
        (
            "post_logout_redirect_uri",
            "https://town-hall.example/bye?from=hub",
        ),
    ];

    let left = world
        .go(&mut Browser::new().unwrap(), &world.end(&asked).unwrap())
        .await
        .unwrap();

    assert_eq!(
        left.next().unwrap().as_str(),
        "https://town-hall.example/bye?from=hub"
    );
}

#[actix_web::test]
async fn c31_the_page_says_what_was_closed_and_what_was_not() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();
    world
        .id_token(&mut browser, "insurer", "angela")
        .await
        .unwrap();
    let (hint, _) = world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();
    // The IdP's end-session page is out of order.
    world
        .idp("boussole")
        .unwrap()
        .misbehave(Some(hub_demo::FaultInjection::ServerError));

    let out = world
        .go(
            &mut browser,
            &world.end(&[("id_token_hint", &hint)]).unwrap(),
        )
        .await
        .unwrap();

    let html = out.page.html();
    let (closed, open) = html.split_once("class=\"notice\"").unwrap();
    assert!(!closed.contains("Service town-hall"), "{html}");
    for left_open in ["Service town-hall", "Service insurer", "Boussole"] {
        assert!(open.contains(left_open), "{left_open}: {html}");
    }
    assert!(!world.is_signed_in(&mut browser).await.unwrap());
    // It says so once: the next person has the address in the history of the browser.
    for mut browser in [browser, Browser::new().unwrap()] {
        let again = browser.get(&out.url).await.unwrap();
        assert_eq!(again.status, 200);
        assert!(!again.page.html().contains("Service insurer"));
    }
}

#[actix_web::test]
async fn a_service_that_does_not_answer_is_told_again_and_one_that_refuses_is_not() {
    let told = Listener::open(&[503]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    let (hint, _) = world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();
    world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();
    world
        .go(
            &mut browser,
            &world.end(&[("id_token_hint", &hint)]).unwrap(),
        )
        .await
        .unwrap();

    let twice = told.hear(2).await.unwrap();

    assert_eq!(
        logout_token(&twice[0])["jti"],
        logout_token(&twice[1])["jti"]
    );
}

#[actix_web::test]
async fn a_provider_ends_the_sessions_that_came_of_its_own_without_any_browser() {
    let told = Listener::open(&[]).unwrap();
    let by_sub = "backchannel_logout_by_sub = true\nbackchannel_logout = true";
    for named in ["sub", "sid"] {
        // An account name can be guessed, so it is used only where the entry says so.
        let edits = if named == "sub" {
            vec![("idps/boussole.toml", "backchannel_logout = true", by_sub)]
        } else {
            vec![]
        };
        let world = World::with_sessions(&told, edits).unwrap();
        let idp = world.idp("boussole").unwrap();
        let mut browser = Browser::new().unwrap();
        world
            .id_token(&mut browser, "library", "angela")
            .await
            .unwrap();
        let before = told.received().len();
        let name = if named == "sub" {
            "account-of-angela".to_owned()
        } else {
            world.upstream_sid("boussole").unwrap()
        };
        assert!(world.is_signed_in(&mut browser).await.unwrap());

        let token = idp.logout_token(json!({named: name})).unwrap();
        let body = [("logout_token".to_owned(), token)];
        let url = world.url("/backchannel/boussole").unwrap();
        let mut server = Browser::new().unwrap();
        let answer = server.post(&url, &body).await.unwrap();

        assert_eq!(answer.status, 200, "{named}");
        assert!(!world.is_signed_in(&mut browser).await.unwrap(), "{named}");
        let messages = told.hear(before + 1).await.unwrap();
        assert_eq!(logout_token(&messages[before])["aud"], "library");
        // A token is used once.
        assert_eq!(server.post(&url, &body).await.unwrap().status, 400);
    }
}

#[actix_web::test]
async fn a_service_keeps_its_sid_when_the_citizen_authenticates_again() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    let (_, library) = world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[("prompt", "login")]).unwrap();
    world
        .log_in(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let (hint, _) = world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();

    let end = world.end(&[("id_token_hint", &hint)]).unwrap();
    world.go(&mut browser, &end).await.unwrap();

    let token = logout_token(&told.hear(1).await.unwrap()[0]);
    assert_eq!(token["aud"], "library");
    assert_eq!(token["sid"], library["sid"]);
}
