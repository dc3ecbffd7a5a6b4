//! Levels of assurance, in from the identity provider and out to the service.

use hub_core::acr::{Level, Vocabulary};
use hub_tests::{Opening, World};

/// The `acr` that a service gets who asked for `asked`, from a citizen who came by `idp`.
async fn acr(world: &World, idp: &str, asked: &str) -> String {
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[("acr_values", asked)]).unwrap();
    let (mut browser, review) = world.outcome(&start, idp, "angela").await.unwrap();
    let arrival = world.agree(&mut browser, &review).await.unwrap();
    let (id_token, _) = sp.learn(&arrival).await.unwrap();
    id_token["acr"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn out_the_level_asked_is_said_in_the_family_asked_whatever_the_idp_reached() {
    let world = World::open().unwrap();
    for (idp, delivered) in [
        ("ardoise", Level::Eidas1),
        ("boussole", Level::Eidas2),
        ("citadelle", Level::Eidas3),
    ] {
        for family in Vocabulary::ALL {
            for asked in Level::ALL
                .into_iter()
                .filter(|asked| delivered.satisfies(*asked))
            {
                assert_eq!(
                    acr(&world, idp, asked.acr(family)).await,
                    asked.acr(family),
                    "{idp} {asked:?}"
                );
            }
        }
    }
}

#[actix_web::test]
async fn the_review_page_names_the_level_that_the_service_is_told() {
    let world = World::open().unwrap();
    let sp = world.service("town-hall").unwrap();
    for (asked, named) in [
        ("", "Garantie faible"),
        ("eidas2", "Garantie substantielle"),
    ] {
        let start = sp.request(&[("acr_values", asked)]).unwrap();

        let (_, review) = world.outcome(&start, "citadelle", "angela").await.unwrap();

        let named = format!("le niveau exigé par le service ({named})");
        assert!(review.page.html().contains(&named), "{named}");
    }
}

#[actix_web::test]
async fn in_a_level_is_what_the_table_says_and_never_what_its_name_looks_like() {
    for (table, delivered) in [
        ("eidas2 = \"eidas1\"", "eidas1"),
        ("eidas2 = \"eidas2\"", "eidas2"),
        // The ceiling is eidas2.
        ("eidas2 = \"eidas3\"", "eidas2"),
    ] {
        let world = World::open_with(Opening {
            edits: vec![("idps/boussole.toml", "eidas2 = \"eidas2\"", table)],
            ..Opening::default()
        })
        .unwrap();

        assert_eq!(
            acr(&world, "boussole", delivered).await,
            delivered,
            "{table}"
        );
    }
}

#[actix_web::test]
async fn in_a_level_may_be_said_by_another_claim_and_has_to_be_there() {
    let with = |claim: &'static str| {
        World::open_with(Opening {
            edits: vec![
                ("idps/boussole.toml", "[levels]\n", claim),
                (
                    "idps/boussole.toml",
                    "eidas1 = \"eidas1\"",
                    "female = \"eidas1\"",
                ),
            ],
            ..Opening::default()
        })
        .unwrap()
    };

    let said = with("[levels]\nclaim = \"gender\"\n");
    assert_eq!(acr(&said, "boussole", "eidas1").await, "eidas1");

    let unsaid = with("[levels]\nclaim = \"assurance.level\"\n");
    let start = unsaid.service("town-hall").unwrap().request(&[]).unwrap();
    let (_, page) = unsaid.outcome(&start, "boussole", "angela").await.unwrap();
    assert_eq!(page.page.code().as_deref(), Some("L3003"));
}
