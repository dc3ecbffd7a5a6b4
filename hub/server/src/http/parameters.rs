//! Parameters as sent: decoded strictly, kept in order, never guessed at.

use std::{convert::Infallible, future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, StatusCode},
    web::{Bytes, Data},
};
use thiserror::Error;
use tokio::time::timeout;

use crate::{config::Limits, hub::Hub};

const LARGEST: usize = 8 * 1024;
const MOST: usize = 64;

/// Why parameters cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// A body that ends early, or whose chunks are malformed (RFC 9112 section 7.1).
    #[error("the body is incomplete or its chunks are malformed")]
    Body,
    /// Not percent-encoded UTF-8, or more than 64 of them.
    #[error("the parameters are badly encoded")]
    Encoding,
    /// A body that is not a form.
    #[error("the body is not application/x-www-form-urlencoded")]
    NotAForm,
    /// Over 8 kB.
    #[error("the request is too long")]
    TooLong,
    /// A body that took too long.
    #[error("the body did not come in time")]
    TooSlow,
}

/// A parameter that came more than once (RFC 6749 section 3.1 forbids it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a parameter came more than once")]
pub struct Duplicate;

/// The parameters of one request.
#[derive(Debug, Default)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// Decodes `application/x-www-form-urlencoded` bytes.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn parse(encoded: &[u8]) -> Result<Self, Unreadable> {
        if encoded.len() > LARGEST {
            return Err(Unreadable::TooLong);
        }
        let pairs = encoded
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let at = pair
                    .iter()
                    .position(|byte| *byte == b'=')
                    .unwrap_or(pair.len());
                let (name, value) = pair.split_at(at);
                Some((
                    decode(name)?,
                    decode(value.strip_prefix(b"=").unwrap_or(value))?,
                ))
            })
            .collect::<Option<Vec<_>>>()
            .filter(|pairs| pairs.len() <= MOST);
        pairs
            .map(|pairs| Self { pairs })
            .ok_or(Unreadable::Encoding)
    }

    /// The value of `name`; an empty value counts as absent (RFC 6749 section 3.1).
    ///
    /// # Errors
    /// [`Duplicate`].
    pub fn one<'a>(&'a self, name: &str) -> Result<Option<&'a str>, Duplicate> {
        let mut values = self.all(name);
        let first = values.next();
        match values.next() {
            Some(_) => Err(Duplicate),
            None => Ok(first.filter(|value| !value.is_empty())),
        }
    }

    /// The value of `name` if it came exactly once and is not empty.
    #[must_use]
    pub fn only<'a>(&'a self, name: &str) -> Option<&'a str> {
        self.one(name).ok().flatten()
    }

    /// Whether `name` came at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Whether any parameter came more than once.
    #[must_use]
    pub fn has_duplicates(&self) -> bool {
        self.pairs
            .iter()
            .any(|(name, _)| self.all(name).count() > 1)
    }

    /// Whether any parameter came more than once, but `resource`, which may (RFC 8707 section 2).
    #[must_use]
    pub fn has_duplicates_but_resource(&self) -> bool {
        let mut others = self.pairs.iter().filter(|(name, _)| name != "resource");
        others.any(|(name, _)| self.all(name).count() > 1)
    }

    /// Every parameter with its value, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The names of all parameters, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// Every value of `name`, in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Percent-decoding, with `+` for a blank; nothing for a stray `%` or bytes that are no UTF-8.
fn decode(encoded: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = encoded
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let strays = spaced.split(|byte| *byte == b'%').skip(1).any(|after| {
        !matches!(after, [first, second, ..] if first.is_ascii_hexdigit() && second.is_ascii_hexdigit())
    });
    if strays {
        return None;
    }
    percent_encoding::percent_decode(&spaced)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// What a request sent: the query of a GET, the form of a POST.
#[derive(Debug)]
pub struct RequestParameters(pub Result<Parameters, Unreadable>);

impl FromRequest for RequestParameters {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if request.method() != Method::POST {
            let parsed = Parameters::parse(request.query_string().as_bytes());
            return Box::pin(std::future::ready(Ok(Self(parsed))));
        }
        let is_form = request
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| {
                kind.trim()
                    .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            });
        let hub = request.app_data::<Data<Hub>>();
        let limit = hub.map_or_else(Limits::default, |hub| hub.shared.config.hub.limits);
        // A peer that sends its body byte by byte must not hold a connection and its buffers for ever.
        let body = timeout(limit.body_timeout, Bytes::from_request(request, payload));
        Box::pin(async move {
            let parsed = match body.await {
                Err(_elapsed) => Err(Unreadable::TooSlow),
                Ok(Err(error)) => Err(match error.as_response_error().status_code() {
                    StatusCode::PAYLOAD_TOO_LARGE => Unreadable::TooLong,
                    _ => Unreadable::Body,
                }),
                Ok(Ok(body)) if body.is_empty() => Ok(Parameters::default()),
                Ok(Ok(_)) if !is_form => Err(Unreadable::NotAForm),
                Ok(Ok(body)) => Parameters::parse(&body),
            };
            Ok(Self(parsed))
        })
    }
}
