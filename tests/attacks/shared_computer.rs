//! A logout on a shared computer, and what a service can learn by asking for one.

use hub_tests::{Answer, Browser, Listener, World};
use std::time::Duration;
use url::Url;

const BACK: &str = "https://town-hall.example/bye?from=hub";

fn fields(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    fields.iter().map(owned).collect()
}

fn cookies(answer: &Answer) -> Vec<&str> {
    let all = answer.headers.iter();
    let all = all.filter(|(name, _)| name == "set-cookie");
    all.map(|(_, value)| value.as_str()).collect()
}

/// A review of Angela's that waits in a tab of `browser`.
async fn review_left_open(world: &World, browser: &mut Browser) -> Answer {
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let review = world.to_review(browser, &start, "boussole", "angela").await;
    review.unwrap()
}

#[actix_web::test]
async fn a_logout_ends_the_sign_ins_that_wait_in_other_tabs() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    let review = review_left_open(&world, &mut browser).await;
    let (hint, _) = world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();

    let end = world.end(&[("id_token_hint", &hint)]).unwrap();
    world.go(&mut browser, &end).await.unwrap();

    // The next person goes back in the history of the browser.
    let form = review.page.form().unwrap();
    let sent = browser.submit(&review, &form).await.unwrap();
    assert_eq!(sent.status, 400, "{}", sent.page.html());
    assert!(sent.page.html().contains("L10"), "{}", sent.page.html());
    let again = browser.get(&review.url).await.unwrap();
    assert_eq!(again.status, 400);
    assert!(!again.page.html().contains("DUBOIS"));
}

#[actix_web::test]
async fn a_logout_without_a_session_ends_the_sign_ins_that_wait() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    for confirmed in [true, false] {
        let mut browser = Browser::new().unwrap();
        let review = review_left_open(&world, &mut browser).await;
        if confirmed {
            let end = world.end(&[("client_id", "town-hall")]).unwrap();
            let asked = world.go(&mut browser, &end).await.unwrap();
            // Anybody could have sent the browser here: nothing ends before the citizen says so.
            assert_eq!(cookies(&asked), Vec::<&str>::new());
            let still = world.go(&mut browser, &review.url).await.unwrap();
            assert!(still.page.html().contains("DUBOIS"));
            let form = asked.page.form().unwrap();
            browser.submit(&asked, &form).await.unwrap();
        } else {
            let mut other = Browser::new().unwrap();
            let signed_in = world.id_token(&mut other, "town-hall", "angela").await;
            let (hint, _) = signed_in.unwrap();
            let end = world.end(&[("id_token_hint", &hint)]).unwrap();
            world.go(&mut browser, &end).await.unwrap();
        }

        let form = review.page.form().unwrap();
        let sent = browser.submit(&review, &form).await.unwrap();
        assert_eq!(sent.status, 400, "{confirmed}: {}", sent.page.html());
    }
}

#[actix_web::test]
async fn a_service_without_a_hint_does_not_learn_whether_somebody_is_signed_in() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut signed_in = Browser::new().unwrap();
    let (hint, _) = world
        .id_token(&mut signed_in, "town-hall", "angela")
        .await
        .unwrap();
    let mut waiting = Browser::new().unwrap();
    review_left_open(&world, &mut waiting).await;
    let asked = [
        ("client_id", "town-hall"),
        ("post_logout_redirect_uri", BACK),
        ("state", "s"),
    ];
    let end = world.end(&asked).unwrap();

    let mut seen = Vec::new();
    for mut browser in [Browser::new().unwrap(), signed_in, waiting] {
        let answer = browser.get(&end).await.unwrap();
        // Nothing leads away before the citizen clicks.
        assert!(answer.location().is_err());
        assert_eq!(answer.page.refresh(), None);
        assert_eq!(cookies(&answer), Vec::<&str>::new());
        let names = answer.headers.iter().map(|(name, _)| name.clone());
        let mut names: Vec<String> = names.collect();
        names.sort();
        seen.push((answer.status, names));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);

    // The page of a browser that has no session leads to the address all the same.
    let page = Browser::new().unwrap().get(&end).await.unwrap();
    let html = page.page.html().replace("&#x3D;", "=");
    let link = format!("href=\"{BACK}&amp;state=s\"");
    assert!(html.contains(&link), "{html}");
    // A service that holds an id token gets its browser back at once.
    let hinted = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BACK),
    ];
    let end = world.end(&hinted).unwrap();
    let left = Browser::new().unwrap().get(&end).await.unwrap();
    assert_eq!(left.next().unwrap().as_str(), BACK);
}

#[actix_web::test]
async fn a_logout_form_of_another_site_is_never_told_that_a_session_is_closed() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();
    let url = world.url("/session/end").unwrap();

    // A cross-site form brings no `SameSite=Lax` cookie.
    for token in ["x", ""] {
        let form = fields(&[("token", token), ("client_id", "town-hall")]);
        let answer = Browser::new().unwrap().post(&url, &form).await.unwrap();
        assert_eq!(cookies(&answer), Vec::<&str>::new());
        let next: Url = url.join(&answer.page.refresh().unwrap()).unwrap();
        assert_eq!(next.query(), Some("client_id=town-hall"));
        // The page of ours goes on with the cookie, and the citizen is asked.
        let asked = browser.get(&next).await.unwrap();
        assert!(asked.page.form().is_ok() && asked.page.html().contains("Service town-hall"));
    }
    assert!(world.is_signed_in(&mut browser).await.unwrap());
    let out = world.url("/session/out").unwrap();
    let asked = world.go(&mut browser, &out).await.unwrap();
    assert_eq!((asked.status, asked.url.path()), (200, "/session/out"));
    assert!(asked.page.form().is_ok());
}

#[actix_web::test]
async fn a_hint_of_an_earlier_session_of_the_same_citizen_ends_nothing() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let mut browser = Browser::new().unwrap();
    let (old, claims) = world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();
    assert!(claims.get("sid").is_none(), "by `sub` alone");
    let end = world.end(&[("id_token_hint", &old)]).unwrap();
    world.go(&mut browser, &end).await.unwrap();
    world.clock.pass(Duration::from_secs(60));
    let (new, _) = world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();

    let asked = world.go(&mut browser, &end).await.unwrap();

    assert!(asked.page.form().is_ok(), "the citizen is asked");
    assert!(world.is_signed_in(&mut browser).await.unwrap());
    let end = world.end(&[("id_token_hint", &new)]).unwrap();
    world.go(&mut browser, &end).await.unwrap();
    assert!(!world.is_signed_in(&mut browser).await.unwrap());
}
