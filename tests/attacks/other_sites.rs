//! Forms of other sites, which bring no cookie, and sessions on shared computers.

use hub_tests::{Browser, Listener, World, WorldOptions};
use serde_json::Value;

fn cookies(headers: &[(String, String)]) -> Vec<&str> {
    let cookies = headers.iter().filter(|(name, _)| name == "set-cookie");
    cookies.map(|(_, cookie)| cookie.as_str()).collect()
}

#[actix_web::test]
async fn a_posted_request_of_another_site_replaces_no_cookie_and_ends_no_login() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let choice = browser.visit(&start).await;
    let choice = browser.follow_redirects(choice, "https://").await;
    let other = world.sp("library").authorization_url(&[]);
    let mut fields: Vec<(String, String)> = other.query_pairs().into_owned().collect();
    fields.push(("claims".into(), r#"{"userinfo":{"email":null}}"#.into()));

    // A cross-site form brings no `SameSite=Lax` cookie.
    let url = world.hub_url("/authorize");
    let answer = Browser::open().post_form(&url, &fields).await;

    assert_eq!(cookies(&answer.headers), Vec::<&str>::new());
    // The page of ours goes on, and brings the browser's own cookie.
    let next = url.join(&answer.page.refresh().unwrap()).unwrap();
    let sent: Vec<(String, String)> = next.query_pairs().into_owned().collect();
    assert_eq!(sent, fields);
    let answer = browser.visit(&next).await;
    let second = browser.follow_redirects(answer, "https://").await;
    assert!(second.page.html().contains("Service library"));
    // The login that was under way still is.
    let first = browser.visit(&choice.url).await;
    assert_eq!(first.status, 200);
    assert!(first.page.html().contains("Service town-hall"));
}

#[actix_web::test]
async fn every_service_of_a_session_is_told_of_its_end_and_named_even_the_one_that_asks() {
    let told = Listener::start(&[]);
    let world = World::start_with_sessions(&told, vec![]);
    let mut browser = Browser::open();
    let signed_in = world.id_token(&mut browser, "town-hall", "angela").await;
    signed_in.unwrap();
    let (hint, library) = world
        .login_for_id_token(&mut browser, "library", "angela")
        .await;

    let end = world.logout_url(&[("id_token_hint", &hint)]);
    let page = world.visit(&mut browser, &end).await;

    let message = told.wait_for(1).await.pop().unwrap();
    let token = message.strip_prefix("logout_token=").unwrap();
    let claims: Value = hub_tests::unverified_claims(token);
    assert_eq!(
        (&claims["aud"], &claims["sub"]),
        (&"library".into(), &library["sub"])
    );
    let html = page.page.html();
    assert!(
        html.contains("Service library") && html.contains("Service town-hall"),
        "{html}"
    );
}

#[actix_web::test]
async fn a_session_ends_with_the_browser_unless_the_operator_says_otherwise() {
    for (line, is_persistent) in [("", false), ("persistent_cookie = true\n", true)] {
        let section = Box::leak(format!("[session]\n{line}").into_boxed_str());
        let world = World::open_with(WorldOptions {
            sessions: true,
            edits: vec![("hub.toml", "[session]\n", section)],
            ..WorldOptions::default()
        });
        let world = world.unwrap();
        let mut browser = Browser::open();
        let start = world.sp("town-hall").authorization_url(&[]);
        let review = world.to_review(&mut browser, &start, "boussole", "angela");
        let review = review.await.unwrap();
        let form = review.page.first_form();
        let left = browser.submit_form(&review, &form).await;

        let all = cookies(&left.headers);
        let session = all.iter().find(|one| one.starts_with("lethe-session="));
        let session = session.unwrap().to_ascii_lowercase();
        assert_eq!(
            session.contains("max-age=28800"),
            is_persistent,
            "{session}"
        );
        assert_eq!(session.contains("max-age"), is_persistent, "{session}");
        assert!(!session.contains("expires"), "{session}");
    }
}
