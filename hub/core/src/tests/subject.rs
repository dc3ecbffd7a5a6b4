use proptest::prelude::*;
use serde_json::json;

use super::{TODAY, evidence};
use crate::{
    encoding::base64url,
    identity::{PivotIdentity, fold},
    ids::Sector,
    subject::{
        Basis, BirthsAbroad, Derivation, Evidence, PivotKey, PivotTrust, Source, SubjectKeys,
        SubjectRules,
    },
};

fn identity(given: &str, family: &str, date: &str, country: &str, place: &str) -> PivotIdentity {
    let claims = json!({
        "given_name": given, "family_name": family, "birthdate": date,
        "birthcountry": country, "birthplace": place, "gender": "female",
    });
    let reading = PivotIdentity::read(claims.as_object().unwrap(), TODAY);
    assert!(reading.errors.is_empty(), "{:?}", reading.errors);
    reading.identity
}

fn keys() -> SubjectKeys {
    SubjectKeys::new([1; 32], [2; 32])
}

fn sector(name: &str) -> Sector {
    name.parse().unwrap()
}

fn basis_of(identity: &PivotIdentity) -> Basis {
    choose(identity, &evidence(PivotTrust::Verified, true))
}

fn choose(identity: &PivotIdentity, evidence: &Evidence) -> Basis {
    let rules = SubjectRules {
        derivation: Derivation::PivotV1,
        births_abroad: BirthsAbroad::Pivot,
    };
    Basis::choose(identity, evidence, rules)
}

#[test]
fn the_published_vectors_are_reproduced() {
    let angela = identity(
        "Angela Claire Louise",
        "DUBOIS",
        "1962-08-24",
        "99100",
        "75107",
    );
    let jean = identity("Jean", "Fleuret", "1992-11-00", "99217", "");
    let vectors = [
        (
            &angela,
            "a55893507ce17937",
            "sp.example",
            "p1.bw2yXNK7hZZ8nN3BN2OZtro0vf6r8WYpg2UYhgPagvI",
        ),
        (
            &angela,
            "a55893507ce17937",
            "other.example",
            "p1.FWAa6Xezrv9SI-KoJPP1FjnaSGzWLq2LkgdpKNCNXao",
        ),
        (
            &jean,
            "221d407739fba287",
            "sp.example",
            "p1.hMef40CVC-yNdz2gZEkes5Z7SM3fAybKKBf3dCtBCps",
        ),
    ];
    for (identity, person, at, sub) in vectors {
        let key = PivotKey::of(identity).unwrap();
        let key = keys().person(&Basis::VerifiedPivot(key));
        let start = key
            .as_bytes()
            .iter()
            .take(8)
            .fold(String::new(), |hex, b| format!("{hex}{b:02x}"));

        assert_eq!(start, person);
        assert_eq!(keys().subject(&key, &sector(at)).as_str(), sub);
    }
}

#[test]
fn the_published_foldings_are_reproduced() {
    let table = [
        ("Muñoz", "MUNOZ"),
        ("Œuvre", "OEUVRE"),
        ("He\u{301}le\u{300}ne", "HELENE"),
        ("Straße", "STRASSE"),
        ("D’Aubigné", "DAUBIGNE"),
        ("Müller", "MULLER"),
        ("DUPONT--DURAND", "DUPONTDURAND"),
        ("İbrahim", "IBRAHIM"),
        ("Jean\u{2011}Pierre", "JEANPIERRE"),
        ("Đorđević", "DORDEVIC"),
        ("’t Hart", "THART"),
        ("Nguyễn", "NGUYEN"),
        ("LE ROY", "LEROY"),
        ("Fırat", "FIRAT"),
        ("Gal·la", "GALLA"),
        ("Þórður", "THORDUR"),
        ("Łukasz", "LUKASZ"),
    ];
    for (name, folded) in table {
        assert_eq!(fold(name).as_deref(), Ok(folded), "{name}");
    }
}

#[test]
fn every_special_letter_is_spelt_out_in_both_cases() {
    for (letters, folded) in [
        ("Ææ", "AEAE"),
        ("Œœ", "OEOE"),
        ("ẞß", "SSSS"),
        ("Øø", "OO"),
        ("ĐđÐð", "DDDD"),
        ("Þþ", "THTH"),
        ("Łł", "LL"),
        ("Ħħ", "HH"),
        ("Ŧŧ", "TT"),
        ("Ŋŋ", "NN"),
        ("Əə", "EE"),
        ("İı", "II"),
    ] {
        assert_eq!(fold(letters).as_deref(), Ok(folded), "{letters}");
    }
}

#[test]
fn a_name_that_cannot_be_folded_is_an_error() {
    for name in [
        "Παπαδόπουλος",
        "Jean_E010015",
        "MARTIN 2",
        "",
        "-",
        "山田",
        "Иван",
        "Ane (2)",
    ] {
        assert!(fold(name).is_err(), "{name}");
    }
}

