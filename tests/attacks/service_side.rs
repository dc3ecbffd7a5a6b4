//! The service side: redirects, codes, assertions, parameters, tokens.

use hub_tests::{Browser, JsonExt, RedisServer, RelyingParty, Returned, World, WorldOptions};
use serde_json::{Value, json};

async fn code(world: &World, sp: &RelyingParty) -> String {
    let mut browser = Browser::open();
    let start = sp.authorization_url(&[]);
    let authentication = world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;
    Returned::from(&authentication).get("code").to_owned()
}

#[actix_web::test]
async fn a_redirect_that_is_nearly_registered_is_never_followed() {
    let world = World::start();
    let near = [
        "https://town-hall.example/callback/",
        "https://town-hall.example/Callback",
        "https://TOWN-HALL.example/callback",
        "https://town-hall.example./callback",
        "https://town-hall.example:443/callback",
        "https://town-hall.example/callback?",
        "https://town-hall.example/callback?x=1",
        "https://town-hall.example/callback#",
        "https://town-hall.example/x/../callback",
        "https://town-hall.example/%63allback",
        "https://town-hall.example/callback\0",
        "https://town-hall.example/call\tback",
        "https://u@town-hall.example/callback",
        "https://town-hall.example@evil.example/callback",
        "https://town-hall.example\\@evil.example/callback",
        "https://town-hall.example.evil.example/callback",
        "http://town-hall.example/callback",
        "https://town‑hall.example/callback",
        "http://127.0.0.1:80@evil.example/native",
        "http://127.0.0.1.evil.example/native",
        "javascript:alert(1)",
        "//evil.example",
    ];
    for redirect in near {
        let url = world
            .sp("town-hall")
            .authorization_url(&[("redirect_uri", redirect)]);
        let page = Browser::open().visit(&url).await;

        assert_eq!(
            (page.status, page.page.code().as_deref()),
            (400, Some("L2003")),
            "{redirect}"
        );
        assert_eq!(page.header("location"), None);
    }
}

#[actix_web::test]
async fn a_code_replayed_is_refused_and_its_token_dies() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let code = code(&world, &sp).await;
    let (tokens, _) = sp.redeem_code(&code).await;
    let access = tokens["access_token"].text();
    let before = sp.fetch_userinfo(access).await.0;

    let (status, answer) = sp.request_tokens(&sp.token_fields(&code)).await;
    let after = sp.fetch_userinfo(access).await.0;

    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
    assert_eq!((before, after), (200, 401));
}

#[actix_web::test]
async fn of_many_simultaneous_redemptions_at_most_one_succeeds_and_its_token_is_dead() {
    let redis = RedisServer::run();
    let opening = WorldOptions {
        redis: Some(redis.url()),
        ..WorldOptions::default()
    };
    let world = World::start_with(opening);
    for _ in 0..5 {
        let sp = world.sp("town-hall");
        let code = code(&world, &sp).await;
        let tries = (0..24).map(|_| {
            let (sp, code) = (sp.clone(), code.clone());
            actix_web::rt::spawn(async move { sp.request_tokens(&sp.token_fields(&code)).await })
        });
        let mut won: Vec<Value> = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            let (status, answer) = one.await.unwrap();
            match status {
                200 => won.push(answer),
                _ => assert_eq!(answer["error"], "invalid_grant"),
            }
        }

        assert!(won.len() <= 1, "{} winners", won.len());
        for tokens in won {
            let access = tokens["access_token"].text();
            assert_eq!(sp.fetch_userinfo(access).await.0, 401);
        }
    }
}

#[actix_web::test]
async fn a_code_of_another_client_is_refused() {
    let world = World::start();
    let (owner, thief) = (world.sp("town-hall"), world.sp("app"));

    let (status, answer) = thief
        .request_tokens(&owner.token_fields(&code(&world, &owner).await))
        .await;

    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
}

