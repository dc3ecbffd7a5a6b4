//! The five rules that choose what the `sub` is derived from, in order.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::{TODAY, evidence};
use crate::{
    identity::{Gender, PivotIdentity},
    ids::Sector,
    register::Finding,
    subject::{
        Basis, BasisName, BirthsAbroad, Derivation, EidasIdentifier, Evidence, Persistence,
        PivotKey, PivotTrust, RegisterNumber, SubjectKeys, SubjectRules,
    },
};

/// The rules of an operator who decided that the pivot counts for births abroad.
const fn rules(derivation: Derivation) -> SubjectRules {
    SubjectRules {
        derivation,
        births_abroad: BirthsAbroad::Pivot,
    }
}

fn read(claims: &serde_json::Value) -> PivotIdentity {
    PivotIdentity::read(claims.as_object().unwrap(), TODAY).identity
}

fn angela() -> PivotIdentity {
    read(&json!({
        "given_name": "Angela Claire Louise", "family_name": "DUBOIS", "gender": "female",
        "birthdate": "1962-08-24", "birthplace": "75107", "birthcountry": "99100",
    }))
}

fn keys() -> SubjectKeys {
    SubjectKeys::new([1; 32], [2; 32])
}

fn fc_v1() -> SubjectKeys {
    keys().with_fc_v1(b"a-secret-of-the-old-hub".to_vec())
}

fn sub(keys: &SubjectKeys, basis: &Basis) -> String {
    let sector: Sector = "sp.example".parse().unwrap();
    keys.subject(&keys.person(basis), &sector)
        .as_str()
        .to_owned()
}

fn name(identity: &PivotIdentity, evidence: &Evidence) -> BasisName {
    Basis::choose(identity, evidence, rules(Derivation::PivotV1)).name()
}

/// Evidence to which every rule applies.
fn complete_evidence() -> Evidence {
    Evidence {
        register_found: true,
        register_number: RegisterNumber::new("IT", "fiscal", "TINIT-X"),
        eidas: EidasIdentifier::parse("IT/FR/X-1"),
        ..evidence(PivotTrust::Verified, true)
    }
}

#[test]
fn the_first_rule_that_applies_decides() {
    let mut evidence = complete_evidence();
    let person = angela();

    assert_eq!(name(&person, &evidence), BasisName::RegisterNumber);
    evidence.register_number = None;
    assert_eq!(name(&person, &evidence), BasisName::RegisterCheck);
    evidence.register_found = false;
    assert_eq!(name(&person, &evidence), BasisName::VerifiedPivot);
    evidence.pivot_counts = false;
    assert_eq!(name(&person, &evidence), BasisName::EidasIdentifier);
    evidence.eidas = None;
    assert_eq!(name(&person, &evidence), BasisName::IdpAccount);
}

#[test]
fn a_basis_has_its_documented_name_and_persistence_class() {
    let published = [
        (
            BasisName::RegisterNumber,
            "register_number",
            Persistence::A,
            "A",
        ),
        (
            BasisName::RegisterCheck,
            "register_check",
            Persistence::A,
            "A",
        ),
        (
            BasisName::VerifiedPivot,
            "verified_pivot",
            Persistence::B,
            "B",
        ),
        (
            BasisName::EidasIdentifier,
            "eidas_identifier",
            Persistence::B,
            "B",
        ),
        (BasisName::IdpAccount, "idp_account", Persistence::C, "C"),
    ];
    for (basis, name, persistence, class) in published {
        assert_eq!(basis.as_str(), name);
        assert_eq!(basis.persistence(), persistence);
        assert_eq!(persistence.as_str(), class);
    }
}

#[test]
fn a_person_whom_the_register_knows_has_the_sub_of_a_verified_pivot() {
    let declared = Evidence {
        register_found: true,
        ..evidence(PivotTrust::Declared, false)
    };
    let of = |evidence: &Evidence| {
        sub(
            &keys(),
            &Basis::choose(&angela(), evidence, rules(Derivation::PivotV1)),
        )
    };

    assert_eq!(of(&declared), of(&evidence(PivotTrust::Verified, true)));
}

