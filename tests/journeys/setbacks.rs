//! What goes wrong for citizens, and the way on: no dead end.

use std::time::Duration;

use hub_demo::FaultInjection;
use hub_tests::{Answer, Browser, Opening, Returned, World};

async fn choice(world: &World, browser: &mut Browser) -> Answer {
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    browser.follow(answer, "https://").await.unwrap()
}

#[actix_web::test]
async fn back_from_the_idp_a_second_choice_works_and_the_first_answer_is_dead() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let choice = choice(&world, &mut browser).await;
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let at_a = browser.follow(departure, "https://").await.unwrap();
    let answer_a = world
        .sign_in(&mut browser, &at_a, "angela")
        .await
        .unwrap()
        .location()
        .unwrap();

    let again = browser.get(&choice.url).await.unwrap();
    let departure = browser.click(&again, "idp/citadelle").await.unwrap();
    let at_b = browser.follow(departure, "https://").await.unwrap();
    let replayed = browser.get(&answer_a).await.unwrap();
    let back = world.sign_in(&mut browser, &at_b, "sosefo").await.unwrap();
    let review = browser.follow(back, "https://").await.unwrap();
    let replayed_again = browser.get(&answer_a).await.unwrap();

    assert_eq!(
        (replayed.status, replayed.page.code().as_deref()),
        (400, Some("L1003"))
    );
    assert!(review.page.html().contains("TAUHAVILI") && !review.page.html().contains("DUBOIS"));
    assert_eq!(replayed_again.status, 303, "to the review that is open");
}

#[actix_web::test]
async fn every_page_can_be_reloaded() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let choice = choice(&world, &mut browser).await;
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap()
        .location()
        .unwrap();
    let review = browser.get(&back).await.unwrap();

    let choice_again = browser.get(&choice.url).await.unwrap();
    let review_again = browser.get(&back).await.unwrap();
    let review_again = browser.follow(review_again, "https://").await.unwrap();
    let authentication = world.agree(&mut browser, &review_again).await.unwrap();

    assert_eq!((choice_again.status, review_again.status), (200, 200));
    assert_eq!(review.page.html(), review_again.page.html());
    assert_ne!(Returned::from(&authentication).get("code"), "");
}

#[actix_web::test]
async fn back_from_the_service_no_code_is_sent_a_second_time() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    world.agree(&mut browser, &review).await.unwrap();
    let login = review
        .url
        .join(&review.page.form().unwrap().action)
        .unwrap();

    for url in [
        &review.url,
        &login,
        &login.join("./").unwrap(),
        &login.join("cancel").unwrap(),
        &login.join("idp/citadelle").unwrap(),
    ] {
        let page = browser.get(url).await.unwrap();

        assert_eq!(
            (page.status, page.page.code().as_deref()),
            (400, Some("L1005")),
            "{url}"
        );
        assert!(page.page.link("https://town-hall.example/").is_ok());
        assert!(!page.page.html().contains("code="));
    }
}

#[actix_web::test]
async fn the_incident_on_the_choice_page_is_that_of_the_failure() {
    let world = World::open().unwrap();
    world
        .idp("boussole")
        .unwrap()
        .misbehave(Some(FaultInjection::Declines));
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let page = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let incident = |page: &Answer| {
        let codes = page.page.html().split("<code>").skip(1);
        let mut codes = codes.map(|rest| rest.split('<').next().unwrap().to_owned());
        codes.find(|code| code.len() == 32).unwrap()
    };

    let again = browser.get(&page.url).await.unwrap();

    assert_eq!(
        incident(&page),
        incident(&again),
        "a reload is another request, not another failure"
    );
}

#[actix_web::test]
async fn giving_up_returns_to_the_service() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let choice = choice(&world, &mut browser).await;

    let left = browser
        .click(&choice, "cancel")
        .await
        .unwrap()
        .location()
        .unwrap();
    let again = browser.get(&choice.url).await.unwrap();

    assert_eq!(Returned::from(&left).get("error"), "access_denied");
    assert!(
        left.as_str()
            .starts_with("https://town-hall.example/callback?")
    );
    assert_eq!(
        (again.status, again.page.code().as_deref()),
        (400, Some("L1001"))
    );
    assert!(again.page.link("https://town-hall.example/").is_ok());
}

#[actix_web::test]
async fn c12_a_lost_cookie_another_browser_and_a_bookmark_lead_back_to_the_service() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let choice = choice(&world, &mut browser).await;
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap()
        .location()
        .unwrap();
    world.clock.pass(Duration::from_secs(60));

    let mut other = Browser::new().unwrap();
    for url in [
        &choice.url,
        &choice.url.join("review").unwrap(),
        &choice.url.join("idp/boussole").unwrap(),
    ] {
        let page = other.get(url).await.unwrap();

        assert_eq!(
            (page.status, page.page.code().as_deref()),
            (400, Some("L1001")),
            "{url}"
        );
        assert!(page.page.link("https://town-hall.example/").is_ok());
    }
    // Whoever holds the IdP's answer alone is told nothing of the service.
    let page = other.get(&back).await.unwrap();
    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (400, Some("L1001"))
    );
    assert!(!page.page.html().contains("town-hall"));
}

