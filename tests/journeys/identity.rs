//! What the `sub` is made of, and who is told.

use hub_tests::{Opening, World};
use serde_json::{Value, json};

/// The id token and userinfo of `person` who came by `idp`.
async fn learn(world: &World, service: &'static str, idp: &str, person: &str) -> (Value, Value) {
    let sp = world.service(service).unwrap();
    let (mut browser, review) = world
        .outcome(&sp.request(&[]).unwrap(), idp, person)
        .await
        .unwrap();
    let authentication = world.agree(&mut browser, &review).await.unwrap();
    sp.learn(&authentication).await.unwrap()
}

async fn code(world: &World, idp: &str, person: &str) -> Option<String> {
    let start = world.service("curious").unwrap().request(&[]).unwrap();
    let (_, answer) = world.outcome(&start, idp, person).await.unwrap();
    answer.page.code()
}

#[actix_web::test]
async fn a_person_whom_the_register_knows_has_the_sub_that_every_verified_provider_gives_them() {
    let decided = "\n[subject]\nbirths_abroad = \"pivot\"\nbirths_abroad_decision = \"2026-11\"\n\n[register]";
    let world = World::open_with(Opening {
        edits: vec![("hub.toml", "\n[register]", decided)],
        ..Opening::default()
    })
    .unwrap();
    for person in ["angela", "sosefo", "karim"] {
        let (checked, userinfo) = learn(&world, "curious", "corail", person).await;
        let (verified, _) = learn(&world, "curious", "boussole", person).await;

        assert_eq!(checked["sub"], verified["sub"], "{person}");
        assert_eq!(checked["sub_basis"], "register_check");
        assert_eq!(checked["sub_persistence"], "A");
        assert_eq!(verified["sub_basis"], "verified_pivot");
        assert_eq!(verified["sub_persistence"], "B");
        // The register completed what Corail does not say.
        assert!(userinfo["birthcountry"].is_string(), "{person}");
    }
    let (declared, _) = learn(&world, "curious", "ardoise", "angela").await;
    assert_eq!(declared["sub_basis"], "idp_account");
    assert_eq!(declared["sub_persistence"], "C");
}

#[actix_web::test]
async fn without_a_decision_a_pivot_of_somebody_born_abroad_feeds_no_sub() {
    let world = World::open().unwrap();
    for (person, basis) in [
        ("angela", "verified_pivot"),
        ("minh", "idp_account"),
        ("karim", "idp_account"),
        ("jean", "idp_account"),
    ] {
        let (one, _) = learn(&world, "curious", "boussole", person).await;
        let (two, _) = learn(&world, "curious", "citadelle", person).await;
        let (checked, _) = learn(&world, "curious", "corail", person).await;

        assert_eq!(one["sub_basis"], basis, "{person}");
        assert_eq!(
            one["sub"] == two["sub"],
            basis == "verified_pivot",
            "{person}"
        );
        assert_eq!(checked["sub_basis"], "register_check", "{person}");
    }
}

#[actix_web::test]
async fn only_a_service_that_is_registered_for_it_learns_what_the_sub_is_made_of() {
    let world = World::open().unwrap();
    let sp = world.service("town-hall").unwrap();
    let asked = json!({"id_token": {"sub_basis": null, "previous_subs": {"essential": true}}});
    let start = sp.request(&[("claims", &asked.to_string())]).unwrap();
    let (mut browser, review) = world
        .outcome(&start, "corail", "nouveau-nom")
        .await
        .unwrap();
    let authentication = world.agree(&mut browser, &review).await.unwrap();

    let (id_token, userinfo) = sp.learn(&authentication).await.unwrap();

    for claims in [&id_token, &userinfo] {
        for claim in ["sub_basis", "sub_persistence", "previous_subs"] {
            assert!(claims.get(claim).is_none(), "{claim}");
        }
    }
}

#[actix_web::test]
async fn a_legal_change_of_name_brings_the_former_sub_to_a_registered_service() {
    let world = World::open().unwrap();

    let (before, _) = learn(&world, "curious", "boussole", "nouveau-nom").await;
    let (after, userinfo) = learn(&world, "curious", "corail", "nouveau-nom").await;

    assert_ne!(before["sub"], after["sub"]);
    assert_eq!(after["previous_subs"], json!([before["sub"]]));
    assert_eq!(userinfo["sub"], after["sub"]);
    assert!(userinfo.get("previous_subs").is_none());
}

