//! Single sign-on: the second service within the session.

use hub_tests::{Answer, Browser, Returned, World, WorldOptions};
use serde_json::Value;
use std::time::Duration;

fn open() -> World {
    open_with(vec![])
}

fn open_with(edits: Vec<(&'static str, &'static str, &'static str)>) -> World {
    World::start_with(WorldOptions {
        sessions: true,
        edits,
        ..WorldOptions::default()
    })
}

/// Signs `person` in at `service` by `idp`; what the service learns.
async fn sign_in(
    world: &World,
    browser: &mut Browser,
    service: &'static str,
    (idp, person): (&str, &str),
) -> Value {
    let sp = world.sp(service);
    let start = sp.authorization_url(&[]);
    let authentication = world.complete_login(browser, &start, idp, person).await;
    sp.fetch_claims(&authentication).await.0
}

/// Where a browser is led that asks `service` with `changes`, before it leaves the hub.
async fn led(
    world: &World,
    browser: &mut Browser,
    service: &'static str,
    changes: &[(&str, &str)],
) -> Answer {
    let start = world.sp(service).authorization_url(changes);
    let answer = browser.visit(&start).await;
    browser.follow_redirects(answer, "https://").await
}

fn is_review(answer: &Answer) -> bool {
    answer.url.path().ends_with("/review")
}

fn is_choice(answer: &Answer) -> bool {
    answer.url.path().starts_with("/login/") && answer.url.path().ends_with('/')
}

#[actix_web::test]
async fn c32_at_a_second_service_the_provider_is_skipped_and_the_review_is_shown() {
    let world = open();
    let mut browser = Browser::open();
    let first = sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;
    let seen = world.demo_idp("boussole").seen().len();

    let sp = world.sp("library");
    let answer = browser.visit(&sp.authorization_url(&[])).await;
    let review = browser.follow_redirects(answer, "https://").await;
    assert!(is_review(&review), "{}", review.url);
    assert!(review.page.html().contains("DUBOIS"));
    let authentication = world.consent(&mut browser, &review).await;
    let (second, userinfo) = sp.fetch_claims(&authentication).await;

    assert_eq!(world.demo_idp("boussole").seen().len(), seen);
    assert_ne!(first["sub"], second["sub"]);
    assert_eq!(second["acr"], "eidas1", "the level that this service asks");
    assert_eq!(userinfo["family_name"], "DUBOIS");
}

#[actix_web::test]
async fn c32_without_sessions_every_service_asks_again_and_nothing_is_kept() {
    let world = World::start();
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;

    assert!(is_choice(&led(&world, &mut browser, "library", &[]).await));
    assert!(
        !browser.cookies().contains("session"),
        "{}",
        browser.cookies()
    );
}

#[actix_web::test]
async fn c32_a_higher_level_a_fresh_sign_in_and_a_choice_are_asked_for_again() {
    let world = open();
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;
    world.clock.pass(Duration::from_secs(120));

    for changes in [
        [("acr_values", "eidas3")],
        [("prompt", "login")],
        [("prompt", "select_account")],
        [("max_age", "60")],
    ] {
        let answer = led(&world, &mut browser, "library", &changes).await;
        assert!(is_choice(&answer), "{changes:?}");
    }
    for changes in [
        [("acr_values", "eidas1")],
        [("max_age", "600")],
        [("prompt", "consent")],
    ] {
        let answer = led(&world, &mut browser, "library", &changes).await;
        assert!(is_review(&answer), "{changes:?}");
    }
}

#[actix_web::test]
async fn c32_a_provider_that_the_second_service_does_not_take_leads_to_the_choice() {
    let world = open();
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "town-hall", ("citadelle", "angela")).await;

    // `picky` takes Boussole alone.
    assert!(is_choice(&led(&world, &mut browser, "picky", &[]).await));
    assert!(is_review(&led(&world, &mut browser, "library", &[]).await));
}

#[actix_web::test]
async fn c32_a_service_may_be_left_out_of_single_sign_on() {
    let world = open_with(vec![(
        "services/library.toml",
        "client_id",
        "single_sign_on = false\nclient_id",
    )]);
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;

    assert!(is_choice(&led(&world, &mut browser, "library", &[]).await));
    assert!(is_review(&led(&world, &mut browser, "insurer", &[]).await));
}

#[actix_web::test]
async fn c32_a_session_slides_with_use_and_ends_for_good() {
    let world = open();
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;
    let minutes = |n: u64| world.clock.pass(Duration::from_secs(n * 60));

    // Used every 25 minutes it lasts, for eight hours at the most.
    for _ in 0..19 {
        minutes(25);
        let sp = world.sp("library");
        let answer = browser.visit(&sp.authorization_url(&[])).await;
        let review = browser.follow_redirects(answer, "https://").await;
        assert!(is_review(&review));
        world.consent(&mut browser, &review).await;
    }
    minutes(6);
    assert!(is_choice(&led(&world, &mut browser, "library", &[]).await));

    let mut idle_timeout = Browser::open();
    sign_in(
        &world,
        &mut idle_timeout,
        "town-hall",
        ("boussole", "angela"),
    )
    .await;
    minutes(31);
    assert!(is_choice(
        &led(&world, &mut idle_timeout, "library", &[]).await
    ));
}

