//! The audit stream: each step leaves its trace, in order and whole.

use hub_demo::Mischief;
use hub_tests::{AuditFile, Browser, Opening, Returned, World, claims_of};
use serde_json::{Value, json};

fn traced(audit: &AuditFile) -> World {
    World::open_with(Opening {
        audit: Some(audit.path()),
        sessions: true,
        ..Opening::default()
    })
    .unwrap()
}

/// The lines since the last login that a service asked for.
fn last_login(audit: &AuditFile) -> Vec<Value> {
    let mut lines = audit.lines().unwrap();
    let mut asked = lines.iter();
    let asked = asked.rposition(|line| line["event"] == "login_requested");
    lines.split_off(asked.unwrap())
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect()
}

fn line<'a>(lines: &'a [Value], event: &str) -> &'a Value {
    lines.iter().find(|line| line["event"] == event).unwrap()
}

#[actix_web::test]
async fn each_step_of_a_login_leaves_its_trace_in_order() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let sp = world.service("canteen").unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let scope = [("scope", "openid email fiscal_income")];
    let tokens = world.tokens(&sp, &scope, &[]).await.unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    sp.claims(access).await.unwrap();
    let (_, made) = sp.exchange(access, &taxes.resource(), &[]).await.unwrap();
    let told = taxes
        .told(made["access_token"].as_str().unwrap())
        .await
        .unwrap();
    sp.post("/token/revocation", &[("token", access)])
        .await
        .unwrap();

    let lines = last_login(&audit);
    assert_eq!(
        events(&lines),
        [
            "login_requested",
            "choice_shown",
            "idp_chosen",
            "idp_returned",
            "idp_answered",
            "identity_verified",
            "review_shown",
            "agreed",
            "service_answered",
            "token_given",
            "userinfo_given",
            "token_given",
            "token_checked",
            "token_revoked",
        ]
    );
    let asked = line(&lines, "login_requested");
    assert_eq!(asked["scope"], "openid email fiscal_income");
    assert_eq!(
        (&asked["service"], &asked["acr"]),
        (&json!("canteen"), &json!("eidas1"))
    );
    assert_eq!(line(&lines, "idp_answered")["outcome"], "identified");
    let agreed = line(&lines, "agreed");
    assert_eq!(agreed["claims"], json!(["email", "email_verified"]));
    assert_eq!(
        agreed["data"],
        json!([{"data_provider": "taxes", "scopes": ["fiscal_income"], "basis": "information"}])
    );
    let receipt = claims_of(tokens["consent_receipt"].as_str().unwrap()).unwrap();
    assert_eq!(agreed["text_digest"], receipt["text_digest"]);
    assert_eq!(agreed["login"], receipt["jti"]);
    let checked = line(&lines, "token_checked");
    assert_eq!(
        (&checked["outcome"], &checked["jti"]),
        (&json!("active"), &told["jti"])
    );
    let report = audit.report().unwrap();
    assert_eq!((report.torn, report.faults), (vec![], vec![]));
}

#[actix_web::test]
async fn what_goes_wrong_leaves_its_trace_as_well() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let sp = world.service("town-hall").unwrap();
    let mut browser = Browser::new().unwrap();
    let boussole = world.idp("boussole").unwrap();
    boussole.misbehave(Some(Mischief::MalformedBirthdate));
    let start = sp.request(&[]).unwrap();
    let choice = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    boussole.misbehave(None);
    let cancel = browser.click(&choice, "cancel").await.unwrap();
    assert!(cancel.header("location").unwrap().contains("access_denied"));

    let lines = last_login(&audit);
    assert_eq!(
        events(&lines),
        [
            "login_requested",
            "choice_shown",
            "idp_chosen",
            "idp_returned",
            "idp_answered",
            "set_back",
            "choice_shown",
            "login_cancelled",
        ]
    );
    assert_eq!(line(&lines, "idp_answered")["outcome"], "incomplete");
    assert_eq!(line(&lines, "set_back")["code"], "L3005");

    let url = sp.request(&[("scope", "openid login")]).unwrap();
    browser.get(&url).await.unwrap();
    let refused = audit.last().unwrap();
    assert_eq!(
        (&refused["event"], &refused["service"], &refused["error"]),
        (
            &json!("login_refused"),
            &json!("town-hall"),
            &json!("invalid_scope")
        )
    );
    sp.token(&sp.token_fields(&"A".repeat(43))).await.unwrap();
    let refused = audit.last().unwrap();
    assert_eq!(
        (&refused["event"], &refused["service"], &refused["error"]),
        (
            &json!("token_refused"),
            &json!("town-hall"),
            &json!("invalid_grant")
        )
    );
}

