use hub_core::clock::Timestamp;
use serde_json::{Map, Value, json};

use crate::claims::{ClaimError, Expected, client_assertion, own_hint};

const NOW: Timestamp = Timestamp::from_unix(1_795_219_200);
const AT: i64 = NOW.unix();

fn expected() -> Expected<'static> {
    Expected {
        issuer: "https://idp.example",
        client_id: "hub",
        now: NOW,
    }
}

fn valid_claims() -> Value {
    json!({"iss": "https://idp.example", "aud": "hub", "sub": "42", "exp": AT + 300, "iat": AT,
           "nonce": "n", "acr": "eidas2", "auth_time": AT - 5})
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn refused(changes: &Value) -> &'static str {
    let mut claims = object(&valid_claims());
    for (name, value) in changes.as_object().unwrap() {
        claims.remove(name);
        if !value.is_null() {
            claims.insert(name.clone(), value.clone());
        }
    }
    expected()
        .id_token(claims, "n")
        .map_or_else(|ClaimError(name)| name, |_| "accepted")
}

#[test]
fn a_valid_id_token_is_accepted() {
    let token = expected()
        .id_token(object(&valid_claims()), "n")
        .unwrap()
        .into_inner();

    assert_eq!(
        (token.sub.as_str(), token.acr.as_deref()),
        ("42", Some("eidas2"))
    );
    assert_eq!(token.auth_time, Some(Timestamp::from_unix(AT - 5)));
}

/// RFC 7519 section 2: "non-integer values can be represented".
#[test]
fn times_with_a_fraction_are_accepted() {
    let changes = r#"{"exp": 1795219500.25, "iat": 1795219199.999, "nbf": 1795219199.5,
                      "auth_time": 1795219195.75}"#;
    let mut claims = object(&valid_claims());
    claims.extend(object(&serde_json::from_str(changes).unwrap()));

    let token = expected().id_token(claims, "n").unwrap().into_inner();

    assert_eq!(token.auth_time, Some(Timestamp::from_unix(AT - 5)));
    let assertion = r#"{"iss": "keyed", "sub": "keyed", "aud": "https://hub.example", "jti": "1",
                        "exp": 1795219260.5, "iat": 1795219200.125}"#;
    let checked = client_assertion(
        &object(&serde_json::from_str(assertion).unwrap()),
        "keyed",
        &["https://hub.example"],
        NOW,
    );
    assert_eq!(checked.unwrap().1, Timestamp::from_unix(AT + 60 + 60));
}

#[test]
fn each_claim_of_an_id_token_is_checked() {
    let table = [
        ("iss", json!({"iss": null})),
        ("iss", json!({"iss": "https://idp.example/"})),
        ("iss", json!({"iss": "https://evil.example"})),
        ("iss", json!({"iss": ["https://idp.example"]})),
        ("aud", json!({"aud": null})),
        ("aud", json!({"aud": "other"})),
        ("aud", json!({"aud": []})),
        ("aud", json!({"aud": ["hub", "other"]})),
        ("aud", json!({"aud": ["hub", "other"], "azp": "hub"})),
        ("aud", json!({"aud": ["other"]})),
        ("azp", json!({"azp": "other"})),
        ("azp", json!({"azp": 1})),
        ("sub", json!({"sub": null})),
        ("sub", json!({"sub": ""})),
        ("sub", json!({"sub": 42})),
        ("sub", json!({"sub": "x".repeat(256)})),
        ("sub", json!({"sub": "é"})),
        ("exp", json!({"exp": null})),
        ("exp", json!({"exp": AT - 61})),
        ("exp", json!({"exp": "1"})),
        ("exp", json!({"exp": 1.795e12})),
        ("exp", json!({"exp": 1e300})),
        ("exp", json!({"exp": (AT + 300) * 1000})),
        ("exp", json!({"exp": -0.5})),
        ("exp", json!({"exp": format!("{AT}.5")})),
        (
            "exp",
            json!({"exp": AT - 61, "iat": f64::from(1_795_219_200_i32) - 0.5}),
        ),
        ("exp", json!({"exp": -1})),
        ("iat", json!({"iat": null})),
        ("iat", json!({"iat": AT + 61})),
        ("iat", json!({"iat": AT - 700})),
        ("iat", json!({"iat": format!("{AT}")})),
        ("nbf", json!({"nbf": AT + 61})),
        ("nbf", json!({"nbf": "now"})),
        ("nonce", json!({"nonce": null})),
        ("nonce", json!({"nonce": "N"})),
        ("nonce", json!({"nonce": ""})),
        ("acr", json!({"acr": 2})),
        ("auth_time", json!({"auth_time": AT + 61})),
        ("auth_time", json!({"auth_time": "now"})),
    ];
    for (claim, changes) in table {
        assert_eq!(refused(&changes), claim, "{changes}");
    }
}