#[actix_web::test]
async fn an_expired_answer_of_an_idp_names_no_service() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let choice = choice(&world, &mut browser).await;
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap()
        .location()
        .unwrap();
    world.clock.pass(Duration::from_secs(1800));

    let page = browser.get(&back).await.unwrap();

    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (400, Some("L1001"))
    );
    assert!(!page.page.html().contains("town-hall"));
}

#[actix_web::test]
async fn a_login_that_took_too_long_leads_back_to_the_service() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let choice = choice(&world, &mut browser).await;
    world.clock.pass(Duration::from_secs(1800));

    let page = browser.get(&choice.url).await.unwrap();

    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (400, Some("L1001"))
    );
    assert!(page.page.link("https://town-hall.example/").is_ok());
}

#[actix_web::test]
async fn blocked_cookies_are_said_in_plain_words() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    browser.forget();

    let page = browser.follow(answer, "https://").await.unwrap();

    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (400, Some("L1002"))
    );
    assert!(page.page.html().contains("cookies"));
    assert!(page.page.link("https://town-hall.example/").is_ok());
}

#[actix_web::test]
async fn a_form_of_another_login_is_refused_and_leads_back() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let form = review.page.form().unwrap();

    for form in [
        form.clone().with("token", "forged"),
        form.clone().with("token", ""),
    ] {
        let page = browser.submit(&review, &form).await.unwrap();
        assert_eq!(
            (page.status, page.page.code().as_deref()),
            (400, Some("L1004"))
        );
        assert!(page.page.link("/review").is_ok());
    }
    assert!(world.agree(&mut browser, &review).await.is_ok());
}

#[actix_web::test]
async fn c10_an_idp_that_declines_or_fails_brings_back_the_choice() {
    let table = [
        (FaultInjection::Declines, "L3001"),
        (FaultInjection::Garbage, "L3003"),
        (FaultInjection::LowLevel, "L3004"),
        (FaultInjection::MissingBirthdate, "L3005"),
        (FaultInjection::MalformedBirthdate, "L3005"),
        (FaultInjection::NoCode, "L3003"),
    ];
    let world = World::open().unwrap();
    for (fault_injection, code) in table {
        world
            .idp("boussole")
            .unwrap()
            .misbehave(Some(fault_injection));
        let mut browser = Browser::new().unwrap();
        let sp = world.service("town-hall").unwrap();
        let start = sp.request(&[("acr_values", "eidas2")]).unwrap();
        let page = world
            .to_review(&mut browser, &start, "boussole", "angela")
            .await
            .unwrap();

        assert_eq!(
            (page.status, page.page.code().as_deref()),
            (200, Some(code)),
            "{fault_injection:?}"
        );
        assert!(page.page.html().contains("Boussole"));
        let departure = browser.click(&page, "idp/citadelle").await.unwrap();
        let sign_in = browser.follow(departure, "https://").await.unwrap();
        let back = world
            .sign_in(&mut browser, &sign_in, "angela")
            .await
            .unwrap();
        let review = browser.follow(back, "https://").await.unwrap();
        let authentication = world.agree(&mut browser, &review).await.unwrap();
        assert!(
            sp.learn(&authentication).await.is_ok(),
            "{fault_injection:?}"
        );
    }
}

#[actix_web::test]
async fn a_missing_attribute_is_named_and_its_value_never_is() {
    let world = World::open().unwrap();
    world
        .idp("boussole")
        .unwrap()
        .misbehave(Some(FaultInjection::MalformedBirthdate));
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();

    let page = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();

    assert!(page.page.html().contains("Date de naissance"));
    assert!(!page.page.html().contains("24/08/1962"));
}

#[actix_web::test]
async fn an_idp_that_is_down_delays_nobody_else_and_never_stops_a_start() {
    let edits = vec![(
        "idps/ardoise.toml",
        "issuer = \"http://127.0.0.1:",
        "issuer = \"http://127.0.0.1:9/",
    )];
    let world = World::open_with(Opening {
        edits,
        ..Opening::default()
    })
    .unwrap();
    let mut browser = Browser::new().unwrap();
    let choice = choice(&world, &mut browser).await;

    let down = browser.click(&choice, "idp/ardoise").await.unwrap();
    let page = browser.follow(down, "https://").await.unwrap();
    let departure = browser.click(&page, "idp/boussole").await.unwrap();

    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (200, Some("L3002"))
    );
    assert!(
        departure
            .location()
            .unwrap()
            .as_str()
            .starts_with(world.idp("boussole").unwrap().issuer())
    );
}