#[actix_web::test]
async fn c32_silence_is_answered_where_it_is_registered_and_the_citizen_has_been_there() {
    let world = open_with(vec![(
        "services/library.toml",
        "client_id",
        "allow_prompt_none = true\nclient_id",
    )]);
    let mut browser = Browser::open();
    let error = |answer: &Answer| {
        Returned::from(&answer.redirect_url())
            .get("error")
            .to_owned()
    };
    let silently = [("prompt", "none")];

    let nobody = led(&world, &mut browser, "library", &silently).await;
    assert_eq!(error(&nobody), "login_required");
    sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;
    let unread = led(&world, &mut browser, "library", &silently).await;
    assert_eq!(error(&unread), "login_required");
    let unregistered = led(&world, &mut browser, "town-hall", &silently).await;
    assert_eq!(error(&unregistered), "login_required");

    let sp = world.sp("library");
    let answer = browser.visit(&sp.authorization_url(&[])).await;
    let review = browser.follow_redirects(answer, "https://").await;
    let authentication = world.consent(&mut browser, &review).await;
    let seen = sp.fetch_claims(&authentication).await.0;
    let sp = world.sp("library");
    let answer = browser.visit(&sp.authorization_url(&silently)).await;
    let silent = sp.fetch_claims(&answer.redirect_url()).await.0;
    assert_eq!(silent["sub"], seen["sub"]);

    let higher = led(
        &world,
        &mut browser,
        "library",
        &[("prompt", "none"), ("acr_values", "eidas3")],
    )
    .await;
    assert_eq!(error(&higher), "consent_required");
}

#[actix_web::test]
async fn c32_another_person_never_meets_the_session_of_the_first() {
    let world = open();
    let mut browser = Browser::open();
    let angela = sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;

    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[("prompt", "login")]);
    let authentication = world
        .complete_login(&mut browser, &start, "boussole", "sosefo")
        .await;
    let sosefo = sp.fetch_claims(&authentication).await.0;
    let review = led(&world, &mut browser, "library", &[]).await;

    assert_ne!(angela["sub"], sosefo["sub"]);
    assert!(review.page.html().contains("TAUHAVILI"));
    assert!(!review.page.html().contains("DUBOIS"));
}

#[actix_web::test]
async fn c32_a_session_is_new_at_each_authentication_and_worth_nothing_to_another_browser() {
    let world = open();
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;
    let first = browser.cookies();

    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[("prompt", "login")]);
    world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;

    assert_ne!(first, browser.cookies());
    let mut stranger = Browser::open();
    assert!(is_choice(&led(&world, &mut stranger, "library", &[]).await));
}

#[actix_web::test]
async fn c32_choosing_another_account_on_the_review_page_leads_to_the_choice() {
    let world = open();
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;
    let review = led(&world, &mut browser, "library", &[]).await;
    let choice = review.url.path().trim_end_matches("review").to_owned();

    let again = browser.click_link(&review, &choice).await;
    let departure = browser.click_link(&again, "idp/citadelle").await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    let back = world
        .submit_credentials(&mut browser, &sign_in, "jean")
        .await;
    let review = browser.follow_redirects(back, "https://").await;

    assert!(review.page.html().contains("FLEURET"));
    assert!(!review.page.html().contains("DUBOIS"));
}

#[actix_web::test]
async fn c32_a_review_that_waits_does_not_outlive_the_session_it_came_from() {
    let world = open();
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;
    let review = led(&world, &mut browser, "library", &[]).await;
    assert!(is_review(&review));
    let asked = led_out(&world, &mut browser).await;
    assert!(asked.page.html().contains("main"));

    // The page of another tab, or Back at a computer that strangers share.
    let form = review.page.first_form();
    let agreed = browser.submit_form(&review, &form).await;
    let shown = browser.follow_redirects(agreed, "https://").await;
    let reloaded = browser.visit(&review.url).await;
    let reloaded = browser.follow_redirects(reloaded, "https://").await;

    // The logout drew a new secret for the browser: the record of that review cannot be opened.
    for page in [shown, reloaded] {
        assert_eq!(page.status, 400, "{}", page.url);
        assert!(!page.page.html().contains("DUBOIS"));
    }
}

#[actix_web::test]
async fn c32_a_review_that_waits_is_not_mixed_with_the_session_of_another_person() {
    let world = open();
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "town-hall", ("boussole", "angela")).await;
    let review = led(&world, &mut browser, "library", &[]).await;
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[("prompt", "login")]);
    world
        .complete_login(&mut browser, &start, "boussole", "sosefo")
        .await;

    let form = review.page.first_form();
    let agreed = browser.submit_form(&review, &form).await;
    let shown = browser.follow_redirects(agreed, "https://").await;

    assert!(is_choice(&shown), "{}", shown.url);
}

/// The citizen signs out on the hub's own page.
async fn led_out(world: &World, browser: &mut Browser) -> Answer {
    let page = browser.visit(&world.hub_url("/session/end")).await;
    let form = page.page.first_form();
    browser.submit_form(&page, &form).await
}
