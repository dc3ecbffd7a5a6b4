//! Redis restarts under a running hub: no request fails once Redis answers again.

use hub_tests::{Browser, JsonExt, RedisServer, World, WorldOptions};

fn on(redis: &RedisServer) -> World {
    let opening = WorldOptions {
        redis: Some(redis.url()),
        ..WorldOptions::default()
    };
    World::start_with(opening)
}

/// The statuses of twelve authorization requests on connections of their own: enough for every worker.
async fn statuses(world: &World) -> Vec<u16> {
    let start = world.sp("town-hall").authorization_url(&[]);
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let answer = Browser::open().visit(&start).await;
        statuses.push(answer.status);
    }
    statuses
}

#[actix_web::test]
async fn after_a_restart_of_redis_the_first_request_of_each_worker_succeeds() {
    let mut redis = RedisServer::run();
    let world = on(&redis);
    assert_eq!(statuses(&world).await, [303; 12]);

    redis.stop();
    redis.start_again();

    assert_eq!(statuses(&world).await, [303; 12]);
}

#[actix_web::test]
async fn requests_that_failed_while_redis_was_away_leave_no_failure_behind() {
    let mut redis = RedisServer::run();
    let world = on(&redis);
    redis.stop();
    assert_eq!(statuses(&world).await, [503; 12]);

    redis.start_again();

    assert_eq!(statuses(&world).await, [303; 12]);
}

#[actix_web::test]
async fn after_a_restart_of_redis_the_first_client_assertion_of_each_worker_is_accepted() {
    let mut redis = RedisServer::run();
    let world = on(&redis);
    let sp = world.sp("keyed");
    let code = "A".repeat(43);
    let errors = async |sp: &hub_tests::RelyingParty| {
        let mut errors = Vec::new();
        for _ in 0..6 {
            let (status, answer) = sp.request_tokens(&sp.token_fields(&code)).await;
            errors.push((status, answer["error"].text().to_owned()));
        }
        errors
    };
    errors(&sp).await;

    redis.stop();
    redis.start_again();

    let dead_code = (400, "invalid_grant".to_owned());
    assert_eq!(errors(&sp).await, vec![dead_code; 6]);
}
