use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::TODAY;
use crate::{
    identity::{Birthdate, Cog, Country, DateForm, PivotIdentity, WhatIsWrong},
    release::{held, release},
    scope::{Claim, Scope, claims_of},
};

fn angela() -> Value {
    json!({
        "given_name": "Angela Claire Louise", "family_name": "DUBOIS", "birthdate": "1962-08-24",
        "gender": "female", "birthplace": "75107", "birthcountry": "99100",
        "preferred_username": "", "email": "angela@example.org", "email_verified": true,
    })
}

fn read(claims: &Value) -> crate::identity::Reading {
    PivotIdentity::read(claims.as_object().unwrap(), TODAY)
}

fn with(key: &str, value: Value) -> Value {
    let mut claims = angela();
    claims[key] = value;
    claims
}

#[test]
fn valid_dates_are_parsed_and_written_in_each_form() {
    let table = [
        ("1962-08-24", "1962-08-24", "1962-08-24", "1962-08-24"),
        ("1992-11-00", "1992-11-00", "1992-11", "1992-11-01"),
        ("1992-11", "1992-11-00", "1992-11", "1992-11-01"),
        ("1980-00-00", "1980-00-00", "1980", "1980-01-01"),
        ("1980", "1980-00-00", "1980", "1980-01-01"),
        ("2024-02-29", "2024-02-29", "2024-02-29", "2024-02-29"),
        ("2026-11-21", "2026-11-21", "2026-11-21", "2026-11-21"),
        ("1850-01-01", "1850-01-01", "1850-01-01", "1850-01-01"),
    ];
    for (text, zero, truncate, first) in table {
        let date = Birthdate::parse(text, TODAY).expect(text);

        assert_eq!(date.write(DateForm::Zero), zero);
        assert_eq!(date.write(DateForm::Truncate), truncate);
        assert_eq!(date.write(DateForm::First), first);
    }
}

#[test]
fn impossible_future_and_half_known_dates_are_refused() {
    let bad = [
        "0000-01-01",
        "0000",
        "0962-08-24",
        "1849-12-31",
        "1849",
        "1980-00-12",
        "1980-13-01",
        "2023-02-29",
        "1980-04-31",
        "2026-11-22",
        "2027",
        "80-01-01",
        "1980/01/01",
        "1980-1-1",
        "1980-01-01T00:00:00",
        "",
        "19800101",
        "1980-01-01-01",
        "+980-01-01",
        "１９８０-01-01",
    ];
    for text in bad {
        assert!(Birthdate::parse(text, TODAY).is_none(), "{text}");
    }
}

