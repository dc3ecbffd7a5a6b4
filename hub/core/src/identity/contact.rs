//! Contact attributes: e-mail address, telephone number, postal address, login name.
//!
//! Called by `identity/claims.rs`.

use email_address::{EmailAddress, Options};
use serde_json::{Map, Value};
use url::Host;

use crate::text::{block, line};

const LONGEST_LOGIN: usize = 320;
const LONGEST_MEMBER: usize = 1000;
const ADDRESS_MEMBERS: [&str; 6] = [
    "formatted",
    "street_address",
    "locality",
    "region",
    "postal_code",
    "country",
];

/// Reads an e-mail address (RFC 5322 `addr-spec`), its domain in lower case and in ASCII (RFC 5890).
///
/// Quoted local parts, domain literals and display names are refused: mail programs and services parse
/// them differently, and quotes, `<`, `>` and commas end an address in a mail header.
pub(super) fn email(text: &str) -> Option<String> {
    let text = line(text)?;
    let options = Options::default()
        .without_display_text()
        .without_domain_literal()
        .with_required_tld();
    let address = EmailAddress::parse_with_options(&text, options).ok()?;
    let local = address.local_part();
    let plain = !local.contains(|c: char| c.is_whitespace() || "\"(),:;<>@[\\]".contains(c));
    // The host parser decodes `%61`, but mail programs do not.
    if address.domain().contains('%') {
        return None;
    }
    let Ok(Host::Domain(domain)) = Host::parse(address.domain()) else {
        return None;
    };
    (plain && domain.split('.').all(is_label)).then(|| format!("{local}@{domain}"))
}

/// Whether `label` is a label of a host name (RFC 1123 section 2.1).
fn is_label(label: &str) -> bool {
    let inner = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Reads the name of an account: one line of 1 to 320 bytes.
pub(super) fn login(text: &str) -> Option<String> {
    line(text).filter(|login| (1..=LONGEST_LOGIN).contains(&login.len()))
}

/// Reads the members of a postal address (OpenID Connect Core 5.1.1) that are texts. Returns `None` if one
/// of them is longer than 1000 bytes or has a character that [`block`] refuses.
pub(super) fn address(object: &Map<String, Value>) -> Option<Map<String, Value>> {
    let texts = ADDRESS_MEMBERS
        .iter()
        .filter_map(|name| Some((*name, object.get(*name)?.as_str()?)));
    texts
        .map(|(name, text)| {
            let text = block(text).filter(|text| text.len() <= LONGEST_MEMBER)?;
            Some((name.to_owned(), Value::from(text)))
        })
        .collect()
}
