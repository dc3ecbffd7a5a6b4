//! Tokens of one kind shown where another kind is expected.

use hub_core::encoding::from_base64url;
use hub_tests::{Browser, Listener, Returned, World};
use serde_json::Value;

fn typ(token: &str) -> String {
    let header = from_base64url(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["typ"].as_str().unwrap().to_owned()
}

/// The signed userinfo answer of a session at `service`, and the id token with it.
async fn signed(world: &World, browser: &mut Browser, service: &'static str) -> (String, String) {
    let sp = world.service(service).unwrap();
    let start = sp.request(&[("nonce", "a-nonce-of-more-than-22-characters")]);
    let start = start.unwrap();
    let arrival = world
        .log_in(browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let fields = sp.token_fields(Returned::from(&arrival).get("code"));
    let (status, tokens) = sp.token(&fields).await.unwrap();
    assert_eq!(status, 200, "{tokens}");
    let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let (_, kind, userinfo) = sp.userinfo(&token("access_token")).await.unwrap();
    assert_eq!(kind, "application/jwt");
    (userinfo, token("id_token"))
}

#[actix_web::test]
async fn a_userinfo_answer_or_a_logout_token_does_not_pass_for_an_id_token() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    for (service, userinfo_typ) in [("modern-library", "userinfo+jwt"), ("fc-service", "JWT")] {
        let mut browser = Browser::new().unwrap();
        let (userinfo, id_token) = signed(&world, &mut browser, service).await;
        assert_eq!(
            (typ(&userinfo), typ(&id_token)),
            (userinfo_typ.into(), "JWT".into())
        );

        let hint = |token: &str| world.end(&[("id_token_hint", token)]).unwrap();
        world.go(&mut browser, &hint(&userinfo)).await.unwrap();
        assert!(world.is_signed_in(&mut browser).await.unwrap(), "{service}");
        let sp = world.service(service).unwrap();
        let start = sp.request(&[
            ("prompt", "none"),
            ("id_token_hint", &userinfo),
            ("nonce", "a-nonce-of-more-than-22-characters"),
        ]);
        let answer = browser.get(&start.unwrap()).await.unwrap();
        let said = Returned::from(&answer.location().unwrap());
        assert_eq!(said.get("error"), "invalid_request", "{service}");

        world.go(&mut browser, &hint(&id_token)).await.unwrap();
        assert!(
            !world.is_signed_in(&mut browser).await.unwrap(),
            "{service}"
        );
    }

    // The library is told of a logout at another service; its token ends no other session.
    let mut browser = Browser::new().unwrap();
    let library = world.id_token(&mut browser, "library", "angela").await;
    library.unwrap();
    let mut other = Browser::new().unwrap();
    world
        .id_token(&mut other, "library", "angela")
        .await
        .unwrap();
    let (hint, _) = world
        .id_token(&mut other, "town-hall", "angela")
        .await
        .unwrap();
    let end = world.end(&[("id_token_hint", &hint)]).unwrap();
    world.go(&mut other, &end).await.unwrap();
    let message = told.hear(1).await.unwrap().pop().unwrap();
    let logout_token = message.strip_prefix("logout_token=").unwrap();
    assert_eq!(typ(logout_token), "logout+jwt");
    let end = world.end(&[("id_token_hint", logout_token)]).unwrap();
    world.go(&mut browser, &end).await.unwrap();
    assert!(world.is_signed_in(&mut browser).await.unwrap());
}
