use proptest::prelude::*;

use crate::redirect_uri::{InvalidRedirectUri, RedirectUri, VerifiedRedirect};

fn registered() -> Vec<RedirectUri> {
    vec![
        RedirectUri::parse("https://town-hall.example/callback").unwrap(),
        RedirectUri::parse("https://town-hall.example/callback?tenant=1").unwrap(),
        RedirectUri::parse("http://127.0.0.1:8080/back").unwrap(),
        RedirectUri::parse("http://[::1]/back").unwrap(),
        RedirectUri::parse("nc.gov.app:/back").unwrap(),
    ]
}

fn found(sent: &str) -> bool {
    VerifiedRedirect::among(&registered(), sent, false).is_some()
}

fn found_on_any_port(sent: &str) -> bool {
    VerifiedRedirect::among(&registered(), sent, true).is_some()
}

#[test]
fn registered_addresses_are_found() {
    for sent in registered() {
        assert!(found(sent.as_str()));
    }
}

#[test]
fn similar_addresses_are_not_found() {
    let near = [
        "https://town-hall.example/callback/",
        "https://town-hall.example/Callback",
        "https://Town-hall.example/callback",
        "https://town-hall.example./callback",
        "https://town-hall.example:443/callback",
        "http://town-hall.example/callback",
        "https://town-hall.example/callback#",
        "https://town-hall.example/callback?",
        "https://town-hall.example/callback?x=1",
        "https://town-hall.example/callback?tenant=1&x=2",
        "https://town-hall.example/a/../callback",
        "https://town-hall.example/./callback",
        "https://town-hall.example//callback",
        "https://town-hall.example/%63allback",
        "https://town-hall.example/callback%00",
        "https://town-hall.example/callback\0",
        "https://town-hall.example/call\tback",
        "https://town-hall.example/callback\n",
        " https://town-hall.example/callback",
        "https://user@town-hall.example/callback",
        "https://town-hall.example@evil.example/callback",
        "https://town-hall.example\\@evil.example/callback",
        "https://town-hall.example.evil.example/callback",
        "https://town‑hall.example/callback",
        "https://town-hall.example／callback",
        "//town-hall.example/callback",
        "https:town-hall.example/callback",
        "",
    ];
    for sent in near {
        assert!(!found(sent), "{sent:?}");
        assert!(!found_on_any_port(sent), "{sent:?}");
    }
}

#[test]
fn any_port_matches_registered_loopback_addresses_only() {
    for sent in [
        "http://127.0.0.1:1/back",
        "http://127.0.0.1:65535/back",
        "http://127.0.0.1/back",
        "http://[::1]:99/back",
    ] {
        assert!(found_on_any_port(sent), "{sent}");
        assert!(!found(sent), "{sent}");
    }
    let refused = [
        "http://127.0.0.1:8080/other",
        "http://127.0.0.1:/back",
        "http://127.0.0.1:123456/back",
        "http://127.0.0.1:80@evil.example/back",
        "http://127.0.0.1.evil.example:80/back",
        "http://localhost:80/back",
        "https://127.0.0.1:8080/back",
        "https://town-hall.example:8443/callback",
        "http://[::1]evil.example:80/back",
    ];
    for sent in refused {
        assert!(!found_on_any_port(sent), "{sent}");
    }
}

#[test]
fn an_invalid_redirect_uri_is_refused_with_its_reason() {
    let table = [
        ("https://a.example/#x", InvalidRedirectUri::Fragment),
        ("https://*.example/", InvalidRedirectUri::Wildcard),
        ("https://u:p@a.example/", InvalidRedirectUri::Credentials),
        ("http://a.example/", InvalidRedirectUri::NotSecure),
        ("javascript:alert(1)", InvalidRedirectUri::NotSecure),
        ("myapp:/x", InvalidRedirectUri::NotSecure),
        ("data:text/html,x", InvalidRedirectUri::NotSecure),
        ("/relative", InvalidRedirectUri::NotAbsolute),
        ("https://a.example/ x", InvalidRedirectUri::Unclean),
        ("https://a.example\\b", InvalidRedirectUri::Unclean),
        ("https://é.example/", InvalidRedirectUri::Unclean),
    ];
    for (text, why) in table {
        assert_eq!(RedirectUri::parse(text), Err(why), "{text}");
    }
}

#[test]
fn parameters_are_added_to_an_existing_query() {
    let with = |sent: &str| {
        VerifiedRedirect::among(&registered(), sent, false)
            .unwrap()
            .with(&[("code", "a b"), ("state", "é&=")])
    };

    assert_eq!(
        with("https://town-hall.example/callback"),
        "https://town-hall.example/callback?code=a+b&state=%C3%A9%26%3D"
    );
    assert_eq!(
        with("https://town-hall.example/callback?tenant=1"),
        "https://town-hall.example/callback?tenant=1&code=a+b&state=%C3%A9%26%3D"
    );
}

proptest! {
    #[test]
    fn only_the_registered_bytes_are_found(sent in "\\PC{0,60}") {
        let exact = registered().iter().any(|known| known.as_str() == sent);

        prop_assert_eq!(found(&sent), exact);
    }

    #[test]
    fn one_changed_byte_is_another_address(at in 0usize..34, byte in 0u8..128) {
        let good = "https://town-hall.example/callback";
        let mut bytes = good.as_bytes().to_vec();
        bytes[at] = byte;
        let sent = String::from_utf8(bytes).unwrap();

        prop_assert_eq!(found(&sent), sent == good);
        prop_assert_eq!(found_on_any_port(&sent), sent == good);
    }
}
