use hub_core::encoding::{base64url, from_base64url};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Algorithm, DecryptError, Decrypter, DecryptionKey, Recipient, generate};

const INNER: &str = "header.payload.signature";

fn decrypter(algorithms: &[Algorithm]) -> Decrypter {
    let key =
        |algorithm: &Algorithm| DecryptionKey::from_pem(&generate(*algorithm).unwrap()).unwrap();
    Decrypter::new(algorithms.iter().map(key).collect())
}

fn recipient(decrypter: &Decrypter) -> Recipient {
    let keys: Vec<&Value> = decrypter.public().collect();
    Recipient::from_jwks(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

/// Returns `token` with its header changed.
fn with_header(token: &str, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let mut members: serde_json::Map<String, Value> =
        serde_json::from_slice(&from_base64url(header).unwrap()).unwrap();
    change(&mut members);
    format!(
        "{}.{rest}",
        base64url(Value::Object(members).to_string().as_bytes())
    )
}

fn with_part(token: &str, place: usize, part: &str) -> String {
    let mut parts: Vec<&str> = token.split('.').collect();
    parts[place] = part;
    parts.join(".")
}

#[test]
fn a_token_is_decrypted_only_by_the_key_it_was_encrypted_for() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let (ours, theirs) = (decrypter(&[algorithm]), decrypter(&[algorithm]));
        let token = recipient(&ours).seal(INNER).unwrap();

        assert_eq!(ours.open(&token).as_deref(), Ok(INNER));
        assert_eq!(theirs.open(&token), Err(DecryptError::Key));
        assert_eq!(Decrypter::default().open(&token), Err(DecryptError::Key));
        // Without a `kid`, the key is found by its algorithm; but the changed header is detected.
        let unnamed = with_header(&token, |header| {
            header.remove("kid");
        });
        assert_eq!(ours.open(&unnamed), Err(DecryptError::Key));
    }
}

#[test]
fn the_kid_of_a_token_selects_the_decryption_key() {
    let ring = decrypter(&[Algorithm::Es256, Algorithm::Rs256, Algorithm::Es256]);
    for public in ring.public() {
        let one = json!({"keys": [public]}).to_string();
        let token = Recipient::from_jwks(one.as_bytes()).unwrap().seal(INNER);

        assert_eq!(ring.open(&token.unwrap()).as_deref(), Ok(INNER));
        assert_eq!(public.get("use"), Some(&json!("enc")));
        assert!(public.get("d").is_none());
    }
}

#[test]
fn an_encrypted_token_of_another_form_is_refused() {
    let ours = decrypter(&[Algorithm::Es256, Algorithm::Rs256]);
    let token = recipient(&ours).seal(INNER).unwrap();
    for (member, value) in [
        ("alg", json!("dir")),
        ("alg", json!("RSA1_5")),
        ("alg", json!("PBES2-HS256+A128KW")),
        ("alg", json!("A256KW")),
        ("alg", json!("ECDH-ES+A256KW")),
        ("alg", json!(1)),
        ("enc", json!("A128CBC-HS256")),
        ("enc", json!("A256CBC-HS512")),
        ("enc", json!("A128GCM")),
        ("enc", json!(null)),
        ("zip", json!("DEF")),
        ("crit", json!(["exp"])),
        ("kid", json!(7)),
        ("apu", json!("QQ")),
    ] {
        let changed = with_header(&token, |header| {
            header.insert(member.to_owned(), value.clone());
        });
        assert_eq!(
            ours.open(&changed),
            Err(DecryptError::Form),
            "{member} {value}"
        );
    }
    let short = base64url(&[0; 15]);
    for (place, part) in [
        (2, "AAAA"),
        (4, short.as_str()),
        (4, "QQ"),
        (4, ""),
        (1, "!"),
    ] {
        assert_eq!(
            ours.open(&with_part(&token, place, part)),
            Err(DecryptError::Form),
            "{place} {part}"
        );
    }
    // A wrapped key where the algorithm has none, and one of another length.
    for wrapped in [base64url(&[1]), base64url(&[1; 7]), base64url(&[1; 40])] {
        assert_eq!(
            ours.open(&with_part(&token, 1, &wrapped)),
            Err(DecryptError::Key)
        );
    }
    let long = format!("{token}{}", "A".repeat(64 * 1024));
    for malformed in [INNER, "", "....", "a.b.c.d.e", &format!("{token}.x"), &long] {
        assert!(ours.open(malformed).is_err());
    }
}

#[test]
fn a_changed_token_is_not_decrypted() {
    let ours = decrypter(&[Algorithm::Es256]);
    let token = recipient(&ours).seal(INNER).unwrap();
    for place in [2, 3, 4] {
        let mut part = from_base64url(token.split('.').nth(place).unwrap()).unwrap();
        part[0] ^= 1;

        let changed = with_part(&token, place, &base64url(&part));

        assert_eq!(ours.open(&changed), Err(DecryptError::Key), "{place}");
    }
}

#[test]
fn keys_of_other_kinds_neither_decrypt_nor_encrypt() {
    assert!(DecryptionKey::from_pem(&generate(Algorithm::EdDsa).unwrap()).is_err());
    assert!(DecryptionKey::from_pem(b"no key").is_err());
    let ring = decrypter(&[Algorithm::Es256]);
    let mut signing = ring.public().next().unwrap().clone();
    signing["use"] = json!("sig");
    for set in [json!({"keys": [signing]}), json!({"keys": [1]}), json!({})] {
        assert!(Recipient::from_jwks(set.to_string().as_bytes()).is_none());
    }
}

proptest! {
    #[test]
    fn decrypting_never_panics(parts in proptest::collection::vec("[A-Za-z0-9_-]{0,20}", 0..7)) {
        let ours = decrypter(&[Algorithm::Es256]);
        let header = base64url(br#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256"}}"#);
        prop_assert!(ours.open(&parts.join(".")).is_err());
        let named = format!("{header}.{}", parts.join("."));
        prop_assert!(ours.open(&named).is_err());
    }
}