#[actix_web::test]
async fn an_idp_that_never_answers_costs_its_own_citizen_the_time_limit_alone() {
    let world = World::open().unwrap();
    world
        .idp("boussole")
        .unwrap()
        .misbehave(Some(FaultInjection::Hangs));
    let (mut stuck, mut other) = (Browser::new().unwrap(), Browser::new().unwrap());
    let start = |service| world.service(service).unwrap().request(&[]).unwrap();
    let (start_one, start_two) = (start("town-hall"), start("library"));

    let began = std::time::Instant::now();
    let (page, review) = tokio::join!(
        world.to_review(&mut stuck, &start_one, "boussole", "angela"),
        async {
            let review = world
                .to_review(&mut other, &start_two, "citadelle", "angela")
                .await;
            (review, began.elapsed())
        }
    );

    assert_eq!(page.unwrap().page.code().as_deref(), Some("L3002"));
    assert!(review.0.unwrap().page.form().is_ok());
    assert!(review.1 < Duration::from_millis(1800), "{:?}", review.1);
}

#[actix_web::test]
async fn while_one_return_is_verified_a_reload_waits_and_then_goes_on() {
    let world = World::open().unwrap();
    world
        .idp("boussole")
        .unwrap()
        .misbehave(Some(FaultInjection::Hangs));
    let mut browser = Browser::new().unwrap();
    let choice = choice(&world, &mut browser).await;
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap()
        .location()
        .unwrap();
    let mut same_browser = browser.clone();

    let (first, second) = tokio::join!(browser.get(&back), async {
        // Until the first return has reached the IdP.
        while !world
            .idp("boussole")
            .unwrap()
            .seen()
            .iter()
            .any(|line| line.starts_with("POST /token"))
        {
            tokio::task::yield_now().await;
        }
        same_browser.get(&back).await
    });

    let second = second.unwrap();
    assert_eq!(second.status, 200);
    assert!(
        second.page.refresh().unwrap().ends_with('/'),
        "comes back by itself"
    );
    let first = browser.follow(first.unwrap(), "https://").await.unwrap();
    assert_eq!(first.page.code().as_deref(), Some("L3002"));
}

#[actix_web::test]
async fn c21_an_idp_that_keeps_failing_is_shown_as_unavailable_for_a_while() {
    let world = World::open().unwrap();
    let boussole = world.idp("boussole").unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    world
        .to_review(&mut Browser::new().unwrap(), &start, "boussole", "angela")
        .await
        .unwrap();
    boussole.misbehave(Some(FaultInjection::BreaksOff));
    for _ in 0..5 {
        let mut browser = Browser::new().unwrap();
        world
            .to_review(&mut browser, &start, "boussole", "angela")
            .await
            .unwrap();
    }

    let mut browser = Browser::new().unwrap();
    let closed = choice(&world, &mut browser).await;
    boussole.misbehave(None);
    world.clock.pass(Duration::from_secs(20));
    let open = choice(&world, &mut browser).await;

    assert!(closed.page.link("idp/boussole").is_err());
    assert!(closed.page.link("idp/citadelle").is_ok());
    assert!(open.page.link("idp/boussole").is_ok());
}

#[actix_web::test]
async fn an_idp_that_changed_its_keys_is_believed_after_one_look() {
    let world = World::open().unwrap();
    let boussole = world.idp("boussole").unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let looks = || {
        boussole
            .seen()
            .iter()
            .filter(|line| line.starts_with("GET /jwks"))
            .count()
    };
    world
        .to_review(&mut Browser::new().unwrap(), &start, "boussole", "angela")
        .await
        .unwrap();
    let before = looks();
    boussole.misbehave(Some(FaultInjection::ForeignKey));
    for _ in 0..3 {
        world
            .to_review(&mut Browser::new().unwrap(), &start, "boussole", "angela")
            .await
            .unwrap();
    }

    assert_eq!((before, looks()), (1, 2), "one refresh, then a cool-down");
}

#[actix_web::test]
async fn c22_an_idp_below_the_level_asked_is_explained_and_not_selectable() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world
        .service("town-hall")
        .unwrap()
        .request(&[("acr_values", "eidas3")])
        .unwrap();
    let answer = browser.get(&start).await.unwrap();
    let choice = browser.follow(answer, "https://").await.unwrap();

    let forced = browser
        .get(&choice.url.join("idp/boussole").unwrap())
        .await
        .unwrap();
    let page = browser.follow(forced, "https://").await.unwrap();

    assert!(choice.page.link("idp/boussole").is_err());
    assert!(choice.page.html().contains("Garantie insuffisante"));
    assert_eq!(page.page.code().as_deref(), Some("L3007"));
}

#[actix_web::test]
async fn nothing_at_an_address_is_said_to_people_as_a_page_and_to_programs_as_json() {
    let world = World::open().unwrap();
    let url = world.url("/nothing").unwrap();
    let mut browser = Browser::new().unwrap();

    let page = browser.get(&url).await.unwrap();
    let json = reqwest::get(url).await.unwrap();

    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (404, Some("L1404"))
    );
    assert_eq!(json.status().as_u16(), 404);
    assert_eq!(json.headers()["content-type"], "application/json");
}
