//! Every fictitious person of the catalogue, through every demonstration identity provider that checks:
//! each arrives as they are, or meets the code that is theirs.

use std::collections::BTreeMap;

use hub_demo::{FaultInjection, PEOPLE, Person, RegisterWord};
use hub_tests::{JsonExt, World};
use serde_json::{Value, json};

/// How somebody fared: the id token's and userinfo's claims, or the code of the page.
enum Fared {
    Arrived(Value, Value),
    Met(String),
}

async fn fare(world: &World, idp: &str, person: &Person) -> Fared {
    let sp = world.sp("curious");
    // Where an old authentication or a low level is the trouble, the service has to mind it.
    let minded: &[(&str, &str)] = match person.trouble {
        Some(FaultInjection::OldAuthentication) => &[("max_age", "60")],
        Some(FaultInjection::LowLevel) => &[("acr_values", "eidas2")],
        _ => &[],
    };
    let start = sp.authorization_url(minded);
    let (mut browser, answer) = world
        .login_in_new_browser(&start, idp, &person.username)
        .await;
    if let Some(code) = answer.page.code() {
        return Fared::Met(code);
    }
    let authentication = world.consent(&mut browser, &answer).await;
    let (id_token, userinfo) = sp.fetch_claims(&authentication).await;
    Fared::Arrived(id_token, userinfo)
}

fn troubled(person: &Person) -> Option<&'static str> {
    let codes = [
        (FaultInjection::Declines, "L3001"),
        (FaultInjection::TokenFails, "L3002"),
        (FaultInjection::WrongNonce, "L3003"),
        (FaultInjection::LowLevel, "L3004"),
        (FaultInjection::MissingBirthdate, "L3005"),
        (FaultInjection::MalformedBirthdate, "L3005"),
        (FaultInjection::OldAuthentication, "L3006"),
    ];
    let trouble = person.trouble?;
    let code = codes.iter().find(|(known, _)| *known == trouble);
    Some(code.unwrap_or_else(|| panic!("{trouble:?}")).1)
}

/// The claims that a service gets of `person`, in the forms it gets them.
fn expected(person: &Person) -> Value {
    // The decomposed spelling is handed over composed.
    let twin = Person::named("zoe").unwrap();
    let civil = match person.username.as_str() {
        "zoe-nfd" => &twin.civil_status,
        _ => &person.civil_status,
    };
    let mut claims = civil.claims();
    claims.insert("given_name_array".into(), json!(civil.given_names));
    let date = format!("{}-00-00", civil.birthdate);
    claims.insert(
        "birthdate".into(),
        date.chars().take(10).collect::<String>().into(),
    );
    for (name, value) in person.claims() {
        let civil = claims.contains_key(&name);
        if !civil && value != "" {
            claims.insert(name, value);
        }
    }
    // In the one written form: the rules have tests of their own.
    for name in ["family_name", "preferred_username"] {
        if let Some(text) = claims.get(name).and_then(Value::as_str) {
            let text = hub_core::written::family_name(text);
            claims.insert(name.to_owned(), text.into());
        }
    }
    if let Some(text) = claims.get("given_name").and_then(Value::as_str) {
        let text = hub_core::written::given_names(text);
        let list: Vec<&str> = text.split(' ').filter(|name| !name.is_empty()).collect();
        claims.insert("given_name_array".into(), json!(list));
        claims.insert("given_name".into(), text.into());
    }
    Value::Object(claims)
}

#[actix_web::test]
async fn everybody_arrives_from_a_provider_that_verified_them_or_meets_the_code_that_is_theirs() {
    let world = World::start();
    let mut subs: BTreeMap<String, String> = BTreeMap::new();
    for person in PEOPLE.iter() {
        let name = &person.username;
        let nameless = person.civil_status.family_name.is_empty()
            || person.civil_status.given_names.is_empty();
        let code = troubled(person).or(nameless.then_some("L3005"));
        match (fare(&world, "boussole", person).await, code) {
            (Fared::Met(met), Some(code)) => assert_eq!(met, code, "{name}"),
            (Fared::Arrived(id_token, mut userinfo), None) => {
                userinfo.as_object_mut().unwrap().remove("sub");
                assert_eq!(userinfo, expected(person), "{name}");
                let unusable = ["eleni", "martin-2"].contains(&name.as_str());
                // Not told apart well enough by the pivot alone.
                let civil = &person.civil_status;
                let weak = civil.birthcountry != "99100" || civil.birthdate.contains("-00");
                let basis = if unusable || weak {
                    "idp_account"
                } else {
                    "verified_pivot"
                };
                assert_eq!(id_token["sub_basis"], basis, "{name}");
                let sub = id_token["sub"].text().to_owned();
                if let Some(other) = subs.insert(sub, name.clone()) {
                    assert_eq!((other.as_str(), name.as_str()), ("zoe", "zoe-nfd"));
                }
            }
            (Fared::Met(met), None) => panic!("{name} met {met}"),
            (Fared::Arrived(..), Some(code)) => panic!("{name} did not meet {code}"),
        }
    }
    assert!(subs.len() >= 60, "{}", subs.len());
}

