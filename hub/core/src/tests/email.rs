//! E-mail addresses.

use serde_json::json;

use super::TODAY;
use crate::identity::{Contact, PivotIdentity};

/// Reads the contact of a person whose other attributes are complete.
fn with_email(email: &str) -> Contact {
    let claims = json!({
        "given_name": "Angela", "family_name": "DUBOIS", "birthdate": "1962-08-24",
        "gender": "female", "birthplace": "75107", "birthcountry": "99100",
        "email": email, "email_verified": true,
    });
    let reading = PivotIdentity::read(claims.as_object().unwrap(), TODAY);
    reading.promised().unwrap().contact
}

#[test]
fn the_domain_of_an_address_is_read_in_one_form() {
    for (address, read) in [
        ("a@Example.ORG", "a@example.org"),
        ("a.b+c@x.example", "a.b+c@x.example"),
        ("A@BÜCHER.example", "A@xn--bcher-kva.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("o'neil@x.example", "o'neil@x.example"),
        (" a@x.example ", "a@x.example"),
    ] {
        assert_eq!(
            with_email(address).email.as_deref(),
            Some(read),
            "{address}"
        );
    }
    let long = format!("{}@x.example", "a".repeat(65));
    assert_eq!(with_email(&long).email, None);
    let long = format!("a@{}.example", "x".repeat(64));
    assert_eq!(with_email(&long).email, None);
}

#[test]
fn a_malformed_contact_is_omitted_and_the_pivot_is_kept() {
    for bad in [
        "not an address",
        "a@b",
        "@x.org",
        "a@b@c.org",
        "a@.org",
        "a@x..org",
        "a@[127.0.0.1]",
        "Angela <a@x.org>",
        "<a@x.org>",
        "a@x.org>",
        "a<b@x.org",
        "\"a b\"@x.org",
        "\"a\"@x.org",
        "'a'\"@x.org",
        "a,b@x.org",
        "a@x.org,b@y.org",
        "a;b@x.org",
        "a b@x.org",
        "a@x.org\r\nBcc: b@y.org",
        "a\u{0}@x.org",
        "a\u{7f}@x.org",
        "a\u{200b}@x.org",
        "a\u{202e}@x.org",
        "a@x.org?cc=b@y.org",
        "a@x.org/b",
        ".a@x.org",
        "a.@x.org",
        "a..b@x.org",
        "a@.x.org",
        "a@x.org.",
        "a@x..org",
        "a@-x.org",
        "a@x-.org",
        "a@ex%61mple.org",
        "a@x_y.org",
        "a@127.0.0.1",
        "a@0x7f.1",
        "a@[127.0.0.1]",
        "a@xn--.org",
        "a@localhost",
        "a@b@x.org",
        "@x.org",
        "a@",
    ] {
        let contact = with_email(bad);

        assert_eq!(
            (contact.email, contact.email_verified),
            (None, None),
            "{bad:?}"
        );
    }
}
