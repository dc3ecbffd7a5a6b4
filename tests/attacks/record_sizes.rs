//! Who reads the store learns nothing from the lengths of records.

use std::collections::BTreeMap;

use hub_tests::{Browser, RedisServer, World, WorldOptions};

/// The lengths of the records that the store holds, sorted.
fn lengths(redis: &RedisServer) -> Vec<usize> {
    let records = redis.records();
    let mut lengths: Vec<usize> = records.iter().map(|record| record.value.len()).collect();
    lengths.sort_unstable();
    lengths
}

/// The lengths of all records after each step of a login and a logout.
async fn lengths_of_steps(
    service: &'static str,
    idp: &str,
    person: &str,
    state: &str,
) -> BTreeMap<&'static str, Vec<usize>> {
    let redis = RedisServer::run();
    let world = World::start_with(WorldOptions {
        redis: Some(redis.url()),
        sessions: true,
        ..WorldOptions::default()
    });
    let sp = world.sp(service);
    let mut browser = Browser::open();
    let mut steps = BTreeMap::new();

    let answer = browser
        .visit(&sp.authorization_url(&[("state", state)]))
        .await;
    steps.insert("1 requested", lengths(&redis));
    let choice = browser.follow_redirects(answer, "https://").await;
    let departure = browser.click_link(&choice, &format!("idp/{idp}")).await;
    steps.insert("2 at the idp", lengths(&redis));
    let sign_in = browser.follow_redirects(departure, "https://").await;
    let back = world
        .submit_credentials(&mut browser, &sign_in, person)
        .await;
    let review = browser.follow_redirects(back, "https://").await;
    steps.insert("3 identified", lengths(&redis));
    let response = world.consent(&mut browser, &review).await;
    steps.insert("4 answered", lengths(&redis));
    let code = response.query_pairs().find(|(name, _)| name == "code");
    let (tokens, _) = sp.redeem_code(&code.unwrap().1).await;
    steps.insert("5 tokens issued", lengths(&redis));
    assert!(tokens["access_token"].is_string(), "{tokens}");
    let other = world.sp("modern-library").authorization_url(&[]);
    let review = world.visit(&mut browser, &other).await;
    world.consent(&mut browser, &review).await;
    steps.insert("6 second service", lengths(&redis));
    steps
}

#[actix_web::test]
async fn the_length_of_no_record_tells_the_service_or_the_idp() {
    let long = "s".repeat(300);
    let expected = lengths_of_steps("town-hall", "boussole", "angela", "short").await;
    for (service, idp, person, state) in [
        ("town-hall", "citadelle", "sosefo", "short"),
        ("library", "boussole", "angela", long.as_str()),
        ("library", "citadelle", "sosefo", long.as_str()),
    ] {
        let found = lengths_of_steps(service, idp, person, state).await;

        assert_eq!(found, expected, "{service} {idp}");
    }
}
