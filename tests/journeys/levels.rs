//! Levels of assurance, in from the identity provider and out to the service.

use hub_core::acr::{Level, Vocabulary};
use hub_tests::{JsonExt, World, WorldOptions};

/// The `acr` that a service gets who asked for `asked`, from a citizen who came by `idp`.
async fn acr(world: &World, idp: &str, asked: &str) -> String {
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[("acr_values", asked)]);
    let (mut browser, review) = world.login_in_new_browser(&start, idp, "angela").await;
    let authentication = world.consent(&mut browser, &review).await;
    let (id_token, _) = sp.fetch_claims(&authentication).await;
    id_token["acr"].text().to_owned()
}

#[actix_web::test]
async fn out_the_level_asked_is_said_in_the_family_asked_whatever_the_idp_reached() {
    let world = World::start();
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
    let world = World::start();
    let sp = world.sp("town-hall");
    for (asked, named) in [
        ("", "Garantie faible"),
        ("eidas2", "Garantie substantielle"),
    ] {
        let start = sp.authorization_url(&[("acr_values", asked)]);

        let (_, review) = world
            .login_in_new_browser(&start, "citadelle", "angela")
            .await;

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
        let world = World::start_with(WorldOptions {
            edits: vec![("idps/boussole.toml", "eidas2 = \"eidas2\"", table)],
            ..WorldOptions::default()
        });

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
        World::start_with(WorldOptions {
            edits: vec![
                ("idps/boussole.toml", "[levels]\n", claim),
                (
                    "idps/boussole.toml",
                    "eidas1 = \"eidas1\"",
                    "female = \"eidas1\"",
                ),
            ],
            ..WorldOptions::default()
        })
    };

    let said = with("[levels]\nclaim = \"gender\"\n");
    assert_eq!(acr(&said, "boussole", "eidas1").await, "eidas1");

    let without_acr = with("[levels]\nclaim = \"assurance.level\"\n");
    let start = without_acr.sp("town-hall").authorization_url(&[]);
    let (_, page) = without_acr
        .login_in_new_browser(&start, "boussole", "angela")
        .await;
    assert_eq!(page.page.code().as_deref(), Some("L3003"));
}
