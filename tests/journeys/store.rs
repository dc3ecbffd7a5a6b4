//! The store fails, goes away and comes back.

use std::{sync::Arc, time::Duration};

use hub::store::MemoryStore;
use hub_tests::{Browser, FailingVault, Opening, Outage, RedisServer, Returned, TestClock, World};

fn failing() -> (World, Arc<Outage>) {
    let (clock, outage) = (Arc::new(TestClock::default()), Arc::<Outage>::default());
    let store = FailingVault::new(MemoryStore::new(clock.clone()), outage.clone());
    let opening = Opening {
        store: Some(Arc::new(store)),
        clock: Some(clock),
        ..Opening::default()
    };
    (World::open_with(opening).unwrap(), outage)
}

/// One login, and where it stopped: the public code of a page, or the error of a JSON answer.
async fn attempt(world: &World) -> Result<(), String> {
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let code = |page: &hub_tests::Answer| {
        assert!(
            !page.page.html().contains("DUBOIS"),
            "no identity on an error page"
        );
        page.page
            .code()
            .ok_or_else(|| format!("{} {}", page.status, page.page.html()))
    };
    let first = browser.get(&sp.request(&[]).unwrap()).await.unwrap();
    let choice = browser.follow(first, "https://").await.unwrap();
    let Ok(departure) = browser.click(&choice, "idp/boussole").await else {
        return Err(code(&choice)?);
    };
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    if sign_in.status != 200 {
        return Err(code(&sign_in)?);
    }
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap();
    let review = browser.follow(back, "https://").await.unwrap();
    let Ok(form) = review.page.form() else {
        return Err(code(&review)?);
    };
    let leave = browser.submit(&review, &form).await.unwrap();
    let Some(authentication) = leave.page.refresh() else {
        return Err(code(&leave)?);
    };
    let returned = Returned::from(&authentication.parse().unwrap());
    let (status, tokens) = sp
        .token(&sp.token_fields(returned.get("code")))
        .await
        .unwrap();
    if status != 200 {
        return Err(format!("{status} {}", tokens["error"].as_str().unwrap()));
    }
    let (status, _, body) = sp
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await
        .unwrap();
    if status != 200 {
        assert!(!body.contains("DUBOIS"));
        return Err(format!("{status} userinfo"));
    }
    Ok(())
}

#[actix_web::test]
async fn whichever_store_call_of_a_login_fails_the_answer_is_clear_and_nothing_leaks() {
    let (world, outage) = failing();
    outage.fail_at(0);
    attempt(&world).await.unwrap();
    let calls = outage.calls();
    let mut heard = Vec::new();
    for n in 1..=calls {
        outage.fail_at(n);
        heard.push(attempt(&world).await.unwrap_err());
        outage.fail_at(0);
        attempt(&world).await.unwrap();
    }

    assert_eq!(calls, 14);
    let page = |heard: &String| heard == "L4001";
    let json = |heard: &String| heard == "503 temporarily_unavailable" || heard == "503 userinfo";
    assert!(
        heard.iter().all(|heard| page(heard) || json(heard)),
        "{heard:?}"
    );
    assert_eq!(
        heard.iter().filter(|heard| page(heard)).count(),
        11,
        "{heard:?}"
    );
}

#[actix_web::test]
async fn while_redis_is_away_the_hub_says_so_quickly_and_it_recovers_by_itself() {
    let mut redis = RedisServer::start().unwrap();
    let opening = Opening {
        redis: Some(redis.url()),
        ..Opening::default()
    };
    let world = World::open_with(opening).unwrap();
    attempt(&world).await.unwrap();
    redis.stop();

    let sp = world.service("town-hall").unwrap();
    let mut browser = Browser::new().unwrap();
    let began = std::time::Instant::now();
    let page = browser.get(&sp.request(&[]).unwrap()).await.unwrap();
    let page_took = began.elapsed();
    let began = std::time::Instant::now();
    let (status, answer) = sp.token(&sp.token_fields(&"A".repeat(43))).await.unwrap();
    let json_took = began.elapsed();
    let keys = browser.get(&world.url("/jwks").unwrap()).await.unwrap();
    let discovery = browser
        .get(&world.url("/.well-known/openid-configuration").unwrap())
        .await
        .unwrap();
    redis.resume().unwrap();
    let mut tries = 0;
    while attempt(&world).await.is_err() {
        tries += 1;
        assert!(tries < 200, "it does not recover");
    }

    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (503, Some("L4001"))
    );
    assert_eq!(
        (status, answer["error"].as_str()),
        (503, Some("temporarily_unavailable"))
    );
    assert!(
        page_took < Duration::from_secs(2) && json_took < Duration::from_secs(2),
        "{page_took:?} {json_took:?}"
    );
    assert_eq!((keys.status, discovery.status), (200, 200));
}

#[actix_web::test]
async fn a_hub_starts_while_redis_is_down() {
    let mut redis = RedisServer::start().unwrap();
    redis.stop();
    let opening = Opening {
        redis: Some(redis.url()),
        ..Opening::default()
    };
    let world = World::open_with(opening).unwrap();
    let before = attempt(&world).await;
    redis.resume().unwrap();
    let mut tries = 0;
    while attempt(&world).await.is_err() {
        tries += 1;
        assert!(tries < 200, "it does not recover");
    }

    assert_eq!(before, Err("L4001".to_owned()));
}

#[actix_web::test]
async fn a_login_takes_fourteen_calls_of_redis() {
    let redis = RedisServer::start().unwrap();
    let opening = Opening {
        redis: Some(redis.url()),
        ..Opening::default()
    };
    let world = World::open_with(opening).unwrap();
    for _ in 0..8 {
        // So that every worker has connected.
        attempt(&world).await.unwrap();
    }
    let before = redis.commands().unwrap();
    for _ in 0..5 {
        attempt(&world).await.unwrap();
    }

    // Fourteen calls. Redis counts what a script runs as well: each of the five that compare and set reads and
    // writes. The last look itself is one command.
    assert_eq!((redis.commands().unwrap() - before - 1) / 5, 14 + 5 * 2);
}

#[actix_web::test]
async fn everything_in_redis_has_a_time_to_live() {
    let redis = RedisServer::start().unwrap();
    let opening = Opening {
        redis: Some(redis.url()),
        ..Opening::default()
    };
    let world = World::open_with(opening).unwrap();
    attempt(&world).await.unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();

    let records = redis.dump().unwrap();

    assert!(records.len() >= 3, "{}", records.len());
    for hub_tests::Held { key, life, .. } in records {
        assert!((1..=1800).contains(&life), "{key:?} lives {life} s");
    }
}
