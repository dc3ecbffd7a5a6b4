//! `lethe receipt verify` and retired keys: a receipt is checked without asking the hub.

use hub_tests::JsonExt;
use std::{fs, path::PathBuf};

use hub::cli::{ReceiptKeys, verify_receipt};
use hub_core::encoding::{base64url, hex};
use hub_core::entropy::{SystemEntropy, draw};
use hub_jose::{Algorithm, Keyring, SigningKey, generate, retired_keys};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn key() -> SigningKey {
    SigningKey::from_pem(&generate(Algorithm::Es256).unwrap()).unwrap()
}

fn file(text: &[u8]) -> PathBuf {
    let name = format!("lethe-receipt-{}", hex(&draw::<8>(&SystemEntropy)));
    let path = std::env::temp_dir().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn receipt(ring: &Keyring, typ: &str, digest_of: &str) -> String {
    let claims = json!({
        "iss": "https://hub.example", "iat": 1_790_000_000, "jti": "n", "service": "Mairie",
        "text": ["one", "two"], "text_digest": base64url(&Sha256::digest(digest_of)),
    });
    ring.sign(Algorithm::Es256, typ, &claims).unwrap()
}

/// What the command says of `text`, with the keys of `jwks`.
fn said(text: &str, jwks: &[u8]) -> (bool, String) {
    let (receipt, jwks) = (file(text.as_bytes()), file(jwks));
    let keys = ReceiptKeys::Jwks(jwks.clone());
    let mut out = Vec::new();
    let genuine = verify_receipt(&receipt, &keys, [].into(), &mut out).unwrap();
    fs::remove_file(receipt).unwrap();
    fs::remove_file(jwks).unwrap();
    (genuine, String::from_utf8(out).unwrap())
}

#[test]
fn a_receipt_verifies_offline_and_a_changed_one_does_not() {
    let ring = Keyring::new(vec![key()]);
    let genuine = receipt(&ring, "receipt+jwt", "one\ntwo");
    let readable = format!("A receipt for you to keep.\n\n{genuine}\n");
    let (head, rest) = genuine.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let other = base64url(br#"{"text":[],"text_digest":""}"#);

    for text in [&genuine, &readable] {
        let (is_genuine, said) = said(text, ring.jwks());
        assert!(is_genuine && said.contains("Mairie"), "{said}");
    }
    for text in [
        format!("{head}.{other}.{signature}"),
        receipt(&ring, "receipt+jwt", "one"),
        receipt(&ring, "JWT", "one\ntwo"),
        receipt(&Keyring::new(vec![key()]), "receipt+jwt", "one\ntwo"),
    ] {
        let (is_genuine, said) = said(&text, ring.jwks());
        assert!(!is_genuine && said.starts_with("not genuine"), "{said}");
    }
}

#[test]
fn a_receipt_of_a_retired_key_still_verifies() {
    let old = Keyring::new(vec![key()]);
    let signed = receipt(&old, "receipt+jwt", "one\ntwo");
    let retired = retired_keys(old.jwks()).unwrap();
    let new = Keyring::with_retired(vec![key()], &retired);
    let both: Value = serde_json::from_slice(new.jwks()).unwrap();

    assert!(said(&signed, new.jwks()).0);
    assert_eq!(both["keys"].items().len(), 2);
    assert_eq!(new.algorithms(), vec![Algorithm::Es256]);
    let again = Keyring::with_retired(vec![key()], &retired);
    assert!(!said(&receipt(&again, "receipt+jwt", "one\ntwo"), old.jwks()).0);
    for (set, error) in [
        ("{}", "expected a JWK set"),
        (r#"{"keys":[{"kty":"EC","kid":"a"}]}"#, "expected a JWK set"),
        (r#"{"keys":[{"kty":"EC"}]}"#, "without `kid`"),
        (r#"{"keys":[{"kty":"EC","kid":"a","d":"AA"}]}"#, "private"),
    ] {
        let said = retired_keys(set.as_bytes()).unwrap_err().to_string();
        assert!(said.contains(error), "{set}: {said}");
    }
}
