//! The callback, where brokers fall.

use hub_demo::FaultInjection;
use hub_tests::{Answer, Browser, World, WorldOptions};
use url::Url;

/// A browser that has been to Boussole and has its answer in hand.
async fn answered(world: &World, browser: &mut Browser) -> Url {
    let start = world.sp("town-hall").authorization_url(&[]);
    let choice = browser.visit(&start).await;
    let choice = browser.follow_redirects(choice, "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    world
        .submit_credentials(browser, &sign_in, "angela")
        .await
        .redirect_url()
}

/// What the hub shows when Boussole misbehaves.
async fn shown(fault_injection: FaultInjection, changes: &[(&str, &str)]) -> Answer {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(changes);
    if fault_injection != FaultInjection::DuplicateKid {
        // The hub knows the IdP already: only its answer is wrong.
        world
            .login_to_review(&mut browser, &start, "boussole", "angela")
            .await;
    }
    // The citizen is at the IdP when it begins to misbehave.
    let choice = browser.visit(&start).await;
    let choice = browser.follow_redirects(choice, "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    world.demo_idp("boussole").misbehave(Some(fault_injection));
    let back = world
        .submit_credentials(&mut browser, &sign_in, "angela")
        .await;
    browser.follow_redirects(back, "https://").await
}

fn assert_nobody_identified(page: &Answer, code: &str, what: &str) {
    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (200, Some(code)),
        "{what}"
    );
    assert!(!page.page.html().contains("DUBOIS"), "{what}");
}

#[actix_web::test]
async fn a_login_started_in_one_browser_is_not_finished_in_another() {
    let world = World::start();
    let (mut attacker, mut victim) = (Browser::open(), Browser::open());
    let answer = answered(&world, &mut attacker).await;
    // The victim has a cookie of their own, from a login of their own.
    let own = world.sp("library").authorization_url(&[]);
    victim.visit(&own).await;

    let page = victim.visit(&answer).await;
    let review = victim.visit(&answer.join("/").unwrap()).await;

    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (400, Some("L1001"))
    );
    assert!(!page.page.html().contains("DUBOIS"));
    assert_eq!(review.status, 404);
}

#[actix_web::test]
async fn an_upstream_answer_is_used_once() {
    let world = World::start();
    let mut browser = Browser::open();
    let answer = answered(&world, &mut browser).await;

    let review = browser.visit(&answer).await;
    let again = browser.visit(&answer).await;
    let redeemed = world
        .demo_idp("boussole")
        .seen()
        .iter()
        .filter(|line| line.starts_with("POST /token"))
        .count();

    assert!(review.page.html().contains("DUBOIS"));
    assert_eq!((again.status, redeemed), (303, 1));
}

#[actix_web::test]
async fn of_many_simultaneous_returns_one_is_used() {
    let world = World::start();
    let mut browser = Browser::open();
    let answer = answered(&world, &mut browser).await;
    let returns = (0..16).map(|_| {
        let (mut browser, answer) = (browser.clone(), answer.clone());
        actix_web::rt::spawn(async move { browser.visit(&answer).await.status })
    });

    for one in returns.collect::<Vec<_>>() {
        assert!([200, 303].contains(&one.await.unwrap()));
    }

    let seen = world.demo_idp("boussole").seen();
    assert_eq!(
        seen.iter()
            .filter(|line| line.starts_with("POST /token"))
            .count(),
        1
    );
}

#[actix_web::test]
async fn an_answer_at_the_address_of_another_idp_is_refused() {
    let world = World::start();
    let mut browser = Browser::open();
    let answer = answered(&world, &mut browser).await;
    let mixed_up: Url = answer
        .as_str()
        .replace("/callback/boussole", "/callback/citadelle")
        .parse()
        .unwrap();

    let page = browser.visit(&mixed_up).await;

    assert_eq!(
        (page.status, page.page.code().as_deref()),
        (400, Some("L3008"))
    );
    assert!(
        !world
            .demo_idp("citadelle")
            .seen()
            .iter()
            .any(|line| line.starts_with("POST"))
    );
}

#[actix_web::test]
async fn an_answer_that_names_another_issuer_or_none_is_refused() {
    for fault_injection in [
        FaultInjection::WrongIssuerParameter,
        FaultInjection::NoIssuerParameter,
    ] {
        let page = shown(fault_injection, &[]).await;

        assert_nobody_identified(&page, "L3003", &format!("{fault_injection:?}"));
    }
}

#[actix_web::test]
async fn a_forged_upstream_token_identifies_nobody() {
    let forgeries = [
        FaultInjection::AlgNone,
        FaultInjection::DuplicateKid,
        FaultInjection::Expired,
        FaultInjection::ExpiryAsText,
        FaultInjection::ForeignAudience,
        FaultInjection::ForeignIssuer,
        FaultInjection::ForeignKey,
        FaultInjection::FromTheFuture,
        FaultInjection::HmacWithPublicKey,
        FaultInjection::NoIdToken,
        FaultInjection::NoNonce,
        FaultInjection::SecondAudience,
        FaultInjection::WrongNonce,
    ];
    for forgery in forgeries {
        let page = shown(forgery, &[]).await;

        assert_nobody_identified(&page, "L3003", &format!("{forgery:?}"));
    }
}

#[actix_web::test]
async fn an_upstream_token_that_is_no_bearer_token_identifies_nobody() {
    let mac = shown(FaultInjection::TokenTypeMac, &[]).await;
    assert_nobody_identified(&mac, "L3003", "mac");

    // The comparison is case-insensitive (RFC 6749 section 5.1).
    let bearer = shown(FaultInjection::TokenTypeUpperCase, &[]).await;
    let html = bearer.page.html();
    assert!(html.contains("DUBOIS"), "{html}");
}

