//! The audit stream: what it must not hold, and what must not happen without it.

use hub_demo::Person;
use hub_tests::{AuditFile, Browser, Opening, Returned, World};
use serde_json::Value;

fn traced(audit: &AuditFile) -> World {
    World::open_with(Opening {
        audit: Some(audit.path()),
        sessions: true,
        ..Opening::default()
    })
    .unwrap()
}

#[actix_web::test]
async fn the_audit_stream_holds_no_person_and_no_secret() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let sp = world.service("canteen").unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let scope = ("scope", "openid profile email fiscal_income");
    let mut browser = Browser::new().unwrap();
    let start = sp.request(&[scope]).unwrap();
    let arrival = world
        .log_in(&mut browser, &start, "boussole", "helene")
        .await
        .unwrap();
    let returned = Returned::from(&arrival);
    let (_, tokens) = sp
        .token(&sp.token_fields(returned.get("code")))
        .await
        .unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    let claims = sp.claims(access).await.unwrap();
    let (_, made) = sp.exchange(access, &taxes.resource(), &[]).await.unwrap();
    let made = made["access_token"].as_str().unwrap();
    let told = taxes.told(made).await.unwrap();
    sp.post("/token/revocation", &[("token", access)])
        .await
        .unwrap();

    let person = Person::named("helene").unwrap();
    let civil = &person.civil_status;
    let text = audit.text().unwrap();
    for marker in [
        civil.given_names[0].as_str(),
        &civil.family_name,
        "AUBIGN",
        &civil.birthdate,
        &civil.birthplace,
        "LE ROY",
        "helene",
        claims["sub"].as_str().unwrap(),
        told["sub"].as_str().unwrap(),
        access,
        made,
        returned.get("code"),
        &sp.state,
        &sp.nonce,
        &sp.verifier,
        tokens["id_token"].as_str().unwrap(),
        browser.cookies().split_once('=').unwrap().1,
    ] {
        assert!(!text.contains(marker), "{marker}");
    }
    assert!(text.contains("identity_verified") && text.contains("token_revoked"));
}

#[actix_web::test]
async fn no_line_of_the_audit_stream_joins_an_idp_with_a_service_or_a_person() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let mut aliases = Vec::new();
    for (service, idp) in [("town-hall", "boussole"), ("library", "citadelle")] {
        let sp = world.service(service).unwrap();
        let start = sp.request(&[]).unwrap();
        let mut browser = Browser::new().unwrap();
        let arrival = world
            .log_in(&mut browser, &start, idp, "angela")
            .await
            .unwrap();
        sp.learn(&arrival).await.unwrap();
    }

    for line in audit.lines().unwrap() {
        let has = |name: &str| line.get(name).is_some();
        let sides = ["idp", "service", "person"].map(has);
        let sides = sides.iter().filter(|there| **there).count();
        assert!(sides <= 1, "{line}");
        if let Some(alias) = line["person"].as_str() {
            aliases.push(alias.to_owned());
        }
    }
    assert_eq!(aliases.len(), 2);
    assert_eq!(aliases[0], aliases[1], "one person has one alias");
    assert_eq!(aliases[0].len(), 43);
}

