//! Hostile input at every door: each parameter missing, doubled, oversized, badly encoded.

use hub_tests::{Answer, Browser, World};
use serde_json::Value;
use url::Url;

/// What a hostile client puts where a value belongs, as it stands in the query.
fn hostile_values() -> Vec<String> {
    let plain = [
        "",
        "%00",
        "%0d%0aSet-Cookie:x=y",
        "%ff",
        "%",
        "%zz",
        "%c3%28",
        "%F0%9F%98%80",
        "null",
        "-1",
        "99999999999999999999",
        "{}",
        "[]",
        "%7B%22a%22:",
        "..%2f..%2fetc%2fpasswd",
        "%3Cscript%3E",
        "'%20OR%20'1'%3D'1",
        "%E2%80%AE",
        "+",
        "&&&",
        "=",
        "%25%32%35",
        "javascript:alert(1)",
    ];
    let long = [
        "a".repeat(3000),
        "%41".repeat(2000),
        "a+".repeat(2000),
        "é".repeat(100),
    ];
    plain
        .iter()
        .map(|value| (*value).to_owned())
        .chain(long)
        .collect()
}

/// An answer is a page with a code, a redirect, or JSON with an error: never a crash.
fn assert_is_an_answer(answer: &Answer, what: &str) {
    assert!(answer.status < 500, "{what}: {}", answer.status);
    let html = answer.page.html();
    assert!(
        !html.contains("panicked") && !html.contains("<script>"),
        "{what}"
    );
    assert!(
        answer
            .header("set-cookie")
            .is_none_or(|cookie| cookie.starts_with("lethe=")),
        "{what}"
    );
    if answer.status >= 400 {
        let is_json =
            serde_json::from_str::<Value>(html).is_ok_and(|json| json["error"].is_string());
        assert!(answer.page.code().is_some() || is_json, "{what}: {html}");
    }
}

/// The pairs of `url` with the `n`-th value replaced by `value`, raw.
fn with_value(url: &Url, n: usize, value: &str) -> String {
    let pairs = url.query().unwrap_or_default().split('&').enumerate();
    let pairs: Vec<String> = pairs
        .map(|(at, pair)| {
            let name = pair.split('=').next().unwrap();
            if at == n {
                format!("{name}={value}")
            } else {
                pair.to_owned()
            }
        })
        .collect();
    pairs.join("&")
}

async fn attack(browser: &mut Browser, good: &Url) {
    let count = good.query().unwrap_or_default().split('&').count();
    let name = |n: usize| {
        good.query()
            .unwrap()
            .split('&')
            .nth(n)
            .unwrap()
            .split('=')
            .next()
            .unwrap()
    };
    for n in 0..count {
        let mut queries: Vec<String> = hostile_values()
            .iter()
            .map(|value| with_value(good, n, value))
            .collect();
        let missing: Vec<&str> = good
            .query()
            .unwrap()
            .split('&')
            .enumerate()
            .filter(|(at, _)| *at != n)
            .map(|(_, pair)| pair)
            .collect();
        queries.push(missing.join("&"));
        queries.push(format!("{}&{}=again", good.query().unwrap(), name(n)));
        for query in queries {
            let raw = format!("{}?{query}", good.as_str().split('?').next().unwrap());
            let Ok(url) = raw.parse() else { continue };
            let answer = browser.visit(&url).await;
            assert_is_an_answer(&answer, &format!("{raw:.200}"));
        }
    }
}

#[actix_web::test]
async fn no_query_makes_the_authorization_endpoint_crash() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let request = sp.authorization_url(&[
        ("acr_values", "eidas2"),
        ("prompt", "login"),
        ("max_age", "60"),
        ("claims", "{}"),
        ("ui_locales", "en"),
        ("id_token_hint", "a.b.c"),
        ("response_mode", "query"),
        ("login_hint", "x"),
    ]);

    attack(&mut Browser::open(), &request).await;
}

#[actix_web::test]
async fn no_query_makes_the_callback_crash_nor_use_up_the_login() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let choice = browser.visit(&sp.authorization_url(&[])).await;
    let choice = browser.follow_redirects(choice, "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    let good = world
        .submit_credentials(&mut browser, &sign_in, "angela")
        .await
        .redirect_url();
    let mut other = Browser::open();

    attack(&mut other, &good).await;

    let review = browser.visit(&good).await;
    assert!(
        review.page.html().contains("DUBOIS"),
        "another browser's noise did no harm"
    );
}

#[actix_web::test]
async fn no_form_makes_the_token_endpoint_or_the_review_crash() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let review = world
        .login_to_review(
            &mut browser,
            &sp.authorization_url(&[]),
            "boussole",
            "angela",
        )
        .await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let token_form = "grant_type=authorization_code&code=x&redirect_uri=y&code_verifier=z&client_id=a\
                      &client_secret=b&client_assertion=c&client_assertion_type=d";
    let review_form = "token=x&consent=yes";
    let action = review.resolve(&review.page.first_form().action);
    for (url, form) in [(world.hub_url("/token"), token_form), (action, review_form)] {
        let template: Url = format!("http://x.example/?{form}").parse().unwrap();
        for n in 0..form.split('&').count() {
            for value in hostile_values() {
                let request = client
                    .post(url.clone())
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("cookie", browser.cookies())
                    .body(with_value(&template, n, &value));
                let status = request.send().await.unwrap().status().as_u16();
                assert!((200..500).contains(&status), "{url} {value:.50}: {status}");
            }
        }
    }
    for (kind, body) in [("application/json", "{}"), ("text/plain", "x"), ("", "x=y")] {
        let request = client
            .post(world.hub_url("/token"))
            .header("content-type", kind)
            .body(body);
        assert_eq!(
            request.send().await.unwrap().status().as_u16(),
            400,
            "{kind}"
        );
    }
}

#[actix_web::test]
async fn no_path_makes_the_hub_crash() {
    let world = World::start();
    let mut browser = Browser::open();
    for value in hostile_values() {
        for path in [
            format!("/login/{value}/"),
            format!("/login/{value}/idp/{value}"),
            format!("/login/{value}/review"),
            format!("/callback/{value}?state={value}"),
            format!("/assets/{value}/{value}"),
            format!("/{value}"),
        ] {
            let Ok(url) = format!("{}{path}", world.issuer).parse() else {
                continue;
            };
            let answer = browser.visit(&url).await;
            assert!(answer.status < 500, "{path:.80}: {}", answer.status);
        }
    }
}

#[actix_web::test]
async fn no_cookie_makes_the_hub_crash() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let choice = browser.visit(&sp.authorization_url(&[])).await;
    let choice = browser.follow_redirects(choice, "https://").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for cookie in [
        "lethe=",
        "lethe=x",
        "lethe==;;",
        "lethe=\u{1}",
        &format!("lethe={}", "A".repeat(43)),
        &"x".repeat(4000),
    ] {
        let Ok(value) = reqwest::header::HeaderValue::from_bytes(cookie.as_bytes()) else {
            continue;
        };
        let answer = client
            .get(choice.url.clone())
            .header("cookie", value)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{cookie:.60}");
    }
}