#[test]
fn only_the_register_gives_a_pivot_key_without_birth_name_or_given_names() {
    for missing in ["family_name", "given_name"] {
        let mut claims = json!({
            "given_name": "Maya", "family_name": "RAO", "gender": "female",
            "birthdate": "1990-01-01", "birthcountry": "99223",
        });
        claims.as_object_mut().unwrap().remove(missing);
        let person = read(&claims);
        let registered = Evidence {
            register_found: true,
            ..evidence(PivotTrust::Verified, true)
        };

        assert_eq!(
            name(&person, &evidence(PivotTrust::Verified, true)),
            BasisName::IdpAccount
        );
        assert_eq!(name(&person, &registered), BasisName::RegisterCheck);
    }
    let nameless = read(&json!({"birthdate": "1990-01-01", "birthcountry": "99223"}));
    assert_eq!(
        name(
            &nameless,
            &Evidence {
                register_found: true,
                ..evidence(PivotTrust::Verified, true)
            }
        ),
        BasisName::IdpAccount
    );
}

#[test]
fn a_name_that_cannot_be_folded_gives_no_pivot_key_even_with_the_register() {
    let person = read(&json!({
        "given_name": "Ελένη", "family_name": "ΠΑΠΑ", "gender": "female",
        "birthdate": "1990-01-15", "birthcountry": "99126",
    }));
    let evidence = Evidence {
        register_number: None,
        ..complete_evidence()
    };

    assert_eq!(name(&person, &evidence), BasisName::EidasIdentifier);
}

#[test]
fn an_eidas_identifier_is_parsed_strictly_and_belongs_to_its_issuing_country() {
    for good in ["ES/FR/02635542Y", "CZ/CY/a/b+c="] {
        assert!(EidasIdentifier::parse(good).is_some(), "{good}");
    }
    for bad in [
        "",
        "ES",
        "ES/FR",
        "ES/FR/",
        "es/FR/1",
        "ESP/FR/1",
        "ES/F/1",
        "ES/FR/1 2",
        "ES/FR/é",
    ] {
        assert!(EidasIdentifier::parse(bad).is_none(), "{bad}");
    }
    let long = format!("ES/FR/{}", "9".repeat(250));
    assert!(EidasIdentifier::parse(&long).is_some());
    assert!(EidasIdentifier::parse(&format!("{long}9")).is_none());

    let of = |text: &str| {
        sub(
            &keys(),
            &Basis::EidasIdentifier(EidasIdentifier::parse(text).unwrap()),
        )
    };
    assert_eq!(of("ES/FR/1"), of("ES/NC/1"));
    assert_ne!(of("ES/FR/1"), of("PT/FR/1"));
    assert_ne!(of("ES/FR/1"), of("ES/FR/2"));
}

#[test]
fn a_register_number_is_bound_to_its_country_and_scheme() {
    let of = |country, scheme, number| {
        sub(
            &keys(),
            &Basis::RegisterNumber(RegisterNumber::new(country, scheme, number).unwrap()),
        )
    };

    assert_eq!(of("NC", "ridet", " 12 "), of("NC", "ridet", "12"));
    assert_ne!(of("NC", "ridet", "12"), of("FR", "ridet", "12"));
    assert_ne!(of("NC", "ridet", "12"), of("NC", "cafat", "12"));
    assert_ne!(of("NC", "ridet", "12"), of("NC", "ridet1", "2"));
    for bad in ["", " ", "1 2", "é", &"9".repeat(65)] {
        assert!(RegisterNumber::new("NC", "cafat", bad).is_none(), "{bad}");
    }
    assert!(RegisterNumber::new("NC", "cafat", &"9".repeat(64)).is_some());
}

#[test]
fn fc_v1_gives_the_subjects_of_the_published_formula() {
    let helene = read(&json!({
        "given_name": "Hélène", "family_name": "D'AUBIGNÉ", "gender": "female",
        "birthdate": "1975-12", "birthcountry": "99217",
    }));
    let of = |identity: &PivotIdentity| {
        let basis = Basis::VerifiedPivot(PivotKey::of(identity).unwrap());
        sub(&fc_v1(), &basis)
    };

    assert_eq!(fc_v1().derivation(), Derivation::FcV1);
    assert_eq!(
        of(&angela()),
        "ceb64c3e1fd35fffc05397d22af1b77f8d8e579fa35d26c4b7fba46f716a6389v1"
    );
    assert_eq!(
        of(&helene),
        "5ab044fe625a685679da03fe2bc91e69deeaf01e63d949e8960bd7d0a885cc56v1"
    );
    let european = Basis::EidasIdentifier(EidasIdentifier::parse("DE/FR/x-42").unwrap());
    assert_eq!(
        sub(&fc_v1(), &european),
        "36519c6ac55b3565ca76be1429f0d1f4a2880fd613cfc1ba4b662e7fd4705a50v1"
    );
}

