//! Redis restarts under a running hub: no request fails once Redis answers again.

use hub_tests::{Browser, Opening, RedisServer, World};

fn on(redis: &RedisServer) -> World {
    let opening = Opening {
        store: Some(redis.url()),
        ..Opening::default()
    };
    World::open_with(opening).unwrap()
}

/// The statuses of twelve authorization requests on connections of their own: enough for every worker.
async fn statuses(world: &World) -> Vec<u16> {
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let answer = Browser::new().unwrap().get(&start).await.unwrap();
        statuses.push(answer.status);
    }
    statuses
}

#[actix_web::test]
async fn after_a_restart_of_redis_the_first_request_of_each_worker_succeeds() {
    let mut redis = RedisServer::start().unwrap();
    let world = on(&redis);
    assert_eq!(statuses(&world).await, [303; 12]);

    redis.stop();
    redis.resume().unwrap();

    assert_eq!(statuses(&world).await, [303; 12]);
}

#[actix_web::test]
async fn requests_that_failed_while_redis_was_away_leave_no_failure_behind() {
    let mut redis = RedisServer::start().unwrap();
    let world = on(&redis);
    redis.stop();
    assert_eq!(statuses(&world).await, [503; 12]);

    redis.resume().unwrap();

    assert_eq!(statuses(&world).await, [303; 12]);
}

#[actix_web::test]
async fn after_a_restart_of_redis_the_first_client_assertion_of_each_worker_is_accepted() {
    let mut redis = RedisServer::start().unwrap();
    let world = on(&redis);
    let sp = world.service("keyed").unwrap();
    let code = "A".repeat(43);
    let errors = async |sp: &hub_tests::RelyingParty| {
        let mut errors = Vec::new();
        for _ in 0..6 {
            let (status, answer) = sp.token(&sp.token_fields(&code)).await.unwrap();
            errors.push((status, answer["error"].as_str().unwrap().to_owned()));
        }
        errors
    };
    errors(&sp).await;

    redis.stop();
    redis.resume().unwrap();

    let dead_code = (400, "invalid_grant".to_owned());
    assert_eq!(errors(&sp).await, vec![dead_code; 6]);
}
