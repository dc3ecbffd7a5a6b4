//! During an update two versions of the hub share a store: a record that one does not understand is no fault.

use std::{sync::Arc, time::Duration};

use hub::store::{MemoryStore, Record, Records};
use hub_core::{
    clock::Clock,
    encoding::fixed_from_base64url,
    entropy::SystemEntropy,
    seal::{KeyPair, Sealer, ServerKey},
    secret::{BearerSecret, Handle},
    ticket::{Opened, TicketSealer},
};
use hub_tests::{Browser, Opening, TestClock, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const LIFE: Duration = Duration::from_secs(1800);

fn key(world: &World, name: &str) -> KeyPair {
    let text = String::from_utf8(world.secret(name)).unwrap();
    let key = ServerKey::new(fixed_from_base64url(text.trim()).unwrap());
    KeyPair::new(key, None)
}

/// The handle of the login whose path ticket is `ticket`, in `browser`.
fn handle(world: &World, browser: &Browser, ticket: &str) -> Handle {
    let tickets = TicketSealer::new(key(world, "keys/ticket"), LIFE);
    let opened = tickets.open_path(ticket, world.clock.now()).unwrap();
    let Opened::Live(opened) = opened else {
        panic!("the ticket has expired")
    };
    let cookies = browser.cookies();
    let mut secrets = cookies.split("; ").filter_map(|cookie| {
        let (name, value) = cookie.split_once('=')?;
        BearerSecret::parse(value).filter(|_| name == "lethe")
    });
    Handle::login(&secrets.next().unwrap(), &opened.login)
}

/// The record of a login at a stage that this version does not know.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Later(Value);

impl Record for Later {}

#[actix_web::test]
async fn a_login_at_a_stage_of_a_later_version_begins_again_and_is_left_as_it_is() {
    let clock = Arc::new(TestClock::default());
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let world = World::open_with(Opening {
        store: Some(store.clone()),
        clock: Some(clock),
        ..Opening::default()
    })
    .unwrap();
    let sp = world.service("town-hall").unwrap();
    let mut browser = Browser::new().unwrap();
    let first = browser.get(&sp.request(&[]).unwrap()).await.unwrap();
    let choice = browser.follow(first, "https://").await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world.sign_in(&mut browser, &sign_in, "angela").await;
    let callback = back.unwrap().location().unwrap();
    let ticket = choice.url.path().split('/').nth(2).unwrap();
    let handle = handle(&world, &browser, ticket);
    let sealer = Sealer::new(key(&world, "keys/pepper"));
    let records = Records::new(store, sealer, Arc::new(SystemEntropy));
    let later = Later(json!({"StageOfALaterVersion": {"request": 1}}));
    records.put(&handle, &later, LIFE).await.unwrap();

    let mut answers = vec![browser.get(&callback).await.unwrap()];
    for page in ["", "review", "cancel", "idp/boussole"] {
        let url = choice.url.join(page).unwrap();
        answers.push(browser.get(&url).await.unwrap());
    }
    let form = [("token".to_owned(), handle.page_token())];
    let review = choice.url.join("review").unwrap();
    answers.push(browser.post(&review, &form).await.unwrap());

    for answer in answers {
        let code = answer.page.code();
        assert_eq!(code.as_deref(), Some("L1001"), "{}", answer.url);
        assert!(answer.status < 500, "{} {}", answer.status, answer.url);
    }
    let kept: Option<Later> = records.open(&handle).await.unwrap();
    assert_eq!(kept, Some(later));
}