#[test]
fn fc_v1_refuses_names_beyond_latin_1() {
    // U+0100 would lose its upper byte and become U+0000, as U+0200 would.
    for (given, missing) in [("Āda", None), ("Ada", Some("gender"))] {
        let mut claims = json!({
            "given_name": given, "family_name": "ROY", "gender": "female",
            "birthdate": "1980-01-01", "birthcountry": "99217",
        });
        if let Some(missing) = missing {
            claims.as_object_mut().unwrap().remove(missing);
        }
        let person = read(&claims);
        let verified = evidence(PivotTrust::Verified, true);
        let registered = Evidence {
            register_found: true,
            ..verified.clone()
        };

        for evidence in [&verified, &registered] {
            let under = |derivation| Basis::choose(&person, evidence, rules(derivation));

            assert_ne!(under(Derivation::PivotV1).name(), BasisName::IdpAccount);
            assert_eq!(under(Derivation::FcV1).name(), BasisName::IdpAccount);
        }
    }
}

#[test]
fn under_fc_v1_every_basis_gives_a_sub_of_the_same_form() {
    let bases = [
        Basis::IdpAccount(evidence(PivotTrust::None, false).source),
        Basis::RegisterNumber(RegisterNumber::new("NC", "cafat", "1").unwrap()),
        Basis::EidasIdentifier(EidasIdentifier::parse("ES/FR/1").unwrap()),
        Basis::VerifiedPivot(PivotKey::of(&angela()).unwrap()),
    ];
    let subs: BTreeSet<String> = bases.iter().map(|basis| sub(&fc_v1(), basis)).collect();

    assert_eq!(subs.len(), bases.len());
    for sub in subs {
        let digits = sub.strip_suffix("v1").unwrap();
        assert_eq!(digits.len(), 64, "{sub}");
        assert!(
            digits
                .bytes()
                .all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')),
            "{sub}"
        );
    }
}

#[test]
fn homonyms_born_abroad_or_on_an_unknown_day_share_no_sub_by_default() {
    let choose = |date: &str, place: &str, country: &str, births_abroad| {
        let person = read(&json!({
            "given_name": "Jean", "family_name": "FLEURET", "gender": "male",
            "birthdate": date, "birthplace": place, "birthcountry": country,
        }));
        let rules = SubjectRules {
            derivation: Derivation::PivotV1,
            births_abroad,
        };
        let found = Evidence {
            register_found: true,
            ..evidence(PivotTrust::Verified, true)
        };
        // The register distinguishes the persons, whatever attributes the key has.
        let registered = Basis::choose(&person, &found, rules);
        assert_eq!(registered.name(), BasisName::RegisterCheck);
        Basis::choose(&person, &evidence(PivotTrust::Verified, true), rules).name()
    };
    let (account, pivot) = (BasisName::IdpAccount, BasisName::VerifiedPivot);
    let (source, decided) = (BirthsAbroad::Source, BirthsAbroad::Pivot);
    for (date, place, country, births_abroad, basis) in [
        ("1992-11-02", "75107", "99100", source, pivot),
        ("1992-11-00", "75107", "99100", source, account),
        ("1992-00-00", "75107", "99100", decided, account),
        ("1992-11-02", "", "99217", source, account),
        ("1992-11-02", "", "99217", decided, pivot),
        ("1992-11-00", "", "99217", decided, account),
    ] {
        assert_eq!(
            choose(date, place, country, births_abroad),
            basis,
            "{date} {country}"
        );
    }
    assert_eq!(keys().rules().births_abroad, source);
    let other = keys().with_births_abroad(decided);
    assert_ne!(keys().check_value(), other.check_value());
}

