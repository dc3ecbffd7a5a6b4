//! Two requests of one browser about one login, at once: the later one overwrites nothing that the earlier one did.

use std::{sync::Arc, time::Duration};

use hub::store::{MemoryStore, RedisStore, Store};
use hub_tests::{
    Answer, Browser, FailingVault, Opening, Outage, RedisServer, Returned, TestClock, World,
};
use serde_json::json;
use url::Url;

/// A world whose records are in Redis, or else in memory.
fn open(redis: Option<&RedisServer>, sessions: bool) -> (World, Arc<Outage>) {
    let (clock, outage) = (Arc::new(TestClock::default()), Arc::<Outage>::default());
    let store: Arc<dyn Store> = match redis {
        Some(redis) => {
            let store = RedisStore::new(redis.url().parse().unwrap());
            Arc::new(FailingVault::new(store, outage.clone()))
        }
        None => Arc::new(FailingVault::new(
            MemoryStore::new(clock.clone()),
            outage.clone(),
        )),
    };
    let opening = Opening {
        store: Some(store),
        clock: Some(clock),
        sessions,
        ..Opening::default()
    };
    (World::open_with(opening).unwrap(), outage)
}

/// The two stores that every race is tried with.
fn stores() -> [Option<RedisServer>; 2] {
    [None, Some(RedisServer::start().unwrap())]
}

/// The address of another page of the login whose review page `review` is.
fn page(world: &World, review: &Answer, name: &str) -> Url {
    let action = review.page.form().unwrap().action;
    world.url(&action.replace("review", name)).unwrap()
}

/// What another tab of `browser` reads at `url`.
fn in_another_tab(browser: &Browser, url: Url) -> impl Future<Output = Answer> + use<> {
    let mut tab = browser.clone();
    let read = actix_web::rt::spawn(async move { tab.get(&url).await.unwrap() });
    async move { read.await.unwrap() }
}

#[actix_web::test]
async fn a_login_that_was_answered_meanwhile_is_not_cancelled() {
    for redis in stores() {
        let (world, outage) = open(redis.as_ref(), false);
        let sp = world.service("town-hall").unwrap();
        let start = sp.request(&[]).unwrap();
        let (mut browser, review) = world.outcome(&start, "boussole", "angela").await.unwrap();

        outage.hold_removal();
        let cancelling = in_another_tab(&browser, page(&world, &review, "cancel"));
        outage.until_held().await;
        let authentication = world.agree(&mut browser, &review).await.unwrap();
        outage.release();
        let cancelled = cancelling.await;

        assert_eq!(cancelled.page.code().as_deref(), Some("L1005"));
        assert_eq!(cancelled.header("location"), None, "no access_denied");
        sp.learn(&authentication).await.unwrap();
    }
}

#[actix_web::test]
async fn a_departure_overwrites_no_agreement_and_no_answer() {
    for (redis, asks_receipt) in stores()
        .into_iter()
        .zip([true, false])
        .chain([(None, false)])
    {
        let (world, outage) = open(redis.as_ref(), false);
        let sp = world.service("insurer").unwrap();
        let start = sp.request(&[]).unwrap();
        let (mut browser, review) = world.outcome(&start, "boussole", "angela").await.unwrap();
        let mut form = review.page.form().unwrap().with("consent", "yes");
        if asks_receipt {
            form = form.with("receipt", "yes");
        }

        outage.hold_replacement(1);
        let departing = in_another_tab(&browser, page(&world, &review, "idp/citadelle"));
        outage.until_held().await;
        let submitted = browser.submit(&review, &form).await.unwrap();
        outage.release();
        let departed = departing.await;

        let left = if asks_receipt {
            let location = departed.header("location").unwrap();
            assert!(location.ends_with("/review"), "{location}");
            let receipt = browser.follow(submitted, "https://").await.unwrap();
            let go_on = receipt.page.form().unwrap();
            browser.submit(&receipt, &go_on).await.unwrap()
        } else {
            assert_eq!(departed.page.code().as_deref(), Some("L1005"));
            submitted
        };
        let authentication = Url::parse(&left.page.refresh().unwrap()).unwrap();
        sp.learn(&authentication).await.unwrap();
    }
}

