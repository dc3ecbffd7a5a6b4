//! A fresh authentication is proven, or it is none.

use hub_demo::FaultInjection;
use hub_tests::{Answer, Browser, World, WorldOptions};
use url::Url;

const NOT_PROVEN: &str = "auth_time = \"not-proven\"\nauth_time_reason = \"annex 4 of the agreement\"\n\
                          client_id = \"lethe\"";

/// A world in which Boussole's entry waives the proof in writing.
fn waived() -> World {
    World::start_with(WorldOptions {
        sessions: true,
        edits: vec![("idps/boussole.toml", "client_id = \"lethe\"", NOT_PROVEN)],
        ..WorldOptions::default()
    })
}

/// What a citizen is shown who signs in at Boussole with an address from which `cut` was taken out.
async fn without(world: &World, cut: &[&str]) -> Answer {
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let answer = browser.visit(&start).await;
    let choice = browser.follow_redirects(answer, "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let mut there: Url = departure.redirect_url();
    let kept: Vec<(String, String)> = there
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| !cut.contains(&name.as_str()))
        .collect();
    there.query_pairs_mut().clear().extend_pairs(kept);
    let sign_in = browser.visit(&there).await;
    let back = world
        .submit_credentials(&mut browser, &sign_in, "angela")
        .await;
    browser.follow_redirects(back, "https://").await
}

#[actix_web::test]
async fn a_request_for_a_fresh_authentication_that_was_cut_out_of_the_address_identifies_nobody() {
    let world = World::start();
    let boussole = world.demo_idp("boussole");
    boussole.misbehave(Some(FaultInjection::KeepsSession));

    assert_eq!(without(&world, &[]).await.page.code(), None);
    assert_eq!(without(&world, &["prompt"]).await.page.code(), None);
    let page = without(&world, &["prompt", "max_age"]).await;

    assert_eq!(page.page.code().as_deref(), Some("L3006"));
    // The way on is the choice.
    assert!(page.page.has_link("idp/boussole"));
    assert!(!page.page.html().contains("DUBOIS"));
}

#[actix_web::test]
async fn an_idp_that_does_not_say_when_identifies_nobody() {
    let world = World::start();
    let boussole = world.demo_idp("boussole");
    boussole.misbehave(Some(FaultInjection::NoAuthTime));

    let page = without(&world, &[]).await;

    assert_eq!(page.page.code().as_deref(), Some("L3006"));
}

#[actix_web::test]
async fn an_idp_whose_clock_is_wrong_by_a_minute_is_believed_by_its_own_clock() {
    for (skew, code) in [
        (FaultInjection::ClockAhead, None),
        (FaultInjection::ClockBehind, None),
        (FaultInjection::OldAuthentication, Some("L3006")),
    ] {
        let world = World::start();
        world.demo_idp("boussole").misbehave(Some(skew));
        let sp = world.sp("town-hall");
        let start = sp.authorization_url(&[("max_age", "600")]);
        let (mut browser, page) = world
            .login_in_new_browser(&start, "boussole", "angela")
            .await;

        assert_eq!(page.page.code().as_deref(), code, "{skew:?}");
        if code.is_none() {
            let authentication = world.consent(&mut browser, &page).await;
            let (id_token, _) = sp.fetch_claims(&authentication).await;
            // The service reads the hub's clock: a skew would name the IdP.
            assert_eq!(id_token["auth_time"], id_token["iat"], "{skew:?}");
        }
    }
}

#[actix_web::test]
async fn where_the_operator_waives_the_proof_no_time_is_ever_sent_on() {
    let world = waived();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let authentication = world
        .complete_login(
            &mut browser,
            &sp.authorization_url(&[]),
            "boussole",
            "angela",
        )
        .await;
    let (id_token, _) = sp.fetch_claims(&authentication).await;
    assert!(id_token.get("auth_time").is_none(), "{id_token}");

    // In the session that began there, a service that asks for the time is not answered from it.
    for (service, changes) in [
        ("town-hall", vec![("max_age", "3600")]),
        (
            "town-hall",
            vec![("claims", r#"{"id_token":{"auth_time":null}}"#)],
        ),
        ("modern-library", vec![]),
    ] {
        let start = world.sp(service).authorization_url(&changes);
        let answer = browser.visit(&start).await;
        let choice = browser.follow_redirects(answer, "https://").await;
        assert!(!choice.page.has_link("idp/boussole"), "{service}");
        assert!(choice.page.has_link("idp/citadelle"), "{service}");
        // By hand it gets no further either.
        let forced = choice.resolve("idp/boussole");
        let answer = browser.visit(&forced).await;
        let page = browser.follow_redirects(answer, "https://").await;
        assert_eq!(page.page.code().as_deref(), Some("L3006"), "{service}");
    }
}
