//! Staying up: connections that are opened and not used, or used very slowly.

use std::time::{Duration, Instant};

use hub_tests::{Browser, World, WorldOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const HALF_A_HEAD: &str = "GET /authorize?client_id=town-hall HTTP/1.1\r\nhost: hub\r\n";
const HALF_A_BODY: &str = "POST /token HTTP/1.1\r\nhost: hub\r\ncontent-length: 1000\r\n\
                           content-type: application/x-www-form-urlencoded\r\n\r\ngrant_type=";

fn world() -> World {
    let limits = "\n[limits]\nbody_timeout = 1\n\n[register]\n";
    let opening = WorldOptions {
        edits: vec![("hub.toml", "\n[register]\n", limits)],
        ..WorldOptions::default()
    };
    World::start_with(opening)
}

/// A connection to the hub on which `bytes` were sent, and nothing more.
async fn begun(world: &World, bytes: &str) -> TcpStream {
    let url = world.hub_url("/");
    let address = (url.host_str().unwrap(), url.port().unwrap());
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(bytes.as_bytes()).await.unwrap();
    connection
}

/// What the hub sends on `connection` until it closes it.
async fn until_closed(mut connection: TcpStream) -> String {
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[actix_web::test]
async fn two_thousand_connections_that_wait_do_not_slow_a_login_down() {
    let world = world();
    let start = world.sp("town-hall").authorization_url(&[]);
    let mut waiting = Vec::new();
    for _ in 0..700 {
        for bytes in ["", HALF_A_HEAD, HALF_A_BODY] {
            waiting.push(begun(&world, bytes).await);
        }
    }

    let mut fastest = Duration::MAX;
    for _ in 0..3 {
        let began = Instant::now();
        let mut browser = Browser::open();
        let login = world.log_in(&mut browser, &start, "boussole", "angela");
        login.await.unwrap();
        fastest = fastest.min(began.elapsed());
    }

    assert!(waiting.len() >= 2000);
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
}

#[actix_web::test]
async fn a_body_that_never_comes_is_given_up() {
    let world = world();
    let form = "POST /authorize HTTP/1.1\r\nhost: hub\r\ncontent-length: 1000\r\n\
                content-type: application/x-www-form-urlencoded\r\n\r\nclient_id=";

    let token = until_closed(begun(&world, HALF_A_BODY).await).await;
    let authorize = until_closed(begun(&world, form).await).await;

    assert!(token.starts_with("HTTP/1.1 408 "), "{token}");
    assert!(token.contains("invalid_request"), "{token}");
    assert!(authorize.starts_with("HTTP/1.1 400 "), "{authorize}");
    assert!(authorize.contains("L2004"), "{authorize}");
}

#[actix_web::test]
async fn a_request_of_giant_size_is_given_up() {
    let world = world();
    let mut connection = begun(&world, "GET / HTTP/1.1\r\n").await;
    let filler = format!("x-filler: {}\r\n", "x".repeat(1000));
    let mut sent = 0_usize;
    // More than the buffers of both sockets hold: what is written was not all read.
    while sent < 64_000_000 && connection.write_all(filler.as_bytes()).await.is_ok() {
        sent += filler.len();
    }
    let mut answer = Vec::new();
    let ended = connection.read_to_end(&mut answer).await;

    assert!(sent < 64_000_000, "all of it was taken");
    assert!(ended.is_ok() || ended.unwrap_err().kind() == std::io::ErrorKind::ConnectionReset);
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
}
