//! The audit stream: each step leaves its trace, in order and whole.

use hub_demo::FaultInjection;
use hub_tests::{AuditFile, Browser, JsonExt, Returned, World, WorldOptions, unverified_claims};
use serde_json::{Value, json};

fn traced(audit: &AuditFile) -> World {
    World::start_with(WorldOptions {
        audit: Some(audit.path()),
        sessions: true,
        ..WorldOptions::default()
    })
}

/// The lines since the last login that a service asked for.
fn last_login(audit: &AuditFile) -> Vec<Value> {
    let mut lines = audit.events();
    let mut asked = lines.iter();
    let asked = asked.rposition(|line| line["event"] == "login_requested");
    lines.split_off(asked.unwrap())
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].text()).collect()
}

fn line<'a>(lines: &'a [Value], event: &str) -> &'a Value {
    lines.iter().find(|line| line["event"] == event).unwrap()
}

#[actix_web::test]
async fn each_step_of_a_login_leaves_its_trace_in_order() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let sp = world.sp("canteen");
    let taxes = world.dp("taxes");
    let scope = [("scope", "openid email fiscal_income")];
    let tokens = world.login_for_tokens(&sp, &scope, &[]).await;
    let access = tokens["access_token"].text();
    sp.fetch_userinfo_claims(access).await;
    let (_, made) = sp.exchange_token(access, &taxes.resource(), &[]).await;
    let told = taxes.introspect(made["access_token"].text()).await;
    sp.post_form("/token/revocation", &[("token", access)])
        .await;

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
            "consent_recorded",
            "authorization_response_sent",
            "token_issued",
            "userinfo_sent",
            "token_issued",
            "token_introspected",
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
    let agreed = line(&lines, "consent_recorded");
    assert_eq!(agreed["claims"], json!(["email", "email_verified"]));
    assert_eq!(
        agreed["data"],
        json!([{"data_provider": "taxes", "scopes": ["fiscal_income"], "basis": "information"}])
    );
    let receipt = unverified_claims(tokens["consent_receipt"].text());
    assert_eq!(agreed["text_digest"], receipt["text_digest"]);
    assert_eq!(agreed["login"], receipt["jti"]);
    let checked = line(&lines, "token_introspected");
    assert_eq!(
        (&checked["outcome"], &checked["jti"]),
        (&json!("active"), &told["jti"])
    );
    let report = audit.verification();
    assert_eq!((report.torn, report.problems), (vec![], vec![]));
}

