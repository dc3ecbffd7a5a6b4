//! A sign-in that waits in a browser: what leads back to it, and what does not.

use hub_tests::{Answer, Browser, World};

/// A browser whose citizen has left for Boussole.
async fn at_boussole(world: &World) -> (Browser, Answer) {
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let choice = browser.get(&start).await.unwrap();
    let choice = browser.follow(choice, "https://").await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    browser.follow(departure, "https://").await.unwrap();
    (browser, choice)
}

async fn open(world: &World, browser: &mut Browser, path: &str) -> Answer {
    browser.get(&world.url(path).unwrap()).await.unwrap()
}

#[actix_web::test]
async fn an_unexpected_return_leads_to_the_sign_in_that_waits_in_this_browser() {
    let world = World::open().unwrap();
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
        let resumed = browser.click(&page, "/").await.unwrap();
        assert_eq!(resumed.url, choice.url);
        assert_eq!(resumed.status, 200);
    }
    let mut stranger = Browser::new().unwrap();
    let page = open(&world, &mut stranger, "/callback/boussole?state=x&code=y").await;
    assert!(page.page.link("/").is_err());
}

#[actix_web::test]
async fn an_unexpected_return_leads_nowhere_once_the_sign_in_is_over() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    world
        .log_in(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();

    let page = open(&world, &mut browser, "/callback/boussole?state=x&code=y").await;

    assert_eq!(page.page.code().as_deref(), Some("L3008"));
    assert!(page.page.link("/").is_err());
}

#[actix_web::test]
async fn an_idp_sends_the_citizen_back_to_its_own_attempt_and_to_no_other() {
    let world = World::open().unwrap();
    let (mut browser, choice) = at_boussole(&world).await;

    let own = open(&world, &mut browser, "/initiate/boussole").await;
    // By a page: a redirect to the IdP would tell a form of another site which IdP was chosen.
    let next = choice.url.join(&own.page.refresh().unwrap()).unwrap();
    assert_eq!(own.status, 200);
    assert_eq!(next, choice.url.join("idp/boussole").unwrap());

    // Any site can open this address: the citizen did not choose Citadelle.
    let other = open(&world, &mut browser, "/initiate/citadelle").await;
    assert_eq!(
        (other.status, other.page.code().as_deref()),
        (400, Some("L3008"))
    );
    assert_eq!(browser.click(&other, "/").await.unwrap().url, choice.url);

    let nothing = open(&world, &mut Browser::new().unwrap(), "/initiate/boussole").await;
    assert_eq!(nothing.page.code().as_deref(), Some("L1006"));
}

#[actix_web::test]
async fn an_idp_does_not_start_an_attempt_that_the_citizen_has_not_made() {
    let world = World::open().unwrap();
    let (mut browser, _) = at_boussole(&world).await;
    world
        .idp("boussole")
        .unwrap()
        .misbehave(Some(hub_demo::Mischief::Declines));
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let citadelle = open(&world, &mut browser, "/initiate/citadelle").await;

    assert_eq!(citadelle.status, 400);
}
