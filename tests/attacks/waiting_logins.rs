//! A login that waits on the review page while the identity provider ends its session.

use hub_tests::{Browser, Listener, World};
use serde_json::json;

#[actix_web::test]
async fn a_login_that_waits_when_the_idp_ends_its_session_is_not_answered() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let idp = world.idp("boussole").unwrap();
    let start = world.service("library").unwrap().request(&[]).unwrap();
    let mut browser = Browser::new().unwrap();
    let review = world.to_review(&mut browser, &start, "boussole", "angela");
    let review = review.await.unwrap();
    let form = review.page.form().unwrap();

    let sid = world.upstream_sid("boussole").unwrap();
    let token = idp.logout_token(json!({"sid": sid})).unwrap();
    let url = world.url("/backchannel/boussole").unwrap();
    let body = [("logout_token".to_owned(), token)];
    let ended = Browser::new().unwrap().post(&url, &body).await.unwrap();
    assert_eq!(ended.status, 200);

    let answer = browser.submit(&review, &form).await.unwrap();
    let choice = browser.follow(answer, "https://").await.unwrap();
    assert!(
        choice.page.link("idp/boussole").is_ok(),
        "{}",
        choice.page.html()
    );
    assert!(!world.is_signed_in(&mut browser).await.unwrap());
    // The citizen signs in again: that is another session of the provider's.
    let again = world.to_review(&mut browser, &start, "boussole", "angela");
    let again = again.await.unwrap();
    assert!(world.agree(&mut browser, &again).await.is_ok());
}
