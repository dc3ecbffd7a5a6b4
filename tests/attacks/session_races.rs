//! A session that ends while the store fails, or while another request uses it.

use std::sync::Arc;

use hub::store::MemoryStore;
use hub_tests::{Browser, FailingVault, Listener, Opening, Outage, Returned, TestClock, World};
use serde_json::json;

fn open(told: &Listener, by_sub: bool) -> (World, Arc<Outage>) {
    let (clock, outage) = (Arc::new(TestClock::default()), Arc::<Outage>::default());
    let store = FailingVault::new(MemoryStore::new(clock.clone()), outage.clone());
    let mut edits: Vec<(&str, &str, &str)> = Vec::new();
    for file in ["services/library.toml", "services/insurer.toml"] {
        let line = format!("backchannel_logout_uri = \"{}\"\nclient_id", told.url);
        edits.push((file, "client_id", Box::leak(line.into_boxed_str())));
    }
    edits.push((
        "services/town-hall.toml",
        "client_id",
        "allow_prompt_none = true\nclient_id",
    ));
    if by_sub {
        let line = "backchannel_logout_by_sub = true\nbackchannel_logout = true";
        edits.push(("idps/boussole.toml", "backchannel_logout = true", line));
    }
    let opening = Opening {
        store: Some(Arc::new(store)),
        clock: Some(clock),
        sessions: true,
        edits,
        ..Opening::default()
    };
    (World::open_with(opening).unwrap(), outage)
}

/// The token request of `service` for the code that `browser` brings it, from its session if it has one.
async fn arrive(
    world: &World,
    browser: &mut Browser,
    service: &'static str,
) -> Vec<(String, String)> {
    let sp = world.service(service).unwrap();
    let start = sp.request(&[]).unwrap();
    let first = world.go(browser, &start).await.unwrap();
    let review = if first.url.path().ends_with("/review") {
        first
    } else {
        let review = world.to_review(browser, &start, "boussole", "angela").await;
        review.unwrap()
    };
    let authentication = world.agree(browser, &review).await.unwrap();
    sp.token_fields(Returned::from(&authentication).get("code"))
}

/// The status of the library's token answer to `fields`.
async fn redeemed(world: &World, fields: &[(String, String)]) -> u16 {
    let sp = world.service("library").unwrap();
    sp.token(fields).await.unwrap().0
}

async fn send(world: &World, token: &str) -> u16 {
    let url = world.url("/backchannel/boussole").unwrap();
    let body = [("logout_token".to_owned(), token.to_owned())];
    let answer = Browser::new().unwrap().post(&url, &body).await;
    answer.unwrap().status
}

#[actix_web::test]
async fn an_idps_logout_that_the_store_interrupts_works_when_it_is_sent_again() {
    let told = Listener::open(&[]).unwrap();
    let (world, outage) = open(&told, false);
    for n in 1.. {
        let mut browser = Browser::new().unwrap();
        let kept = arrive(&world, &mut browser, "library").await;
        let sid = world.upstream_sid("boussole").unwrap();
        let idp = world.idp("boussole").unwrap();
        let token = idp.logout_token(json!({"sid": sid})).unwrap();

        outage.fail_at(n);
        let status = send(&world, &token).await;
        let is_over = outage.calls() < n;
        outage.fail_at(0);
        if is_over {
            assert!(n > 6, "only {n} calls");
            assert_eq!(status, 200);
        } else {
            assert_eq!(status, 503, "call {n}");
            if world.is_signed_in(&mut browser).await.unwrap() {
                let fields = arrive(&world, &mut browser, "library").await;
                assert_eq!(redeemed(&world, &fields).await, 200, "call {n}");
            }
            assert_eq!(send(&world, &token).await, 200, "call {n}");
        }

        assert!(!world.is_signed_in(&mut browser).await.unwrap(), "call {n}");
        assert_eq!(redeemed(&world, &kept).await, 400, "call {n}");
        assert_eq!(send(&world, &token).await, 400, "used, call {n}");
        told.hear(n).await.unwrap();
        if is_over {
            break;
        }
    }
}

