//! `prompt=none`: what a service learns, and gets, without the citizen seeing a page.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use hub::store::MemoryVault;
use hub_tests::{
    Answer, AuditFile, Browser, FailingVault, Opening, Outage, RedisServer, RelyingParty, Returned,
    TestClock, World,
};
use serde_json::json;

/// A library that is answered without a page, and a town hall that is not.
const SILENT: (&str, &str, &str) = (
    "services/library.toml",
    "client_id",
    "silent = true\nclient_id",
);

fn open() -> World {
    World::open_with(Opening {
        sessions: true,
        edits: vec![SILENT],
        ..Opening::default()
    })
    .unwrap()
}

/// The citizen signs in at `service` with `changes` to its request.
async fn sign_in(
    world: &World,
    browser: &mut Browser,
    service: &'static str,
    changes: &[(&str, &str)],
) -> serde_json::Value {
    let sp = world.service(service).unwrap();
    let start = sp.request(changes).unwrap();
    let arrival = world.log_in(browser, &start, "boussole", "angela").await;
    sp.learn(&arrival.unwrap()).await.unwrap().0
}

/// What `sp` hears of a request with `prompt=none` and `changes`.
async fn ask(browser: &mut Browser, sp: &RelyingParty, changes: &[(&str, &str)]) -> Answer {
    let changes = [&[("prompt", "none")], changes].concat();
    browser.get(&sp.request(&changes).unwrap()).await.unwrap()
}

fn error(answer: &Answer) -> String {
    Returned::from(&answer.location().unwrap())
        .get("error")
        .to_owned()
}

#[actix_web::test]
async fn prompt_none_tells_nothing_of_a_citizen_who_has_not_been_at_the_service() {
    let (clock, outage) = (Arc::new(TestClock::default()), Arc::<Outage>::default());
    let vault = FailingVault::new(MemoryVault::new(clock.clone()), outage.clone());
    let audit = AuditFile::new();
    let world = World::open_with(Opening {
        sessions: true,
        edits: vec![SILENT],
        vault: Some(Arc::new(vault)),
        clock: Some(clock),
        audit: Some(audit.path()),
        ..Opening::default()
    })
    .unwrap();
    let mut known = Browser::new().unwrap();
    sign_in(&world, &mut known, "insurer", &[]).await;
    let mut been_there = Browser::new().unwrap();
    let sub = sign_in(&world, &mut been_there, "town-hall", &[]).await["sub"].clone();
    let mut elsewhere = Browser::new().unwrap();
    let of_library = sign_in(&world, &mut elsewhere, "library", &[]).await["sub"].clone();
    let mut expired = Browser::new().unwrap();
    sign_in(&world, &mut expired, "insurer", &[]).await;
    world.clock.pass(Duration::from_secs(31 * 60));
    let mut fresh = Browser::new().unwrap();
    sign_in(&world, &mut fresh, "insurer", &[]).await;
    sign_in(&world, &mut been_there, "town-hall", &[]).await;

    let asked: Vec<Vec<(&str, String)>> = vec![
        vec![],
        vec![("acr_values", "eidas3".into())],
        vec![("acr_values", "eidas1".into())],
        vec![("max_age", "1".into())],
        vec![("max_age", "86400".into())],
        vec![("scope", "openid".into())],
        vec![(
            "claims",
            json!({"id_token": {"sub": {"value": sub}}}).to_string(),
        )],
        vec![(
            "claims",
            json!({"id_token": {"sub": {"value": of_library}}}).to_string(),
        )],
        vec![("login_hint", "angela".into())],
    ];
    let browsers = [
        Browser::new().unwrap(),
        known,
        expired,
        fresh,
        been_there.clone(),
    ];
    for service in ["town-hall", "library"] {
        let mut heard = BTreeSet::new();
        for browser in &browsers {
            for changes in &asked {
                let sp = world.service(service).unwrap();
                let changes: Vec<(&str, &str)> = changes
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                let lines = audit.lines().unwrap().len();
                outage.fail_at(0);
                let answer = ask(&mut browser.clone(), &sp, &changes).await;
                let traced: Vec<String> = audit.lines().unwrap()[lines..]
                    .iter()
                    .map(|line| format!("{} {}", line["event"], line["error"]))
                    .collect();
                let mut headers: Vec<_> = answer.headers.clone();
                headers.retain(|(name, _)| name != "date" && name != "location");
                headers.sort();
                let location = answer.header("location").unwrap().replace(&sp.state, "");
                heard.insert(format!(
                    "{} {location} {headers:?} {} {traced:?} {}",
                    answer.status,
                    outage.calls(),
                    answer.page.html()
                ));
            }
        }
        assert_eq!(heard.len(), 1, "{service}: {heard:#?}");
        assert!(heard.iter().all(|said| said.contains("login_required")));
    }
}

