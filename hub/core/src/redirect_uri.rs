//! Addresses that a browser may be sent to: registered, parsed once, then compared byte for byte.
//!
//! Exact string comparison is RFC 9700 section 2.1; the loopback exception is RFC 8252 section 7.3.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::{Host, Url};

/// An address as registered: absolute, without fragment, wildcard or credentials.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RedirectUri {
    text: String,
    loopback: bool,
}

/// Why a text cannot be registered as a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidRedirectUri {
    /// It names a user or a password.
    #[error("an address with a user name or password in it: remove them")]
    Credentials,
    /// It has a fragment (RFC 6749 3.1.2).
    #[error("an address with a fragment: remove everything from the `#` on")]
    Fragment,
    /// It is not an absolute address.
    #[error("not an absolute address: write it as https://host/path")]
    NotAbsolute,
    /// Plain http outside the loopback, or a scheme of one word.
    #[error(
        "not https: use https://, http:// on 127.0.0.1, [::1] or localhost, or an app's own \
         reverse-domain scheme"
    )]
    NotSecure,
    /// It is not written the way a browser would send it, so it could never match.
    #[error("not in the form a browser sends: remove control characters, blanks and backslashes")]
    Unclean,
    /// It has a `*`.
    #[error("a wildcard: register each address in full")]
    Wildcard,
}

impl RedirectUri {
    /// Reads an address from a registry entry.
    ///
    /// # Errors
    /// [`InvalidRedirectUri`], whose text says how to mend it.
    pub fn parse(text: &str) -> Result<Self, InvalidRedirectUri> {
        if text
            .bytes()
            .any(|c| !c.is_ascii_graphic() || b"\\\"<>".contains(&c))
        {
            return Err(InvalidRedirectUri::Unclean);
        }
        if text.contains('*') {
            return Err(InvalidRedirectUri::Wildcard);
        }
        let url = Url::parse(text).map_err(|_syntax| InvalidRedirectUri::NotAbsolute)?;
        if url.fragment().is_some() {
            return Err(InvalidRedirectUri::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidRedirectUri::Credentials);
        }
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            // RFC 8252 section 7.1: a private-use scheme is a domain name the app's owner controls.
            scheme if scheme.contains('.') => {}
            _ => return Err(InvalidRedirectUri::NotSecure),
        }
        Ok(Self {
            text: text.to_owned(),
            loopback: loopback && url.scheme() == "http",
        })
    }

    /// The address as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn matches(&self, sent: &str, any_port: bool) -> bool {
        if self.text == sent {
            return true;
        }
        // RFC 8252 section 7.3: an app on the citizen's machine cannot know its port in advance.
        any_port
            && self.loopback
            && match (without_port(&self.text), without_port(sent)) {
                (Some(registered), Some(sent)) => registered == sent,
                _ => false,
            }
    }
}

/// An address that was found among the registered ones: the only kind the hub ever redirects to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VerifiedRedirect(String);

impl VerifiedRedirect {
    /// `sent`, if it is byte for byte one of `registered`. With `any_port`, a registered loopback
    /// address also matches on any other port.
    #[must_use]
    pub fn among(registered: &[RedirectUri], sent: &str, any_port: bool) -> Option<Self> {
        registered
            .iter()
            .any(|known| known.matches(sent, any_port))
            .then(|| Self(sent.to_owned()))
    }

    /// The address to go to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with `parameters` added to its query (RFC 6749 section 4.1.2).
    #[must_use]
    pub fn with(&self, parameters: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        let joint = match self.0.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        format!("{}{joint}{query}", self.0)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Splits `http://127.0.0.1:1234/path` into what stands before and after the port, without parsing
/// anything else: a port is one to five digits and nothing more.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let name_end = if host.starts_with('[') {
        host.find(']')? + 1
    } else {
        host.find(':').unwrap_or(host.len())
    };
    let (name, port) = host.split_at(name_end);
    if port.is_empty() {
        return Some((name, path));
    }
    let digits = port.strip_prefix(':')?;
    let is_port = (1..=5).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
    is_port.then_some((name, path))
}
