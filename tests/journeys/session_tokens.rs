//! What ends a session and leaves its tokens alone, and loopback addresses after a logout.

use std::time::Duration;

use hub_tests::{Browser, JsonExt, Listener, Returned, World};

#[actix_web::test]
async fn tokens_outlive_a_closed_browser_a_session_that_runs_out_and_a_new_sign_in() {
    let told = Listener::start(&[]);
    let short = "[session]\nidle_timeout = 60";
    let world = World::start_with_sessions(&told, vec![("hub.toml", "[session]", short)]);
    let sp = world.sp("town-hall");
    let mut browser = Browser::open();
    let start = sp.authorization_url(&[]);
    let authentication = world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;
    let code = Returned::from(&authentication).get("code").to_owned();
    let (_, tokens) = sp.request_tokens(&sp.token_fields(&code)).await;
    let token = tokens["access_token"].text();

    // The same person signs in again: the session is another, and her services stay with it.
    let again = sp.authorization_url(&[("prompt", "login")]);
    let signed_in = world.log_in(&mut browser, &again, "boussole", "angela");
    signed_in.await.unwrap();
    assert_eq!(sp.fetch_userinfo(token).await.0, 200);
    drop(browser);
    world.clock.pass(Duration::from_secs(120));

    assert_eq!(sp.fetch_userinfo(token).await.0, 200);
    world.clock.pass(Duration::from_secs(600));
    assert_eq!(sp.fetch_userinfo(token).await.0, 401);
}

#[actix_web::test]
async fn after_a_logout_a_loopback_address_matches_on_any_port() {
    let told = Listener::start(&[]);
    let addresses = "post_logout_redirect_uris = [\"http://127.0.0.1/bye\", \"http://[::1]/bye\", ";
    let edit = |file| (file, "post_logout_redirect_uris = [", addresses);
    let world = World::start_with_sessions(&told, vec![edit("services/town-hall.toml")]);
    let cases = [
        ("http://127.0.0.1:49152/bye", true),
        ("http://[::1]:49152/bye", true),
        ("http://127.0.0.1/bye", true),
        ("http://127.0.0.1:49152/other", false),
        ("http://127.0.0.1:49152/bye?x", false),
        ("http://localhost:49152/bye", false),
        ("http://127.0.0.1.evil.example:80/bye", false),
        ("http://127.0.0.1:80@evil.example/bye", false),
        ("https://127.0.0.1:49152/bye", false),
    ];
    let mut elsewhere = Browser::open();
    let signed_in = world.id_token(&mut elsewhere, "town-hall", "angela").await;
    let (hint, _) = signed_in.unwrap();
    for (address, is_registered) in cases {
        let asked = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", address),
            ("state", "s 1"),
        ];
        let mut browser = Browser::open();
        // There is no session to end, so that the browser goes on at once.
        let left = browser.visit(&world.logout_url(&asked)).await;

        let expected = format!("{address}?state=s+1");
        let next = left.page.refresh();
        assert_eq!(next.as_ref() == Some(&expected), is_registered, "{next:?}");
        assert!(is_registered || next.is_none(), "{next:?}");
    }
}