#[actix_web::test]
async fn userinfo_of_someone_else_identifies_nobody() {
    assert_nobody_identified(
        &shown(FaultInjection::UserinfoOfAnother, &[]).await,
        "L3003",
        "userinfo",
    );
}

#[actix_web::test]
async fn a_level_lower_than_asked_or_unknown_identifies_nobody() {
    let low = shown(FaultInjection::LowLevel, &[("acr_values", "eidas2")]).await;
    let unknown = shown(FaultInjection::UnknownLevel, &[]).await;

    assert_nobody_identified(&low, "L3004", "low");
    assert_nobody_identified(&unknown, "L3003", "unknown");
}

#[actix_web::test]
async fn a_level_never_rises_above_the_ceiling_of_its_idp() {
    let edits = vec![(
        "idps/citadelle.toml",
        "ceiling = \"eidas3\"",
        "ceiling = \"eidas1\"",
    )];
    let world = World::start_with(WorldOptions {
        edits,
        ..WorldOptions::default()
    });
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[]);
    let authentication = world
        .complete_login(&mut browser, &start, "citadelle", "angela")
        .await;

    assert_eq!(sp.fetch_claims(&authentication).await.0["acr"], "eidas1");
}

#[actix_web::test]
async fn an_old_authentication_does_not_pass_for_a_fresh_one() {
    let page = shown(FaultInjection::OldAuthentication, &[("max_age", "600")]).await;
    let forced = shown(FaultInjection::OldAuthentication, &[("prompt", "login")]).await;

    assert_nobody_identified(&page, "L3006", "max_age");
    assert_nobody_identified(&forced, "L3006", "prompt=login");
}

#[actix_web::test]
async fn an_idp_switched_off_or_not_allowed_cannot_be_forced_by_hand() {
    let edits = vec![(
        "idps/ardoise.toml",
        "position = 0",
        "position = 0\nstate = \"disabled\"",
    )];
    let world = World::start_with(WorldOptions {
        edits,
        ..WorldOptions::default()
    });
    for (service, idp) in [
        ("town-hall", "ardoise"),
        ("picky", "citadelle"),
        ("town-hall", "nobody"),
    ] {
        let mut browser = Browser::open();
        let start = world.sp(service).authorization_url(&[]);
        let choice = browser.visit(&start).await;
        let choice = browser.follow_redirects(choice, "https://").await;

        let forced = browser
            .visit(&choice.url.join(&format!("idp/{idp}")).unwrap())
            .await;
        let page = browser.follow_redirects(forced, "https://").await;

        assert_eq!(
            page.page.code().as_deref(),
            Some("L3007"),
            "{service} {idp}"
        );
        assert!(!choice.page.has_link(&format!("idp/{idp}")));
    }
}

#[actix_web::test]
async fn an_email_address_never_merges_people() {
    let world = World::start();
    let mut subs = Vec::new();
    for idp in ["ardoise", "boussole"] {
        let mut browser = Browser::open();
        let sp = world.sp("town-hall");
        let start = sp.authorization_url(&[]);
        let authentication = world
            .complete_login(&mut browser, &start, idp, "angela")
            .await;
        let (_, userinfo) = sp.fetch_claims(&authentication).await;
        assert_eq!(userinfo["email"], "angela@personne.example");
        subs.push(userinfo["sub"].clone());
    }

    assert_ne!(subs[0], subs[1], "one is declared, the other verified");
}

#[actix_web::test]
async fn giant_redirecting_and_failing_answers_end_on_the_choice_page() {
    let table = [
        (FaultInjection::Giant, "L3003"),
        (FaultInjection::Garbage, "L3003"),
        (FaultInjection::TokenRedirect, "L3003"),
        (FaultInjection::ServerError, "L3002"),
    ];
    for (fault_injection, code) in table {
        assert_nobody_identified(
            &shown(fault_injection, &[]).await,
            code,
            &format!("{fault_injection:?}"),
        );
    }
}

#[actix_web::test]
async fn a_return_without_a_login_is_no_crash_and_no_login() {
    let world = World::start();
    let mut browser = Browser::open();
    let long = "x".repeat(5000);
    for query in [
        "",
        "code=x",
        "state=x",
        "state=",
        "state=%ff",
        "code=x&state=AAAA",
        "error=access_denied",
        "state=x&state=y",
        &format!("state={long}"),
    ] {
        let url = world.hub_url(&format!("/callback/boussole?{query}"));
        let page = browser.visit(&url).await;

        assert_eq!(
            (page.status, page.page.code().as_deref()),
            (400, Some("L3008")),
            "{query:.40}"
        );
    }
}

#[actix_web::test]
async fn looking_ahead_does_not_end_an_attempt() {
    let world = World::start();
    let mut browser = Browser::open();
    let answer = answered(&world, &mut browser).await;
    // The choice page of the same login.
    let pages = browser.cookies();
    let ticket = pages.split("lethe-waiting=").nth(1).unwrap();
    let ticket = ticket.split(';').next().unwrap();
    let ahead = world.hub_url(&format!("/login/{ticket}/idp/citadelle"));

    let refused = browser
        .visit_with(&ahead, &[("sec-purpose", "prefetch")])
        .await;
    let review = browser.visit(&answer).await;

    assert_eq!(refused.status, 503);
    assert!(review.page.html().contains("DUBOIS"));
}