#[actix_web::test]
async fn one_session_that_cannot_be_ended_does_not_keep_the_others() {
    let told = Listener::open(&[]).unwrap();
    let (world, outage) = open(&told, true);
    let mut browsers = [Browser::new().unwrap(), Browser::new().unwrap()];
    for browser in &mut browsers {
        arrive(&world, browser, "library").await;
    }
    let idp = world.idp("boussole").unwrap();
    let token = idp
        .logout_token(json!({"sub": "account-of-angela"}))
        .unwrap();

    // The mark of the token, the entry, and then the first session.
    outage.fail_at(3);
    assert_eq!(send(&world, &token).await, 503);
    outage.fail_at(0);
    let mut signed_in = 0;
    for browser in &mut browsers {
        signed_in += usize::from(world.is_signed_in(browser).await.unwrap());
    }
    assert_eq!(signed_in, 1);
    assert_eq!(told.hear(1).await.unwrap().len(), 1);

    assert_eq!(send(&world, &token).await, 200);
    for browser in &mut browsers {
        assert!(!world.is_signed_in(browser).await.unwrap());
    }
    assert_eq!(told.hear(2).await.unwrap().len(), 2);
}

#[actix_web::test]
async fn a_logout_that_the_store_interrupts_works_when_it_is_tried_again() {
    let told = Listener::open(&[]).unwrap();
    let (world, outage) = open(&told, false);
    for n in 1.. {
        let mut browser = Browser::new().unwrap();
        let (hint, _) = world
            .id_token(&mut browser, "library", "angela")
            .await
            .unwrap();
        let kept = arrive(&world, &mut browser, "library").await;
        let end = world.end(&[("id_token_hint", &hint)]).unwrap();

        outage.fail_at(n);
        let answer = browser.get(&end).await.unwrap();
        let is_over = outage.calls() < n;
        outage.fail_at(0);
        if !is_over && world.is_signed_in(&mut browser).await.unwrap() {
            assert_eq!(answer.status, 503, "call {n}");
            let fields = arrive(&world, &mut browser, "library").await;
            assert_eq!(redeemed(&world, &fields).await, 200, "call {n}");
            world.go(&mut browser, &end).await.unwrap();
        }

        assert!(!world.is_signed_in(&mut browser).await.unwrap(), "call {n}");
        assert_eq!(redeemed(&world, &kept).await, 400, "call {n}");
        assert_eq!(told.hear(n).await.unwrap().len(), n);
        if is_over {
            assert!(n > 4, "only {n} calls");
            break;
        }
    }
}

#[actix_web::test]
async fn a_logout_tells_a_service_that_another_tab_went_to_meanwhile() {
    let told = Listener::open(&[]).unwrap();
    let (world, outage) = open(&told, false);
    let mut browser = Browser::new().unwrap();
    let (hint, _) = world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();
    let end = world.end(&[("id_token_hint", &hint)]).unwrap();

    outage.hold_removal();
    let mut tab = browser.clone();
    let leaving = actix_web::rt::spawn(async move { tab.get(&end).await.unwrap().status });
    outage.until_held().await;
    arrive(&world, &mut browser, "insurer").await;
    outage.release();

    assert!(leaving.await.unwrap() < 400);
    assert!(!world.is_signed_in(&mut browser).await.unwrap());
    assert_eq!(told.hear(2).await.unwrap().len(), 2);
}

#[actix_web::test]
async fn a_session_that_ends_while_a_service_is_answered_gives_no_code() {
    let told = Listener::open(&[]).unwrap();
    let (world, outage) = open(&told, false);
    let mut browser = Browser::new().unwrap();
    arrive(&world, &mut browser, "town-hall").await;
    let sp = world.service("town-hall").unwrap();
    let silent = sp.request(&[("prompt", "none")]).unwrap();
    let answer = browser.get(&silent).await.unwrap();
    let answer = Returned::from(&answer.location().unwrap());
    assert_ne!(answer.get("code"), "", "{answer:?}");

    outage.remove_before_replacement(1);
    let answer = browser.get(&silent).await.unwrap();
    let answer = Returned::from(&answer.location().unwrap());
    assert_eq!(answer.get("error"), "login_required");

    // On the review page of another service.
    let mut browser = Browser::new().unwrap();
    arrive(&world, &mut browser, "town-hall").await;
    let start = world.service("library").unwrap().request(&[]).unwrap();
    let review = world.go(&mut browser, &start).await.unwrap();
    let form = review.page.form().unwrap().with("consent", "yes");
    // The first replacement takes the login, the second changes the session.
    outage.remove_before_replacement(2);
    let left = browser.submit(&review, &form).await.unwrap();
    assert_eq!(left.page.refresh(), None, "{}", left.page.html());
    let choice = browser.follow(left, "https://").await.unwrap();
    assert!(choice.url.path().ends_with('/'), "{}", choice.url);
    assert!(choice.page.html().contains("idp/boussole"));
}
