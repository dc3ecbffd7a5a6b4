//! The next person at a shared computer, who has the history of the browser.

use hub_tests::{Answer, Browser, Listener, World, WorldOptions};

fn cookies(answer: &Answer) -> Vec<&str> {
    let cookies = answer.headers.iter();
    let cookies = cookies.filter(|(name, _)| name == "set-cookie");
    cookies.map(|(_, cookie)| cookie.as_str()).collect()
}

/// The cookies that a login sets up to the identity provider.
async fn cookies_of_login(world: &World) -> Vec<String> {
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let begun = browser.visit(&start).await;
    let choice = browser.follow_redirects(begun.clone(), "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let all = [begun, departure];
    let all = all.iter().flat_map(cookies);
    all.map(str::to_ascii_lowercase).collect()
}

#[actix_web::test]
async fn a_login_that_waits_ends_with_the_browser_unless_the_operator_says_otherwise() {
    for (line, is_persistent) in [("", false), ("persistent_cookie = true\n", true)] {
        let section = Box::leak(format!("[session]\n{line}").into_boxed_str());
        let world = World::start_with(WorldOptions {
            sessions: true,
            edits: vec![("hub.toml", "[session]\n", section)],
            ..WorldOptions::default()
        });

        let set = cookies_of_login(&world).await;

        for name in ["lethe=", "lethe-waiting="] {
            let cookie = set.iter().find(|cookie| cookie.starts_with(name));
            let cookie = cookie.unwrap();
            assert_eq!(cookie.contains("max-age=1800"), is_persistent, "{cookie}");
            assert_eq!(cookie.contains("max-age"), is_persistent, "{cookie}");
            assert!(!cookie.contains("expires"), "{cookie}");
        }
    }
}

#[actix_web::test]
async fn another_person_who_signs_in_at_a_service_without_single_sign_on_ends_the_session() {
    let world = World::start_with(WorldOptions {
        sessions: true,
        edits: vec![(
            "services/library.toml",
            "client_id",
            "single_sign_on = false\nclient_id",
        )],
        ..WorldOptions::default()
    });
    for (person, goes_on) in [("angela", true), ("sosefo", false)] {
        let mut browser = Browser::open();
        let start = world.sp("town-hall").authorization_url(&[]);
        world
            .complete_login(&mut browser, &start, "boussole", "angela")
            .await;

        let start = world.sp("library").authorization_url(&[]);
        world
            .complete_login(&mut browser, &start, "boussole", person)
            .await;

        let is_signed_in = world.is_signed_in(&mut browser).await.unwrap();
        assert_eq!(is_signed_in, goes_on, "{person}");
    }
}

#[actix_web::test]
async fn the_last_page_of_a_logout_is_shown_once() {
    let told = Listener::start(&[]);
    let world = World::start_with_sessions(&told, vec![]);
    let mut browser = Browser::open();
    let (hint, _) = world
        .login_for_id_token(&mut browser, "library", "angela")
        .await;
    let end = world.logout_url(&[("id_token_hint", &hint)]);
    let page = world.visit(&mut browser, &end).await;
    assert!(page.page.html().contains("Service library"));

    // The next person opens the address in the history.
    let again = browser.visit(&page.url).await;

    assert_eq!(again.status, 200);
    let html = again.page.html();
    assert!(!html.contains("Service library"), "{html}");
    assert!(!html.contains("Boussole"), "{html}");
}

#[actix_web::test]
async fn the_address_of_a_finished_logout_does_not_tell_whether_somebody_is_signed_in() {
    let told = Listener::start(&[]);
    let world = World::start_with_sessions(&told, vec![]);
    let mut signed_in = Browser::open();
    world
        .login_for_id_token(&mut signed_in, "town-hall", "angela")
        .await;
    let out = world.hub_url("/session/out");

    for browser in [&mut Browser::open(), &mut signed_in] {
        let answer = browser.visit(&out).await;
        // Another site that opens the address reads from a redirect what it cannot read from a page.
        assert_eq!((answer.status, answer.header("location")), (200, None));
        assert_eq!(cookies(&answer), Vec::<&str>::new());
    }

    // The page that was shown in place of the redirect asks and ends the session.
    let asked = signed_in.visit(&out).await;
    let form = asked.page.first_form();
    signed_in.submit_form(&asked, &form).await;
    assert!(!world.is_signed_in(&mut signed_in).await.unwrap());
}
