//! What an identity provider's logout leaves in the store, read by a thief who has the pepper too.

use std::sync::Arc;

use hub::store::{Records, RedisStore};
use hub_core::{
    encoding::fixed_from_base64url,
    entropy::SystemEntropy,
    seal::{KeyPair, Sealer, ServerKey},
    secret::Handle,
};
use hub_tests::{Browser, Listener, RedisServer, World, WorldOptions};
use serde_json::{Value, json};

fn on_redis(redis: &RedisServer, edits: Vec<(&'static str, &'static str, &'static str)>) -> World {
    World::start_with(WorldOptions {
        redis: Some(redis.url()),
        sessions: true,
        edits,
        ..WorldOptions::default()
    })
}

/// The thief: the store, the pepper and the hub's own code, with a guess of the name.
async fn guessed(world: &World, redis: &RedisServer, kind: &str, name: &str) -> Option<Value> {
    let pepper = String::from_utf8(world.secret("keys/pepper")).unwrap();
    let pepper = ServerKey::new(fixed_from_base64url(&pepper).unwrap());
    let store = Arc::new(RedisStore::new(redis.url().parse().unwrap()));
    let sealer = Sealer::new(KeyPair::new(pepper, None));
    let records = Records::new(store, sealer, Arc::new(SystemEntropy));
    let mut marks = records.keyed_locators("upstream-session", &["boussole", kind, name]);
    let handle = Handle::upstream_session(&marks.next().unwrap());
    records.open(&handle).await.unwrap()
}

#[actix_web::test]
async fn a_guessed_account_name_opens_no_record() {
    let redis = RedisServer::run();
    let world = on_redis(&redis, vec![]);
    let mut browser = Browser::open();
    world
        .login_for_id_token(&mut browser, "library", "angela")
        .await;

    assert_eq!(
        guessed(&world, &redis, "sub", "account-of-angela").await,
        None
    );
    // The `sid` cannot be guessed; whoever has it reads the entry.
    let sid = world.sid_at_idp("boussole");
    assert!(guessed(&world, &redis, "sid", &sid).await.is_some());
}

#[actix_web::test]
async fn a_short_sid_is_not_indexed_and_its_logout_token_is_refused() {
    let redis = RedisServer::run();
    let world = on_redis(&redis, vec![]);
    let idp = world.demo_idp("boussole");
    idp.misbehave(Some(hub_demo::FaultInjection::GuessableSid));
    let mut browser = Browser::open();
    world
        .login_for_id_token(&mut browser, "library", "angela")
        .await;

    for (named, cause) in [("sid", "128 bits"), ("sub", "no sid")] {
        let sid = "session-of-angela";
        assert_eq!(guessed(&world, &redis, named, sid).await, None);
        let token = idp.logout_token(json!({named: sid})).unwrap();
        let url = world.hub_url("/backchannel/boussole");
        let body = [("logout_token".to_owned(), token)];
        let answer = Browser::open().post_form(&url, &body).await;
        assert_eq!(answer.status, 400, "{named}");
        assert!(answer.page.html().contains(cause), "{}", answer.page.html());
    }
    assert!(world.has_session(&mut browser).await);
}

#[actix_web::test]
async fn nothing_of_a_session_stays_in_the_store_after_its_end() {
    let redis = RedisServer::run();
    let by_sub = "backchannel_logout_by_sub = true\nbackchannel_logout = true";
    for edits in [
        vec![],
        vec![("idps/boussole.toml", "backchannel_logout = true", by_sub)],
    ] {
        let world = on_redis(&redis, edits);
        let mut browser = Browser::open();
        let (hint, _) = world
            .login_for_id_token(&mut browser, "library", "angela")
            .await;
        let sid = world.sid_at_idp("boussole");
        let end = world.logout_url(&[("id_token_hint", &hint)]);
        world.visit(&mut browser, &end).await;

        assert_eq!(guessed(&world, &redis, "sid", &sid).await, None);
        let account = guessed(&world, &redis, "sub", "account-of-angela").await;
        assert_eq!(account, None);
    }
}

#[actix_web::test]
async fn simultaneous_sign_ins_of_one_account_all_end_with_it() {
    const BROWSERS: usize = 8;
    let redis = RedisServer::run();
    let told = Listener::start(&[]);
    let line = format!("backchannel_logout_uri = \"{}\"\nclient_id", told.url);
    let by_sub = "backchannel_logout_by_sub = true\nbackchannel_logout = true";
    let world = on_redis(
        &redis,
        vec![
            ("idps/boussole.toml", "backchannel_logout = true", by_sub),
            (
                "services/library.toml",
                "client_id",
                Box::leak(line.into_boxed_str()),
            ),
        ],
    );
    let world = Arc::new(world);
    let start = world.sp("library").authorization_url(&[]);
    let mut waiting = Vec::new();
    for _ in 0..BROWSERS {
        let mut browser = Browser::open();
        let review = world.to_review(&mut browser, &start, "boussole", "angela");
        let review = review.await.unwrap();
        waiting.push((browser, review));
    }

    // All agree at once: each writes the entry of the same account.
    let agreeing = waiting.into_iter().map(|(mut browser, review)| {
        let world = Arc::clone(&world);
        actix_web::rt::spawn(async move {
            world.consent(&mut browser, &review).await;
            browser
        })
    });
    let mut browsers = Vec::new();
    for agreed in agreeing.collect::<Vec<_>>() {
        browsers.push(agreed.await.unwrap());
    }
    let idp = world.demo_idp("boussole");
    let token = idp.logout_token(json!({"sub": "account-of-angela"}));
    let body = [("logout_token".to_owned(), token.unwrap())];
    let url = world.hub_url("/backchannel/boussole");
    let answer = Browser::open().post_form(&url, &body).await;

    assert_eq!(answer.status, 200);
    for browser in &mut browsers {
        assert!(!world.has_session(browser).await);
    }
    assert_eq!(told.wait_for(BROWSERS).await.len(), BROWSERS);
}
