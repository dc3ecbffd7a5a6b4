use std::time::Duration;

use proptest::prelude::*;

use super::{Counting, TODAY};
use crate::{
    ids::LoginId,
    seal::{KeyPair, Sealer, ServerKey},
    secret::{BearerSecret, Handle, Kind},
    ticket::TicketSealer,
};

fn key(byte: u8) -> ServerKey {
    ServerKey::new([byte; 32])
}

fn sealer() -> Sealer {
    Sealer::new(KeyPair::new(key(7), None))
}

fn secret(entropy: &Counting) -> BearerSecret {
    BearerSecret::draw(entropy)
}

#[test]
fn a_record_is_decrypted_with_its_own_handle_only() {
    let entropy = Counting::default();
    let handle = Handle::new(Kind::Code, &secret(&entropy));
    let sealed = sealer().seal(&handle, b"who", &entropy).unwrap();

    assert_eq!(sealer().open(&handle, &sealed).unwrap(), b"who");
    assert!(
        sealer()
            .open(&Handle::new(Kind::Code, &secret(&entropy)), &sealed)
            .is_err()
    );
}

#[test]
fn a_secret_does_not_decrypt_the_record_of_another_kind() {
    let entropy = Counting::default();
    let bearer = secret(&entropy);
    let code = Handle::new(Kind::Code, &bearer);
    let access = Handle::new(Kind::Access, &bearer);
    let sealed = sealer().seal(&code, b"who", &entropy).unwrap();

    assert_ne!(code.locator(), access.locator());
    assert!(sealer().open(&access, &sealed).is_err());
}

#[test]
fn a_login_needs_both_the_cookie_and_the_path() {
    let entropy = Counting::default();
    let (browser, other) = (secret(&entropy), secret(&entropy));
    let (tab, next_tab) = (LoginId::draw(&entropy), LoginId::draw(&entropy));
    let sealed = sealer()
        .seal(&Handle::login(&browser, &tab), b"x", &entropy)
        .unwrap();

    assert!(
        sealer()
            .open(&Handle::login(&browser, &tab), &sealed)
            .is_ok()
    );
    assert!(
        sealer()
            .open(&Handle::login(&browser, &next_tab), &sealed)
            .is_err()
    );
    assert!(
        sealer()
            .open(&Handle::login(&other, &tab), &sealed)
            .is_err()
    );
}

#[test]
fn the_configuration_alone_decrypts_no_record() {
    let entropy = Counting::default();
    let handle = Handle::new(Kind::Access, &secret(&entropy));
    let sealed = sealer().seal(&handle, b"MARKER", &entropy).unwrap();
    let guess = Handle::new(Kind::Access, &BearerSecret::parse(&"A".repeat(43)).unwrap());

    assert!(sealer().open(&guess, &sealed).is_err());
    assert!(!sealed.windows(6).any(|bytes| bytes == b"MARKER"));
}

#[test]
fn a_record_survives_one_change_of_pepper_and_not_two() {
    let entropy = Counting::default();
    let handle = Handle::new(Kind::Login, &secret(&entropy));
    let sealed = sealer().seal(&handle, b"x", &entropy).unwrap();

    let changed = Sealer::new(KeyPair::new(key(8), Some(key(7))));
    let changed_twice = Sealer::new(KeyPair::new(key(9), Some(key(8))));

    assert_eq!(changed.open(&handle, &sealed).unwrap(), b"x");
    assert!(changed_twice.open(&handle, &sealed).is_err());
}

#[test]
fn a_record_with_any_changed_bit_is_refused() {
    let entropy = Counting::default();
    let handle = Handle::new(Kind::Login, &secret(&entropy));
    let sealed = sealer().seal(&handle, b"record", &entropy).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;

        assert!(sealer().open(&handle, &changed).is_err(), "byte {at}");
        assert!(
            sealer().open(&handle, &sealed[..at]).is_err(),
            "cut at {at}"
        );
    }
}

#[test]
fn bearer_secrets_have_one_length_and_one_alphabet() {
    let valid = secret(&Counting::default()).reveal();

    assert_eq!(valid.len(), 43);
    assert_eq!(BearerSecret::parse(&valid).unwrap().reveal(), valid);
    for bad in [
        valid.get(..42).unwrap(),
        &format!("{valid}="),
        &format!("{valid}A"),
        "",
        &valid.replace(valid.get(..1).unwrap(), "+"),
        &format!("{}\n", valid.get(..42).unwrap()),
    ] {
        assert!(BearerSecret::parse(bad).is_none(), "{bad:?}");
    }
}

#[test]
fn the_last_character_of_a_secret_has_one_accepted_value() {
    // 43 characters carry 258 bits: the two extra bits must be zero.
    let accepted = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        .chars()
        .filter(|last| BearerSecret::parse(&format!("{}{last}", "A".repeat(42))).is_some())
        .count();

    assert_eq!(accepted, 16);
}

#[test]
fn page_tokens_belong_to_one_login() {
    let entropy = Counting::default();
    let browser = secret(&entropy);
    let one = Handle::login(&browser, &LoginId::draw(&entropy));
    let two = Handle::login(&browser, &LoginId::draw(&entropy));

    assert!(one.is_page_token(&one.page_token()));
    assert!(!one.is_page_token(&two.page_token()));
    assert!(!one.is_page_token(""));
}

#[test]
fn debug_prints_no_secret() {
    let entropy = Counting::default();
    let bearer = secret(&entropy);
    let handle = Handle::new(Kind::Code, &bearer);
    let printed = format!("{bearer:?} {handle:?} {:?}", sealer());

    assert_eq!(
        printed,
        "BearerSecret(hidden) Handle(code, hidden) Sealer { peppers: KeyPair { current: \
         ServerKey(hidden), previous: None } }"
    );
}

proptest! {
    #[test]
    fn hostile_records_and_tickets_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,200}"
    ) {
        let handle = Handle::new(Kind::Login, &secret(&Counting::default()));
        let tickets = TicketSealer::new(KeyPair::new(key(1), None), Duration::from_secs(1800));

        prop_assert!(sealer().open(&handle, &bytes).is_err());
        prop_assert!(tickets.open_state(&text, TODAY).is_none());
        prop_assert!(tickets.open_path(&text, TODAY).is_none());
    }
}
