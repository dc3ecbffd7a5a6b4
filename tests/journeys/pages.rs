//! What pages show and how they travel.

use hub_tests::{Browser, World};

#[actix_web::test]
async fn the_review_page_shows_exactly_what_is_released() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp
        .request(&[("scope", "openid birth preferred_username")])
        .unwrap();
    let refused = browser.get(&start).await.unwrap();
    let start = sp.request(&[("scope", "openid birth")]).unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "helene")
        .await
        .unwrap();
    let arrival = world.agree(&mut browser, &review).await.unwrap();
    let (_, userinfo) = sp.learn(&arrival).await.unwrap();

    let html = review.page.html();
    assert_eq!(refused.status, 303);
    assert_eq!(html.matches("<dt>").count(), 2);
    for value in ["2A004", "France (99100)"] {
        assert!(html.contains(value), "{value}");
    }
    for hidden in ["Hélène", "AUBIGN", "LE ROY", "1975", "personne.example"] {
        assert!(!html.contains(hidden), "{hidden}");
    }
    assert_eq!(userinfo.as_object().unwrap().len(), 3);
}

#[actix_web::test]
async fn c18_a_service_that_asks_nothing_is_shown_to_receive_nothing() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("anonymous").unwrap().request(&[]).unwrap();

    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();

    assert!(review.page.html().contains("aucune donnée d’identité"));
    assert!(!review.page.html().contains("<dt>"));
}

#[actix_web::test]
async fn c19_birth_name_and_usage_name_are_told_apart() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();

    let review = world
        .to_review(&mut browser, &start, "boussole", "helene")
        .await
        .unwrap();

    let html = review.page.html();
    assert!(
        html.contains("<dt><bdi>Nom de naissance</bdi></dt><dd><bdi>D&#x27;AUBIGNÉ</bdi></dd>"),
        "{html}"
    );
    assert!(html.contains("<dt><bdi>Nom d’usage</bdi></dt><dd><bdi>LE ROY</bdi></dd>"));
}

#[actix_web::test]
async fn pages_are_kept_by_nobody_and_framed_by_nobody() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let redirect = browser.get(&start).await.unwrap();
    let choice = browser.follow(redirect.clone(), "https://").await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let leave = browser
        .submit(&review, &review.page.form().unwrap())
        .await
        .unwrap();

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
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{policy}"
        );
    }
    assert!(
        review
            .header("content-security-policy")
            .unwrap()
            .contains("form-action 'self'")
    );
}

#[actix_web::test]
async fn the_cookie_is_for_the_hub_alone() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();

    let answer = browser.get(&start).await.unwrap();

    let cookie = answer.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1800"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
}

#[actix_web::test]
async fn the_style_sheet_is_kept_for_good_and_small() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    let choice = browser.follow(answer, "https://").await.unwrap();
    let sheet = choice
        .page
        .html()
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap();
    let sheet = choice.url.join(sheet.split('"').next().unwrap()).unwrap();

    let style = browser.get(&sheet).await.unwrap();

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
                onward: Some(("https://service.example/".into(), "onward".into())),
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
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&world.url("/kit/").unwrap()).await.unwrap();
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
        let file = browser
            .get(&world.url(&format!("/kit/{name}")).unwrap())
            .await
            .unwrap();
        assert_eq!(file.status, 200);
        assert!(file.header("content-type").unwrap().starts_with(kind));
        for fetched in ["url(", "@import", "http://127", "https://"] {
            assert!(!file.page.html().contains(fetched), "{name}: {fetched}");
        }
    }
    // The link under each button leads to the page that says what the hub is.
    let about = world.url("/about?lang=en").unwrap();
    assert!(html.contains(&format!("{}/about?lang", world.issuer)));
    let about = browser.get(&about).await.unwrap();
    assert!(about.page.html().contains("keeps nothing"));
    let missing = browser
        .get(&world.url("/kit/other.js").unwrap())
        .await
        .unwrap();
    assert_eq!(
        (missing.status, missing.page.code().as_deref()),
        (404, Some("L1404"))
    );
}
