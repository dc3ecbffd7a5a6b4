//! Logouts that somebody else asks for, and what leaks by one.

use hub_tests::{Browser, Listener, Returned, World};
use serde_json::json;
use url::Url;

#[actix_web::test]
async fn without_a_hint_the_citizen_is_asked_and_nothing_ends_before_they_say_so() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();
    world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();

    let asked = world.end(&[("client_id", "town-hall")]).unwrap();
    let page = world.go(&mut browser, &asked).await.unwrap();
    assert!(page.page.html().contains("Service library"));
    assert!(world.is_signed_in(&mut browser).await.unwrap());
    // A form from elsewhere has no page token.
    let forged = page.page.form().unwrap().with("token", "forged");
    browser.submit(&page, &forged).await.unwrap();
    assert!(world.is_signed_in(&mut browser).await.unwrap());
    assert_eq!(told.received().len(), 0);

    let form = page.page.form().unwrap();
    let waiting = browser.submit(&page, &form).await.unwrap();
    let next = Url::parse(&world.issuer)
        .unwrap()
        .join(&waiting.page.refresh().unwrap());
    let out = world.go(&mut browser, &next.unwrap()).await.unwrap();

    assert!(out.page.html().contains("Service library"), "told");
    assert!(!world.is_signed_in(&mut browser).await.unwrap());
    assert_eq!(told.hear(1).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn a_hint_of_another_session_or_client_is_no_hint() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut stranger = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();
    let authentication = world
        .log_in(&mut stranger, &start, "boussole", "jean")
        .await
        .unwrap();
    let code = Returned::from(&authentication);
    let (_, tokens) = sp.token(&sp.token_fields(code.get("code"))).await.unwrap();
    let foreign = tokens["id_token"].as_str().unwrap();
    let mut browser = Browser::new().unwrap();
    let (hint, _) = world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();

    let forged = hint.replace('.', "A.");
    for parameters in [
        vec![("id_token_hint", foreign)],
        vec![("id_token_hint", hint.as_str()), ("client_id", "library")],
        vec![("id_token_hint", forged.as_str())],
        vec![("id_token_hint", "x")],
        vec![],
    ] {
        let page = world
            .go(&mut browser, &world.end(&parameters).unwrap())
            .await
            .unwrap();
        assert_eq!(page.status, 200);
        assert!(
            world.is_signed_in(&mut browser).await.unwrap(),
            "{parameters:?}"
        );
    }
}

#[actix_web::test]
async fn nobody_is_sent_to_an_address_that_the_service_has_not_registered() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    for address in [
        "https://evil.example/",
        "https://town-hall.example/bye",
        "https://town-hall.example/bye?from=hub&x=1",
        "https://library.example/bye?from=hub",
        "//evil.example",
    ] {
        let mut browser = Browser::new().unwrap();
        let (hint, _) = world
            .id_token(&mut browser, "town-hall", "angela")
            .await
            .unwrap();
        let asked = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", address),
        ];

        let page = world
            .go(&mut browser, &world.end(&asked).unwrap())
            .await
            .unwrap();

        assert_eq!(page.status, 200, "{address}");
        assert!(page.page.html().contains("https://town-hall.example/\""));
        assert!(!page.page.html().contains("evil"));
    }
}

#[actix_web::test]
async fn a_forged_logout_token_ends_nothing() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();
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
    assert!(world.is_signed_in(&mut browser).await.unwrap());
    assert_eq!(told.received().len(), 0);
}

#[actix_web::test]
async fn the_provider_learns_nothing_of_the_service_when_its_session_ends() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut seen = Vec::new();
    for service in ["town-hall", "library"] {
        let mut browser = Browser::new().unwrap();
        let (hint, _) = world
            .id_token(&mut browser, service, "angela")
            .await
            .unwrap();
        world
            .go(
                &mut browser,
                &world
                    .end(&[("id_token_hint", &hint), ("state", "s")])
                    .unwrap(),
            )
            .await
            .unwrap();
        let all = world.idp("boussole").unwrap().seen();
        let visit = all
            .iter()
            .rfind(|seen| seen.starts_with("POST /logout"))
            .unwrap()
            .clone();
        assert!(!visit.contains(service), "{visit}");
        seen.push(visit);
    }
    assert_eq!(seen[0].len(), seen[1].len());
}

#[actix_web::test]
async fn a_form_of_another_site_ends_nothing_by_itself() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    let (hint, _) = world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();
    let url = world.url("/session/end").unwrap();
    let fields = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        fields.iter().map(owned).collect()
    };

    // Such a form brings no cookie; and what comes back takes none away.
    for form in [
        fields(&[]),
        fields(&[("token", "forged")]),
        fields(&[("client_id", "library")]),
    ] {
        let answer = Browser::new().unwrap().post(&url, &form).await.unwrap();
        let cookies: Vec<&str> = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .map(|(_, value)| value.as_str())
            .collect();
        assert!(
            !cookies.iter().any(|cookie| cookie.contains("session")),
            "{cookies:?}"
        );
    }
    assert!(world.is_signed_in(&mut browser).await.unwrap());

    // A service may ask by a form (RP-Initiated Logout 1.0 section 2): the browser goes round, and then
    // its cookie is there.
    let asked = fields(&[
        ("id_token_hint", &hint),
        (
            "post_logout_redirect_uri",
            "https://town-hall.example/bye?from=hub",
        ),
    ]);
    let round = Browser::new().unwrap().post(&url, &asked).await.unwrap();
    let next = url.join(&round.page.refresh().unwrap()).unwrap();
    let left = world.go(&mut browser, &next).await.unwrap();
    assert_eq!(left.next().unwrap().host_str(), Some("town-hall.example"));
    assert!(!world.is_signed_in(&mut browser).await.unwrap());
}
