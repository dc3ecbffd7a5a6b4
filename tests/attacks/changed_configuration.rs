//! The operator changes the configuration while citizens are signed in: what they read before counts only for what it
//! said.

use std::sync::Arc;

use hub::store::MemoryStore;
use hub_tests::{Browser, Opening, Returned, TestClock, World};

fn open(edits: Vec<(&'static str, &'static str, &'static str)>) -> World {
    let clock = Arc::new(TestClock::default());
    World::open_with(Opening {
        store: Some(Arc::new(MemoryStore::new(clock.clone()))),
        clock: Some(clock),
        sessions: true,
        edits,
        ..Opening::default()
    })
    .unwrap()
}

const SILENT: (&str, &str, &str) = (
    "services/library.toml",
    "client_id",
    "allow_prompt_none = true\nclient_id",
);

/// A browser whose citizen signed in at the library through `idp`.
async fn signed_in(world: &World, idp: &str) -> Browser {
    let mut browser = Browser::new().unwrap();
    let start = world.service("library").unwrap().request(&[]).unwrap();
    let authentication = world.log_in(&mut browser, &start, idp, "angela").await;
    authentication.unwrap();
    browser
}

/// What the library hears of a request without a page: the address, without what is drawn at random.
async fn heard(world: &World, browser: &mut Browser) -> String {
    let sp = world.service("library").unwrap();
    let start = sp.request(&[("prompt", "none")]).unwrap();
    let answer = browser.get(&start).await.unwrap().location().unwrap();
    let code = Returned::from(&answer).get("code").to_owned();
    let answer = answer.as_str().replace(&sp.state, "STATE");
    if code.is_empty() {
        answer
    } else {
        answer.replace(&code, "CODE")
    }
}

#[actix_web::test]
async fn a_page_does_not_agree_to_another_form_of_a_date() {
    let mut world = open(vec![SILENT]);
    let mut known = signed_in(&world, "boussole").await;
    assert!(heard(&world, &mut known).await.contains("code=CODE"));
    let start = world.service("library").unwrap().request(&[]).unwrap();
    let (mut reading, page) = world.outcome(&start, "boussole", "angela").await.unwrap();

    let edit = (
        "services/library.toml",
        "client_id",
        "birthdate = \"first\"\nclient_id",
    );
    world.restart(&[], &[edit]).await.unwrap();

    let form = page.page.form().unwrap();
    let void = reading.submit(&page, &form).await.unwrap();
    let location = void.header("location").unwrap();
    assert!(location.ends_with("?notice=changed"), "{location}");
    let silently = heard(&world, &mut known).await;
    assert!(silently.contains("error=consent_required"), "{silently}");
}

#[actix_web::test]
async fn an_idp_that_is_drained_answers_silently_and_one_that_is_disabled_does_not() {
    for (state, answered) in [("draining", true), ("disabled", false)] {
        let mut world = open(vec![SILENT]);
        let mut of_boussole = signed_in(&world, "boussole").await;
        let mut of_citadelle = signed_in(&world, "citadelle").await;
        let stranger = heard(&world, &mut Browser::new().unwrap()).await;
        let state = format!("state = \"{state}\"\nclient_id = \"lethe\"");

        let edit = ("idps/boussole.toml", "client_id = \"lethe\"", &*state);
        world.restart(&[], &[edit]).await.unwrap();

        let refused = heard(&world, &mut of_boussole).await;
        let other = heard(&world, &mut of_citadelle).await;
        assert!(other.contains("code=CODE"), "{other}");
        if answered {
            assert_eq!(refused, other, "the same as for any other provider");
        } else {
            assert_eq!(refused, stranger, "the same as without a session");
        }
    }
}

/// The ways in which an operator withdraws Boussole from the town hall.
const WITHDRAWALS: [(&str, &str, &str); 3] = [
    (
        "idps/boussole.toml",
        "client_id = \"lethe\"",
        "state = \"disabled\"\nclient_id = \"lethe\"",
    ),
    (
        "services/town-hall.toml",
        "client_id",
        "idps = { deny = [\"boussole\"] }\nclient_id",
    ),
    (
        "idps/boussole.toml",
        "ceiling = \"eidas2\"",
        "ceiling = \"eidas1\"",
    ),
];

#[actix_web::test]
async fn a_login_that_waits_when_its_idp_is_withdrawn_is_not_answered() {
    for withdrawal in WITHDRAWALS {
        for stage in ["review", "reload", "receipt", "session"] {
            let mut world = open(vec![]);
            let asks = [("acr_values", "eidas2")];
            let start = world.sp("town-hall").authorization_url(&asks);
            let mut browser = if stage == "session" {
                signed_in(&world, "boussole").await
            } else {
                Browser::open()
            };
            let mut page = if stage == "session" {
                world.visit(&mut browser, &start).await
            } else {
                world
                    .login_to_review(&mut browser, &start, "boussole", "angela")
                    .await
            };
            let mut form = page.page.first_form().with("consent", "yes");
            if stage == "receipt" {
                form = form.with("receipt", "yes");
                let receipt = browser.submit_form(&page, &form).await;
                page = browser.follow_redirects(receipt, "https://").await;
                form = page.page.first_form();
            }

            world.restart_hub(&[], &[withdrawal]).await;

            let refused = if stage == "reload" {
                let review = page.resolve(&form.action);
                browser.visit(&review).await
            } else {
                browser.submit_form(&page, &form).await
            };
            let case = (withdrawal.2, stage);
            if stage == "receipt" {
                // A second agreement in this login would give a second receipt with the same number.
                let response = Returned::from(&refused.refresh_url());
                assert_eq!(response.get("error"), "login_required", "{case:?}");
                assert_eq!(response.get("code"), "", "{case:?}");
                continue;
            }
            assert_eq!(refused.page.refresh(), None, "no code: {case:?}");
            let choice = browser.follow_redirects(refused, "https://").await;
            assert!(choice.url.path().ends_with('/'), "{case:?} {}", choice.url);
            assert!(!choice.page.has_link("idp/boussole"), "{case:?}");
            assert!(choice.page.has_link("idp/citadelle"), "{case:?}");
        }
    }
}
