//! Somebody copies the cookie of a shared computer, leaves a sign-in open there, and waits for the next person.

use hub_tests::{Answer, Browser, World, WorldOptions};

fn open() -> World {
    World::start_with(WorldOptions {
        sessions: true,
        ..WorldOptions::default()
    })
}

/// The choice page of a sign-in at the town hall.
async fn choice(world: &World, browser: &mut Browser) -> Answer {
    let start = world.sp("town-hall").authorization_url(&[]);
    let answer = browser.visit(&start).await;
    browser.follow_redirects(answer, "https://").await
}

/// Angela goes on from the choice page, up to the review.
async fn review(world: &World, browser: &mut Browser, choice: &Answer) -> Answer {
    let departure = browser.click_link(choice, "idp/boussole").await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    let back = world.submit_credentials(browser, &sign_in, "angela").await;
    let review = browser.follow_redirects(back, "https://").await;
    assert!(review.page.html().contains("DUBOIS"));
    review
}

/// Nothing of the citizen, no code and no session.
fn assert_no_use(answer: &Answer) {
    let html = answer.page.html();
    assert!(
        !html.contains("DUBOIS") && !html.contains("code="),
        "{html}"
    );
    let mut headers = answer.headers.iter();
    assert!(
        headers.all(|(_, value)| !value.contains("code=") && !value.contains("lethe-session=")),
        "{:?}",
        answer.headers
    );
}

#[actix_web::test]
async fn a_cookie_that_was_copied_before_the_authentication_opens_nothing_after_it() {
    let world = open();
    let mut victim = Browser::open();
    let choice = choice(&world, &mut victim).await;
    let mut attacker = victim.clone();
    let review = review(&world, &mut victim, &choice).await;
    let page = choice.resolve("review");

    // The attacker sees a sign-in whose citizen has not authenticated, even with the form of the page.
    let seen = attacker.visit(&page).await;
    assert_no_use(&seen);
    assert_eq!(seen.redirect_url(), choice.url);
    let seen = attacker.visit(&review.url).await;
    assert_no_use(&seen);
    let mut form = review.page.first_form();
    assert_no_use(&attacker.submit_form(&review, &form).await);

    // The receipt page as well.
    form.fields.push(("receipt".into(), "yes".into()));
    let receipt = victim.submit_form(&review, &form).await;
    let receipt = victim.follow_redirects(receipt, "https://").await;
    assert_eq!((receipt.status, receipt.page.code()), (200, None));
    let seen = attacker.visit(&page).await;
    assert_no_use(&seen);
    assert_eq!(seen.page.code().as_deref(), Some("L1001"));
    let onward = receipt.page.first_form();
    assert_no_use(&attacker.submit_form(&receipt, &onward).await);

    // The victim is answered; a second click gets the answer again, but not in the attacker's browser.
    for _ in 0..2 {
        let left = victim.submit_form(&receipt, &onward).await;
        assert!(left.refresh_url().query().unwrap().contains("code="));
    }
    let seen = attacker.submit_form(&receipt, &onward).await;
    assert_no_use(&seen);
    assert_eq!(seen.page.code().as_deref(), Some("L1001"));
}

#[actix_web::test]
async fn a_cookie_that_was_copied_before_opens_no_review_of_a_session() {
    let world = open();
    let mut victim = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    choice(&world, &mut victim).await;
    let mut attacker = victim.clone();
    world
        .complete_login(&mut victim, &start, "boussole", "angela")
        .await;
    let start = world.sp("library").authorization_url(&[]);
    let review = world.visit(&mut victim, &start).await;
    assert!(review.page.html().contains("DUBOIS"));

    assert_no_use(&attacker.visit(&review.url).await);
    let form = review.page.first_form();
    assert_no_use(&attacker.submit_form(&review, &form).await);

    let answered = world.consent(&mut victim, &review).await;
    assert!(
        answered
            .query()
            .is_some_and(|query| query.contains("code="))
    );
}

#[actix_web::test]
async fn a_sign_in_in_another_tab_leaves_a_review_that_waits_as_it_is() {
    let world = open();
    let mut browser = Browser::open();
    let mut reviews = Vec::new();
    for _ in 0..4 {
        let choice = choice(&world, &mut browser).await;
        reviews.push(review(&world, &mut browser, &choice).await);
    }
    for review in reviews {
        let answered = world.consent(&mut browser, &review).await;
        assert!(
            answered
                .query()
                .is_some_and(|query| query.contains("code="))
        );
    }
}