#[test]
fn clocks_may_differ_by_a_minute() {
    let within = [
        json!({"exp": AT - 59}),
        json!({"iat": AT + 60}),
        json!({"nbf": AT + 60}),
        json!({"auth_time": AT + 60}),
        json!({"aud": ["hub"]}),
        json!({"azp": "hub"}),
        json!({"auth_time": null}),
        json!({"acr": null}),
    ];
    for changes in within {
        assert_eq!(refused(&changes), "accepted", "{changes}");
    }
}

#[test]
fn userinfo_must_have_the_expected_subject_issuer_and_audience() {
    let check = |claims: Value| {
        expected()
            .userinfo(&object(&claims), "42")
            .map_err(|error| error.0)
    };

    assert_eq!(check(json!({"sub": "42"})), Ok(()));
    assert_eq!(
        check(json!({"sub": "42", "iss": "https://idp.example", "aud": "hub"})),
        Ok(())
    );
    assert_eq!(check(json!({"sub": "43"})), Err("sub"));
    assert_eq!(check(json!({})), Err("sub"));
    assert_eq!(
        check(json!({"sub": "42", "iss": "https://evil.example"})),
        Err("iss")
    );
    assert_eq!(check(json!({"sub": "42", "aud": "other"})), Err("aud"));
    assert_eq!(check(json!({"sub": "42", "exp": AT - 100})), Err("exp"));
}

#[test]
fn a_client_assertion_needs_our_audience_a_short_life_and_a_jti() {
    let audiences = ["https://hub.example", "https://hub.example/token"];
    let assertion = |changes: Value| {
        let mut claims = object(
            &json!({"iss": "sp", "sub": "sp", "aud": "https://hub.example",
                                        "exp": AT + 60, "iat": AT, "jti": "j"}),
        );
        claims.extend(object(&changes));
        client_assertion(&claims, "sp", &audiences, NOW).map_err(|error| error.0)
    };

    assert_eq!(
        assertion(json!({})),
        Ok(("j".into(), Timestamp::from_unix(AT + 120)))
    );
    assert!(assertion(json!({"aud": "https://hub.example/token"})).is_ok());
    let table = [
        ("iss", json!({"iss": "other"})),
        ("sub", json!({"sub": "other"})),
        ("aud", json!({"aud": "https://other.example"})),
        ("aud", json!({"aud": ["https://hub.example"]})),
        (
            "aud",
            json!({"aud": ["https://hub.example", "https://other.example"]}),
        ),
        ("exp", json!({"exp": AT - 61})),
        ("exp", json!({"exp": AT + 3600})),
        ("exp", json!({"exp": "soon"})),
        ("iat", json!({"iat": AT + 100})),
        ("nbf", json!({"nbf": AT + 100})),
        ("jti", json!({"jti": ""})),
        ("jti", json!({"jti": 7})),
        ("jti", json!({"jti": "x".repeat(257)})),
    ];
    for (claim, changes) in table {
        assert_eq!(assertion(changes.clone()), Err(claim), "{changes}");
    }
}

#[test]
fn a_hint_may_have_expired_but_must_be_issued_by_this_hub() {
    let hint =
        |claims: Value| own_hint(&object(&claims), "https://hub.example", "sp").map_err(|f| f.0);
    let valid = json!({"iss": "https://hub.example", "aud": "sp", "sub": "p1.x", "acr": "eidas1",
        "exp": 1});

    assert_eq!(hint(valid), Ok("p1.x".into()));
    // A UserInfo response or a logout token of this hub.
    assert_eq!(
        hint(json!({"iss": "https://hub.example", "aud": "sp", "sub": "p1.x"})),
        Err("acr")
    );
    assert_eq!(
        hint(json!({"iss": "https://hub.example", "aud": "other", "sub": "p1.x"})),
        Err("aud")
    );
    assert_eq!(
        hint(json!({"iss": "https://evil.example", "aud": "sp", "sub": "p1.x"})),
        Err("iss")
    );
}
