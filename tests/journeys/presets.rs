//! Each preset, against an identity provider of ours that speaks as its namesake is published to.

use hub_demo::{Dialect, IdpPlan};
use hub_jose::Algorithm;
use hub_tests::{World, WorldOptions};
use serde_json::{Value, json};

const PLAN: IdpPlan = IdpPlan {
    id: "other",
    title: "Other",
    colour: "#333",
    level: "eidas2",
    pivot: "declared",
    algorithm: Algorithm::Es256,
    userinfo: "signed",
    dialect: Dialect::Standard,
    register_check: false,
};

async fn open(plan: IdpPlan) -> World {
    let encrypted = plan.userinfo == "encrypted";
    let world = World::start_with(WorldOptions {
        idps: vec![plan],
        ..WorldOptions::default()
    });
    if encrypted {
        let mut browser = hub_tests::Browser::open();
        let keys = browser.get(&world.hub_url("/client/jwks")).await;
        let keys = keys.unwrap().page.html().to_owned();
        world.demo_idp("other").encrypt_for(keys.as_bytes());
    }
    world
}

async fn learn(world: &World, idp: &str, person: &str) -> (Value, Value) {
    learn_at(world, idp, person, "").await
}

/// Like [`learn`], for a service that asks for the level `acr`, or for none when it is empty.
async fn learn_at(world: &World, idp: &str, person: &str, acr: &str) -> (Value, Value) {
    let sp = world.sp("curious");
    let (mut browser, review) = world
        .login_in_new_browser(&sp.authorization_url(&[("acr_values", acr)]), idp, person)
        .await;
    assert_eq!(review.page.code(), None, "{person}");
    let authentication = world.consent(&mut browser, &review).await;
    let (id_token, mut userinfo) = sp.fetch_claims(&authentication).await;
    userinfo.as_object_mut().unwrap().remove("sub");
    (id_token, userinfo)
}

/// Asserts that `idp` gives no level above `acr`: it is not offered for it, or its answer is refused.
async fn assert_no_level_above(world: &World, idp: &str, person: &str, acr: &str) {
    let above = match acr {
        "eidas1" => "eidas2",
        "eidas2" => "eidas3",
        _ => return,
    };
    let sp = world.sp("curious");
    let start = sp.authorization_url(&[("acr_values", above)]);
    let mut browser = hub_tests::Browser::open();
    let answer = browser.visit(&start).await;
    let choice = browser.follow_redirects(answer, "https://").await;
    if choice.page.html().contains(&format!("\"idp/{idp}\"")) {
        let (_, answer) = world.login_in_new_browser(&start, idp, person).await;
        assert_eq!(answer.page.code().as_deref(), Some("L3004"), "{above}");
    }
}

#[actix_web::test]
async fn franceconnect_is_asked_as_it_accepts_and_gives_a_verified_pivot() {
    for userinfo in ["signed", "encrypted"] {
        for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
            let world = open(IdpPlan {
                dialect: Dialect::FranceConnect,
                pivot: "verified",
                userinfo,
                algorithm,
                ..PLAN
            })
            .await;

            let (id_token, claims) = learn(&world, "other", "angela").await;
            let (own, _) = learn(&world, "boussole", "angela").await;

            assert_eq!(id_token["sub"], own["sub"], "{userinfo} {algorithm:?}");
            assert_eq!(claims["given_name"], "Angela Claire Louise");
            let asked = world.demo_idp("other").seen();
            let asked = asked.iter().find(|seen| seen.starts_with("GET /authorize"));
            let asked = asked.unwrap();
            assert!(asked.contains("prompt=login+consent"), "{asked}");
            assert!(asked.contains("acr_values=eidas1"), "{asked}");
            assert!(!asked.contains("code_challenge"), "{asked}");
        }
    }
}

#[actix_web::test]
async fn an_id_token_that_is_not_encrypted_is_refused_where_it_has_to_be() {
    let world = open(IdpPlan {
        dialect: Dialect::FranceConnect,
        userinfo: "encrypted",
        ..PLAN
    })
    .await;
    world
        .demo_idp("other")
        .misbehave(Some(hub_demo::FaultInjection::NotEncrypted));
    let start = world.sp("curious").authorization_url(&[]);

    let (_, answer) = world.login_in_new_browser(&start, "other", "angela").await;

    assert_eq!(answer.page.code().as_deref(), Some("L3003"));
}

#[actix_web::test]
async fn an_encrypted_token_is_refused_where_the_entry_says_that_it_is_signed() {
    let opening = WorldOptions {
        idps: vec![IdpPlan {
            userinfo: "encrypted",
            ..PLAN
        }],
        edits: vec![
            ("idps/other.toml", "id_token = \"encrypted\"", ""),
            ("idps/other.toml", "\"encrypted\"", "\"json\""),
        ],
        ..WorldOptions::default()
    };
    let world = World::start_with(opening);
    let mut browser = hub_tests::Browser::open();
    let keys = browser.get(&world.hub_url("/client/jwks")).await;
    let keys = keys.unwrap().page.html().to_owned();
    world.demo_idp("other").encrypt_for(keys.as_bytes());
    let start = world.sp("curious").authorization_url(&[]);

    let (_, answer) = world.login_in_new_browser(&start, "other", "angela").await;

    assert_eq!(answer.page.code().as_deref(), Some("L3003"));
}

