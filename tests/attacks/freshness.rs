//! A fresh authentication is proven, or it is none.

use hub_demo::Mischief;
use hub_tests::{Answer, Browser, Opening, World};
use url::Url;

const NOT_PROVEN: &str = "auth_time = \"not-proven\"\nauth_time_reason = \"annex 4 of the agreement\"\n\
                          client_id = \"lethe\"";

/// A world in which Boussole's entry waives the proof in writing.
fn waived() -> World {
    World::open_with(Opening {
        sessions: true,
        edits: vec![("idps/boussole.toml", "client_id = \"lethe\"", NOT_PROVEN)],
        ..Opening::default()
    })
    .unwrap()
}

/// What a citizen is shown who signs in at Boussole with an address from which `cut` was taken out.
async fn without(world: &World, cut: &[&str]) -> Answer {
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    let choice = browser.follow(answer, "https://").await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let mut there: Url = departure.location().unwrap();
    let kept: Vec<(String, String)> = there
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| !cut.contains(&name.as_str()))
        .collect();
    there.query_pairs_mut().clear().extend_pairs(kept);
    let sign_in = browser.get(&there).await.unwrap();
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap();
    browser.follow(back, "https://").await.unwrap()
}

#[actix_web::test]
async fn a_request_for_a_fresh_authentication_that_was_cut_out_of_the_address_identifies_nobody() {
    let world = World::open().unwrap();
    let boussole = world.idp("boussole").unwrap();
    boussole.misbehave(Some(Mischief::KeepsSession));

    assert_eq!(without(&world, &[]).await.page.code(), None);
    assert_eq!(without(&world, &["prompt"]).await.page.code(), None);
    let page = without(&world, &["prompt", "max_age"]).await;

    assert_eq!(page.page.code().as_deref(), Some("L3006"));
    // The way on is the choice.
    assert!(page.page.link("idp/boussole").is_ok());
    assert!(!page.page.html().contains("DUBOIS"));
}

#[actix_web::test]
async fn an_idp_that_does_not_say_when_identifies_nobody() {
    let world = World::open().unwrap();
    let boussole = world.idp("boussole").unwrap();
    boussole.misbehave(Some(Mischief::NoAuthTime));

    let page = without(&world, &[]).await;

    assert_eq!(page.page.code().as_deref(), Some("L3006"));
}

#[actix_web::test]
async fn an_idp_whose_clock_is_wrong_by_a_minute_is_believed_by_its_own_clock() {
    for (skew, code) in [
        (Mischief::ClockAhead, None),
        (Mischief::ClockBehind, None),
        (Mischief::OldAuthentication, Some("L3006")),
    ] {
        let world = World::open().unwrap();
        world.idp("boussole").unwrap().misbehave(Some(skew));
        let sp = world.service("town-hall").unwrap();
        let start = sp.request(&[("max_age", "600")]).unwrap();
        let (mut browser, page) = world.outcome(&start, "boussole", "angela").await.unwrap();

        assert_eq!(page.page.code().as_deref(), code, "{skew:?}");
        if code.is_none() {
            let arrival = world.agree(&mut browser, &page).await.unwrap();
            let (id_token, _) = sp.learn(&arrival).await.unwrap();
            // The service reads the hub's clock: a skew would name the IdP.
            assert_eq!(id_token["auth_time"], id_token["iat"], "{skew:?}");
        }
    }
}

#[actix_web::test]
async fn where_the_operator_waives_the_proof_no_time_is_ever_sent_on() {
    let world = waived();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let arrival = world
        .log_in(
            &mut browser,
            &sp.request(&[]).unwrap(),
            "boussole",
            "angela",
        )
        .await
        .unwrap();
    let (id_token, _) = sp.learn(&arrival).await.unwrap();
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
        let start = world.service(service).unwrap().request(&changes).unwrap();
        let answer = browser.get(&start).await.unwrap();
        let choice = browser.follow(answer, "https://").await.unwrap();
        assert!(choice.page.link("idp/boussole").is_err(), "{service}");
        assert!(choice.page.link("idp/citadelle").is_ok(), "{service}");
        // By hand it gets no further either.
        let forced = choice.url.join("idp/boussole").unwrap();
        let answer = browser.get(&forced).await.unwrap();
        let page = browser.follow(answer, "https://").await.unwrap();
        assert_eq!(page.page.code().as_deref(), Some("L3006"), "{service}");
    }
}
