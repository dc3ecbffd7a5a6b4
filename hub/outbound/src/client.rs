//! The client for outbound HTTP.
//!
//! It follows no redirects, limits time and size, and refuses private networks unless a configuration
//! entry allows them. Called by the IdP adapters, the register client and the server.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{Client, ClientBuilder, Method, RequestBuilder, redirect};
use url::Url;

use crate::{
    address::{PublicResolver, is_public, literal},
    answer::fetch,
    error::OutboundError,
};

const CONNECT: Duration = Duration::from_secs(2);

/// Which addresses a caller may request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkPolicy {
    /// Private addresses and plain http too, for an entry with `private_network = true`.
    AllowPrivate,
    /// Public addresses over https only.
    PublicOnly,
}

/// The hub's HTTP clients: one pool for each [`NetworkPolicy`], shared by every IdP and service.
///
/// Each is created at its first use, because reading the system's certificates takes longer than the
/// rest of the startup.
#[derive(Debug, Clone, Default)]
pub struct Outbound {
    private_allowed: Arc<OnceLock<Option<Client>>>,
    public_only: Arc<OnceLock<Option<Client>>>,
    max_copy_age: Option<Duration>,
}

/// The default maximum age of a copy of another party's keys or discovery document.
const MAX_COPY_AGE: Duration = Duration::from_secs(86_400);

impl Outbound {
    /// Sets the age up to which a copy of a document is used while it cannot be fetched again.
    #[must_use]
    pub fn with_max_copy_age(self, max_copy_age: Duration) -> Self {
        Self {
            max_copy_age: Some(max_copy_age),
            ..self
        }
    }

    /// Returns the age up to which a copy of a fetched document is used while it cannot be fetched again.
    #[must_use]
    pub fn max_copy_age(&self) -> Duration {
        self.max_copy_age.unwrap_or(MAX_COPY_AGE)
    }

    fn client(&self, network_policy: NetworkPolicy) -> Result<&Client, OutboundError> {
        let (pool, restrict): (_, fn(ClientBuilder) -> ClientBuilder) = match network_policy {
            NetworkPolicy::AllowPrivate => (&self.private_allowed, |client| client),
            NetworkPolicy::PublicOnly => (&self.public_only, |client| {
                client.https_only(true).dns_resolver(PublicResolver)
            }),
        };
        let build = || {
            let common = Client::builder()
                .user_agent(concat!("lethe/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .referer(false)
                .connect_timeout(CONNECT)
                .pool_idle_timeout(Duration::from_secs(55))
                .no_proxy();
            restrict(common).build().ok()
        };
        pool.get_or_init(build).as_ref().ok_or(OutboundError::Setup)
    }

    /// Builds a request to `url` that fails after `limit`.
    ///
    /// # Errors
    /// [`OutboundError::Forbidden`], or [`OutboundError::Setup`] if TLS cannot be set up.
    pub fn request(
        &self,
        network_policy: NetworkPolicy,
        (method, url): (Method, &Url),
        limit: Duration,
    ) -> Result<RequestBuilder, OutboundError> {
        // The resolver never sees a literal IP address, so it is checked here.
        let is_forbidden = url.scheme() != "https" || literal(url).is_some_and(|ip| !is_public(ip));
        if network_policy == NetworkPolicy::PublicOnly && is_forbidden {
            return Err(OutboundError::Forbidden);
        }
        let client = self.client(network_policy)?;
        Ok(client.request(method, url.clone()).timeout(limit))
    }
}

impl Outbound {
    /// Posts `form` to `url` and returns the HTTP status of the response.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn post_form(
        &self,
        network_policy: NetworkPolicy,
        url: &Url,
        form: &[(&str, &str)],
        limit: Duration,
    ) -> Result<u16, OutboundError> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self
            .request(network_policy, (Method::POST, url), limit)?
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        fetch(request).await.map(|answer| answer.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_literals_and_plain_http_are_forbidden_unless_allowed() {
        let outbound = Outbound::default();
        let try_it = |network_policy, url: &str| {
            let url = Url::parse(url).unwrap();
            outbound
                .request(network_policy, (Method::GET, &url), CONNECT)
                .map(|_| ())
                .err()
        };

        for url in [
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "http://idp.example/",
        ] {
            assert_eq!(
                try_it(NetworkPolicy::PublicOnly, url),
                Some(OutboundError::Forbidden),
                "{url}"
            );
            assert_eq!(try_it(NetworkPolicy::AllowPrivate, url), None, "{url}");
        }
        assert_eq!(
            try_it(NetworkPolicy::PublicOnly, "https://idp.example/"),
            None
        );
    }

    #[tokio::test]
    async fn a_name_with_a_private_address_is_not_requested() {
        let outbound = Outbound::default();
        let url = Url::parse("https://localhost:9/").unwrap();
        let request = outbound
            .request(NetworkPolicy::PublicOnly, (Method::GET, &url), CONNECT)
            .unwrap();

        assert_eq!(fetch(request).await.unwrap_err(), OutboundError::Forbidden);
    }
}