#[actix_web::test]
async fn a_session_and_its_end_leave_their_traces() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let mut browser = Browser::new().unwrap();
    let first = world.service("town-hall").unwrap();
    world
        .log_in(
            &mut browser,
            &first.request(&[]).unwrap(),
            "boussole",
            "angela",
        )
        .await
        .unwrap();
    let (raw, _) = world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();
    let known = last_login(&audit);
    let end = world.end(&[("id_token_hint", &raw)]).unwrap();
    world.go(&mut browser, &end).await.unwrap();

    assert_eq!(
        events(&known),
        [
            "login_requested",
            "session_recognised",
            "review_shown",
            "agreed",
            "service_answered",
            "token_given",
        ]
    );
    let lines = audit.lines().unwrap();
    let names = events(&lines);
    assert!(
        names.ends_with(&["logout_requested", "session_ended", "idp_logout_visited"]),
        "{names:?}"
    );
    assert_eq!(line(&lines, "logout_requested")["service"], "library");
}

#[actix_web::test]
async fn the_register_is_in_the_traces_by_its_answer_alone() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    world.outcome(&start, "corail", "angela").await.unwrap();

    let lines = last_login(&audit);
    assert_eq!(line(&lines, "register_answered")["outcome"], "known");
}

#[actix_web::test]
async fn addresses_are_written_where_the_operator_says_so_and_nowhere_else() {
    for (edit, address, port) in [
        ("", Value::Null, false),
        ("\naddresses = true\n", json!("127.0.0.1"), true),
    ] {
        let audit = AuditFile::new();
        let opening = Opening {
            audit: Some(audit.path()),
            edits: vec![(
                "hub.toml",
                "[audit]",
                Box::leak(format!("[audit]{edit}").into_boxed_str()),
            )],
            ..Opening::default()
        };
        let world = World::open_with(opening).unwrap();
        let start = world.service("town-hall").unwrap().request(&[]).unwrap();
        let mut browser = Browser::new().unwrap().speaking("fr");
        browser.get(&start).await.unwrap();

        let asked = last_login(&audit);
        let asked = line(&asked, "login_requested");
        assert_eq!(
            (&asked["address"], asked["port"].is_u64()),
            (&address, port),
            "{edit}"
        );
    }
}

#[actix_web::test]
async fn silence_is_in_the_traces_as_what_it_stands_upon() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let sp = world.service("canteen").unwrap();
    let mut browser = Browser::new().unwrap();
    let scope = ("scope", "openid email");
    let start = sp.request(&[scope]).unwrap();
    world
        .log_in(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let silent = sp.request(&[scope, ("prompt", "none")]).unwrap();
    let answer = browser.get(&silent).await.unwrap();
    let location = url::Url::parse(answer.header("location").unwrap()).unwrap();
    assert_eq!(Returned::from(&location).get("error"), "");

    let lines = last_login(&audit);
    assert_eq!(
        events(&lines),
        [
            "login_requested",
            "session_recognised",
            "agreed",
            "service_answered",
        ]
    );
    assert_eq!(line(&lines, "agreed")["basis"], "session");
    let person = &line(&lines, "session_recognised")["person"];
    let all = audit.lines().unwrap();
    assert_eq!(
        person,
        &line(&all, "identity_verified")["person"],
        "one person has one alias"
    );
    assert_eq!(line(&lines, "session_recognised")["acr"], "eidas2");

    let silent = sp.request(&[scope, ("prompt", "none")]).unwrap();
    Browser::new().unwrap().get(&silent).await.unwrap();
    let refused = last_login(&audit);
    assert_eq!(events(&refused), ["login_requested", "login_refused"]);
    assert_eq!(line(&refused, "login_refused")["error"], "login_required");
}

#[actix_web::test]
async fn what_is_refused_to_an_authenticated_party_leaves_its_trace() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let sp = world.service("canteen").unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let last = |event: &str, error: &str| {
        let line = audit.last().unwrap();
        assert_eq!(
            (&line["event"], &line["error"]),
            (&json!(event), &json!(error))
        );
        line
    };

    sp.token(&sp.token_fields(&"A".repeat(43))).await.unwrap();
    assert_eq!(last("token_refused", "invalid_grant")["service"], "canteen");
    sp.post("/token/revocation", &[]).await.unwrap();
    assert_eq!(
        last("revocation_refused", "invalid_request")["service"],
        "canteen"
    );
    let proof = taxes.proof("").unwrap();
    taxes
        .raw("/token/introspection", &[], &proof)
        .await
        .unwrap();
    assert_eq!(
        last("token_check_refused", "invalid_request")["data_provider"],
        "taxes"
    );
    let code = world
        .code(&sp, &[("scope", "openid email")], &[])
        .await
        .unwrap();
    for _ in 0..2 {
        sp.token(&sp.token_fields(&code)).await.unwrap();
    }
    let lines = audit.lines().unwrap();
    let names = events(&lines);
    assert!(
        names.ends_with(&["token_given", "token_revoked", "token_refused"]),
        "{names:?}"
    );
}

#[actix_web::test]
async fn an_error_page_within_a_login_leaves_its_incident_id_in_the_trace() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    world.agree(&mut browser, &review).await.unwrap();
    let reloaded = browser.get(&review.url).await.unwrap();

    assert_eq!(reloaded.page.code().as_deref(), Some("L1005"));
    let told = audit.last().unwrap();
    assert_eq!(
        (&told["event"], &told["code"]),
        (&json!("error_shown"), &json!("L1005"))
    );
    let incident = told["incident"].as_str().unwrap();
    assert!(reloaded.page.html().contains(incident));
}
