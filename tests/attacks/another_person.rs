//! A service names whom it expects, and another person signs in.

use hub_tests::{AuditFile, Browser, Opening, Returned, World};
use serde_json::json;
use url::Url;

#[actix_web::test]
async fn another_person_than_expected_leaves_no_agreement_no_receipt_and_no_session() {
    for asks_receipt in [false, true] {
        let audit = AuditFile::new();
        let world = World::open_with(Opening {
            audit: Some(audit.path()),
            sessions: true,
            ..Opening::default()
        })
        .unwrap();
        let sp = world.service("insurer").unwrap();
        let claims = json!({"id_token": {"sub": {"value": "somebody-else"}}}).to_string();
        let start = sp.request(&[("claims", &claims)]).unwrap();
        let (mut browser, review) = world.outcome(&start, "boussole", "angela").await.unwrap();
        let mut form = review.page.form().unwrap().with("consent", "yes");
        if asks_receipt {
            form = form.with("receipt", "yes");
        }

        let mut refusals = Vec::new();
        for _ in 0..2 {
            let left = browser.submit(&review, &form).await.unwrap();
            refusals.push(Url::parse(&left.page.refresh().unwrap()).unwrap());
        }

        assert_eq!(refusals[0], refusals[1], "a second click");
        let refusal = Returned::from(&refusals[0]);
        assert_eq!(refusal.get("error"), "login_required");
        assert!(!world.is_signed_in(&mut browser).await.unwrap());
        let lines = audit.lines().unwrap();
        let events: Vec<_> = lines
            .iter()
            .map(|line| line["event"].as_str().unwrap())
            .collect();
        assert!(!events.contains(&"consent_recorded"), "{events:?}");
        let answers: Vec<_> = lines
            .iter()
            .filter(|line| line["event"] == "authorization_response_sent")
            .map(|line| &line["outcome"])
            .collect();
        assert_eq!(answers, ["login_required"]);
    }
}

#[actix_web::test]
async fn another_person_than_expected_ends_no_session_of_the_browser() {
    let world = World::open_with(Opening {
        sessions: true,
        ..Opening::default()
    })
    .unwrap();
    let mut browser = Browser::new().unwrap();
    let library = world.service("library").unwrap();
    let start = library.request(&[]).unwrap();
    let authentication = world
        .log_in(&mut browser, &start, "boussole", "angela")
        .await;
    let hint = library.learn(&authentication.unwrap()).await.unwrap().0["sub"].clone();
    let claims = json!({"id_token": {"sub": {"value": hint}}}).to_string();
    let changes = [("claims", claims.as_str()), ("prompt", "login")];
    let start = library.request(&changes).unwrap();

    let refused = world
        .log_in(&mut browser, &start, "citadelle", "jean")
        .await;

    let refused = Returned::from(&refused.unwrap());
    assert_eq!(refused.get("error"), "login_required");
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let review = world.go(&mut browser, &start).await.unwrap();
    assert!(review.page.html().contains("DUBOIS"), "{}", review.url);
}
