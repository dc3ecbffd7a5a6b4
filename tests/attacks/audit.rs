//! The audit stream: what it must not hold, and what must not happen without it.

use hub_demo::Person;
use hub_tests::{AuditFile, Browser, JsonExt, Returned, World, WorldOptions};
use serde_json::Value;

fn traced(audit: &AuditFile) -> World {
    World::start_with(WorldOptions {
        audit: Some(audit.path()),
        sessions: true,
        ..WorldOptions::default()
    })
}

#[actix_web::test]
async fn the_audit_stream_holds_no_person_and_no_secret() {
    let audit = AuditFile::new();
    let world = traced(&audit);
    let sp = world.sp("canteen");
    let taxes = world.dp("taxes");
    let scope = ("scope", "openid profile email fiscal_income");
    let mut browser = Browser::open();
    let start = sp.authorization_url(&[scope]);
    let authentication = world
        .complete_login(&mut browser, &start, "boussole", "helene")
        .await;
    let returned = Returned::from(&authentication);
    let (_, tokens) = sp
        .request_tokens(&sp.token_fields(returned.get("code")))
        .await;
    let access = tokens["access_token"].text();
    let claims = sp.fetch_userinfo_claims(access).await;
    let (_, made) = sp.exchange_token(access, &taxes.resource(), &[]).await;
    let made = made["access_token"].text();
    let told = taxes.introspect(made).await;
    sp.post_form("/token/revocation", &[("token", access)])
        .await;

    let person = Person::named("helene").unwrap();
    let civil = &person.civil_status;
    let text = audit.contents();
    for marker in [
        civil.given_names[0].as_str(),
        &civil.family_name,
        "AUBIGN",
        &civil.birthdate,
        &civil.birthplace,
        "LE ROY",
        "helene",
        claims["sub"].text(),
        told["sub"].text(),
        access,
        made,
        returned.get("code"),
        &sp.state,
        &sp.nonce,
        &sp.verifier,
        tokens["id_token"].text(),
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
        let sp = world.sp(service);
        let start = sp.authorization_url(&[]);
        let mut browser = Browser::open();
        let authentication = world
            .complete_login(&mut browser, &start, idp, "angela")
            .await;
        sp.fetch_claims(&authentication).await;
    }

    for line in audit.events() {
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
    let (audit, reader) = AuditFile::open_pipe();
    let world = traced(&audit);
    let sp = world.sp("canteen");
    let taxes = world.dp("taxes");
    let scope = [("scope", "openid fiscal_income")];
    let tokens = world.login_for_tokens(&sp, &scope, &[]).await;
    let access = tokens["access_token"].text();
    let (_, made) = sp.exchange_token(access, &taxes.resource(), &[]).await;
    let made = made["access_token"].text();
    let code = world.login_for_code(&sp, &scope, &[]).await;
    let start = sp.authorization_url(&scope);
    let (mut reading, review) = world
        .login_in_new_browser(&start, "boussole", "angela")
        .await;

    drop(reader);
    let page = Browser::open().visit(&start).await;
    let form = review.page.first_form();
    let agreed = reading.submit_form(&review, &form).await;
    for page in [page, agreed] {
        assert_eq!(page.status, 503);
        assert_eq!(page.page.code().as_deref(), Some("L4003"));
    }
    let refused = |(status, body): (u16, Value)| (status, body["error"].clone());
    let unavailable = (503, Value::from("temporarily_unavailable"));
    let answer = sp.request_tokens(&sp.token_fields(&code)).await;
    assert_eq!(refused(answer), unavailable);
    let answer = sp.exchange_token(access, &taxes.resource(), &[]).await;
    assert_eq!(refused(answer), unavailable);
    let answer = taxes.request_introspection(made).await;
    assert_eq!(refused((answer.status, answer.json())), unavailable);
    assert_eq!(sp.fetch_userinfo(access).await.0, 503);

    let again = audit.open_reader();
    assert_eq!(
        taxes.introspect(made).await["active"],
        true,
        "it heals by itself"
    );
    assert_eq!(sp.fetch_userinfo(access).await.0, 200);
    let fresh = world.login_for_tokens(&sp, &scope, &[]).await;
    assert!(fresh["access_token"].is_string());
    drop(again);
}

#[actix_web::test]
async fn what_ends_access_is_never_refused_for_want_of_a_trace() {
    let (audit, reader) = AuditFile::open_pipe();
    let world = traced(&audit);
    let mut browser = Browser::open();
    let (raw, _) = world
        .login_for_id_token(&mut browser, "library", "angela")
        .await;
    let sp = world.sp("canteen");
    let tokens = world
        .login_for_tokens(&sp, &[("scope", "openid email")], &[])
        .await;
    let access = tokens["access_token"].text();

    drop(reader);
    let revoked = sp.post("/token/revocation", &[("token", access)]).await;
    let end = world.logout_url(&[("id_token_hint", &raw)]);
    world.visit(&mut browser, &end).await;
    let again = audit.open_reader();

    assert_eq!(revoked.unwrap().0, 200);
    assert_eq!(sp.fetch_userinfo(access).await.0, 401);
    assert!(!world.has_session(&mut browser).await);
    drop(again);
}

#[actix_web::test]
async fn a_pipe_that_nobody_empties_stops_no_more_than_the_logins() {
    let (audit, reader) = AuditFile::open_pipe();
    let world = traced(&audit);
    let taxes = world.dp("taxes");
    let unknown = "A".repeat(43);
    let ask = async || taxes.request_introspection(&unknown).await;
    let mut asked = 0;
    while ask().await.status == 200 {
        asked += 1;
        assert!(asked < 2000, "the pipe is never full");
    }

    let begun = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(ask().await.status, 503);
    }
    let keys = world.sp("library").fetch_text("/jwks").await;

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
    let (audit, reader) = AuditFile::open_pipe();
    let world = traced(&audit);
    let start = world.sp("town-hall").authorization_url(&[]);
    let mut browser = Browser::open();
    let answer = browser.visit(&start).await;
    let choice = browser.follow_redirects(answer, "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    let back = world
        .submit_credentials(&mut browser, &sign_in, "angela")
        .await;

    drop(reader);
    let refused = browser.follow_redirects(back, "https://").await;
    let again = audit.open_reader();
    let choice = browser.visit(&choice.url).await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    let back = world
        .submit_credentials(&mut browser, &sign_in, "angela")
        .await;
    let review = browser.follow_redirects(back, "https://").await;

    assert_eq!(refused.page.code().as_deref(), Some("L4003"));
    assert!(
        review.page.html().contains("DUBOIS"),
        "{}",
        review.page.html()
    );
    drop(again);
}
