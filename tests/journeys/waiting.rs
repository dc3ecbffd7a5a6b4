//! A sign-in that waits in a browser: what leads back to it, and what does not.

use hub_tests::{Answer, Browser, World};

/// A browser whose citizen has left for Boussole.
async fn at_boussole(world: &World) -> (Browser, Answer) {
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let choice = browser.visit(&start).await;
    let choice = browser.follow_redirects(choice, "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    browser.follow_redirects(departure, "https://").await;
    (browser, choice)
}

async fn open(world: &World, browser: &mut Browser, path: &str) -> Answer {
    browser.visit(&world.hub_url(path)).await
}

#[actix_web::test]
async fn an_unexpected_return_leads_to_the_sign_in_that_waits_in_this_browser() {
    let world = World::start();
    let (mut browser, choice) = at_boussole(&world).await;

    for path in [
        "/callback/boussole?state=x&code=y",
        "/callback/boussole?code=y",
    ] {
        let page = open(&world, &mut browser, path).await;

        assert_eq!(
            (page.status, page.page.code().as_deref()),
            (400, Some("L3008"))
        );
        let resumed = browser.click_link(&page, "/").await;
        assert_eq!(resumed.url, choice.url);
        assert_eq!(resumed.status, 200);
    }
    let mut stranger = Browser::open();
    let page = open(&world, &mut stranger, "/callback/boussole?state=x&code=y").await;
    assert!(!page.page.has_link("/"));
}

#[actix_web::test]
async fn an_unexpected_return_leads_nowhere_once_the_sign_in_is_over() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;

    let page = open(&world, &mut browser, "/callback/boussole?state=x&code=y").await;

    assert_eq!(page.page.code().as_deref(), Some("L3008"));
    assert!(!page.page.has_link("/"));
}

#[actix_web::test]
async fn an_idp_sends_the_citizen_back_to_its_own_attempt_and_to_no_other() {
    let world = World::start();
    let (mut browser, choice) = at_boussole(&world).await;

    let own = open(&world, &mut browser, "/initiate/boussole").await;
    // By a page: a redirect to the IdP would tell a form of another site which IdP was chosen.
    let next = choice.resolve(&own.page.refresh().unwrap());
    assert_eq!(own.status, 200);
    assert_eq!(next, choice.resolve("idp/boussole"));

    // Any site can open this address: the citizen did not choose Citadelle.
    let other = open(&world, &mut browser, "/initiate/citadelle").await;
    assert_eq!(
        (other.status, other.page.code().as_deref()),
        (400, Some("L3008"))
    );
    assert_eq!(browser.click_link(&other, "/").await.url, choice.url);

    let nothing = open(&world, &mut Browser::open(), "/initiate/boussole").await;
    assert_eq!(nothing.page.code().as_deref(), Some("L1006"));
}

#[actix_web::test]
async fn an_idp_does_not_start_an_attempt_that_the_citizen_has_not_made() {
    let world = World::start();
    let (mut browser, _) = at_boussole(&world).await;
    world
        .demo_idp("boussole")
        .misbehave(Some(hub_demo::FaultInjection::Declines));
    let start = world.sp("town-hall").authorization_url(&[]);
    world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;
    let citadelle = open(&world, &mut browser, "/initiate/citadelle").await;

    assert_eq!(citadelle.status, 400);
}