#[actix_web::test]
async fn a_misspelling_that_the_register_corrects_is_never_called_a_former_identity() {
    let world = World::open().unwrap();

    let (misspelt, _) = learn(&world, "curious", "boussole", "corrige").await;
    let (corrected, _) = learn(&world, "curious", "corail", "corrige").await;

    assert_ne!(misspelt["sub"], corrected["sub"]);
    assert!(corrected.get("previous_subs").is_none());
}

#[actix_web::test]
async fn a_silent_register_refuses_or_steps_down_as_the_deployment_says() {
    let refusing = World::open().unwrap();
    assert_eq!(
        code(&refusing, "corail", "registre-muet").await.as_deref(),
        Some("L5006")
    );

    let stepping_down = World::open_with(Opening {
        edits: vec![(
            "hub.toml",
            "on_unavailable = \"refuse\"",
            "on_unavailable = \"step-down\"",
        )],
        ..Opening::default()
    })
    .unwrap();
    let (id_token, _) = learn(&stepping_down, "curious", "corail", "registre-muet").await;
    assert_eq!(id_token["sub_basis"], "idp_account");
    // Somebody whom it refuses is refused all the same.
    assert_eq!(
        code(&stepping_down, "corail", "decede").await.as_deref(),
        Some("L5005")
    );
}

#[actix_web::test]
async fn a_person_for_whom_the_register_answers_503_stops_nobody_else() {
    let world = World::open().unwrap();
    for _ in 0..6 {
        assert_eq!(
            code(&world, "corail", "registre-muet").await.as_deref(),
            Some("L5006")
        );
    }

    assert_eq!(code(&world, "corail", "angela").await, None);
}

#[actix_web::test]
async fn a_citizen_whom_the_register_refuses_may_choose_again_or_go_back_to_the_service() {
    let world = World::open().unwrap();
    let sp = world.service("curious").unwrap();
    let start = sp.request(&[]).unwrap();
    let (mut browser, refused) = world.outcome(&start, "corail", "plusieurs").await.unwrap();

    assert_eq!(refused.page.code().as_deref(), Some("L5001"));
    let html = refused.page.html();
    for hidden in ["MARTINEZ", "13201"] {
        assert!(!html.contains(hidden), "{hidden}");
    }
    let departure = browser.click(&refused, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap();
    let review = browser.follow(back, "https://").await.unwrap();
    let authentication = world.agree(&mut browser, &review).await.unwrap();
    assert!(sp.learn(&authentication).await.is_ok());
}

#[actix_web::test]
async fn a_hub_that_takes_over_from_another_gives_out_the_subs_of_the_published_formula() {
    let world = World::open_with(Opening {
        edits: vec![(
            "hub.toml",
            "\n[register]",
            "\n[subject]\nderivation = \"fc-v1\"\nsecret = \"file:secrets/register\"\n\n[register]",
        )],
        ..Opening::default()
    })
    .unwrap();

    let (one, _) = learn(&world, "curious", "boussole", "angela").await;
    let (two, _) = learn(&world, "curious", "citadelle", "angela").await;
    let (account, _) = learn(&world, "curious", "ardoise", "angela").await;

    let sub = one["sub"].as_str().unwrap();
    assert_eq!(one["sub"], two["sub"]);
    assert!(sub.ends_with("v1") && sub.len() == 66, "{sub}");
    // A sub of another form would tell that Ardoise does not verify the civil status.
    let account = account["sub"].as_str().unwrap();
    assert!(account.ends_with("v1") && account.len() == 66, "{account}");
}

#[actix_web::test]
async fn several_clients_of_one_organisation_share_a_sub_where_they_share_a_sector() {
    let world = World::open_with(Opening {
        edits: vec![(
            "services/library.toml",
            "sector = \"library.example\"",
            "sector = \"town-hall.example\"",
        )],
        ..Opening::default()
    })
    .unwrap();

    let (library, _) = learn(&world, "library", "boussole", "angela").await;
    let (town_hall, _) = learn(&world, "town-hall", "boussole", "angela").await;
    let (curious, _) = learn(&world, "curious", "boussole", "angela").await;

    assert_eq!(library["sub"], town_hall["sub"]);
    assert_ne!(library["sub"], curious["sub"]);
}
