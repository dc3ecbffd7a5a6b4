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
