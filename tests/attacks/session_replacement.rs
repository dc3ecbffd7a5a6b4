//! A session that begins, or replaces another one, while the store fails or the identity provider ends its own.

use std::sync::Arc;

use hub::store::MemoryStore;
use hub_tests::{
    Answer, Browser, FailingVault, Listener, Outage, RelyingParty, Returned, TestClock, World,
    WorldOptions,
};
use serde_json::json;

/// A world that notifies `told` of the logouts of the library, over a store that fails when told.
fn open(told: &Listener) -> (World, Arc<Outage>) {
    let (clock, outage) = (Arc::new(TestClock::default()), Arc::<Outage>::default());
    let store = FailingVault::new(MemoryStore::new(clock.clone()), outage.clone());
    let line = format!("backchannel_logout_uri = \"{}\"\nclient_id", told.url);
    let world = World::start_with(WorldOptions {
        store: Some(Arc::new(store)),
        clock: Some(clock),
        sessions: true,
        edits: vec![(
            "services/library.toml",
            "client_id",
            Box::leak(line.into_boxed_str()),
        )],
        ..WorldOptions::default()
    });
    (world, outage)
}

/// The review page of `sp`, the town hall, for `person`, who authenticates anew in `browser`.
async fn authenticated_anew(
    world: &World,
    sp: &RelyingParty,
    browser: &mut Browser,
    person: &str,
) -> Answer {
    let start = sp.authorization_url(&[("prompt", "login")]);
    let review = world.login_to_review(browser, &start, "boussole", person);
    review.await
}

/// Logs the citizen of `browser` out.
async fn log_out(world: &World, browser: &mut Browser) {
    let asked = world.logout_url(&[("client_id", "town-hall")]);
    let page = world.visit(browser, &asked).await;
    let form = page.page.first_form();
    let waiting = browser.submit_form(&page, &form).await;
    let next = waiting.refresh_url();
    world.visit(browser, &next).await;
}

#[actix_web::test]
async fn a_store_that_fails_while_a_session_is_replaced_loses_no_session() {
    for person in ["angela", "jean"] {
        let told = Listener::start(&[]);
        let (world, outage) = open(&told);
        let library = world.sp("library");
        let town_hall = world.sp("town-hall");
        for n in 1.. {
            let mut browser = Browser::open();
            let start = library.authorization_url(&[]);
            let first = world.complete_login(&mut browser, &start, "boussole", "angela");
            let first = Returned::from(&first.await).get("code").to_owned();
            let review = authenticated_anew(&world, &town_hall, &mut browser, person).await;
            let form = review.page.first_form().with("consent", "yes");

            outage.fail_at(n);
            browser.submit_form(&review, &form).await;
            let is_over = outage.calls() < n;
            outage.fail_at(0);
            if world.has_session(&mut browser).await {
                log_out(&world, &mut browser).await;
            }

            // Each service of the session is notified, and the code that was given in it is dead.
            assert_eq!(told.wait_for(n).await.len(), n, "{person}, call {n}");
            let (status, _) = library.request_tokens(&library.token_fields(&first)).await;
            assert_eq!(status, 400, "{person}, call {n}");
            if is_over {
                assert!(n > 8, "only {n} calls");
                break;
            }
        }
    }
}