#[actix_web::test]
async fn keycloak_names_the_account_and_not_the_person() {
    let world = open(IdpPlan {
        dialect: Dialect::Keycloak,
        userinfo: "json",
        level: "eidas1",
        algorithm: Algorithm::Rs256,
        ..PLAN
    })
    .await;

    let (id_token, claims) = learn(&world, "other", "helene").await;

    assert_eq!(claims["login"], "helene");
    assert_eq!(claims.get("preferred_username"), None);
    assert_eq!(claims["family_name"], "D'AUBIGNÉ");
    assert_eq!(id_token["acr"], "eidas1");
    assert_eq!(id_token["sub_basis"], "idp_account");
}

#[actix_web::test]
async fn nc_connect_without_a_register_makes_no_pivot_and_its_level_is_the_operators() {
    for (level, acr) in [
        ("eidas1", "eidas1"),
        ("eidas2", "eidas2"),
        ("eidas3", "eidas2"),
    ] {
        let world = open(IdpPlan {
            dialect: Dialect::NcConnect,
            userinfo: "json",
            algorithm: Algorithm::Rs256,
            pivot: "declared",
            level,
            ..PLAN
        })
        .await;

        let (id_token, claims) = learn_at(&world, "other", "sosefo", acr).await;

        assert_eq!(id_token["acr"], acr);
        assert_no_level_above(&world, "other", "sosefo", acr).await;
        assert_eq!(id_token["sub_basis"], "idp_account");
        assert_eq!(claims["login"], "sosefo");
        assert_eq!(claims.get("birthplace"), None);
        assert_eq!(claims.get("preferred_username"), None);
    }
}

#[actix_web::test]
async fn proconnect_speaks_of_an_account_at_work_and_promises_no_civil_status() {
    let world = open(IdpPlan {
        dialect: Dialect::ProConnect,
        level: "eidas1",
        pivot: "none",
        ..PLAN
    })
    .await;

    let (id_token, claims) = learn(&world, "other", "minh").await;

    assert_eq!(id_token["sub_basis"], "idp_account");
    assert_eq!(
        claims,
        json!({
            "given_name": "Thị", "given_name_array": ["Thị"], "preferred_username": "NGUYỄN",
            "email": "minh@personne.example", "email_verified": true, "login": "minh",
        })
    );
}

#[actix_web::test]
async fn a_european_is_known_by_their_identifier_and_keeps_their_own_script() {
    for (level, acr) in [
        ("eidas1", "eidas1"),
        ("eidas2", "eidas2"),
        ("eidas3", "eidas3"),
    ] {
        let world = open(IdpPlan {
            dialect: Dialect::Eidas,
            level,
            ..PLAN
        })
        .await;
        let original = hub_demo::PEOPLE
            .iter()
            .find(|person| person.original.is_some());
        let person = original.unwrap();

        let (id_token, claims) = learn_at(&world, "other", &person.username, acr).await;
        let (again, _) = learn(&world, "other", &person.username).await;

        assert_eq!(id_token["acr"], acr);
        assert_no_level_above(&world, "other", &person.username, acr).await;
        assert_eq!(id_token["sub_basis"], "eidas_identifier");
        assert_eq!(id_token["sub_persistence"], "B");
        assert_eq!(id_token["sub"], again["sub"]);
        let (given, family) = person.original.as_ref().unwrap();
        assert_eq!(
            claims["family_name"],
            hub_core::written::family_name(&person.civil_status.family_name)
        );
        assert_eq!(claims["family_name_original"], family.to_uppercase());
        assert_eq!(claims["given_name_original"], given.join(" "));
    }
}

#[actix_web::test]
async fn a_person_whom_a_claim_does_not_prove_is_declared_at_a_verified_provider() {
    let world = World::start_with(WorldOptions {
        edits: vec![(
            "idps/boussole.toml",
            "\n[levels]",
            "\n[pivot_when]\nclaim = \"family_name\"\nvalues = [\"DUBOIS\", \"ROY\"]\n\n[levels]",
        )],
        ..WorldOptions::default()
    });

    let (proven, _) = learn(&world, "boussole", "angela").await;
    let (other, _) = learn(&world, "boussole", "sosefo").await;

    assert_eq!(proven["sub_basis"], "verified_pivot");
    assert_eq!(other["sub_basis"], "idp_account");
}

#[actix_web::test]
async fn a_provider_that_is_trusted_for_a_register_number_makes_the_sub_of_it() {
    let number = |scheme: &str| {
        let section = format!(
            "\n[register_number]\nclaim = \"email\"\ncountry = \"NC\"\nscheme = \"{scheme}\"\n\n[levels]"
        );
        let section: &'static str = Box::leak(section.into_boxed_str());
        World::start_with(WorldOptions {
            edits: vec![
                ("idps/boussole.toml", "\n[levels]", section),
                ("idps/ardoise.toml", "\n[levels]", section),
            ],
            ..WorldOptions::default()
        })
    };
    let world = number("cafat");

    let (one, _) = learn(&world, "boussole", "roger").await;
    let (two, _) = learn(&world, "ardoise", "roger").await;

    assert_eq!(one["sub_basis"], "register_number");
    assert_eq!(one["sub_persistence"], "A");
    assert_eq!(one["sub"], two["sub"]);
    // Without the number, the next rule decides.
    let (none, _) = learn(&world, "boussole", "gaston").await;
    assert_eq!(none["sub_basis"], "verified_pivot");
}