#[test]
fn a_name_that_cannot_be_folded_uses_the_idp_account() {
    let person = identity("Ioannis", "Παπαδόπουλος", "1980-01-01", "99126", "");

    assert!(matches!(basis_of(&person), Basis::IdpAccount(_)));
}

#[test]
fn a_declared_pivot_or_a_low_level_uses_the_idp_account() {
    let angela = identity("Angela", "DUBOIS", "1962-08-24", "99100", "75107");

    let declared = choose(&angela, &evidence(PivotTrust::Declared, true));
    let low = choose(&angela, &evidence(PivotTrust::Verified, false));

    assert!(matches!(declared, Basis::IdpAccount(_)));
    assert!(matches!(low, Basis::IdpAccount(_)));
}

#[test]
fn a_birth_in_france_without_its_commune_gives_no_pivot_key() {
    let claims = json!({
        "given_name": "Anne", "family_name": "ROY", "birthdate": "1980-01-01", "birthcountry": "99100"
    });
    let reading = PivotIdentity::read(claims.as_object().unwrap(), TODAY);

    assert!(PivotKey::of(&reading.identity).is_none());
}

#[test]
fn two_idp_accounts_never_share_a_person_key() {
    let at = |issuer: &str, sub: &str| {
        let basis = Basis::IdpAccount(Source {
            issuer: issuer.into(),
            sub: sub.into(),
        });
        base64url(keys().person(&basis).as_bytes())
    };

    assert_ne!(
        at("https://a.example", "8443:x"),
        at("https://a.example:8443", "x")
    );
    assert_ne!(at("https://a.example", "x"), at("https://b.example", "x"));
}

#[test]
fn a_check_value_is_stable_and_differs_between_keys() {
    let same = SubjectKeys::new([1; 32], [2; 32]).check_value();
    let other = SubjectKeys::new([1; 32], [3; 32]).check_value();

    assert_eq!(keys().check_value(), same);
    assert_ne!(same, other);
    assert_eq!(same.len(), 16);
}

#[test]
fn a_check_value_depends_on_the_derivation_and_the_fc_v1_secret() {
    let under = |secret: &[u8]| keys().with_fc_v1(secret.to_vec()).check_value();

    assert_ne!(keys().check_value(), under(b"one"));
    assert_ne!(under(b"one"), under(b"two"));
    assert_eq!(under(b"one"), under(b"one"));
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-zÀ-ÖØ-öø-ÿŒœŁłŐőŞş' -]{1,30}".prop_filter("usable", |name| fold(name).is_ok())
}

proptest! {
    #[test]
    fn folding_is_stable_under_unicode_forms(name in name()) {
        use unicode_normalization::UnicodeNormalization;
        let folded = fold(&name).unwrap();

        prop_assert_eq!(&fold(&name.nfd().collect::<String>()).unwrap(), &folded);
        prop_assert_eq!(&fold(&name.nfkc().collect::<String>()).unwrap(), &folded);
        prop_assert_eq!(&fold(&folded).unwrap(), &folded);
        prop_assert_eq!(&fold(&name.to_lowercase()).unwrap(), &folded);
    }

    #[test]
    fn folding_never_panics_and_returns_only_a_to_z(name in "\\PC{0,40}") {
        if let Ok(folded) = fold(&name) {
            prop_assert!(folded.bytes().all(|c| c.is_ascii_uppercase()));
        }
    }

    #[test]
    fn a_subject_is_injective_on_its_fields(a in (name(), name()), b in (name(), name())) {
        let of = |(given, family): &(String, String)| {
            let person = identity(given, family, "1962-08-24", "99100", "75107");
            keys().subject(&keys().person(&basis_of(&person)), &sector("sp.example"))
        };
        let folded = |(given, family): &(String, String)| {
            let given: String = given.split_whitespace().map(|g| fold(g).unwrap_or_default()).collect();
            (given, fold(family).unwrap())
        };
        // A given name that is only an apostrophe cannot be folded and uses the account at the IdP.
        prop_assume!(a.0.split_whitespace().all(|g| fold(g).is_ok()));
        prop_assume!(b.0.split_whitespace().all(|g| fold(g).is_ok()));

        prop_assert_eq!(of(&a) == of(&b), folded(&a) == folded(&b));
    }

    #[test]
    fn moving_a_letter_between_names_gives_another_person_key(
        given in "[A-Z]{2,10}", family in "[A-Z]{2,10}"
    ) {
        let (kept, last) = given.split_at(given.len() - 1);
        let moved = (kept, format!("{last}{family}"));
        let of = |given: &str, family: &str| {
            let person = identity(given, family, "1962-08-24", "99100", "75107");
            *keys().person(&basis_of(&person)).as_bytes()
        };

        prop_assert_ne!(of(&given, &family), of(moved.0, &moved.1));
    }
}