#[actix_web::test]
async fn a_login_that_is_being_answered_when_the_idp_ends_its_session_begins_no_session() {
    for is_first in [true, false] {
        let told = Listener::start(&[]);
        let (world, outage) = open(&told);
        let town_hall = world.sp("town-hall");
        let mut browser = Browser::open();
        if !is_first {
            world
                .login_for_id_token(&mut browser, "library", "angela")
                .await;
        }
        let review = authenticated_anew(&world, &town_hall, &mut browser, "angela").await;
        let form = review.page.first_form().with("consent", "yes");
        let sid = world.sid_at_idp("boussole");
        let token = world.demo_idp("boussole").logout_token(json!({"sid": sid}));
        let body = [("logout_token".to_owned(), token.unwrap())];
        let url = world.hub_url("/backchannel/boussole");

        // Between the check of the mark and the session's first record.
        outage.hold_put(1);
        let (mut tab, shown) = (browser.clone(), review.clone());
        let submitting = actix_web::rt::spawn(async move { tab.submit(&shown, &form).await });
        outage.until_held().await;
        let ended = Browser::open().post_form(&url, &body).await;
        outage.release();
        let answer = submitting.await.unwrap().unwrap();

        assert_eq!(ended.status, 200);
        assert_eq!(answer.page.refresh(), None, "{}", answer.page.html());
        assert!(answer.expect_header("location").ends_with('/'));
        let cookies = answer.headers.iter();
        let mut cookies = cookies.filter(|(name, _)| name == "set-cookie");
        assert!(!cookies.any(|(_, value)| value.contains("session=")));
        // The session that the browser had came of another session of the identity provider.
        assert_eq!(world.has_session(&mut browser).await, !is_first);
    }
}

/// The code that the town hall gets for `shown`, the review page of a citizen of `browser` who has a session; the
/// `meanwhile` happens before that session is taken from the store.
async fn replaced(
    outage: &Outage,
    (mut tab, shown): (Browser, Answer),
    meanwhile: impl Future<Output = ()>,
) -> (Browser, String) {
    let form = shown.page.first_form().with("consent", "yes");
    outage.hold_removal();
    let submitting = actix_web::rt::spawn(async move {
        let answer = tab.submit_form(&shown, &form).await;
        (tab, answer)
    });
    outage.until_held().await;
    meanwhile.await;
    outage.release();
    let (tab, answer) = submitting.await.unwrap();
    let code = Returned::from(&answer.refresh_url()).get("code").to_owned();
    (tab, code)
}

#[actix_web::test]
async fn a_service_that_is_visited_while_its_session_is_replaced_is_in_the_new_session() {
    let told = Listener::start(&[]);
    let (world, outage) = open(&told);
    let town_hall = world.sp("town-hall");
    let mut browser = Browser::open();
    world
        .login_for_id_token(&mut browser, "insurer", "angela")
        .await;
    let review = authenticated_anew(&world, &town_hall, &mut browser, "angela").await;

    let mut other = browser.clone();
    let meanwhile = async {
        world
            .login_for_id_token(&mut other, "library", "angela")
            .await;
    };
    let (mut browser, code) = replaced(&outage, (browser, review), meanwhile).await;

    town_hall.redeem_code(&code).await;
    log_out(&world, &mut browser).await;
    assert_eq!(told.wait_for(1).await.len(), 1);
}

#[actix_web::test]
async fn a_session_that_ends_while_another_replaces_it_ends_nothing_of_the_new_one() {
    let told = Listener::start(&[]);
    let (world, outage) = open(&told);
    let town_hall = world.sp("town-hall");
    let mut browser = Browser::open();
    world
        .login_for_id_token(&mut browser, "library", "angela")
        .await;
    let sid = world.sid_at_idp("boussole");
    let review = authenticated_anew(&world, &town_hall, &mut browser, "angela").await;

    let meanwhile = async {
        let token = world.demo_idp("boussole").logout_token(json!({"sid": sid}));
        let body = [("logout_token".to_owned(), token.unwrap())];
        let url = world.hub_url("/backchannel/boussole");
        let ended = Browser::open().post_form(&url, &body).await;
        assert_eq!(ended.status, 200);
    };
    let (mut browser, code) = replaced(&outage, (browser, review), meanwhile).await;

    town_hall.redeem_code(&code).await;
    assert!(world.has_session(&mut browser).await);
    // Of the session that ended, by the logout alone.
    assert_eq!(told.wait_for(1).await.len(), 1);
    log_out(&world, &mut browser).await;
    assert_eq!(told.received().len(), 1);
}
