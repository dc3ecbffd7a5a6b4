//! Scripts in the pages of a browser client read the hub's answers; scripts of other origins do not.

use hub_tests::{JsonExt, Returned, World};
use reqwest::{Client, Method, Response};
use serde_json::Value;

const OWN: &str = "https://spa.example";
const ENDPOINTS: [&str; 3] = ["/token", "/token/revocation", "/userinfo"];

/// A browser's part: requests with the `Origin` of the page they come from.
struct Script<'w> {
    world: &'w World,
    http: Client,
    origin: &'static str,
}

impl<'w> Script<'w> {
    fn of(world: &'w World, origin: &'static str) -> Self {
        let http = Client::builder().no_proxy().build().unwrap();
        Self {
            world,
            http,
            origin,
        }
    }

    async fn preflight(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.world.issuer);
        let request = self.http.request(Method::OPTIONS, url);
        let request = request
            .header("origin", self.origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization");
        request.send().await.unwrap()
    }

    async fn post(&self, path: &str, fields: &[(String, String)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self.http.post(format!("{}{path}", self.world.issuer));
        let request = request
            .header("origin", self.origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        request.send().await.unwrap()
    }

    async fn userinfo(&self, token: &str) -> Response {
        let request = self.http.get(format!("{}/userinfo", self.world.issuer));
        let request = request.header("origin", self.origin).bearer_auth(token);
        request.send().await.unwrap()
    }
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let value = response.headers().get(name)?;
    value.to_str().ok()
}

fn readable_for(response: &Response) -> Option<&str> {
    assert_eq!(
        header(response, "access-control-allow-credentials"),
        None,
        "no endpoint for scripts reads a cookie"
    );
    assert_eq!(header(response, "vary"), Some("Origin"));
    header(response, "access-control-allow-origin")
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = pairs.iter();
    owned
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[actix_web::test]
async fn a_script_of_another_origin_reads_nothing_of_a_browser_client() {
    let world = World::start();
    let sp = world.sp("spa");
    let tokens = world.login_for_tokens(&sp, &[], &[]).await;
    let access = tokens["access_token"].text();
    for origin in [
        "https://evil.example",
        "https://spa.example.evil.example",
        "https://evil-spa.example",
        "https://spa.example:444",
        "https://spa.example:443",
        "http://spa.example",
        "https://SPA.example",
        "https://spa.example/",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1:80",
        "null",
        "*",
    ] {
        let script = Script::of(&world, origin);
        for path in ENDPOINTS {
            let preflight = script.preflight(path).await;
            assert_eq!(preflight.status().as_u16(), 403, "{origin} {path}");
            assert_eq!(readable_for(&preflight), None, "{origin} {path}");
        }
        let token = script
            .post("/token", &fields(&[("client_id", "spa"), ("code", "x")]))
            .await;
        assert_eq!(readable_for(&token), None, "{origin}");
        let unreadable = script.post("/token", &[]).await;
        assert_eq!(readable_for(&unreadable), None, "{origin}");
        let userinfo = script.userinfo(access).await;
        assert_eq!(readable_for(&userinfo), None, "{origin}");
    }
}

#[actix_web::test]
async fn no_script_reads_an_answer_for_a_confidential_client() {
    let world = World::start();
    let sp = world.sp("town-hall");
    for origin in ["https://town-hall.example", OWN] {
        let script = Script::of(&world, origin);
        let code = world.login_for_code(&sp, &[], &[]).await;
        let mut request = sp.token_fields(&code);
        request.extend(fields(&[
            ("client_id", "town-hall"),
            (
                "client_secret",
                "a-secret-of-the-tests-with-a-hyphen%and+more",
            ),
        ]));

        let answer = script.post("/token", &request).await;

        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(readable_for(&answer), None, "{origin}");
        let tokens: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let userinfo = script.userinfo(tokens["access_token"].text()).await;
        assert_eq!(userinfo.status().as_u16(), 200);
        assert_eq!(readable_for(&userinfo), None, "{origin}");
        let wrong = script
            .post(
                "/token",
                &fields(&[
                    ("grant_type", "authorization_code"),
                    ("client_id", "town-hall"),
                ]),
            )
            .await;
        assert_eq!(wrong.status().as_u16(), 401);
        assert_eq!(readable_for(&wrong), None, "{origin}");
    }
}

#[actix_web::test]
async fn a_browser_client_reads_its_answers_and_its_errors_without_credentials() {
    let world = World::start();
    let sp = world.sp("spa");
    let script = Script::of(&world, OWN);
    for path in ENDPOINTS {
        let preflight = script.preflight(path).await;
        assert_eq!(preflight.status().as_u16(), 204, "{path}");
        assert_eq!(readable_for(&preflight), Some(OWN), "{path}");
        assert_eq!(
            header(&preflight, "access-control-allow-headers"),
            Some("Authorization, Content-Type")
        );
    }
    let code = world.login_for_code(&sp, &[], &[]).await;
    let mut request = sp.token_fields(&code);
    request.extend(fields(&[("client_id", "spa")]));

    let answer = script.post("/token", &request).await;
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(readable_for(&answer), Some(OWN));
    let tokens: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let access = tokens["access_token"].text();
    let userinfo = script.userinfo(access).await;
    assert_eq!(readable_for(&userinfo), Some(OWN));
    let again = script.post("/token", &request).await;
    assert_eq!(again.status().as_u16(), 400, "a spent code");
    assert_eq!(readable_for(&again), Some(OWN));
    let dead = script.userinfo(access).await;
    assert_eq!(dead.status().as_u16(), 401, "its replay ended the token");
    assert_eq!(readable_for(&dead), Some(OWN));
    assert_eq!(
        header(&dead, "access-control-expose-headers"),
        Some("WWW-Authenticate, Retry-After")
    );
    let unreadable = script.post("/token", &[]).await;
    assert_eq!(unreadable.status().as_u16(), 400);
    assert_eq!(readable_for(&unreadable), Some(OWN));
    let revoked = script
        .post(
            "/token/revocation",
            &fields(&[("client_id", "spa"), ("token", access)]),
        )
        .await;
    assert_eq!(revoked.status().as_u16(), 200);
    assert_eq!(readable_for(&revoked), Some(OWN));
}

#[actix_web::test]
async fn a_browser_client_in_a_sandbox_runs_on_any_port_of_its_loopback() {
    let world = World::start();
    for (origin, status) in [
        ("http://127.0.0.1:5173", 204),
        ("http://127.0.0.1", 204),
        ("http://localhost:5173", 403),
        ("https://127.0.0.1:5173", 403),
    ] {
        let preflight = Script::of(&world, origin).preflight("/token").await;
        assert_eq!(preflight.status().as_u16(), status, "{origin}");
    }
}

#[actix_web::test]
async fn a_browser_client_cannot_leave_out_pkce() {
    let world = World::start();
    let sp = world.sp("spa");
    let start = sp.authorization_url(&[("code_challenge", ""), ("code_challenge_method", "")]);

    let answer = hub_tests::Browser::open().get(&start).await;

    let answer = answer.unwrap();
    let location = url::Url::parse(answer.expect_header("location")).unwrap();
    assert_eq!(Returned::from(&location).get("error"), "invalid_request");
}
