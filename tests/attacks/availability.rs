//! Staying up: what strangers send does not stop other people's logins.

use std::time::Duration;

use hub_demo::FaultInjection;
use hub_tests::{Answer, Browser, World};
use url::Url;

/// A browser that has signed in at Boussole, and the address that Boussole sends it back to.
async fn signed_in(world: &World) -> (Browser, Url) {
    let mut browser = Browser::new().unwrap();
    let choice = choice(world, &mut browser).await;
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world.sign_in(&mut browser, &sign_in, "angela").await;
    let back = back.unwrap().location().unwrap();
    (browser, back)
}

async fn choice(world: &World, browser: &mut Browser) -> Answer {
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    browser.follow(answer, "https://").await.unwrap()
}

fn token_requests(world: &World) -> usize {
    let seen = world.idp("boussole").unwrap().seen();
    let requests = seen.iter().filter(|line| line.starts_with("POST /token"));
    requests.count()
}

/// `back` with other answers than the IdP's own.
fn forged(back: &Url, answer: &[(&str, &str)]) -> Url {
    let mut forged = back.clone();
    let kept: Vec<(String, String)> = back
        .query_pairs()
        .filter(|(name, _)| name != "code")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    forged
        .query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .extend_pairs(answer);
    forged
}

#[actix_web::test]
async fn no_callback_of_a_visitor_switches_an_idp_off() {
    let world = World::open().unwrap();
    let answers: [&[(&str, &str)]; 5] = [
        &[("error", "server_error")],
        &[("error", "temporarily_unavailable")],
        &[("code", "made up")],
        &[("code", "made up"), ("error", "server_error")],
        &[],
    ];
    // An IdP that answers 500 or 503 to a code that it does not know.
    for fault_injection in [
        None,
        Some(FaultInjection::TokenServerError),
        Some(FaultInjection::TokenFails),
    ] {
        world.idp("boussole").unwrap().misbehave(fault_injection);
        for answer in answers {
            for _ in 0..6 {
                let (mut visitor, back) = signed_in(&world).await;
                let page = visitor.get(&forged(&back, answer)).await.unwrap();
                assert!(page.status < 500, "{answer:?}");
            }
        }
    }
    world.idp("boussole").unwrap().misbehave(None);

    let (mut citizen, back) = signed_in(&world).await;
    let review = citizen.get(&back).await.unwrap();
    let review = citizen.follow(review, "https://").await.unwrap();

    assert!(review.page.html().contains("DUBOIS"));
}

#[actix_web::test]
async fn an_idp_that_fails_is_tried_again_by_one_request_at_a_time() {
    let world = World::open().unwrap();
    let boussole = world.idp("boussole").unwrap();
    let (mut first, first_back) = signed_in(&world).await;
    let (mut second, second_back) = signed_in(&world).await;
    let mut failing = Vec::new();
    for _ in 0..5 {
        failing.push(signed_in(&world).await);
    }
    boussole.misbehave(Some(FaultInjection::BreaksOff));
    for (browser, back) in &mut failing {
        browser.get(back).await.unwrap();
    }
    let mut latecomer = Browser::new().unwrap();
    let open = choice(&world, &mut latecomer).await;

    world.clock.pass(Duration::from_secs(20));
    boussole.misbehave(Some(FaultInjection::Hangs));
    let before = token_requests(&world);
    let (one, two) = tokio::join!(first.get(&first_back), second.get(&second_back));
    let (one, two) = (one.unwrap(), two.unwrap());
    let trials = token_requests(&world) - before;

    assert!(open.page.link("idp/boussole").is_err());
    assert_eq!(trials, 1);
    for (browser, answer) in [(&mut first, one), (&mut second, two)] {
        let page = browser.follow(answer, "https://").await.unwrap();
        assert_eq!(page.page.code().as_deref(), Some("L3002"));
    }

    // The trial has failed: nothing is sent for another 20 seconds. The next one succeeds and closes it.
    let shut = choice(&world, &mut latecomer).await;
    world.clock.pass(Duration::from_secs(20));
    boussole.misbehave(None);
    let (mut third, back) = signed_in(&world).await;
    let review = third.get(&back).await.unwrap();
    let review = third.follow(review, "https://").await.unwrap();

    assert!(shut.page.link("idp/boussole").is_err());
    assert!(review.page.html().contains("DUBOIS"));
}
