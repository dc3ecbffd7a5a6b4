use proptest::prelude::*;

use super::{Parameters, PublicCode, Unreadable};

mod origin;

fn parse(text: &str) -> Result<Parameters, Unreadable> {
    Parameters::parse(text.as_bytes())
}

#[test]
fn parameters_are_decoded_as_forms_are() {
    let sent = parse("a=1+2&b=%C3%A9%26&c&d=&=x&e=f=g").unwrap();

    assert_eq!(sent.only("a"), Some("1 2"));
    assert_eq!(sent.only("b"), Some("é&"));
    assert_eq!(sent.only("c"), None, "no value counts as absent");
    assert_eq!(sent.only("d"), None);
    assert_eq!(sent.only("e"), Some("f=g"));
    assert!(sent.has("c") && !sent.has("f"));
}

#[test]
fn a_repeated_parameter_has_no_value() {
    let sent = parse("a=1&b=2&a=1").unwrap();

    assert!(sent.one("a").is_err());
    assert_eq!(sent.only("a"), None);
    assert!(sent.has_duplicates());
}

#[test]
fn strays_foreign_bytes_floods_and_lengths_are_unreadable() {
    for bad in ["a=%", "a=%1", "a=%zz", "%=1", "a=%ff", "a=%c3", "a=%e0%a4"] {
        assert_eq!(parse(bad).unwrap_err(), Unreadable::Encoding, "{bad}");
    }
    let flood: Vec<String> = (0..65).map(|n| format!("p{n}=x")).collect();
    assert_eq!(parse(&flood.join("&")).unwrap_err(), Unreadable::Encoding);
    assert_eq!(parse(&"a".repeat(8193)).unwrap_err(), Unreadable::TooLong);
}

#[test]
fn codes_are_printed_as_they_are_named() {
    assert_eq!(PublicCode::L1001.as_str(), "L1001");
    let mut sorted = PublicCode::ALL;
    sorted.sort();
    assert_eq!(sorted, PublicCode::ALL);
}

proptest! {
    #[test]
    fn no_bytes_make_parsing_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _parsed = Parameters::parse(&bytes).is_ok();
    }

    #[test]
    fn what_a_client_encodes_is_what_we_read(value in "\\PC{1,80}") {
        let encoded = url::form_urlencoded::Serializer::new(String::new()).append_pair("v", &value).finish();

        let sent = parse(&encoded).unwrap();
        prop_assert_eq!(sent.only("v"), Some(value.as_str()));
    }
}
