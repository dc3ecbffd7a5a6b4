//! Redirect URIs: registered, parsed once, then compared byte for byte.
//!
//! Exact string comparison is RFC 9700 section 2.1; the loopback exception is RFC 8252 section 7.3.
//! Called by the service registry to parse and by the authorize and end-session steps to compare.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::{Host, Url};

/// A registered redirect URI: absolute, without fragment, wildcard or credentials.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RedirectUri {
    text: String,
    loopback: bool,
}

/// Why a text cannot be registered as a redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidRedirectUri {
    /// It contains a user name or a password.
    #[error("an address with a user name or password in it: remove them")]
    Credentials,
    /// It has a fragment (RFC 6749 3.1.2).
    #[error("an address with a fragment: remove everything from the `#` on")]
    Fragment,
    /// It is not an absolute address.
    #[error("not an absolute address: write it as https://host/path")]
    NotAbsolute,
    /// It uses plain http outside the loopback, or a scheme without a dot.
    #[error(
        "not https: use https://, http:// on 127.0.0.1, [::1] or localhost, or an app's own \
         reverse-domain scheme"
    )]
    NotSecure,
    /// A browser never sends it in this form, so it could never match.
    #[error("not in the form a browser sends: remove control characters, blanks and backslashes")]
    Unclean,
    /// It contains a `*`.
    #[error("a wildcard: register each address in full")]
    Wildcard,
}

impl RedirectUri {
    /// Parses a redirect URI of the registry.
    ///
    /// # Errors
    /// [`InvalidRedirectUri`], whose text states how to correct the entry.
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
            // RFC 8252 section 7.1: a private-use scheme is a domain name that the app's owner controls.
            scheme if scheme.contains('.') => {}
            _ => return Err(InvalidRedirectUri::NotSecure),
        }
        Ok(Self {
            text: text.to_owned(),
            loopback: loopback && url.scheme() == "http",
        })
    }

    /// Returns the redirect URI as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn matches(&self, sent: &str, any_port: bool) -> bool {
        if self.text == sent {
            return true;
        }
        // RFC 8252 section 7.3: a native app cannot know its port in advance.
        any_port
            && self.loopback
            && match (without_port(&self.text), without_port(sent)) {
                (Some(registered), Some(sent)) => registered == sent,
                _ => false,
            }
    }
}

/// A registered redirect URI that a request named. The hub redirects to no other address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VerifiedRedirect(String);

impl VerifiedRedirect {
    /// Returns `sent` if it is byte for byte one of `registered`.
    ///
    /// With `any_port`, a registered loopback address also matches with any other port.
    #[must_use]
    pub fn among(registered: &[RedirectUri], sent: &str, any_port: bool) -> Option<Self> {
        registered
            .iter()
            .any(|known| known.matches(sent, any_port))
            .then(|| Self(sent.to_owned()))
    }

    /// Returns the redirect URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the redirect URI with `parameters` added to its query (RFC 6749 section 4.1.2).
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

/// Splits `http://127.0.0.1:1234/path` into the text before and after the port.
///
/// Nothing else is parsed: a port has one to five digits.
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
