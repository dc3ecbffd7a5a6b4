//! The incident id on the choice page leads to a log line that says which endpoint failed, and why.

use hub_demo::FaultInjection;
use hub_tests::{Answer, Browser, Log, Opening, World};
use serde_json::{Value, json};

/// The line of the failed attempt that `incident` leads to.
fn line(log: &Log, incident: &str) -> Value {
    let text = log.text();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["incident"] == incident)
        .filter(|line| line["message"] == "an attempt to sign in failed")
        .collect();
    assert_eq!(lines.len(), 1, "one line for {incident}: {lines:?}");
    lines.into_iter().next().unwrap()
}

fn incident(page: &Answer) -> String {
    let html = page.page.html();
    let mut codes = html
        .split("<code>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap());
    codes.find(|code| code.len() == 32).unwrap().to_owned()
}

/// The log line of a sign-in by `person` at `idp`, which has to lead back to the choice page.
async fn failed(world: &World, idp: &'static str, (person, acr): (&str, &str)) -> Value {
    let log = Log::of_warnings();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[("acr_values", acr)]).unwrap();
    let mut browser = Browser::new().unwrap();
    let page = world
        .to_review(&mut browser, &start, idp, person)
        .await
        .unwrap();
    let line = line(log, &incident(&page));
    assert_eq!(line["idp.id"], idp);
    let text = line.to_string().to_lowercase();
    let cookies = browser.cookies();
    for secret in [
        "town-hall",
        "dubois",
        "angela",
        sp.state.as_str(),
        sp.nonce.as_str(),
        cookies.split_once('=').unwrap().1,
        world.issuer.as_str(),
    ] {
        assert!(!text.contains(&secret.to_lowercase()), "{secret} in {text}");
    }
    line
}

const ANGELA: (&str, &str) = ("angela", "eidas1");

#[actix_web::test]
async fn the_log_line_of_a_failed_sign_in_names_endpoint_cause_status_and_error_code() {
    for (fault_injection, endpoint, cause, status, error) in [
        (
            FaultInjection::TokenServerError,
            "token",
            "unexpected status",
            json!(500),
            Value::Null,
        ),
        (
            FaultInjection::RefusesCode,
            "token",
            "error response",
            json!(400),
            json!("invalid_grant"),
        ),
        (
            FaultInjection::UnregisteredError,
            "token",
            "error response",
            json!(400),
            json!("other"),
        ),
        (
            FaultInjection::TokenRedirect,
            "token",
            "unreadable answer",
            json!(307),
            Value::Null,
        ),
        (
            FaultInjection::Giant,
            "token",
            "an answer that is too large",
            Value::Null,
            Value::Null,
        ),
        (
            FaultInjection::Declines,
            "authorization",
            "error response",
            Value::Null,
            json!("access_denied"),
        ),
    ] {
        let world = World::open().unwrap();
        world
            .idp("boussole")
            .unwrap()
            .misbehave(Some(fault_injection));

        let line = failed(&world, "boussole", ANGELA).await;

        assert_eq!(
            (
                &line["endpoint"],
                &line["cause"],
                &line["status"],
                &line["idp_error"]
            ),
            (&json!(endpoint), &json!(cause), &status, &error),
            "{fault_injection:?}"
        );
    }
}

#[actix_web::test]
async fn the_log_line_says_what_is_wrong_with_a_token() {
    for (fault_injection, endpoint, cause) in [
        (
            FaultInjection::AlgNone,
            "token",
            "a token signed with an algorithm that is not allowed",
        ),
        (
            FaultInjection::HmacWithPublicKey,
            "token",
            "a token signed with an algorithm that is not allowed",
        ),
        (
            FaultInjection::ForeignKey,
            "token",
            "a token signed with an unknown key",
        ),
        (
            FaultInjection::BadSignature,
            "token",
            "a token whose signature is wrong",
        ),
        (
            FaultInjection::Expired,
            "token",
            "claim exp: expired, missing or malformed",
        ),
        (
            FaultInjection::ForeignIssuer,
            "token",
            "claim iss: wrong issuer",
        ),
        (
            FaultInjection::ForeignAudience,
            "token",
            "claim aud: wrong audience",
        ),
        (
            FaultInjection::WrongNonce,
            "token",
            "claim nonce: of another sign-in, or missing",
        ),
        (
            FaultInjection::UserinfoOfAnother,
            "userinfo",
            "claim sub: wrong, missing or malformed",
        ),
    ] {
        let world = World::open().unwrap();
        world
            .idp("boussole")
            .unwrap()
            .misbehave(Some(fault_injection));

        let line = failed(&world, "boussole", ANGELA).await;

        assert_eq!(
            (&line["endpoint"], &line["cause"], &line["code"]),
            (&json!(endpoint), &json!(cause), &json!("L3003")),
            "{fault_injection:?}"
        );
    }
}

#[actix_web::test]
async fn the_log_line_tells_silence_and_a_closed_port_apart() {
    let edits = vec![("idps/boussole.toml", "timeout = 2", "timeout = 1")];
    let world = World::open_with(Opening {
        edits,
        ..Opening::default()
    })
    .unwrap();
    let idp = world.idp("boussole").unwrap();
    idp.misbehave(Some(FaultInjection::Hangs));

    let silent = failed(&world, "boussole", ANGELA).await;

    // Nothing listens at port 1.
    let (from, to) = (
        "issuer = \"http://127.0.0.1:",
        "issuer = \"http://127.0.0.1:1/",
    );
    let edits = vec![("idps/boussole.toml", from, to)];
    let world = World::open_with(Opening {
        edits,
        ..Opening::default()
    })
    .unwrap();
    let log = Log::of_warnings();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    let choice = browser.follow(answer, "https://").await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let page = browser.follow(departure, "https://").await.unwrap();
    let closed = line(log, &incident(&page));

    for (line, endpoint, cause) in [
        (silent, "token", "no answer in time"),
        (closed, "discovery", "connection refused"),
    ] {
        assert_eq!(
            (&line["endpoint"], &line["cause"], &line["code"]),
            (&json!(endpoint), &json!(cause), &json!("L3002"))
        );
    }
}

#[actix_web::test]
async fn an_attempt_that_fails_without_a_fault_of_the_idp_has_a_log_line_too() {
    let world = World::open().unwrap();
    world
        .idp("boussole")
        .unwrap()
        .misbehave(Some(FaultInjection::LowLevel));

    let line = failed(&world, "boussole", ("angela", "eidas2")).await;

    assert_eq!(
        (&line["cause"], &line["code"], &line["endpoint"]),
        (
            &json!("level below the one asked"),
            &json!("L3004"),
            &Value::Null
        )
    );
}
