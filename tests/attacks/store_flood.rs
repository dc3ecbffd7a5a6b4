//! Staying up: what a stranger's requests leave in the store.

use hub_tests::{Browser, Opening, RedisServer, World};

fn on(redis: &RedisServer) -> World {
    let opening = Opening {
        store: Some(redis.url()),
        ..Opening::default()
    };
    World::open_with(opening).unwrap()
}

#[actix_web::test]
async fn a_strangers_request_is_small_and_soon_forgotten() {
    let redis = RedisServer::start().unwrap();
    let world = on(&redis);
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let mut browser = Browser::new().unwrap();
    let answer = browser.get(&start).await.unwrap();

    let before = redis.dump().unwrap();
    let choice = browser.follow(answer, "https://").await.unwrap();
    browser.click(&choice, "idp/boussole").await.unwrap();
    let after = redis.dump().unwrap();

    assert_eq!((before.len(), after.len()), (1, 1));
    assert!((590..=600).contains(&before[0].life), "{}", before[0].life);
    assert!(before[0].value.len() < 800, "{}", before[0].value.len());
    assert!((1700..=1800).contains(&after[0].life), "{}", after[0].life);
}

#[actix_web::test]
async fn a_logout_without_a_session_keeps_nothing() {
    let redis = RedisServer::start().unwrap();
    let world = on(&redis);
    let mut browser = Browser::new().unwrap();
    let url = |query: &str| world.url(&format!("/session/end{query}")).unwrap();
    let back = "https%3A%2F%2Ftown-hall.example%2Fbye%3Ffrom%3Dhub";
    let registered = format!("?client_id=town-hall&post_logout_redirect_uri={back}&state=s");

    let page = browser.get(&url("")).await.unwrap();
    let named = browser.get(&url("?client_id=town-hall")).await.unwrap();
    let onward = browser.get(&url(&registered)).await.unwrap();

    assert_eq!((page.status, named.status, onward.status), (200, 200, 200));
    assert!(onward.page.html().contains("https://town-hall.example/bye"));
    assert_eq!(redis.dump().unwrap().len(), 0);
}
