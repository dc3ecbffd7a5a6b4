//! Tokens of one kind shown where another kind is expected.

use hub_core::encoding::from_base64url;
use hub_tests::{Browser, JsonExt, Listener, Returned, World};
use serde_json::Value;

fn typ(token: &str) -> String {
    let header = from_base64url(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["typ"].text().to_owned()
}

/// The signed userinfo answer of a session at `service`, and the id token with it.
async fn signed(world: &World, browser: &mut Browser, service: &'static str) -> (String, String) {
    let sp = world.sp(service);
    let start = sp.request(&[("nonce", "a-nonce-of-more-than-22-characters")]);
    let start = start.unwrap();
    let authentication = world
        .complete_login(browser, &start, "boussole", "angela")
        .await;
    let fields = sp.token_fields(Returned::from(&authentication).get("code"));
    let (status, tokens) = sp.request_tokens(&fields).await;
    assert_eq!(status, 200, "{tokens}");
    let token = |name: &str| tokens[name].text().to_owned();
    let (_, kind, userinfo) = sp.fetch_userinfo(&token("access_token")).await;
    assert_eq!(kind, "application/jwt");
    (userinfo, token("id_token"))
}

#[actix_web::test]
async fn a_userinfo_answer_or_a_logout_token_does_not_pass_for_an_id_token() {
    let told = Listener::start(&[]);
    let world = World::start_with_sessions(&told, vec![]);
    for (service, userinfo_typ) in [("modern-library", "userinfo+jwt"), ("fc-service", "JWT")] {
        let mut browser = Browser::open();
        let (userinfo, id_token) = signed(&world, &mut browser, service).await;
        assert_eq!(
            (typ(&userinfo), typ(&id_token)),
            (userinfo_typ.into(), "JWT".into())
        );

        let hint = |token: &str| world.logout_url(&[("id_token_hint", token)]);
        world.visit(&mut browser, &hint(&userinfo)).await;
        assert!(world.has_session(&mut browser).await, "{service}");
        let sp = world.sp(service);
        let start = sp.request(&[
            ("prompt", "none"),
            ("id_token_hint", &userinfo),
            ("nonce", "a-nonce-of-more-than-22-characters"),
        ]);
        let answer = browser.visit(&start.unwrap()).await;
        let said = Returned::from(&answer.redirect_url());
        assert_eq!(said.get("error"), "invalid_request", "{service}");

        world.visit(&mut browser, &hint(&id_token)).await;
        assert!(!world.has_session(&mut browser).await, "{service}");
    }

    // The library is told of a logout at another service; its token ends no other session.
    let mut browser = Browser::open();
    let library = world.id_token(&mut browser, "library", "angela").await;
    library.unwrap();
    let mut other = Browser::open();
    world
        .login_for_id_token(&mut other, "library", "angela")
        .await;
    let (hint, _) = world
        .login_for_id_token(&mut other, "town-hall", "angela")
        .await;
    let end = world.logout_url(&[("id_token_hint", &hint)]);
    world.visit(&mut other, &end).await;
    let message = told.wait_for(1).await.pop().unwrap();
    let logout_token = message.strip_prefix("logout_token=").unwrap();
    assert_eq!(typ(logout_token), "logout+jwt");
    let end = world.logout_url(&[("id_token_hint", logout_token)]);
    world.visit(&mut browser, &end).await;
    assert!(world.has_session(&mut browser).await);
}
