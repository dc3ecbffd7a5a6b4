//! Outbound HTTP: no redirects followed, everything bounded in time and size, private networks out of
//! bounds unless an entry allows them.

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

/// Where a caller may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkPolicy {
    /// Private addresses and plain http as well: for an entry that says `private_network = true`.
    AllowPrivate,
    /// Public addresses over https.
    PublicOnly,
}

/// The hub's HTTP clients: one pool for each reach, shared by every IdP and service. Each is set up when
/// first needed, since reading the system's certificates takes longer than the rest of a start.
#[derive(Debug, Clone, Default)]
pub struct Outbound {
    everywhere: Arc<OnceLock<Option<Client>>>,
    internet: Arc<OnceLock<Option<Client>>>,
    max_copy_age: Option<Duration>,
}

/// How old a copy of somebody's keys or discovery document may be, unless the operator says otherwise.
const MAX_COPY_AGE: Duration = Duration::from_secs(86_400);

impl Outbound {
    /// The same clients, for callers that use a copy of a fetched document up to `max_copy_age` while it
    /// cannot be fetched again.
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
        let (place, limits): (_, fn(ClientBuilder) -> ClientBuilder) = match network_policy {
            NetworkPolicy::AllowPrivate => (&self.everywhere, |client| client),
            NetworkPolicy::PublicOnly => (&self.internet, |client| {
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
            limits(common).build().ok()
        };
        place
            .get_or_init(build)
            .as_ref()
            .ok_or(OutboundError::Setup)
    }

    /// A request to `url`, answered within `limit`.
    ///
    /// # Errors
    /// [`OutboundError::Forbidden`], or [`OutboundError::Setup`] if TLS cannot be set up.
    pub fn request(
        &self,
        network_policy: NetworkPolicy,
        (method, url): (Method, &Url),
        limit: Duration,
    ) -> Result<RequestBuilder, OutboundError> {
        // A literal address never passes through the resolver.
        let out_of_bounds =
            url.scheme() != "https" || literal(url).is_some_and(|ip| !is_public(ip));
        if network_policy == NetworkPolicy::PublicOnly && out_of_bounds {
            return Err(OutboundError::Forbidden);
        }
        let client = self.client(network_policy)?;
        Ok(client.request(method, url.clone()).timeout(limit))
    }
}

impl Outbound {
    /// Posts `form` to `url`, and says the status that it was answered with.
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
    async fn a_name_that_points_home_is_not_followed() {
        let outbound = Outbound::default();
        let url = Url::parse("https://localhost:9/").unwrap();
        let request = outbound
            .request(NetworkPolicy::PublicOnly, (Method::GET, &url), CONNECT)
            .unwrap();

        assert_eq!(fetch(request).await.unwrap_err(), OutboundError::Forbidden);
    }
}
