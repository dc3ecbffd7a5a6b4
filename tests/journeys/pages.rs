//! What pages show and how they travel.

use hub_tests::{Browser, JsonExt, World};

#[actix_web::test]
async fn the_review_page_shows_exactly_what_is_released() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[("scope", "openid birth preferred_username")]);
    let refused = browser.visit(&start).await;
    let start = sp.authorization_url(&[("scope", "openid birth")]);
    let review = world
        .login_to_review(&mut browser, &start, "boussole", "helene")
        .await;
    let authentication = world.consent(&mut browser, &review).await;
    let (_, userinfo) = sp.fetch_claims(&authentication).await;

    let html = review.page.html();
    assert_eq!(refused.status, 303);
    assert_eq!(html.matches("<dt>").count(), 2);
    for value in ["2A004", "France (99100)"] {
        assert!(html.contains(value), "{value}");
    }
    for hidden in ["Hélène", "AUBIGN", "LE ROY", "1975", "personne.example"] {
        assert!(!html.contains(hidden), "{hidden}");
    }
    assert_eq!(userinfo.members().len(), 3);
}

#[actix_web::test]
async fn c18_a_service_that_asks_nothing_is_shown_to_receive_nothing() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("anonymous").authorization_url(&[]);

    let review = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;

    assert!(review.page.html().contains("aucune donnée d’identité"));
    assert!(!review.page.html().contains("<dt>"));
}

#[actix_web::test]
async fn c19_birth_name_and_usage_name_are_told_apart() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);

    let review = world
        .login_to_review(&mut browser, &start, "boussole", "helene")
        .await;

    let html = review.page.html();
    assert!(
        html.contains("<dt><bdi>Nom de naissance</bdi></dt><dd><bdi>D&#x27;AUBIGNÉ</bdi></dd>"),
        "{html}"
    );
    assert!(html.contains("<dt><bdi>Nom d’usage</bdi></dt><dd><bdi>LE ROY</bdi></dd>"));
}

#[actix_web::test]
async fn pages_are_kept_by_nobody_and_framed_by_nobody() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let redirect = browser.visit(&start).await;
    let choice = browser.follow_redirects(redirect.clone(), "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let review = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;
    let leave = browser
        .submit_form(&review, &review.page.first_form())
        .await;

    for answer in [&redirect, &choice, &departure, &review, &leave] {
        assert_eq!(
            answer.header("cache-control"),
            Some("no-store"),
            "{}",
            answer.url
        );
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{}",
            answer.url
        );
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{}",
            answer.url
        );
    }
    for page in [&choice, &review, &leave] {
        let policy = page.expect_header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{policy}"
        );
    }
    assert!(
        review
            .expect_header("content-security-policy")
            .contains("form-action 'self'")
    );
}

#[actix_web::test]
async fn the_cookie_is_for_the_hub_alone() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);

    let answer = browser.visit(&start).await;

    let cookie = answer.expect_header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Max-Age"), "{cookie}");
    assert!(!cookie.contains("Domain"));
}

#[actix_web::test]
async fn the_style_sheet_is_kept_for_good_and_small() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let answer = browser.visit(&start).await;
    let choice = browser.follow_redirects(answer, "https://").await;
    let sheet = choice
        .page
        .html()
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap();
    let sheet = choice.url.join(sheet.split('"').next().unwrap()).unwrap();

    let style = browser.visit(&sheet).await;

    assert_eq!(style.status, 200);
    assert_eq!(
        style.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert!(choice.page.html().len() < 12_000);
}

#[test]
fn c14_each_error_page_says_what_happened_what_to_do_one_way_on_and_a_code_for_support() {
    let pages = hub_templates::Pages::new("Lethe", "").unwrap();
    for code in hub::http::PublicCode::ALL {
        let code = code.as_str();
        for language in hub_templates::Language::ALL {
            let text = |part: &str| {
                pages
                    .text(&format!("error.{code}{part}"), language)
                    .to_owned()
            };
            if text(".title").is_empty() {
                // Said on the choice page, where another account is one click away.
                assert!(text("").chars().count() > 10, "{code}");
                continue;
            }
            let page = hub_templates::ErrorPage {
                title: text(".title"),
                what: text(".what"),
                remedy: text(".remedy"),
                service: None,
                next_link: Some(("https://service.example/".into(), "onward".into())),
                support: None,
                operator: None,
                details: vec![],
                code: code.clone(),
                incident: "6f1d0c6e000040008000000000000000".into(),
            };
            let html = pages.render(&page, language).unwrap();

            for said in [text(".what"), text(".remedy")] {
                assert!(said.chars().count() > 20, "{code}: {said}");
                assert!(
                    html.contains(said.split(['\'', '&']).next().unwrap()),
                    "{code}"
                );
            }
            assert_eq!(html.matches("class=\"primary\"").count(), 1, "{code}");
            assert!(html.contains(&code) && html.contains("6f1d0c6e"), "{code}");
        }
    }
}

#[actix_web::test]
async fn the_button_kit_has_everything_that_a_service_copies_and_fetches_nothing() {
    let world = World::start();
    let mut browser = Browser::open();
    let page = browser.visit(&world.hub_url("/kit/")).await;
    let html = page.page.html();

    for part in [
        "hub-button-small",
        "hub-button-large",
        "hub-button-dark",
        "Se connecter avec Lethe",
        "Sign in with Lethe",
    ] {
        assert!(html.contains(part), "{part}");
    }
    for (name, kind) in [("button.css", "text/css"), ("mark.svg", "image/svg+xml")] {
        let file = browser.visit(&world.hub_url(&format!("/kit/{name}"))).await;
        assert_eq!(file.status, 200);
        assert!(file.expect_header("content-type").starts_with(kind));
        for fetched in ["url(", "@import", "http://127", "https://"] {
            assert!(!file.page.html().contains(fetched), "{name}: {fetched}");
        }
    }
    // The link under each button leads to the page that says what the hub is.
    let about = world.hub_url("/about?lang=en");
    assert!(html.contains(&format!("{}/about?lang", world.issuer)));
    let about = browser.visit(&about).await;
    assert!(about.page.html().contains("keeps nothing"));
    let missing = browser.visit(&world.hub_url("/kit/other.js")).await;
    assert_eq!(
        (missing.status, missing.page.code().as_deref()),
        (404, Some("L1404"))
    );
}
