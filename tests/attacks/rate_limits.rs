//! Staying up: whoever asks too often is told to wait, and nobody else notices.

use std::time::Duration;

use hub_tests::{Answer, Browser, World, WorldOptions};
use reqwest::{Client, header::RETRY_AFTER};
use serde_json::Value;

const SECRET: &str = "a-secret-of-the-tests-with-a-hyphen%and+more";
const STRANGER: &str = "203.0.113.7";
const OTHER: &str = "198.51.100.9";

/// A hub behind a proxy on the loopback, with small limits.
fn world(limits: &'static str) -> World {
    let opening = WorldOptions {
        edits: vec![("hub.toml", "\n[register]\n", limits)],
        ..WorldOptions::default()
    };
    World::start_with(opening)
}

const SMALL: &str = "\n[proxy]\ntrusted = [\"127.0.0.1\"]\nheader = \"x-forwarded-for\"\n\
                     [limits]\nlogins_per_address = 6\nrequests_per_address = 30\nfailures_per_address = 4\n\
                     requests_per_client = 10\n\n[register]\n";
const SWITCHED_OFF: &str = "\n[proxy]\ntrusted = [\"127.0.0.1\"]\nheader = \"x-forwarded-for\"\n\
                            [limits]\nenabled = false\nlogins_per_address = 1\nfailures_per_address = 1\n\
                            requests_per_client = 1\n\n[register]\n";

/// What a browser at `address` gets for an authorization request of `service`.
async fn begins(world: &World, service: &'static str, address: &str) -> Answer {
    let start = world.sp(service).authorization_url(&[]);
    let headers = [("x-forwarded-for", address), ("accept", "text/html")];
    let mut browser = Browser::open();
    browser.visit_with(&start, &headers).await
}

/// Status, `Retry-After` and body of a token request for `client_id` from `address`.
async fn exchanges(
    world: &World,
    (client_id, secret): (&str, &str),
    address: &str,
) -> (u16, Option<String>, Value) {
    let code = "A".repeat(43);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "https://town-hall.example/callback"),
        ("client_id", client_id),
        ("client_secret", secret),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(world.hub_url("/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-for", address)
        .body(body);
    let answer = request.send().await.unwrap();
    let retry = answer.headers().get(RETRY_AFTER);
    let retry = retry.map(|value| value.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    (status, retry, body)
}

#[actix_web::test]
async fn an_address_that_begins_too_many_logins_waits_and_no_other_does() {
    let world = world(SMALL);
    for _ in 0..6 {
        assert_eq!(begins(&world, "town-hall", STRANGER).await.status, 303);
    }

    let limited = begins(&world, "town-hall", STRANGER).await;
    let citizen = begins(&world, "town-hall", OTHER).await;
    world.clock.pass(Duration::from_secs(10));
    let later = begins(&world, "town-hall", STRANGER).await;

    assert_eq!(
        (limited.status, limited.page.code().as_deref()),
        (429, Some("L4004"))
    );
    assert_eq!(limited.header("retry-after"), Some("10"));
    assert!(limited.page.html().contains("Trop de demandes"));
    assert_eq!((citizen.status, later.status), (303, 303));
}

#[actix_web::test]
async fn the_addresses_of_one_ipv6_network_share_a_limit() {
    let world = world(SMALL);
    for n in 0..6 {
        let address = format!("2001:db8:1:2::{n:x}");
        assert_eq!(begins(&world, "town-hall", &address).await.status, 303);
    }

    let same = begins(&world, "town-hall", "2001:db8:1:2:ffff::1").await;
    let neighbour = begins(&world, "town-hall", "2001:db8:1:3::1").await;

    assert_eq!((same.status, neighbour.status), (429, 303));
}

#[actix_web::test]
async fn a_client_that_writes_an_address_of_its_own_does_not_escape() {
    let world = world(SMALL);
    for n in 0..6 {
        // The proxy appends what it saw: all left of that was sent by the client.
        let header = format!("10.9.8.{n}, {STRANGER}");
        begins(&world, "town-hall", &header).await;
    }

    let limited = begins(&world, "town-hall", &format!("192.0.2.1, {STRANGER}")).await;

    assert_eq!(limited.status, 429);
}

#[actix_web::test]
async fn wrong_secrets_of_a_stranger_do_not_lock_a_service_out() {
    let world = world(SMALL);
    let wrong = ("fc-service", "wrong");
    for _ in 0..5 {
        exchanges(&world, wrong, STRANGER).await;
    }

    let (status, retry, body) = exchanges(&world, wrong, STRANGER).await;
    let guessed = exchanges(&world, ("fc-service", SECRET), STRANGER).await;
    let service = exchanges(&world, ("fc-service", SECRET), OTHER).await;

    assert_eq!(status, 429, "{body}");
    assert_eq!(retry.as_deref(), Some("15"));
    assert_eq!(body["error"], "temporarily_unavailable");
    assert_eq!(guessed.0, 429, "a right guess is not told from a wrong one");
    assert_eq!(
        (service.0, &service.2["error"]),
        (400, &"invalid_grant".into())
    );
}

#[actix_web::test]
async fn requests_of_strangers_in_a_clients_name_take_nothing_from_its_own_limit() {
    let world = world(SMALL);
    for n in 0..20 {
        let address = format!("203.0.113.{n}");
        exchanges(&world, ("fc-service", "wrong"), &address).await;
    }
    let mut own = Vec::new();
    for _ in 0..11 {
        own.push(exchanges(&world, ("fc-service", SECRET), OTHER).await.0);
    }
    let another = exchanges(&world, ("fc-canteen", SECRET), OTHER).await;

    assert_eq!(own[..10], [400; 10]);
    assert_eq!(own[10], 429, "its own requests count");
    assert_eq!(another.0, 400, "another client at the same address");
}

#[actix_web::test]
async fn a_limit_tells_nothing_of_another_party() {
    let world = world(SMALL);
    for _ in 0..7 {
        begins(&world, "town-hall", STRANGER).await;
    }
    for _ in 0..11 {
        exchanges(&world, ("fc-service", SECRET), OTHER).await;
    }

    // The page is the same whatever the service, and a client's limit shows at its own requests alone.
    let town = begins(&world, "town-hall", STRANGER).await;
    let library = begins(&world, "library", STRANGER).await;
    let citizen = begins(&world, "fc-service", "192.0.2.44").await;
    let neutral = |answer: &Answer| {
        let html = answer.page.html();
        let (before, rest) = html.split_once("<code>L4004</code>").unwrap();
        let (_, after) = rest.split_once("</code>").unwrap();
        format!("{before}{after}")
    };

    assert_eq!((town.status, library.status), (429, 429));
    assert_eq!(neutral(&town), neutral(&library));
    assert_eq!(citizen.status, 303);
}

#[actix_web::test]
async fn without_the_name_of_a_client_nobody_shares_a_limit() {
    let world = world(SMALL);
    let start = world.sp("town-hall").authorization_url(&[]);
    for _ in 0..20 {
        // The proxy names nobody: all clients have its address, and none is limited for another.
        let answer = Browser::open().visit(&start).await;
        assert_eq!(answer.status, 303);
    }
}

#[actix_web::test]
async fn limits_that_are_switched_off_limit_nobody() {
    let world = world(SWITCHED_OFF);
    for _ in 0..5 {
        assert_eq!(begins(&world, "town-hall", STRANGER).await.status, 303);
        let answer = exchanges(&world, ("fc-service", "wrong"), STRANGER).await;
        assert_eq!(answer.0, 401);
    }
}