#[actix_web::test]
async fn what_goes_wrong_leaves_its_trace_as_well() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let sp = world.sp("town-hall");
    let mut browser = Browser::open();
    let boussole = world.demo_idp("boussole");
    boussole.misbehave(Some(FaultInjection::MalformedBirthdate));
    let start = sp.authorization_url(&[]);
    let choice = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;
    boussole.misbehave(None);
    let cancel = browser.click_link(&choice, "cancel").await;
    assert!(cancel.expect_header("location").contains("access_denied"));

    let lines = last_login(&audit);
    assert_eq!(
        events(&lines),
        [
            "login_requested",
            "choice_shown",
            "idp_chosen",
            "idp_returned",
            "idp_answered",
            "idp_attempt_failed",
            "choice_shown",
            "login_cancelled",
        ]
    );
    assert_eq!(line(&lines, "idp_answered")["outcome"], "incomplete");
    assert_eq!(line(&lines, "idp_attempt_failed")["code"], "L3005");

    let url = sp.authorization_url(&[("scope", "openid login")]);
    browser.visit(&url).await;
    let refused = audit.last_event();
    assert_eq!(
        (&refused["event"], &refused["service"], &refused["error"]),
        (
            &json!("login_refused"),
            &json!("town-hall"),
            &json!("invalid_scope")
        )
    );
    sp.request_tokens(&sp.token_fields(&"A".repeat(43))).await;
    let refused = audit.last_event();
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
    let mut browser = Browser::open();
    let first = world.sp("town-hall");
    world
        .complete_login(
            &mut browser,
            &first.authorization_url(&[]),
            "boussole",
            "angela",
        )
        .await;
    let (raw, _) = world
        .login_for_id_token(&mut browser, "library", "angela")
        .await;
    let known = last_login(&audit);
    let end = world.logout_url(&[("id_token_hint", &raw)]);
    world.visit(&mut browser, &end).await;

    assert_eq!(
        events(&known),
        [
            "login_requested",
            "session_recognised",
            "review_shown",
            "consent_recorded",
            "authorization_response_sent",
            "token_issued",
        ]
    );
    let lines = audit.events();
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
    let start = world.sp("town-hall").authorization_url(&[]);
    world.login_in_new_browser(&start, "corail", "angela").await;

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
        let opening = WorldOptions {
            audit: Some(audit.path()),
            edits: vec![(
                "hub.toml",
                "[audit]",
                Box::leak(format!("[audit]{edit}").into_boxed_str()),
            )],
            ..WorldOptions::default()
        };
        let world = World::start_with(opening);
        let start = world.sp("town-hall").authorization_url(&[]);
        let mut browser = Browser::open().speaking("fr");
        browser.visit(&start).await;

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
    let sp = world.sp("canteen");
    let mut browser = Browser::open();
    let scope = ("scope", "openid email");
    let start = sp.authorization_url(&[scope]);
    world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;
    let silent = sp.authorization_url(&[scope, ("prompt", "none")]);
    let answer = browser.visit(&silent).await;
    let location = url::Url::parse(answer.expect_header("location")).unwrap();
    assert_eq!(Returned::from(&location).get("error"), "");

    let lines = last_login(&audit);
    assert_eq!(
        events(&lines),
        [
            "login_requested",
            "session_recognised",
            "consent_recorded",
            "authorization_response_sent",
        ]
    );
    assert_eq!(line(&lines, "consent_recorded")["basis"], "session");
    let person = &line(&lines, "session_recognised")["person"];
    let all = audit.events();
    assert_eq!(
        person,
        &line(&all, "identity_verified")["person"],
        "one person has one alias"
    );
    assert_eq!(line(&lines, "session_recognised")["acr"], "eidas2");

    let silent = sp.authorization_url(&[scope, ("prompt", "none")]);
    Browser::open().visit(&silent).await;
    let refused = last_login(&audit);
    assert_eq!(events(&refused), ["login_requested", "login_refused"]);
    assert_eq!(line(&refused, "login_refused")["error"], "login_required");
}

#[actix_web::test]
async fn what_is_refused_to_an_authenticated_party_leaves_its_trace() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let sp = world.sp("canteen");
    let taxes = world.dp("taxes");
    let last = |event: &str, error: &str| {
        let line = audit.last_event();
        assert_eq!(
            (&line["event"], &line["error"]),
            (&json!(event), &json!(error))
        );
        line
    };

    sp.request_tokens(&sp.token_fields(&"A".repeat(43))).await;
    assert_eq!(last("token_refused", "invalid_grant")["service"], "canteen");
    sp.post_form("/token/revocation", &[]).await;
    assert_eq!(
        last("revocation_refused", "invalid_request")["service"],
        "canteen"
    );
    let proof = taxes.client_authentication("");
    taxes.post_fields("/token/introspection", &[], &proof).await;
    assert_eq!(
        last("introspection_refused", "invalid_request")["data_provider"],
        "taxes"
    );
    let code = world
        .login_for_code(&sp, &[("scope", "openid email")], &[])
        .await;
    for _ in 0..2 {
        sp.request_tokens(&sp.token_fields(&code)).await;
    }
    let lines = audit.events();
    let names = events(&lines);
    assert!(
        names.ends_with(&["token_issued", "token_revoked", "token_refused"]),
        "{names:?}"
    );
}

#[actix_web::test]
async fn an_error_page_within_a_login_leaves_its_incident_id_in_the_trace() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let review = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;
    world.consent(&mut browser, &review).await;
    let reloaded = browser.visit(&review.url).await;

    assert_eq!(reloaded.page.code().as_deref(), Some("L1005"));
    let told = audit.last_event();
    assert_eq!(
        (&told["event"], &told["code"]),
        (&json!("error_shown"), &json!("L1005"))
    );
    let incident = told["incident"].text();
    assert!(reloaded.page.html().contains(incident));
}
