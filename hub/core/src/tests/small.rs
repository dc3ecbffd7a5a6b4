use super::Counting;
use crate::{
    acr::{Level, Vocabulary},
    ids::{ClientId, IdpId, LoginId, Sector},
    pkce::{Challenge, Verifier},
};

#[test]
fn the_rfc_7636_example_holds() {
    let verifier = Verifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    let challenge = Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();

    assert!(challenge.is_met_by(&verifier));
    assert!(!challenge.is_met_by(&Verifier::draw(&Counting::default())));
}

#[test]
fn challenges_and_verifiers_have_their_exact_form() {
    for bad in [
        "",
        "short",
        &"A".repeat(42),
        &"A".repeat(44),
        &format!("{}=", "A".repeat(43)),
        &"+".repeat(43),
    ] {
        assert!(Challenge::parse(bad).is_none(), "{bad}");
    }
    for bad in [
        &"a".repeat(42),
        &"a".repeat(129),
        &format!("{} ", "a".repeat(43)),
        &"é".repeat(43),
    ] {
        assert!(Verifier::parse(bad).is_none(), "{bad}");
    }
    assert!(Verifier::parse(&"a".repeat(128)).is_some());
}

#[test]
fn levels_are_ordered_and_satisfy_downward() {
    for asked in Level::ALL {
        for given in Level::ALL {
            assert_eq!(given.satisfies(asked), given >= asked);
        }
    }
    assert!(!Level::Eidas1.satisfies(Level::Eidas2));
    assert!(Level::Eidas3.satisfies(Level::Eidas2));
}

#[test]
fn every_acr_value_is_parsed_in_its_family_and_others_are_refused() {
    for level in Level::ALL {
        for family in Vocabulary::ALL {
            assert_eq!(Level::from_acr(level.acr(family)), Some((level, family)));
        }
    }
    for unknown in [
        "",
        "eidas4",
        "EIDAS1",
        "eidas1 ",
        "http://eidas.europa.eu/LoA/High",
        "0",
    ] {
        assert_eq!(Level::from_acr(unknown), None);
    }
}

#[test]
fn invalid_ids_are_refused() {
    assert!("town-hall".parse::<ClientId>().is_ok());
    for bad in ["", "a b", "a\"b", "a\\b", "é", &"x".repeat(129)] {
        assert!(bad.parse::<ClientId>().is_err(), "{bad}");
    }
    assert!("la-poste2".parse::<IdpId>().is_ok());
    for bad in ["", "La-Poste", "a/b", "a.b", "../x", &"x".repeat(65)] {
        assert!(bad.parse::<IdpId>().is_err(), "{bad}");
    }
    assert!("".parse::<Sector>().is_err());
}

#[test]
fn a_login_id_survives_formatting_and_parsing() {
    let id = LoginId::draw(&Counting::default());

    assert_eq!(id.to_string().len(), 22);
    assert_eq!(id.to_string().parse(), Ok(id));
    assert!("..".parse::<LoginId>().is_err());
}

#[test]
fn the_amr_depends_on_the_level_alone() {
    assert_eq!(Level::ALL.map(Level::amr), ["user", "mfa", "mfa"]);
}