#[actix_web::test]
async fn everybody_arrives_as_the_register_knows_them_or_meets_the_code_that_is_theirs() {
    let world = World::start();
    for person in PEOPLE.iter() {
        let name = &person.username;
        let code = match &person.register {
            RegisterWord::Corrected(..) | RegisterWord::Found => None,
            RegisterWord::Silent => Some("L5006"),
            RegisterWord::Refused(reason) => Some(match reason.as_str() {
                "several_candidates" => "L5001",
                "one_weak_candidate" => "L5002",
                "usage_name_only" => "L5003",
                "not_found" => "L5004",
                "deceased" => "L5005",
                other => panic!("{other}"),
            }),
        };
        // Corail promises no attribute, and does not say where somebody was born: without their birth
        // date nobody is found, and two of one name and birthday cannot be told apart.
        let code = match name.as_str() {
            "sans-date" | "date-folle" => Some("L5004"),
            "antoine-belley" | "antoine-gex" => Some("L5001"),
            // Its `acr` says no level; `verified` does.
            "niveau-bas" => None,
            _ => troubled(person).or(code),
        };
        match (fare(&world, "corail", person).await, code) {
            (Fared::Met(met), Some(code)) => assert_eq!(met, code, "{name}"),
            (Fared::Arrived(id_token, userinfo), None) => {
                let unusable = ["eleni", "martin-2"].contains(&name.as_str());
                let basis = if unusable {
                    "idp_account"
                } else {
                    "register_check"
                };
                assert_eq!(id_token["sub_basis"], basis, "{name}");
                let corrected = match &person.register {
                    RegisterWord::Corrected(now, _) => now.claims(),
                    RegisterWord::Found | RegisterWord::Refused(_) | RegisterWord::Silent => {
                        person.civil_status.claims()
                    }
                };
                for attribute in ["gender", "birthplace", "birthcountry"] {
                    assert_eq!(userinfo[attribute], corrected[attribute], "{name}");
                }
            }
            (Fared::Met(met), None) => panic!("{name} met {met}"),
            (Fared::Arrived(..), Some(code)) => panic!("{name} did not meet {code}"),
        }
    }
}

#[actix_web::test]
async fn anybody_imaginary_can_be_described_and_is_the_same_person_next_time() {
    let world = World::start();
    let mut subs = Vec::new();
    for family_name in ["WAHNAPO", "WAHNAPO", "WAHNAP"] {
        let sp = world.sp("curious");
        let mut browser = hub_tests::Browser::open();
        let answer = browser.visit(&sp.authorization_url(&[])).await;
        let choice = browser.follow_redirects(answer, "https://").await;
        let departure = browser.click_link(&choice, "idp/boussole").await;
        let sign_in = browser.follow_redirects(departure, "https://").await;
        let form = sign_in.page.first_form();
        let form = [
            ("describe", "yes"),
            ("given_name", "Hnaï Rose"),
            ("family_name", family_name),
            ("gender", "female"),
            ("birthdate", "1969-04-12"),
            ("birthplace", "98814"),
            ("birthcountry", "99100"),
        ]
        .into_iter()
        .fold(form, |form, (name, value)| form.with(name, value));
        let back = browser.submit_form(&sign_in, &form).await;
        let review = browser.follow_redirects(back, "https://").await;
        let authentication = world.consent(&mut browser, &review).await;
        let (id_token, userinfo) = sp.fetch_claims(&authentication).await;

        assert_eq!(userinfo["given_name_array"], json!(["Hnaï", "Rose"]));
        assert_eq!(id_token["sub_basis"], "verified_pivot");
        subs.push(id_token["sub"].clone());
    }
    assert_eq!(subs[0], subs[1]);
    assert_ne!(subs[0], subs[2]);
}