#[actix_web::test]
async fn pkce_cannot_be_downgraded() {
    let world = World::start();
    let sp = world.sp("fc-service");
    let mut browser = Browser::open();
    let start = sp.authorization_url(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let authentication = world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;

    // A verifier where no challenge was sent: the code was obtained by a request that lost it.
    let fields = sp.token_fields(Returned::from(&authentication).get("code"));
    let (status, answer) = sp.request_tokens(&fields).await;

    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
}

#[actix_web::test]
async fn a_client_assertion_is_used_once_for_us_alone_and_soon() {
    let world = World::start();
    let sp = world.sp("keyed");
    let now = 1_795_219_200;
    let good = sp.client_assertion(&json!({}));
    let dead = [
        ("grant_type", "authorization_code"),
        ("code", "A"),
        ("redirect_uri", "x"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let first = sp
        .request_tokens_as(None, &[dead.as_slice(), &good].concat())
        .await
        .2;
    let second = sp
        .request_tokens_as(None, &[dead.as_slice(), &good].concat())
        .await
        .2;

    assert_eq!(
        first["error"], "invalid_grant",
        "the client itself was accepted"
    );
    assert_eq!(second["error"], "invalid_client");
    for changes in [
        json!({"aud": "https://other.example"}),
        json!({"aud": [world.issuer, "https://other.example"]}),
        json!({"aud": [world.issuer]}),
        json!({"exp": now + 86_400}),
        json!({"exp": now - 120}),
        json!({"iss": "town-hall"}),
        json!({"sub": "town-hall"}),
        json!({"jti": ""}),
    ] {
        let fields = [dead.as_slice(), &sp.client_assertion(&changes)].concat();
        let answer = sp.request_tokens_as(None, &fields).await.2;

        assert_eq!(answer["error"], "invalid_client", "{changes}");
    }
}

#[actix_web::test]
async fn an_assertion_of_one_client_does_not_speak_for_another() {
    let world = World::start();
    let sp = world.sp("keyed");
    let mut fields = sp.client_assertion(&json!({}));
    fields.extend(sp.token_fields("A"));
    fields.push(("client_id".into(), "town-hall".into()));

    let (status, _, answer) = sp.request_tokens_as(None, &fields).await;

    assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
}

#[actix_web::test]
async fn polluted_huge_and_deep_parameters_are_refused_without_harm() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let deep = "[".repeat(3000);
    let nested = format!(
        "{{\"userinfo\":{}1{}}}",
        "{\"a\":".repeat(400),
        "}".repeat(400)
    );
    for (name, value) in [
        ("claims", deep.as_str()),
        ("claims", &nested),
        ("acr_values", &"x ".repeat(3000)),
    ] {
        let answer = Browser::open()
            .visit(&sp.authorization_url(&[(name, value)]))
            .await;
        assert!(answer.status < 500, "{name}: {}", answer.status);
    }
    let many = (0..200).fold(String::new(), |all, n| format!("{all}&p{n}=x"));
    let url = format!("{}{many}", sp.authorization_url(&[]))
        .parse()
        .unwrap();
    let page = Browser::open().visit(&url).await;
    let large = vec![("grant_type".to_owned(), "x".repeat(20_000))];
    let (status, _, answer) = sp.request_tokens_as(None, &large).await;

    assert_eq!(page.page.code().as_deref(), Some("L2004"));
    assert_eq!((status, &answer["error"]), (413, &json!("invalid_request")));
}

#[actix_web::test]
async fn truncated_padded_and_foreign_tokens_open_nothing() {
    let world = World::start();
    let sp = world.sp("town-hall");
    let (tokens, _) = sp.redeem_code(&code(&world, &sp).await).await;
    let access = tokens["access_token"].text();
    let code = code(&world, &sp).await;
    let cut = access.get(..42).unwrap();
    for wrong in [
        cut,
        &format!("{access}="),
        &format!("{access}A"),
        &code,
        &access.to_uppercase(),
        "",
        "null",
    ] {
        assert_eq!(sp.fetch_userinfo(wrong).await.0, 401, "{wrong}");
    }

    assert_eq!(sp.fetch_userinfo(access).await.0, 200);
}

#[actix_web::test]
async fn other_origins_frames_and_methods_are_shut_out() {
    let world = World::start();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in ["/token", "/userinfo"] {
        let url = format!("{}{path}", world.issuer);
        let preflight = client
            .request(reqwest::Method::OPTIONS, &url)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST");
        let answer = preflight.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 403);
        assert!(
            !answer.headers().contains_key("access-control-allow-origin"),
            "{path}"
        );
        for method in [
            reqwest::Method::PUT,
            reqwest::Method::DELETE,
            reqwest::Method::TRACE,
        ] {
            let answer = client.request(method.clone(), &url).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 405, "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn the_hub_redirects_with_303_alone() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let fields: Vec<(String, String)> = start.query_pairs().into_owned().collect();

    // A posted request is answered with a page, so no redirect repeats its form.
    let posted = browser
        .post_form(&world.hub_url("/authorize"), &fields)
        .await;
    let asked = browser.visit(&start).await;
    let choice = browser.follow_redirects(asked.clone(), "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let cancel = browser.click_link(&choice, "cancel").await;

    assert_eq!(
        (posted.status, asked.status, departure.status, cancel.status),
        (200, 303, 303, 303)
    );
}

#[actix_web::test]
async fn a_form_is_not_sent_for_the_citizen_by_another_site() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let review = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;
    let other = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;
    let stolen = other.page.first_form();
    let stolen = stolen
        .fields
        .iter()
        .find(|(name, _)| name == "token")
        .unwrap()
        .1
        .clone();

    let form = review.page.first_form().with("token", &stolen);
    let page = browser.submit_form(&review, &form).await;

    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (400, Some("L1004"))
    );
}
