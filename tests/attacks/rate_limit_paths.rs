//! Staying up: a path that is written in another way is counted like any other.

use hub_tests::{RedisServer, World, WorldOptions};
use reqwest::{Client, Method, redirect::Policy};

const STRANGER: &str = "203.0.113.7";
const OTHER: &str = "198.51.100.9";
const SMALL: &str = "\n[proxy]\ntrusted = [\"127.0.0.1\"]\nheader = \"x-forwarded-for\"\n\
                     [limits]\nlogins_per_address = 3\nrequests_per_address = 8\n\n[register]\n";

fn world(base: &'static str, redis: &RedisServer) -> World {
    World::start_with(WorldOptions {
        base,
        redis: Some(redis.url()),
        edits: vec![("hub.toml", "\n[register]\n", SMALL)],
        ..WorldOptions::default()
    })
}

/// Status and body of a request for `path`, written exactly so, from `address`.
async fn request(world: &World, method: Method, path: &str, address: &str) -> (u16, String) {
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .build()
        .unwrap();
    // Joined as text: `World::hub_url` would write the path in its own way.
    let url = format!("{}{path}", world.issuer);
    let answer = client
        .request(method, url)
        .header("x-forwarded-for", address)
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Statuses of `count` requests for `path`.
async fn statuses(world: &World, path: &str, address: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(request(world, Method::GET, path, address).await.0);
    }
    statuses
}

#[actix_web::test]
async fn a_path_with_an_encoded_letter_does_not_escape_the_limit() {
    for base in ["", "/connect"] {
        for spelling in ["/%61uthorize", "/authoriz%65", "/%61%75thor%69ze"] {
            let redis = RedisServer::run();
            let world = world(base, &redis);
            let url = world.sp("town-hall").authorization_url(&[]);
            let path = format!("{spelling}?{}", url.query().unwrap());

            let begun = statuses(&world, &path, STRANGER, 4).await;
            let citizen = statuses(&world, &path, OTHER, 1).await;

            assert_eq!(begun, [303, 303, 303, 429], "{base}{spelling}");
            assert_eq!(citizen, [303], "{base}{spelling}");
            assert_eq!(redis.records().len(), 4, "{base}{spelling}");
        }
    }
}

#[actix_web::test]
async fn every_spelling_of_a_path_of_browsers_is_counted() {
    for path in [
        "/%6Cogin/x/",
        "/%6cogin/x/review",
        "/c%61llback/boussole",
        "/%73ession/out",
        "/session%2Fout",
        "/session%2fout",
        "//authorize",
        "/authorize/",
        "/authorize;x=1",
        "/authorize%00",
        "/AUTHORIZE",
        "/token/authorize",
        "/jwks;/authorize",
        "/%FF",
    ] {
        let redis = RedisServer::run();
        let world = world("", &redis);

        let answers = statuses(&world, path, STRANGER, 9).await;
        let citizen = statuses(&world, "/session/out", OTHER, 1).await;

        assert!(answers[..8].iter().all(|status| *status != 429), "{path}");
        assert_eq!(answers[8], 429, "{path}");
        assert_ne!(citizen, [429], "{path}");
    }
}

#[actix_web::test]
async fn an_encoded_path_of_a_logout_token_is_counted_and_answered_in_json() {
    let redis = RedisServer::run();
    let world = world("/connect", &redis);
    let path = "/%62ackchannel/boussole";
    for _ in 0..8 {
        let (status, _) = request(&world, Method::POST, path, STRANGER).await;
        assert_ne!(status, 429);
    }

    let (status, body) = request(&world, Method::POST, path, STRANGER).await;

    assert_eq!(status, 429);
    assert!(body.contains("temporarily_unavailable"), "{body}");
}

#[actix_web::test]
async fn prepared_content_and_endpoints_of_servers_are_not_counted_by_address() {
    for base in ["", "/connect"] {
        let redis = RedisServer::run();
        let world = world(base, &redis);
        let well_known = "/.well-known/openid-configuration";
        for path in ["/jwks", "/client/jwks", well_known, "/about", "/userinfo"] {
            let answers = statuses(&world, path, STRANGER, 10).await;

            assert!(!answers.contains(&429), "{base}{path}");
        }
    }
}