#[actix_web::test]
async fn a_review_that_is_reloaded_after_its_session_ended_overwrites_no_attempt() {
    for redis in stores() {
        let (world, outage) = open(redis.as_ref(), true);
        let mut browser = Browser::new().unwrap();
        let library = world.service("library").unwrap();
        let start = library.request(&[]).unwrap();
        world
            .log_in(&mut browser, &start, "boussole", "angela")
            .await
            .unwrap();
        let start = world.service("town-hall").unwrap().request(&[]).unwrap();
        let review = world.go(&mut browser, &start).await.unwrap();
        let sid = world.upstream_sid("boussole").unwrap();
        let idp = world.idp("boussole").unwrap();
        let token = idp.logout_token(json!({"sid": sid})).unwrap();
        let url = world.url("/backchannel/boussole").unwrap();
        let body = [("logout_token".to_owned(), token)];
        let ended = Browser::new().unwrap().post(&url, &body).await.unwrap();
        assert_eq!(ended.status, 200);

        outage.hold_replacement(1);
        let reloading = in_another_tab(&browser, review.url.clone());
        outage.until_held().await;
        let departure = browser
            .get(&page(&world, &review, "idp/citadelle"))
            .await
            .unwrap();
        let sign_in = browser.follow(departure, "https://").await.unwrap();
        outage.release();
        let reloaded = reloading.await;
        let back = world.sign_in(&mut browser, &sign_in, "jean").await.unwrap();
        let shown = browser.follow(back, "https://").await.unwrap();

        assert!(reloaded.header("location").unwrap().ends_with('/'));
        assert!(shown.page.html().contains("FLEURET"), "{}", shown.url);
    }
}

#[actix_web::test]
async fn of_many_simultaneous_departures_the_last_is_the_attempt() {
    for redis in stores() {
        let (world, _) = open(redis.as_ref(), false);
        let sp = world.service("town-hall").unwrap();
        let mut browser = Browser::new().unwrap();
        let first = browser.get(&sp.request(&[]).unwrap()).await.unwrap();
        let choice = browser.follow(first, "https://").await.unwrap();
        let idp = choice.url.join("idp/boussole").unwrap();

        let tabs: Vec<_> = (0..12)
            .map(|_| in_another_tab(&browser, idp.clone()))
            .collect();
        let mut departures = Vec::new();
        for tab in tabs {
            departures.push(tab.await);
        }
        let mut accepted = 0;
        for departure in departures {
            let sign_in = browser.follow(departure, "https://").await.unwrap();
            let back = world.sign_in(&mut browser, &sign_in, "angela").await;
            let shown = browser.follow(back.unwrap(), "https://").await.unwrap();
            accepted += usize::from(shown.page.form().is_ok_and(|form| {
                let names: Vec<_> = form.fields.iter().map(|(name, _)| name).collect();
                names.contains(&&"read".to_owned()) && shown.url.path().starts_with("/callback")
            }));
        }

        assert_eq!(accepted, 1);
    }
}

#[actix_web::test]
async fn no_return_makes_an_answered_login_last_longer() {
    let (world, _) = open(None, false);
    let sp = world.service("library").unwrap();
    let mut browser = Browser::new().unwrap();
    let first = browser.get(&sp.request(&[]).unwrap()).await.unwrap();
    let choice = browser.follow(first, "https://").await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world.sign_in(&mut browser, &sign_in, "angela").await;
    let callback = back.unwrap().location().unwrap();
    let review = browser.get(&callback).await.unwrap();
    world.agree(&mut browser, &review).await.unwrap();

    let mut heard = Vec::new();
    for _ in 0..2 {
        world.clock.pass(Duration::from_secs(40));
        let again = browser.get(&callback).await.unwrap();
        heard.push(again.page.code().unwrap());
    }

    assert_eq!(heard, ["L1005", "L1001"]);
}

#[actix_web::test]
async fn no_submit_makes_a_login_that_is_being_answered_wait_longer() {
    let (world, outage) = open(None, false);
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();
    let (mut browser, review) = world.outcome(&start, "boussole", "angela").await.unwrap();
    let form = review.page.form().unwrap();

    // The first takes the login, and hangs before it writes the answer.
    outage.hold_replacement(2);
    let (mut tab, shown, sent) = (browser.clone(), review.clone(), form.clone());
    let hanging = actix_web::rt::spawn(async move { tab.submit(&shown, &sent).await.unwrap() });
    outage.until_held().await;
    world.clock.pass(Duration::from_secs(40));
    let waiting = browser.submit(&review, &form).await.unwrap();
    world.clock.pass(Duration::from_secs(25));
    let over = browser.submit(&review, &form).await.unwrap();
    outage.release();
    let hanging = hanging.await.unwrap();

    assert!(waiting.page.refresh().unwrap().contains("/review?sent="));
    assert_eq!(over.page.code().as_deref(), Some("L1001"));
    assert_eq!(hanging.page.code().as_deref(), Some("L1001"));
    assert!(!hanging.page.html().contains("code="));
    assert!(Returned::from(&hanging.url).get("code").is_empty());
}
