//! Refusals at the limits, and who can read them from a script.

use hub_tests::{Opening, World};
use reqwest::{Client, Response};

const OWN: &str = "https://spa.example";
const OTHER: &str = "https://evil.example";
const LIMITS: &str = "\n[proxy]\ntrusted = [\"127.0.0.1\"]\nheader = \"x-forwarded-for\"\n\
                      [limits]\nfailures_per_address = 3\n\n[register]\n";

fn world() -> World {
    let edits = vec![("hub.toml", "\n[register]\n", LIMITS)];
    World::open_with(Opening {
        edits,
        ..Opening::default()
    })
    .unwrap()
}

async fn post(world: &World, origin: &str, body: String) -> Response {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(world.url("/token").unwrap())
        .header("origin", origin)
        .header("x-forwarded-for", "203.0.113.7")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    request.send().await.unwrap()
}

async fn userinfo(world: &World, origin: &str) -> Response {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client
        .get(world.url("/userinfo").unwrap())
        .header("origin", origin)
        .header("x-forwarded-for", "203.0.113.7")
        .bearer_auth("A".repeat(43));
    request.send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// `response` has `status`; it is readable for the client's own origin alone, `Retry-After` included.
fn assert_readable(response: &Response, origin: &str, status: u16) {
    assert_eq!(response.status().as_u16(), status, "{origin}");
    let allowed = header(response, "access-control-allow-origin");
    let exposed = header(response, "access-control-expose-headers");
    if origin == OWN {
        assert_eq!(allowed, Some(OWN));
        assert!(exposed.unwrap().contains("Retry-After"));
    } else {
        assert_eq!((allowed, exposed), (None, None));
    }
}

#[actix_web::test]
async fn a_script_reads_a_refusal_at_a_limit_for_its_own_client_alone() {
    let world = world();
    for _ in 0..4 {
        let _refused = userinfo(&world, OWN).await;
    }
    for origin in [OWN, OTHER] {
        let limited = userinfo(&world, origin).await;
        assert_readable(&limited, origin, 429);
        assert!(header(&limited, "retry-after").is_some());
        let large = format!("client_id=spa&code={}", "A".repeat(20_000));
        assert_readable(&post(&world, origin, large).await, origin, 413);
    }
}
