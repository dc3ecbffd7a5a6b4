//! `prompt=none`: what a service learns, and gets, without the citizen seeing a page.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use hub::store::MemoryStore;
use hub_tests::{
    Answer, AuditFile, Browser, FailingVault, JsonExt, Outage, RedisServer, RelyingParty, Returned,
    TestClock, World, WorldOptions,
};
use serde_json::json;

/// A library that is answered without a page, and a town hall that is not.
const SILENT: (&str, &str, &str) = (
    "services/library.toml",
    "client_id",
    "allow_prompt_none = true\nclient_id",
);

fn open() -> World {
    World::start_with(WorldOptions {
        sessions: true,
        edits: vec![SILENT],
        ..WorldOptions::default()
    })
}

/// The citizen signs in at `service` with `changes` to its request.
async fn sign_in(
    world: &World,
    browser: &mut Browser,
    service: &'static str,
    changes: &[(&str, &str)],
) -> serde_json::Value {
    let sp = world.sp(service);
    let start = sp.authorization_url(changes);
    let authentication = world.log_in(browser, &start, "boussole", "angela").await;
    sp.fetch_claims(&authentication.unwrap()).await.0
}

/// What `sp` hears of a request with `prompt=none` and `changes`.
async fn ask(browser: &mut Browser, sp: &RelyingParty, changes: &[(&str, &str)]) -> Answer {
    let changes = [&[("prompt", "none")], changes].concat();
    browser.visit(&sp.authorization_url(&changes)).await
}

fn error(answer: &Answer) -> String {
    Returned::from(&answer.redirect_url())
        .get("error")
        .to_owned()
}

#[actix_web::test]
async fn prompt_none_tells_nothing_of_a_citizen_who_has_not_been_at_the_service() {
    let (clock, outage) = (Arc::new(TestClock::default()), Arc::<Outage>::default());
    let store = FailingVault::new(MemoryStore::new(clock.clone()), outage.clone());
    let audit = AuditFile::new();
    let world = World::start_with(WorldOptions {
        sessions: true,
        edits: vec![SILENT],
        store: Some(Arc::new(store)),
        clock: Some(clock),
        audit: Some(audit.path()),
        ..WorldOptions::default()
    });
    let mut known = Browser::open();
    sign_in(&world, &mut known, "insurer", &[]).await;
    let mut been_there = Browser::open();
    let sub = sign_in(&world, &mut been_there, "town-hall", &[]).await["sub"].clone();
    let mut elsewhere = Browser::open();
    let of_library = sign_in(&world, &mut elsewhere, "library", &[]).await["sub"].clone();
    let mut expired = Browser::open();
    sign_in(&world, &mut expired, "insurer", &[]).await;
    world.clock.pass(Duration::from_secs(31 * 60));
    let mut fresh = Browser::open();
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
    let browsers = [Browser::open(), known, expired, fresh, been_there.clone()];
    for service in ["town-hall", "library"] {
        let mut heard = BTreeSet::new();
        for browser in &browsers {
            for changes in &asked {
                let sp = world.sp(service);
                let changes: Vec<(&str, &str)> = changes
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                let lines = audit.events().len();
                outage.fail_at(0);
                let answer = ask(&mut browser.clone(), &sp, &changes).await;
                let traced: Vec<String> = audit.events()[lines..]
                    .iter()
                    .map(|line| format!("{} {}", line["event"], line["error"]))
                    .collect();
                let mut headers: Vec<_> = answer.headers.clone();
                headers.retain(|(name, _)| name != "date" && name != "location");
                headers.sort();
                let location = answer.expect_header("location").replace(&sp.state, "");
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
    let mut browser = Browser::open();
    sign_in(
        &world,
        &mut browser,
        "library",
        &[("scope", "openid email birth")],
    )
    .await;
    let sp = world.sp("library");

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
    let start = sp.authorization_url(&[("scope", "openid profile")]);
    let answer = browser.visit(&start).await;
    let review = browser.follow_redirects(answer, "https://").await;
    world.consent(&mut browser, &review).await;
    let scope = [("scope", "openid email birth profile")];
    let sp = world.sp("library");
    let all = ask(&mut browser, &sp, &scope).await;
    let (_, claims) = sp.fetch_claims(&all.redirect_url()).await;
    assert_eq!(claims["family_name"], "DUBOIS");

    // Another authentication may say something else of the citizen: it has to be read again.
    let start = world.sp("town-hall");
    let start = start.authorization_url(&[("prompt", "login")]);
    world
        .complete_login(&mut browser, &start, "citadelle", "angela")
        .await;
    let sp = world.sp("library");
    let unread = ask(&mut browser, &sp, &[("scope", "openid")]).await;
    assert_eq!(error(&unread), "consent_required");
}

#[actix_web::test]
async fn a_hint_of_another_person_is_looked_at_only_where_the_citizen_has_been() {
    let world = open();
    let mut other = Browser::open();
    let sp = world.sp("library");
    let start = sp.authorization_url(&[]);
    let authentication = world
        .complete_login(&mut other, &start, "boussole", "sosefo")
        .await;
    let code = Returned::from(&authentication).get("code").to_owned();
    let (tokens, _) = sp.redeem_code(&code).await;
    let hint = tokens["id_token"].text();
    let mut browser = Browser::open();
    sign_in(&world, &mut browser, "library", &[]).await;

    let sp = world.sp("library");
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
    let redis = RedisServer::run();
    let world = World::start_with(WorldOptions {
        sessions: true,
        redis: Some(redis.url()),
        edits: edits.into(),
        ..WorldOptions::default()
    });
    for _ in 0..5 {
        let mut browser = Browser::open();
        sign_in(&world, &mut browser, "town-hall", &[]).await;
        let mut submits = Vec::new();
        for service in services {
            let start = world.sp(service).authorization_url(&[]);
            let answer = browser.visit(&start).await;
            let page = browser.follow_redirects(answer, "https://").await;
            submits.push((browser.clone(), page));
        }
        let submits: Vec<_> = submits
            .into_iter()
            .map(|(mut tab, page)| {
                actix_web::rt::spawn(async move {
                    let left = tab.submit(&page, &page.page.first_form()).await;
                    assert!(left.unwrap().page.refresh().is_some());
                })
            })
            .collect();
        for submit in submits {
            submit.await.unwrap();
        }

        for service in services {
            let sp = world.sp(service);
            let answer = ask(&mut browser, &sp, &[]).await;
            assert_eq!(error(&answer), "", "{service}");
        }
    }
}
