//! The client address: what a client writes itself into a header is never believed.

use std::net::SocketAddr;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::super::origin::client;
use crate::config::{ClientHeader, TrustedProxies};

const PROXY: &str = "10.0.0.1:4000";

fn proxies(header: &str) -> TrustedProxies {
    TrustedProxies {
        networks: ["10.0.0.0/8", "fd00::/8"]
            .map(|one| one.parse().unwrap())
            .to_vec(),
        header: match header {
            "forwarded" => ClientHeader::Forwarded,
            name => ClientHeader::List(name.to_owned()),
        },
        port_header: Some("x-real-port".to_owned()),
    }
}

/// The address seen for a connection from `peer` whose `header` has these `lines`, one for each.
fn seen(peer: &str, header: &str, lines: &[&str]) -> String {
    let proxies = proxies(header);
    let mut headers = HeaderMap::new();
    for line in lines {
        let name = HeaderName::try_from(header).unwrap();
        headers.append(name, HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    let peer: SocketAddr = peer.parse().unwrap();
    client(peer, &headers, Some(&proxies)).address.to_string()
}

#[test]
fn a_header_from_an_untrusted_peer_is_ignored() {
    for header in ["x-forwarded-for", "x-real-ip", "forwarded"] {
        let spoofed = if header == "forwarded" {
            "for=192.0.2.1"
        } else {
            "192.0.2.1"
        };
        assert_eq!(seen("203.0.113.9:1", header, &[spoofed]), "203.0.113.9");
    }
}

#[test]
fn a_header_that_the_operator_did_not_name_is_ignored() {
    let mut headers = HeaderMap::new();
    for (name, value) in [("x-real-ip", "192.0.2.1"), ("forwarded", "for=192.0.2.2")] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    let peer = PROXY.parse().unwrap();
    let proxies = proxies("x-forwarded-for");
    assert_eq!(
        client(peer, &headers, Some(&proxies)).address.to_string(),
        "10.0.0.1"
    );
    assert_eq!(client(peer, &headers, None).address.to_string(), "10.0.0.1");
}

#[test]
fn the_rightmost_address_that_is_no_proxy_is_the_client() {
    for (lines, client) in [
        (vec!["203.0.113.9"], "203.0.113.9"),
        (vec!["192.0.2.1, 203.0.113.9"], "203.0.113.9"),
        (vec!["192.0.2.1, 203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        (vec!["192.0.2.1", "203.0.113.9 ,10.0.0.7"], "203.0.113.9"),
        (vec!["203.0.113.9:1234"], "203.0.113.9"),
        (vec!["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
        (vec!["2001:db8::9"], "2001:db8::9"),
        (vec!["[2001:db8::9]:1234, fd00::1"], "2001:db8::9"),
        (vec!["[2001:db8::9]"], "2001:db8::9"),
        (vec!["::ffff:203.0.113.9"], "203.0.113.9"),
        (vec![], "10.0.0.1"),
    ] {
        assert_eq!(seen(PROXY, "x-forwarded-for", &lines), client, "{lines:?}");
    }
    assert_eq!(
        seen("[::ffff:10.0.0.1]:1", "x-real-ip", &["203.0.113.9"]),
        "203.0.113.9"
    );
    assert_eq!(
        seen("[::ffff:203.0.113.9]:1", "x-real-ip", &["192.0.2.1"]),
        "203.0.113.9"
    );
}

#[test]
fn forwarded_elements_are_read_as_rfc_7239_writes_them() {
    for (lines, client) in [
        (vec!["for=203.0.113.9"], "203.0.113.9"),
        (
            vec!["For=\"203.0.113.9:47011\";proto=https;by=10.0.0.1"],
            "203.0.113.9",
        ),
        (
            vec!["for=192.0.2.1, for=203.0.113.9, for=10.0.0.7"],
            "203.0.113.9",
        ),
        (
            vec!["for=\"[2001:db8::9]:4711\", for=\"[fd00::1]\""],
            "2001:db8::9",
        ),
        (vec!["for=192.0.2.1", "for=203.0.113.9"], "203.0.113.9"),
        // An open quote of the client's does not swallow what the proxy appended.
        (vec!["for=\"192.0.2.1, for=203.0.113.9"], "203.0.113.9"),
        (vec!["for=192.0.2.1, for=unknown"], "10.0.0.1"),
        (vec!["for=_hidden, for=10.0.0.7"], "10.0.0.7"),
        (vec!["for=2001:db8::9"], "10.0.0.1"),
        (vec!["proto=https"], "10.0.0.1"),
    ] {
        assert_eq!(seen(PROXY, "forwarded", &lines), client, "{lines:?}");
    }
}

#[test]
fn what_is_not_an_address_leaves_the_address_of_the_proxy() {
    let long = "A".repeat(60_000);
    let after_real = format!("{long}, 203.0.113.9");
    for header in ["x-forwarded-for", "x-real-ip", "forwarded"] {
        for garbage in [
            "",
            " ",
            "unknown",
            "203.0.113.9.9",
            "fe80::1%eth0",
            "é",
            ",,",
            &long,
        ] {
            assert_eq!(
                seen(PROXY, header, &[garbage]),
                "10.0.0.1",
                "{header} {garbage}"
            );
        }
    }
    assert_eq!(
        seen(PROXY, "x-forwarded-for", &[&after_real]),
        "203.0.113.9"
    );
    assert_eq!(
        seen(PROXY, "x-forwarded-for", &[&long, "203.0.113.9"]),
        "203.0.113.9"
    );
}

#[test]
fn the_port_is_the_proxys_word_too() {
    for (peer, port) in [(PROXY, Some(55)), ("203.0.113.9:1", Some(1))] {
        let headers: HeaderMap = [("x-real-ip", "192.0.2.1"), ("x-real-port", "55")]
            .into_iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        let proxies = proxies("x-real-ip");
        assert_eq!(
            client(peer.parse().unwrap(), &headers, Some(&proxies)).port,
            port
        );
    }
}

proptest! {
    #[test]
    fn no_header_makes_reading_panic_or_a_stranger_trusted(line in "[ -~]{0,80}") {
        for header in ["forwarded", "x-forwarded-for"] {
            let _seen = seen(PROXY, header, &[&line]);
            prop_assert_eq!(seen("203.0.113.9:1", header, &[&line]), "203.0.113.9");
        }
    }
}
