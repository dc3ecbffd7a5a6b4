//! `prompt=none`: what the answers tell of the IdP to a service where the citizen has been.

use std::collections::BTreeSet;

use hub_tests::{Browser, Returned, World, WorldOptions};

/// An IdP that does not prove when the citizen authenticated.
const WITHOUT_TIME: (&str, &str, &str) = (
    "idps/boussole.toml",
    "client_id = \"lethe\"",
    "auth_time = \"not-proven\"\nauth_time_reason = \"annex 4\"\nclient_id = \"lethe\"",
);

const ASKED: [&[(&str, &str)]; 9] = [
    &[],
    &[("acr_values", "eidas2")],
    &[("acr_values", "eidas3")],
    &[("max_age", "86400")],
    &[("max_age", "0")],
    &[("acr_values", "eidas3"), ("max_age", "86400")],
    &[("claims", r#"{"id_token":{"auth_time":null}}"#)],
    &[("claims", r#"{"userinfo":{"phone_number":null}}"#)],
    &[("scope", "openid email phone"), ("acr_values", "eidas3")],
];

/// What the service hears of each request of [`ASKED`], of a citizen who read a page for the lowest level.
async fn heard(world: &World, idp: &str) -> Vec<String> {
    let mut browser = Browser::open();
    let sp = world.sp("curious");
    let scope = ("scope", "openid");
    let lowest = ("acr_values", "eidas1");
    let start = sp.authorization_url(&[scope, lowest]);
    world
        .complete_login(&mut browser, &start, idp, "helene")
        .await;
    let mut heard = Vec::new();
    for changes in ASKED {
        let basic = [("prompt", "none"), scope, lowest];
        let missing = basic
            .iter()
            .filter(|(name, _)| !changes.iter().any(|(other, _)| name == other));
        let changes: Vec<_> = missing.chain(changes).copied().collect();
        let answer = browser.visit(&sp.authorization_url(&changes)).await;
        let location = answer.expect_header("location");
        let returned = Returned::from(&answer.redirect_url());
        let location = location
            .replace(&sp.state, "STATE")
            .replace(&format!("code={}&", returned.get("code")), "code=CODE&")
            .replace(&format!("code={}", returned.get("code")), "code=CODE");
        let mut headers = answer.headers.clone();
        headers.retain(|(name, _)| !["date", "location"].contains(&name.as_str()));
        // The session's cookie, if any, is random.
        for (name, value) in &mut headers {
            if name == "set-cookie" {
                *value = value.split('=').next().unwrap_or_default().to_owned();
            }
        }
        headers.sort();
        heard.push(format!(
            "{} {location} {headers:?} {}",
            answer.status,
            answer.page.html()
        ));
    }
    heard
}

#[actix_web::test]
async fn prompt_none_does_not_tell_what_the_idp_could_do_beyond_what_was_read() {
    let silent = (
        "services/curious.toml",
        "client_id",
        "allow_prompt_none = true\nclient_id",
    );
    for edits in [vec![silent], vec![silent, WITHOUT_TIME]] {
        let world = World::start_with(WorldOptions {
            sessions: true,
            edits,
            ..WorldOptions::default()
        });

        let of_one = heard(&world, "boussole").await;
        let of_other = heard(&world, "citadelle").await;

        assert_eq!(of_one, of_other);
        assert!(of_one[0].contains("code=CODE"), "{}", of_one[0]);
        let refusals: BTreeSet<&String> = of_one[1..].iter().collect();
        assert_eq!(refusals.len(), 1, "one answer to all: {refusals:#?}");
        assert!(of_one[1].contains("error=consent_required"));
    }
}