#[test]
fn a_finding_completes_what_is_missing_and_a_correction_replaces_the_civil_status() {
    let sent = read(&json!({
        "given_name": "Angela", "family_name": "DUBOI", "gender": "female", "email": "a@b.example",
        "birthdate": "1962-08-24", "birthplace": "75107", "preferred_username": "LE ROY",
    }));

    let found = Finding::Found(angela()).settle(sent.clone());
    let corrected = Finding::Corrected(angela()).settle(sent.clone());

    assert!(found.family_name == sent.family_name && found.given_names == sent.given_names);
    assert!(found.birthcountry == angela().birthcountry);
    assert!(
        PivotIdentity {
            contact: sent.contact.clone(),
            usage_name: sent.usage_name.clone(),
            ..angela()
        } == corrected
    );
    let silent = PivotIdentity {
        gender: None,
        family_name: None,
        birthplace: None,
        ..angela()
    };
    let corrected = Finding::Corrected(silent).settle(sent.clone());
    assert!(corrected.gender == sent.gender);
    assert!(corrected.family_name.is_none() && corrected.birthplace.is_none());
}

#[test]
fn a_finding_completes_each_attribute_and_a_correction_replaces_all_but_the_sex() {
    let nothing = read(&json!({"email": "a@b.example"}));
    let found = Finding::Found(angela()).settle(nothing.clone());

    assert!(
        found
            == PivotIdentity {
                contact: nothing.contact,
                ..angela()
            }
    );
    let timeless = PivotIdentity {
        birthdate: None,
        given_names: None,
        birthcountry: None,
        ..angela()
    };
    let corrected = Finding::Corrected(timeless).settle(angela());
    assert!(corrected.birthdate.is_none() && corrected.given_names.is_none());
    assert!(corrected.birthcountry.is_none());
    let other = PivotIdentity {
        gender: Gender::parse("male"),
        ..angela()
    };
    assert!(Finding::Corrected(other.clone()).settle(angela()) == other);
}

#[test]
fn citizens_are_told_that_an_identity_was_checked_if_the_provider_or_the_register_did() {
    let checked = |trust, register_found| {
        Evidence {
            register_found,
            ..evidence(trust, true)
        }
        .is_checked()
    };

    assert!(checked(PivotTrust::Verified, false));
    assert!(checked(PivotTrust::Declared, true));
    assert!(!checked(PivotTrust::Declared, false));
    assert!(!checked(PivotTrust::None, false));
}

#[test]
fn debug_prints_no_identity_value() {
    let evidence = complete_evidence();
    let basis = Basis::choose(&angela(), &evidence, rules(Derivation::PivotV1));
    let pivot = PivotKey::of(&angela());
    let identity = angela();
    let person = keys().person(&basis);
    let sector: Sector = "sp.example".parse().unwrap();

    assert_eq!(format!("{:?}", evidence.source), "Source(hidden)");
    assert_eq!(
        format!("{:?}", evidence.register_number.as_ref().unwrap()),
        "RegisterNumber(hidden)"
    );
    assert_eq!(
        format!("{:?}", evidence.eidas.as_ref().unwrap()),
        "EidasIdentifier(hidden)"
    );
    assert_eq!(format!("{evidence:?}"), "Evidence(hidden)");
    assert_eq!(format!("{basis:?}"), "Basis(hidden)");
    assert_eq!(format!("{:?}", pivot.unwrap()), "PivotKey(hidden)");
    assert_eq!(
        format!("{:?}", keys().subject(&person, &sector)),
        "Subject(hidden)"
    );
    assert_eq!(format!("{person:?}"), "Person(hidden)");
    assert_eq!(format!("{:?}", keys()), "SubjectKeys(hidden)");
    assert_eq!(
        format!("{:?}", identity.birthdate.unwrap()),
        "Birthdate(hidden)"
    );
    assert_eq!(format!("{:?}", identity.birthplace.unwrap()), "Cog(hidden)");
    assert_eq!(
        format!("{:?}", identity.birthcountry.unwrap()),
        "Country(hidden)"
    );
}

proptest! {
    #[test]
    fn reading_an_identifier_never_panics(text in "\\PC{0,40}") {
        if let Some(identifier) = EidasIdentifier::parse(&text) {
            prop_assert_eq!(identifier.as_str(), text);
        }
    }
}
