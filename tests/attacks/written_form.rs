//! Two IdPs that write one citizen in their own ways: the service receives the same bytes.

use hub_core::scope::{Claim, Scope};
use hub_tests::{Browser, Opening, World};
use serde_json::{Map, Value, json};

/// Every scope but the ones that stand for a set of others.
fn scope() -> String {
    let names = [
        Scope::Openid,
        Scope::Profile,
        Scope::Birth,
        Scope::Email,
        Scope::Phone,
        Scope::Address,
        Scope::Login,
        Scope::OriginalNames,
    ];
    names.map(Scope::name).join(" ")
}

/// How the two IdPs write `claim`. There is no arm for "any other": a new claim needs its spellings here.
fn spellings(claim: Claim) -> (Value, Value) {
    let (one, two) = match claim {
        Claim::GivenName => ("ANGELA JEAN-MARIE", "Angela Jean\u{2011}Marie"),
        Claim::FamilyName => ("D’AUBIGNÉ - LE  ROY", "d'Aubigné-Le Roy"),
        Claim::PreferredUsername => ("le roy", "LE ROY"),
        Claim::Birthdate => ("1962-11", "1962-11-00"),
        Claim::Birthcountry => ("99100", "FR"),
        Claim::Email => ("Angela.D@Bücher.EXAMPLE", "angela.d@xn--bcher-kva.example"),
        Claim::PhoneNumber => ("25.12.34", "+687 25 12 34"),
        Claim::GivenNameOriginal => ("ΕΛΈΝΗ", "Ελένη"),
        Claim::FamilyNameOriginal => ("Παπαδοπούλου", "ΠΑΠΑΔΟΠΟΎΛΟΥ"),
        // Codes, of which there is one spelling; and the name of an account, which is the IdP's own: the
        // review page warns of it.
        Claim::Gender => ("female", "female"),
        Claim::Birthplace => ("75107", "75107"),
        Claim::Login => ("angela", " angela "),
        Claim::GivenNameArray => {
            return (
                json!(["ANGELA", "JEAN-MARIE"]),
                json!(["Angela Jean\u{2010}Marie"]),
            );
        }
        Claim::EmailVerified => return (json!(true), json!("true")),
        Claim::Address => return addresses(),
    };
    (one.into(), two.into())
}

/// Lines that end in CR LF, capitals, punctuation, missing and unknown members.
fn addresses() -> (Value, Value) {
    let one = json!({
        "formatted": "12, rue de l’Anse Vata\r\nBât. B\r\n98800 NOUMÉA\r\nNouvelle-Calédonie",
        "street_address": "12, rue de l’Anse Vata\r\nBât. B",
        "postal_code": "98 800", "locality": "NOUMÉA", "country": "Nouvelle-Calédonie",
        "region": "", "source": "boussole", "cadastre": {"id": 7},
    });
    let two = json!({
        "street_address": "12 RUE DE L'ANSE  VATA\nBÂT B",
        "postal_code": "98800", "locality": "Nouméa", "country": "NC",
    });
    (one, two)
}

/// What the service learns of the person whom `idp` writes with `claims`: the id token, userinfo, and the
/// names of the parameters of the authorization response.
async fn learned(idp: &str, claims: Map<String, Value>) -> (Value, Value, Vec<String>) {
    let world = World::open_with(Opening {
        edits: vec![(
            "idps/boussole.toml",
            "[levels]",
            "[mapping]\nphone_number = { from = \"phone_number\", region = \"NC\" }\n[levels]",
        )],
        ..Opening::default()
    })
    .unwrap();
    let sp = world.service("registry").unwrap();
    let mut browser = Browser::new().unwrap();
    let start = sp.request(&[("scope", &scope())]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    let choice = browser.follow(answer, "https://").await.unwrap();
    let departure = browser.click(&choice, &format!("idp/{idp}")).await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let form = sign_in.page.form().unwrap();
    let claims = Value::Object(claims).to_string();
    let form = form.with("describe", "yes").with("claims", &claims);
    let back = browser.submit(&sign_in, &form).await.unwrap();
    let review = browser.follow(back, "https://").await.unwrap();
    let authentication = world.agree(&mut browser, &review).await.unwrap();
    let parameters = authentication
        .query_pairs()
        .map(|(name, _)| name.into_owned());
    let parameters = parameters.collect();
    let (mut id_token, mut userinfo) = sp.learn(&authentication).await.unwrap();
    // Each world has keys, an address and a nonce of its own.
    for claims in [&mut id_token, &mut userinfo] {
        for own in ["sub", "iss", "nonce", "at_hash"] {
            if let Some(value) = claims.get_mut(own) {
                *value = value.to_string().len().into();
            }
        }
    }
    (id_token, userinfo, parameters)
}

#[actix_web::test]
async fn the_way_in_which_an_idp_writes_a_person_does_not_tell_which_it_is() {
    let written = |which: fn((Value, Value)) -> Value| -> Map<String, Value> {
        let all = Claim::ALL.into_iter();
        all.map(|claim| (claim.name().to_owned(), which(spellings(claim))))
            .collect()
    };

    // Boussole reaches eidas2 and signs with ES256, Citadelle eidas3 with EdDSA and signed userinfo.
    let boussole = learned("boussole", written(|(one, _)| one)).await;
    let citadelle = learned("citadelle", written(|(_, two)| two)).await;

    for claim in Claim::ALL.map(Claim::name) {
        assert_ne!(boussole.1.get(claim), None, "{claim} did not arrive");
        assert_eq!(boussole.1[claim], citadelle.1[claim], "{claim}");
    }
    // Byte by byte: the order of members too.
    assert_eq!(boussole.0.to_string(), citadelle.0.to_string());
    assert_eq!(boussole.1.to_string(), citadelle.1.to_string());
    assert_eq!(boussole.2, citadelle.2);
    let userinfo = boussole.1;
    assert_eq!(userinfo["family_name"], "D'AUBIGNÉ-LE ROY");
    assert_eq!(userinfo["phone_number"], "+687251234");
    assert_eq!(
        userinfo["address"],
        json!({
            "formatted": "12 RUE DE L'ANSE VATA BÂT B\n98800 NOUMÉA\nFR",
            "street_address": "12 RUE DE L'ANSE VATA BÂT B", "postal_code": "98800",
            "locality": "NOUMÉA", "region": "", "country": "FR",
        })
    );
    assert_eq!(
        boussole.0["acr"], "eidas1",
        "the level asked, not the highest"
    );
}