#[test]
fn postal_codes_and_text_are_not_commune_codes() {
    for good in [
        "75107", "2A004", "2B033", "97411", "98818", "98735", "01001", "13055", "95018", "96001",
    ] {
        assert!(Cog::parse(good).is_some(), "{good}");
    }
    for bad in [
        "75000",
        "97100",
        "98800",
        "97911",
        "98518",
        "99100",
        "2C004",
        "7510",
        "751070",
        "Nouméa",
        "2a004",
        "ABCDE",
        "",
        "7510\u{664}",
    ] {
        assert!(Cog::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn countries_are_parsed_from_both_tables_and_sent_as_insee_codes() {
    let table = [
        ("99100", "FR", "99100"),
        ("FR", "FR", "99100"),
        ("NC", "FR", "99100"),
        ("99217", "JP", "99217"),
        ("JP", "JP", "99217"),
        ("99313", "ES", "99134"),
        ("99115", "COG:99115", "99115"),
        ("99157", "COG:99157", "99157"),
    ];
    for (text, inside, insee) in table {
        let country = Country::parse(text).expect(text);

        assert_eq!((country.as_str(), country.insee()), (inside, insee));
    }
    for bad in ["", "fr", "FRA", "ZZ", "9910", "France", "75107", "9921７"] {
        assert!(Country::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_complete_identity_is_read() {
    let identity = read(&angela()).promised().unwrap();

    assert_eq!(
        identity.given_names.unwrap().joined(),
        "Angela Claire Louise"
    );
    assert!(identity.usage_name.is_none());
    assert_eq!(
        identity.contact.email.as_deref(),
        Some("angela@example.org")
    );
}

#[test]
fn each_missing_promised_attribute_is_an_error() {
    for key in [
        "given_name",
        "family_name",
        "birthdate",
        "gender",
        "birthplace",
        "birthcountry",
    ] {
        for nothing in [Value::Null, json!(""), json!("  ")] {
            let error = read(&with(key, nothing)).promised().unwrap_err();

            assert_eq!(
                (error.claim.name(), error.wrong),
                (key, WhatIsWrong::Missing)
            );
        }
        for malformed in [json!(12), json!(["x"]), json!({"a": 1}), json!(true)] {
            let error = read(&with(key, malformed)).promised().unwrap_err();

            assert_eq!(
                (error.claim.name(), error.wrong),
                (key, WhatIsWrong::Malformed)
            );
        }
    }
}

#[test]
fn an_error_names_the_attribute_and_never_its_value() {
    let error = read(&with("birthplace", json!("SECRETVILLE")))
        .promised()
        .unwrap_err();

    assert_eq!(error.to_string(), "birthplace is malformed");
}

#[test]
fn a_birth_abroad_has_no_commune_whatever_the_idp_writes_there() {
    for place in ["", "Kyoto", "75107"] {
        let claims = json!({
            "given_name": "Jean", "family_name": "Fleuret", "birthdate": "1992-11-00",
            "gender": "male", "birthplace": place, "birthcountry": "99217",
        });
        let identity = read(&claims).promised().unwrap();
        let released = release(
            &identity,
            &claims_of(&BTreeSet::from([Scope::Birth])),
            DateForm::Zero,
        );

        assert_eq!(
            Value::from(released),
            json!({"birthplace": "", "birthcountry": "99217"})
        );
    }
}

#[test]
fn an_overlong_name_is_malformed() {
    let error = read(&with("family_name", json!("X".repeat(257))))
        .promised()
        .unwrap_err();

    assert_eq!(error.claim, Claim::FamilyName);
    assert!(
        read(&with("family_name", json!("X".repeat(256))))
            .promised()
            .is_ok()
    );
}

#[test]
fn given_names_are_read_from_the_array_if_there_is_one() {
    let claims = with("given_name_array", json!(["Jean Pierre", "Paul"]));
    let names = read(&claims).identity.given_names.unwrap();

    assert_eq!(names.iter().collect::<Vec<_>>(), ["Jean Pierre", "Paul"]);
}

#[test]
fn only_granted_claims_are_released() {
    let identity = read(&angela()).promised().unwrap();
    for scope in Scope::ALL {
        let granted = claims_of(&BTreeSet::from([scope]));
        let released = release(&identity, &granted, DateForm::Zero);
        let names: BTreeSet<Claim> = released
            .keys()
            .map(|name| Claim::parse(name).unwrap())
            .collect();

        assert!(names.is_subset(&granted), "{scope:?}");
        assert_eq!(names, held(&identity, &granted), "{scope:?}");
    }
}

#[test]
fn the_pivot_scope_releases_the_pivot() {
    let identity = read(&angela()).promised().unwrap();
    let granted = claims_of(&BTreeSet::from([Scope::IdentitePivot]));

    assert_eq!(
        Value::from(release(&identity, &granted, DateForm::Zero)),
        json!({
            "given_name": "Angela Claire Louise",
            "given_name_array": ["Angela", "Claire", "Louise"],
            "family_name": "DUBOIS", "birthdate": "1962-08-24", "gender": "female",
            "birthplace": "75107", "birthcountry": "99100",
        })
    );
}

#[test]
fn debug_prints_no_attribute() {
    let identity = read(&angela()).identity;
    let printed = format!(
        "{identity:?} {:?} {:?}",
        identity.contact, identity.family_name
    );

    for value in ["DUBOIS", "Angela", "1962", "75107", "example.org"] {
        assert!(!printed.contains(value), "{printed}");
    }
}

#[test]
fn an_identity_survives_serialisation() {
    let mut claims = angela();
    claims["address"] = json!({"locality": "Nouméa", "tracking": "x"});
    claims["phone_number"] = json!("+687 25 12 34");
    let identity = read(&claims).promised().unwrap();

    let record = serde_json::to_vec(&identity).unwrap();

    assert_eq!(
        serde_json::from_slice::<PivotIdentity>(&record).unwrap(),
        identity
    );
    assert_eq!(
        identity.contact.address.unwrap(),
        json!({"locality": "Nouméa"}).as_object().unwrap().clone()
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,30}".prop_map(Value::from),
        proptest::collection::vec("\\PC{0,10}", 0..3).prop_map(|list| json!(list)),
    ]
}

proptest! {
    #[test]
    fn reading_claims_never_panics(values in proptest::collection::vec(any_json(), 13)) {
        let claims: Map<String, Value> =
            Claim::ALL.iter().map(|claim| claim.name().to_owned()).zip(values).collect();
        let reading = PivotIdentity::read(&claims, TODAY);
        let everything: BTreeSet<Claim> = Claim::ALL.into();

        let released = release(&reading.identity, &everything, DateForm::Truncate);
        prop_assert!(released.len() <= 13);
    }
}
