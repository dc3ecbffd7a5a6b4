//! What a change of pepper forgets: nothing, as long as the previous one is configured.

use std::sync::Arc;

use hub::store::MemoryStore;
use hub_core::encoding::base64url;
use hub_tests::{Browser, Listener, RelyingParty, TestClock, World, WorldOptions};
use serde_json::{Value, json};

fn open(edits: Vec<(&'static str, &'static str, &'static str)>) -> World {
    let clock = Arc::new(TestClock::default());
    World::start_with(WorldOptions {
        store: Some(Arc::new(MemoryStore::new(clock.clone()))),
        clock: Some(clock),
        sessions: true,
        edits,
        ..WorldOptions::default()
    })
}

/// The operator gives the hub another pepper, and keeps the old one as the previous one.
async fn rotate(world: &mut World) {
    let old = world.secret("keys/pepper");
    let new = base64url(&[9; 32]).into_bytes();
    let secrets = [("keys/previous-pepper", old), ("keys/pepper", new)];
    let keys = "\n[keys]\nprevious_pepper = \"file:keys/previous-pepper\"\n\n[session]\n";
    let edits = [("hub.toml", "\n[session]\n", keys)];
    world.restart_hub(&secrets, &edits).await;
}

/// The error of a token request for a code that does not exist, with `assertion` as proof.
async fn error(sp: &RelyingParty, assertion: &[(String, String)]) -> String {
    let grant = [
        ("grant_type", "authorization_code"),
        ("code", "A"),
        ("redirect_uri", "x"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let fields = [grant.as_slice(), assertion].concat();
    let (_, _, answer) = sp.request_tokens_as(None, &fields).await;
    answer["error"].as_str().unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn a_client_assertion_used_before_a_change_of_pepper_is_refused_after_it() {
    let mut world = open(vec![]);
    let sp = world.sp("keyed");
    let used = sp.client_assertion(&json!({}));
    let fresh = sp.client_assertion(&json!({}));
    assert_eq!(error(&sp, &used).await, "invalid_grant");

    rotate(&mut world).await;

    let sp = world.sp("keyed");
    assert_eq!(error(&sp, &used).await, "invalid_client");
    assert_eq!(error(&sp, &fresh).await, "invalid_grant");
    assert_eq!(error(&sp, &fresh).await, "invalid_client");
}

#[actix_web::test]
async fn a_logout_token_used_before_a_change_of_pepper_is_refused_after_it() {
    let mut world = open(vec![]);
    let idp = world.demo_idp("boussole").clone();
    let sid = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";
    let token = idp.logout_token(json!({"sid": sid})).unwrap();
    let body = [("logout_token".to_owned(), token)];
    let url = world.hub_url("/backchannel/boussole");
    let mut server = Browser::open();
    assert_eq!(server.post_form(&url, &body).await.status, 200);

    rotate(&mut world).await;

    let mut server = Browser::open();
    assert_eq!(server.post_form(&url, &body).await.status, 400);
}

#[actix_web::test]
async fn a_session_begun_before_a_change_of_pepper_goes_on_and_ends_with_the_providers() {
    let told = Listener::start(&[]);
    let line = format!("backchannel_logout_uri = \"{}\"\nclient_id", told.url);
    let line: &'static str = Box::leak(line.into_boxed_str());
    for used_after in [false, true] {
        let mut world = open(vec![("services/library.toml", "client_id", line)]);
        let mut browser = Browser::open();
        world
            .login_for_id_token(&mut browser, "library", "angela")
            .await;
        let sid = world.sid_at_idp("boussole");
        let before = told.received().len();

        rotate(&mut world).await;

        if used_after {
            let town_hall = world.id_token(&mut browser, "town-hall", "angela");
            town_hall.await.unwrap();
        }
        assert!(world.has_session(&mut browser).await);
        let idp = world.demo_idp("boussole");
        let token = idp.logout_token(json!({"sid": sid})).unwrap();
        let body = [("logout_token".to_owned(), token)];
        let url = world.hub_url("/backchannel/boussole");
        let answer = Browser::open().post_form(&url, &body).await;
        assert_eq!(answer.status, 200);
        assert!(!world.has_session(&mut browser).await);
        assert_eq!(told.wait_for(before + 1).await.len(), before + 1);
    }
}

#[actix_web::test]
async fn a_login_and_a_code_from_before_a_change_of_pepper_are_finished_after_it() {
    let mut world = open(vec![]);
    let sp = world.sp("town-hall");
    let mut browser = Browser::open();
    let start = sp.authorization_url(&[]);
    let review = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;
    let fields = sp.token_fields(&world.login_for_code(&sp, &[], &[]).await);

    rotate(&mut world).await;

    let redeemed = redeem(&world, &fields).await;
    assert_eq!(redeemed, (200, Value::Null));
    assert_eq!(redeem(&world, &fields).await, (400, json!("invalid_grant")));
    world.consent(&mut browser, &review).await;
}

/// The status and the error of a token request of the town hall.
async fn redeem(world: &World, fields: &[(String, String)]) -> (u16, Value) {
    let sp = world.sp("town-hall");
    let (status, answer) = sp.request_tokens(fields).await;
    (status, answer["error"].clone())
}
