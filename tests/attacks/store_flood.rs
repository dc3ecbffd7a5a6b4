//! Staying up: what a stranger's requests leave in the store.

use hub_tests::{Browser, RedisServer, World, WorldOptions};

fn on(redis: &RedisServer) -> World {
    let opening = WorldOptions {
        redis: Some(redis.url()),
        ..WorldOptions::default()
    };
    World::start_with(opening)
}

#[actix_web::test]
async fn a_strangers_request_is_small_and_soon_forgotten() {
    let redis = RedisServer::run();
    let world = on(&redis);
    let start = world.sp("town-hall").authorization_url(&[]);
    let mut browser = Browser::open();
    let answer = browser.visit(&start).await;

    let before = redis.records();
    let choice = browser.follow_redirects(answer, "https://").await;
    browser.click_link(&choice, "idp/boussole").await;
    let after = redis.records();

    assert_eq!((before.len(), after.len()), (1, 1));
    assert!((590..=600).contains(&before[0].life), "{}", before[0].life);
    // One length for all services and identity providers: see `record_sizes.rs`.
    let lengths = [before[0].value.len(), after[0].value.len()];
    assert!(lengths[0] < 1024 && lengths[1] < 2048, "{lengths:?}");
    assert!((1700..=1800).contains(&after[0].life), "{}", after[0].life);
}

#[actix_web::test]
async fn a_logout_without_a_session_keeps_nothing() {
    let redis = RedisServer::run();
    let world = on(&redis);
    let mut browser = Browser::open();
    let url = |query: &str| world.hub_url(&format!("/session/end{query}"));
    let back = "https%3A%2F%2Ftown-hall.example%2Fbye%3Ffrom%3Dhub";
    let registered = format!("?client_id=town-hall&post_logout_redirect_uri={back}&state=s");

    let page = browser.visit(&url("")).await;
    let named = browser.visit(&url("?client_id=town-hall")).await;
    let onward = browser.visit(&url(&registered)).await;

    assert_eq!((page.status, named.status, onward.status), (200, 200, 200));
    assert!(onward.page.html().contains("https://town-hall.example/bye"));
    assert_eq!(redis.records().len(), 0);
}
