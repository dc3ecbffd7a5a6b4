use hub_core::encoding::base64url;
use josekit::jws::{HS256, JwsHeader, serialize_compact};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{key, ring};
use crate::{
    Algorithm, InvalidKeySet, JwtError, KeySet, Keyring, SigningKey, TokenType, generate, verify,
};

const ES256: &[Algorithm] = &[Algorithm::Es256];

fn token() -> String {
    ring()
        .sign(Algorithm::Es256, "JWT", &json!({"sub": "x"}))
        .unwrap()
}

fn check(token: &str, keys: &KeySet, allowed: &[Algorithm]) -> Result<Value, JwtError> {
    verify(token, keys, allowed, TokenType::Jwt).map(Value::from)
}

fn jwks() -> Value {
    serde_json::from_slice(ring().jwks()).unwrap()
}

fn with_header(header: &Value) -> String {
    let valid = token();
    let (_, rest) = valid.split_once('.').unwrap();
    format!("{}.{rest}", base64url(header.to_string().as_bytes()))
}

#[test]
fn every_algorithm_signs_and_verifies() {
    for algorithm in Algorithm::ALL {
        let token = ring().sign(algorithm, "JWT", &json!({"sub": "x"})).unwrap();

        assert_eq!(
            check(&token, ring().own(), &[algorithm]).unwrap(),
            json!({"sub": "x"})
        );
    }
}

#[test]
fn an_algorithm_that_is_not_allowed_is_refused() {
    let rs256 = ring().sign(Algorithm::Rs256, "JWT", &json!({})).unwrap();

    assert_eq!(check(&rs256, ring().own(), ES256), Err(JwtError::Algorithm));
}

