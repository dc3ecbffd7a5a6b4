//! The register of persons corrects a citizen in the middle of a session.

use hub_tests::{Browser, JsonExt, Listener, Returned, unverified_claims};
use serde_json::Value;

use crate::register::Register;

const FOUND: &str = "{\"outcome\":\"found\"}";
const CORRECTED: &str = "{\"outcome\":\"corrected\",\"identity\":{\"given_name\":\"Angèle\",\
                         \"family_name\":\"DUBOYS\",\"birthdate\":\"1962-08-25\",\
                         \"birthplace\":\"75108\",\"birthcountry\":\"99100\"}}";

fn open(told: &Listener) -> Register {
    let line = format!(
        "allow_prompt_none = true\nidps = {{ allow = [\"corail\"] }}\nbackchannel_logout_uri = \"{}\"\nclient_id",
        told.url
    );
    let line: &'static str = Box::leak(line.into_boxed_str());
    let edits = ["services/curious.toml", "services/registry.toml"];
    let edits = edits.map(|file| (file, "client_id", line));
    Register::open_with_edits("check_sessions = true\n", edits.to_vec())
}

fn says(register: &Register, body: &str) {
    *register.said.lock().unwrap() = (200, body.to_owned());
}

/// The `sub` of a logout token that a service received.
fn logged_out(body: &str) -> Value {
    let token = body.strip_prefix("logout_token=").unwrap();
    unverified_claims(token)["sub"].clone()
}

/// What `service` reads of a request without a page: the code or the error.
async fn silently(register: &Register, browser: &mut Browser, service: &'static str) -> String {
    let sp = register.world.sp(service);
    let start = sp.authorization_url(&[("prompt", "none")]);
    let answer = Returned::from(&browser.visit(&start).await.redirect_url());
    let is_answered = !answer.get("code").is_empty();
    let outcome = if is_answered {
        "code"
    } else {
        answer.get("error")
    };
    outcome.to_owned()
}

#[actix_web::test]
async fn a_service_is_logged_out_under_the_sub_that_it_received_before_a_correction() {
    let told = Listener::start(&[]);
    let register = open(&told);
    let world = &register.world;
    says(&register, FOUND);
    let (curious, registry) = (world.sp("curious"), world.sp("registry"));
    let start = curious.authorization_url(&[]);
    let (mut browser, review) = world.login_in_new_browser(&start, "corail", "angela").await;
    let response = world.consent(&mut browser, &review).await;
    let (earlier, _) = curious.fetch_claims(&response).await;

    says(&register, CORRECTED);
    let start = registry.authorization_url(&[]);
    let review = world.visit(&mut browser, &start).await;
    assert!(review.page.html().contains("DUBOYS"));
    let response = world.consent(&mut browser, &review).await;
    let (corrected, _) = registry.fetch_claims(&response).await;

    // The session of another person has ended, and one of the corrected person has begun.
    let notices = told.wait_for(1).await;
    assert_eq!(logged_out(&notices[0]), earlier["sub"]);
    assert_eq!(
        silently(&register, &mut browser, "curious").await,
        "login_required"
    );
    // It is the one that the page showed and whose `sub` the service has.
    assert_eq!(silently(&register, &mut browser, "registry").await, "code");
    let hint = [("sub", corrected["sub"].text())];
    let sid = world.sid_at_idp("corail");
    let token = world
        .demo_idp("corail")
        .logout_token(serde_json::json!({"sid": sid}));
    let body = [("logout_token".to_owned(), token.unwrap())];
    let url = world.hub_url("/backchannel/corail");
    let ended = Browser::open().post_form(&url, &body).await;
    assert_eq!(ended.status, 200);
    let notices = told.wait_for(2).await;
    assert_eq!(logged_out(&notices[1]), hint[0].1);
    assert!(!world.has_session(&mut browser).await);
}
