//! A citizen who agreed reads their receipt; before they go on, the configuration changes or their session ends.

use std::sync::Arc;

use hub::store::MemoryStore;
use hub_tests::{
    Answer, AuditFile, Browser, JsonExt, Opening, Returned, TestClock, World, WorldOptions,
    unverified_claims,
};
use serde_json::json;

/// A world whose records outlive a restart of the hub.
fn start(audit: &AuditFile) -> World {
    let clock = Arc::new(TestClock::default());
    World::start_with(WorldOptions {
        store: Some(Arc::new(MemoryStore::new(clock.clone()))),
        clock: Some(clock),
        audit: Some(audit.path()),
        sessions: true,
        ..Opening::default()
    })
}

/// Agrees on the page `review` and asks for the receipt; returns its page.
async fn receipt(browser: &mut Browser, review: &Answer) -> Answer {
    let form = review.page.first_form().with("receipt", "yes");
    let agreed = browser.submit_form(review, &form).await;
    let shown = browser.follow_redirects(agreed, "https://").await;
    assert!(!numbers(&shown).is_empty(), "{}", shown.page.html());
    shown
}

/// The numbers of the signed receipts on the page.
fn numbers(page: &Answer) -> Vec<String> {
    let links = page.page.links();
    let signed = links
        .iter()
        .filter_map(|link| link.strip_prefix("data:application/jwt,"));
    signed
        .map(|signed| unverified_claims(signed)["jti"].text().to_owned())
        .collect()
}

/// Where the browser is sent at the service, as parameters.
fn response(left: &Answer) -> Returned {
    Returned::from(&left.next().unwrap())
}

/// How often each event of an agreement and of a response is in the audit stream.
fn count(audit: &AuditFile, event: &str) -> usize {
    let events = audit.events();
    events.iter().filter(|line| line["event"] == event).count()
}

#[actix_web::test]
async fn a_receipt_of_another_configuration_gives_no_code() {
    let edits = [
        (
            "services/library.toml",
            "client_id",
            "birthdate = \"first\"\nclient_id",
        ),
        (
            "services/library.toml",
            "organisation = \"Ville de Test\"",
            "organisation = \"Autre ville\"",
        ),
    ];
    for edit in edits {
        for reloads in [false, true] {
            let audit = AuditFile::new();
            let mut world = start(&audit);
            let url = world.sp("library").authorization_url(&[]);
            let (mut browser, review) =
                world.login_in_new_browser(&url, "boussole", "angela").await;
            let shown = receipt(&mut browser, &review).await;

            world.restart_hub(&[], &[edit]).await;

            if reloads {
                let reloaded = browser.visit(&shown.url).await;
                assert_eq!(response(&reloaded).get("error"), "consent_required");
            }
            let form = shown.page.first_form();
            for _ in 0..2 {
                let left = browser.submit_form(&shown, &form).await;
                let answered = response(&left);
                assert_eq!(answered.get("error"), "consent_required");
                assert_eq!(answered.get("code"), "");
            }
            assert!(!world.has_session(&mut browser).await);
            assert_eq!(count(&audit, "consent_recorded"), 1);
            let events = audit.events();
            let mut sent = events
                .iter()
                .filter(|line| line["event"] == "authorization_response_sent");
            assert_eq!(sent.next().unwrap()["outcome"], "consent_required");
            assert!(sent.next().is_none());
        }
    }
}

#[actix_web::test]
async fn a_receipt_whose_session_has_ended_is_followed_by_no_other_receipt() {
    let audit = AuditFile::new();
    let world = start(&audit);
    let mut browser = Browser::open();
    let url = world.sp("library").authorization_url(&[]);
    world
        .complete_login(&mut browser, &url, "boussole", "angela")
        .await;
    let url = world.sp("town-hall").authorization_url(&[]);
    let review = world.visit(&mut browser, &url).await;
    let shown = receipt(&mut browser, &review).await;

    let sid = world.sid_at_idp("boussole");
    let token = world.demo_idp("boussole").logout_token(json!({"sid": sid}));
    let body = [("logout_token".to_owned(), token.unwrap())];
    let logout = world.hub_url("/backchannel/boussole");
    let ended = Browser::open().post_form(&logout, &body).await;
    assert_eq!(ended.status, 200);

    let form = shown.page.first_form();
    for _ in 0..2 {
        let left = browser.submit_form(&shown, &form).await;
        assert_eq!(response(&left).get("error"), "login_required");
    }
    let review = shown.page.first_form().action;
    for name in ["", "idp/citadelle", "cancel", "review"] {
        let page = world.hub_url(&review.replace("review", name));
        let page = browser.visit(&page).await;
        assert_eq!(page.page.code().as_deref(), Some("L1005"), "{name}");
    }
    assert_eq!(count(&audit, "consent_recorded"), 2, "one at each service");
}