#[test]
fn alg_none_is_refused() {
    let none = format!("{}.{}.", base64url(br#"{"alg":"none"}"#), base64url(b"{}"));

    assert_eq!(
        check(&none, ring().own(), &Algorithm::ALL),
        Err(JwtError::Algorithm)
    );
}

#[test]
fn a_public_key_is_never_used_as_a_shared_secret() {
    let secret = ring().jwks();
    let signer = HS256.signer_from_bytes(secret).unwrap();
    let forged = serialize_compact(b"{}", &JwsHeader::new(), &signer).unwrap();

    assert_eq!(
        check(&forged, ring().own(), &Algorithm::ALL),
        Err(JwtError::Algorithm)
    );
}

#[test]
fn the_right_kid_of_another_algorithm_is_an_unknown_key() {
    let es256_kid = jwks()["keys"][0]["kid"].clone();
    let forged = with_header(&json!({"alg": "RS256", "kid": es256_kid}));

    assert_eq!(
        check(&forged, ring().own(), &Algorithm::ALL),
        Err(JwtError::UnknownKey)
    );
}

#[test]
fn a_kid_of_two_keys_selects_neither() {
    let mut set = jwks();
    let double = set["keys"][0].clone();
    set["keys"].as_array_mut().unwrap().push(double);
    let keys = KeySet::from_jwks(set.to_string().as_bytes()).unwrap();

    assert_eq!(check(&token(), &keys, ES256), Err(JwtError::UnknownKey));
}

#[test]
fn a_token_without_kid_needs_a_single_key_of_its_algorithm() {
    let one = Keyring::new(vec![key(Algorithm::Es256)]);
    let two = Keyring::new(vec![key(Algorithm::Es256), key(Algorithm::Es256)]);
    let bare = |ring: &Keyring| {
        let mut set: Value = serde_json::from_slice(ring.jwks()).unwrap();
        set["keys"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|key| {
                key.as_object_mut().unwrap().remove("kid");
            });
        KeySet::from_jwks(set.to_string().as_bytes()).unwrap()
    };
    let unnamed = with_header(&json!({"alg": "ES256"}));

    // The right key is found, so the error is about the signature of the changed header.
    assert_eq!(
        check(&unnamed, &bare(&one), ES256),
        Err(JwtError::Signature)
    );
    assert_eq!(
        check(&unnamed, &bare(&two), ES256),
        Err(JwtError::UnknownKey)
    );
}

#[test]
fn a_key_in_the_header_of_the_token_is_not_used() {
    let foreign = Keyring::new(vec![key(Algorithm::Es256)]);
    let jwk: Value = serde_json::from_slice(foreign.jwks()).unwrap();
    let forged = foreign.sign(Algorithm::Es256, "JWT", &json!({})).unwrap();
    let (_, rest) = forged.split_once('.').unwrap();
    let header = json!({"alg": "ES256", "jwk": jwk["keys"][0], "jku": "https://evil.example/jwks"});
    let forged = format!("{}.{rest}", base64url(header.to_string().as_bytes()));

    assert_eq!(
        check(&forged, ring().own(), ES256),
        Err(JwtError::Signature)
    );
}

#[test]
fn critical_headers_non_text_kids_and_other_types_are_malformed() {
    let kid = jwks()["keys"][0]["kid"].clone();
    for header in [
        json!({"alg": "ES256", "kid": kid, "crit": ["x"]}),
        json!({"alg": "ES256", "kid": kid, "crit": ["b64"], "b64": false}),
        json!({"alg": "ES256", "kid": 1}),
        json!({"alg": "ES256", "kid": kid, "typ": "at+jwt"}),
        json!({"alg": "ES256", "kid": kid, "typ": "logout+jwt"}),
    ] {
        assert_eq!(
            check(&with_header(&header), ring().own(), ES256),
            Err(JwtError::Malformed),
            "{header}"
        );
    }
}

#[test]
fn a_token_with_any_changed_character_is_refused() {
    let valid = token();
    for at in (0..valid.len()).step_by(3) {
        let mut bytes = valid.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };

        assert!(
            check(&String::from_utf8(bytes).unwrap(), ring().own(), ES256).is_err(),
            "at {at}"
        );
    }
}

#[test]
fn a_foreign_signature_is_refused() {
    let foreign = Keyring::new(vec![key(Algorithm::Es256)]);
    let forged = foreign.sign(Algorithm::Es256, "JWT", &json!({})).unwrap();

    assert_eq!(
        check(&forged, ring().own(), ES256),
        Err(JwtError::UnknownKey)
    );
}

#[test]
fn oversized_tokens_are_refused_before_decoding() {
    let giant = format!(
        "{}.{}.x",
        base64url(br#"{"alg":"ES256"}"#),
        "A".repeat(64 * 1024)
    );

    assert_eq!(check(&giant, ring().own(), ES256), Err(JwtError::Malformed));
}

#[test]
fn oversized_and_malformed_key_sets_are_refused() {
    let many = json!({"keys": vec![json!({}); 51]}).to_string();

    assert_eq!(
        KeySet::from_jwks(&vec![b' '; 70_000]).unwrap_err(),
        InvalidKeySet::TooLarge
    );
    assert_eq!(
        KeySet::from_jwks(many.as_bytes()).unwrap_err(),
        InvalidKeySet::TooLarge
    );
    for broken in ["", "[]", "{}", r#"{"keys": 1}"#] {
        assert_eq!(
            KeySet::from_jwks(broken.as_bytes()).unwrap_err(),
            InvalidKeySet::Malformed
        );
    }
}

#[test]
fn unusable_keys_are_ignored() {
    let set = json!({"keys": [
        {"kty": "oct", "k": "AAAA"}, {"kty": "RSA", "n": "AQ", "e": "AQAB"}, {"kty": "EC"}, 1,
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "RSA", "use": "enc", "n": jwks()["keys"][1]["n"], "e": "AQAB"},
    ]});

    assert!(
        KeySet::from_jwks(set.to_string().as_bytes())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn no_private_member_is_published() {
    for key in jwks()["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(key.get(private).is_none(), "{private}");
        }
        assert_eq!(key["use"], "sig");
    }
}

#[test]
fn the_first_key_of_an_algorithm_signs_and_all_are_published() {
    let (old, new) = (key(Algorithm::Es256), key(Algorithm::Es256));
    let new_kid = new.kid().to_owned();
    let ring = Keyring::new(vec![new, old]);
    let signed = ring.sign(Algorithm::Es256, "JWT", &json!({})).unwrap();
    let header = hub_core::encoding::from_base64url(signed.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();

    assert_eq!(
        header,
        json!({"alg": "ES256", "kid": new_kid, "typ": "JWT"})
    );
    assert_eq!(ring.own().len(), 2);
}

#[test]
fn a_pem_key_is_parsed_by_its_kind_and_others_are_refused() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa] {
        assert_eq!(
            SigningKey::from_pem(&generate(algorithm).unwrap())
                .unwrap()
                .algorithm(),
            algorithm
        );
    }
    let weak = openssl::rsa::Rsa::generate(1024).unwrap();
    let weak = openssl::pkey::PKey::from_rsa(weak)
        .unwrap()
        .private_key_to_pem_pkcs8()
        .unwrap();
    let p384 = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::SECP384R1).unwrap();
    let p384 = openssl::ec::EcKey::generate(&p384).unwrap();
    let p384 = openssl::pkey::PKey::from_ec_key(p384)
        .unwrap()
        .private_key_to_pem_pkcs8()
        .unwrap();
    for bad in [
        b"".as_slice(),
        b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
        &weak,
        &p384,
    ] {
        assert!(SigningKey::from_pem(bad).is_err());
    }
}

#[test]
fn the_rfc_7638_example_is_reproduced() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let jwk = josekit::jwk::Jwk::from_map(
        json!({"kty": "RSA", "n": n, "e": "AQAB"})
            .as_object()
            .unwrap()
            .clone(),
    )
    .unwrap();

    assert_eq!(
        crate::keyring::thumbprint(&jwk).as_deref(),
        Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    );
}

proptest! {
    #[test]
    fn hostile_tokens_and_key_sets_never_panic(text in "\\PC{0,120}", header in "\\PC{0,60}") {
        prop_assert!(check(&text, ring().own(), &Algorithm::ALL).is_err());
        let token = format!("{}.{text}.{text}", base64url(header.as_bytes()));
        prop_assert!(check(&token, ring().own(), &Algorithm::ALL).is_err());
        let _set = KeySet::from_jwks(text.as_bytes());
    }
}