#[actix_web::test]
async fn prompt_none_gets_no_more_than_was_read_in_this_session() {
    let world = open();
    let mut browser = Browser::new().unwrap();
    sign_in(
        &world,
        &mut browser,
        "library",
        &[("scope", "openid email birth")],
    )
    .await;
    let sp = world.service("library").unwrap();

    for (changes, refused) in [
        (vec![("scope", "openid email birth")], ""),
        (vec![("scope", "openid email")], ""),
        (vec![("scope", "openid")], ""),
        (
            vec![("scope", "openid email birth profile")],
            "consent_required",
        ),
        (
            vec![
                ("scope", "openid"),
                ("claims", r#"{"userinfo":{"given_name":null}}"#),
            ],
            "consent_required",
        ),
        (
            vec![("scope", "openid email"), ("max_age", "600")],
            "consent_required",
        ),
        (
            vec![
                ("scope", "openid email"),
                ("claims", r#"{"id_token":{"amr":null}}"#),
            ],
            "consent_required",
        ),
        (
            vec![("scope", "openid"), ("acr_values", "eidas3")],
            "consent_required",
        ),
    ] {
        let answer = ask(&mut browser, &sp, &changes).await;
        assert_eq!(error(&answer), refused, "{changes:?}");
    }

    // What is read on a later page is read, and so is what was read on the first.
    let start = sp.request(&[("scope", "openid profile")]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    let review = browser.follow(answer, "https://").await.unwrap();
    world.agree(&mut browser, &review).await.unwrap();
    let scope = [("scope", "openid email birth profile")];
    let sp = world.service("library").unwrap();
    let all = ask(&mut browser, &sp, &scope).await;
    let (_, claims) = sp.learn(&all.location().unwrap()).await.unwrap();
    assert_eq!(claims["family_name"], "DUBOIS");

    // Another authentication may say something else of the citizen: it has to be read again.
    let start = world.service("town-hall").unwrap();
    let start = start.request(&[("prompt", "login")]).unwrap();
    world
        .log_in(&mut browser, &start, "citadelle", "angela")
        .await
        .unwrap();
    let sp = world.service("library").unwrap();
    let unread = ask(&mut browser, &sp, &[("scope", "openid")]).await;
    assert_eq!(error(&unread), "consent_required");
}

#[actix_web::test]
async fn a_hint_of_another_person_is_looked_at_only_where_the_citizen_has_been() {
    let world = open();
    let mut other = Browser::new().unwrap();
    let sp = world.service("library").unwrap();
    let start = sp.request(&[]).unwrap();
    let arrival = world
        .log_in(&mut other, &start, "boussole", "sosefo")
        .await
        .unwrap();
    let code = Returned::from(&arrival).get("code").to_owned();
    let (tokens, _) = sp.redeem(&code).await.unwrap();
    let hint = tokens["id_token"].as_str().unwrap();
    let mut browser = Browser::new().unwrap();
    sign_in(&world, &mut browser, "library", &[]).await;

    let sp = world.service("library").unwrap();
    let refused = ask(&mut browser, &sp, &[("id_token_hint", hint)]).await;
    let answered = ask(&mut other, &sp, &[("id_token_hint", hint)]).await;

    assert_eq!(error(&refused), "login_required");
    assert_eq!(error(&answered), "");
}

#[actix_web::test]
async fn services_reached_at_once_are_all_in_the_session() {
    let services = ["library", "anonymous", "curious"];
    let edits = [
        ("services/library.toml", SILENT.1, SILENT.2),
        ("services/anonymous.toml", SILENT.1, SILENT.2),
        ("services/curious.toml", SILENT.1, SILENT.2),
    ];
    let redis = RedisServer::start().unwrap();
    let world = World::open_with(Opening {
        sessions: true,
        store: Some(redis.url()),
        edits: edits.into(),
        ..Opening::default()
    })
    .unwrap();
    for _ in 0..5 {
        let mut browser = Browser::new().unwrap();
        sign_in(&world, &mut browser, "town-hall", &[]).await;
        let mut submits = Vec::new();
        for service in services {
            let start = world.service(service).unwrap().request(&[]).unwrap();
            let answer = browser.get(&start).await.unwrap();
            let page = browser.follow(answer, "https://").await.unwrap();
            submits.push((browser.clone(), page));
        }
        let submits: Vec<_> = submits
            .into_iter()
            .map(|(mut tab, page)| {
                actix_web::rt::spawn(async move {
                    let left = tab.submit(&page, &page.page.form().unwrap()).await;
                    assert!(left.unwrap().page.refresh().is_some());
                })
            })
            .collect();
        for submit in submits {
            submit.await.unwrap();
        }

        for service in services {
            let sp = world.service(service).unwrap();
            let answer = ask(&mut browser, &sp, &[]).await;
            assert_eq!(error(&answer), "", "{service}");
        }
    }
}