#[actix_web::test]
async fn without_a_trace_nobody_is_signed_in_and_nothing_is_told() {
    let (audit, reader) = AuditFile::pipe().unwrap();
    let world = traced(&audit);
    let sp = world.service("canteen").unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let scope = [("scope", "openid fiscal_income")];
    let tokens = world.tokens(&sp, &scope, &[]).await.unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    let (_, made) = sp.exchange(access, &taxes.resource(), &[]).await.unwrap();
    let made = made["access_token"].as_str().unwrap();
    let code = world.code(&sp, &scope, &[]).await.unwrap();
    let start = sp.request(&scope).unwrap();
    let (mut reading, review) = world.outcome(&start, "boussole", "angela").await.unwrap();

    drop(reader);
    let page = Browser::new().unwrap().get(&start).await.unwrap();
    let form = review.page.form().unwrap();
    let agreed = reading.submit(&review, &form).await.unwrap();
    for page in [page, agreed] {
        assert_eq!(page.status, 503);
        assert_eq!(page.page.code().as_deref(), Some("L4003"));
    }
    let refused = |(status, body): (u16, Value)| (status, body["error"].clone());
    let unavailable = (503, Value::from("temporarily_unavailable"));
    let answer = sp.token(&sp.token_fields(&code)).await.unwrap();
    assert_eq!(refused(answer), unavailable);
    let answer = sp.exchange(access, &taxes.resource(), &[]).await.unwrap();
    assert_eq!(refused(answer), unavailable);
    let answer = taxes.ask(made).await.unwrap();
    assert_eq!(refused((answer.status, answer.json())), unavailable);
    assert_eq!(sp.userinfo(access).await.unwrap().0, 503);

    let again = audit.reader().unwrap();
    assert_eq!(
        taxes.told(made).await.unwrap()["active"],
        true,
        "it heals by itself"
    );
    assert_eq!(sp.userinfo(access).await.unwrap().0, 200);
    let fresh = world.tokens(&sp, &scope, &[]).await.unwrap();
    assert!(fresh["access_token"].is_string());
    drop(again);
}

#[actix_web::test]
async fn what_ends_access_is_never_refused_for_want_of_a_trace() {
    let (audit, reader) = AuditFile::pipe().unwrap();
    let world = traced(&audit);
    let mut browser = Browser::new().unwrap();
    let (raw, _) = world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();
    let sp = world.service("canteen").unwrap();
    let tokens = world
        .tokens(&sp, &[("scope", "openid email")], &[])
        .await
        .unwrap();
    let access = tokens["access_token"].as_str().unwrap();

    drop(reader);
    let revoked = sp.post("/token/revocation", &[("token", access)]).await;
    let end = world.end(&[("id_token_hint", &raw)]).unwrap();
    world.go(&mut browser, &end).await.unwrap();
    let again = audit.reader().unwrap();

    assert_eq!(revoked.unwrap().0, 200);
    assert_eq!(sp.userinfo(access).await.unwrap().0, 401);
    assert!(!world.is_signed_in(&mut browser).await.unwrap());
    drop(again);
}

#[actix_web::test]
async fn a_pipe_that_nobody_empties_stops_no_more_than_the_logins() {
    let (audit, reader) = AuditFile::pipe().unwrap();
    let world = traced(&audit);
    let taxes = world.data_provider("taxes").unwrap();
    let unknown = "A".repeat(43);
    let ask = async || taxes.ask(&unknown).await.unwrap();
    let mut asked = 0;
    while ask().await.status == 200 {
        asked += 1;
        assert!(asked < 2000, "the pipe is never full");
    }

    let begun = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(ask().await.status, 503);
    }
    let keys = world
        .service("library")
        .unwrap()
        .get("/jwks")
        .await
        .unwrap();

    assert!(
        begun.elapsed() < std::time::Duration::from_secs(3),
        "nobody waits for it twice"
    );
    assert!(keys.contains("\"keys\""));
    AuditFile::empty(&reader).unwrap();
    let mut tries = 0;
    while ask().await.status != 200 {
        tries += 1;
        assert!(tries < 200, "it does not heal");
    }
}

#[actix_web::test]
async fn a_login_that_could_not_be_traced_is_not_lost() {
    let (audit, reader) = AuditFile::pipe().unwrap();
    let world = traced(&audit);
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let mut browser = Browser::new().unwrap();
    let answer = browser.get(&start).await.unwrap();
    let choice = browser.follow(answer, "https://").await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap();

    drop(reader);
    let refused = browser.follow(back, "https://").await.unwrap();
    let again = audit.reader().unwrap();
    let choice = browser.get(&choice.url).await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap();
    let review = browser.follow(back, "https://").await.unwrap();

    assert_eq!(refused.page.code().as_deref(), Some("L4003"));
    assert!(
        review.page.html().contains("DUBOIS"),
        "{}",
        review.page.html()
    );
    drop(again);
}
