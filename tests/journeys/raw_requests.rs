//! Requests that no HTTP client would send, written byte by byte.

use std::time::Duration;

use hub_tests::{Browser, World};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The answer to `body`, sent as a chunked form to `path`.
async fn answer(world: &World, path: &str, body: &str) -> String {
    let host = world.issuer.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\naccept: text/html\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    let read = stream.read_to_end(&mut text);
    tokio::time::timeout(Duration::from_secs(10), read)
        .await
        .unwrap()
        .unwrap();
    String::from_utf8(text).unwrap()
}

#[actix_web::test]
async fn a_malformed_chunked_body_is_a_bad_request() {
    let world = World::start();
    let (json, page) = ("application/json", "text/html; charset=utf-8");
    for (path, kind) in [
        ("/token", json),
        ("/token/revocation", json),
        ("/token/introspection", json),
        ("/checktoken", json),
        ("/userinfo", json),
        ("/backchannel/boussole", json),
        ("/authorize", page),
        ("/callback/boussole", page),
        ("/session/end", page),
    ] {
        for body in ["zz\r\nx\r\n0\r\n\r\n", "1\r\nxx\r\n0\r\n\r\n", "\r\n\r\n"] {
            let answer = answer(&world, path, body).await;
            assert!(
                answer.starts_with("HTTP/1.1 400 "),
                "{path} {body:?}: {answer}"
            );
            let kind = format!("content-type: {kind}\r\n");
            assert!(answer.contains(&kind), "{path} {body:?}: {answer}");
        }
    }
}

#[actix_web::test]
async fn every_kind_of_answer_has_a_content_security_policy() {
    let world = World::start();
    let start = world.sp("town-hall").authorization_url(&[]);
    let mut browser = Browser::open();
    let redirect = browser.visit(&start).await;
    let mut answers = vec![redirect];
    for path in [
        "/assets/x/lethe.css",
        "/assets/x/icon.svg",
        "/assets/x/leave.js",
        "/assets/x/none.svg",
        "/kit/button.css",
        "/kit/mark.svg",
        "/kit/",
        "/about",
        "/jwks",
        "/userinfo",
        "/.well-known/openid-configuration",
        "/nowhere",
    ] {
        answers.push(browser.visit(&world.hub_url(path)).await);
    }
    for answer in answers {
        let policy = answer.header("content-security-policy");
        let strict = policy.is_some_and(|policy| {
            policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'")
        });
        assert!(strict, "{}: {policy:?}", answer.url);
    }
}
