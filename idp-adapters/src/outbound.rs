//! Outbound HTTP: no redirects followed, everything bounded in time and size, private networks out of
//! bounds unless an entry allows them.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Client, ClientBuilder, Method, RequestBuilder, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use url::{Host, Url};

use crate::outbound_fault::{NO_PUBLIC_ADDRESS, OutboundFault};

const CONNECT: Duration = Duration::from_secs(2);
const LARGEST: usize = 64 * 1024;

/// Where a caller may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Private addresses and plain http as well: for an entry that says `private_network = true`.
    Everywhere,
    /// Public addresses over https.
    Internet,
}

/// An answer: status, media type and the whole body.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
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

    pub(crate) fn max_copy_age(&self) -> Duration {
        self.max_copy_age.unwrap_or(MAX_COPY_AGE)
    }

    fn client(&self, reach: Reach) -> Result<&Client, OutboundFault> {
        let (place, limits): (_, fn(ClientBuilder) -> ClientBuilder) = match reach {
            Reach::Everywhere => (&self.everywhere, |client| client),
            Reach::Internet => (&self.internet, |client| {
                client.https_only(true).dns_resolver(PublicOnly)
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
            .ok_or(OutboundFault::Setup)
    }

    /// A request to `url`, answered within `limit`.
    ///
    /// # Errors
    /// [`OutboundFault::Forbidden`], or [`OutboundFault::Setup`] if TLS cannot be set up.
    pub(crate) fn request(
        &self,
        reach: Reach,
        (method, url): (Method, &Url),
        limit: Duration,
    ) -> Result<RequestBuilder, OutboundFault> {
        // A literal address never passes through the resolver.
        let out_of_bounds =
            url.scheme() != "https" || literal(url).is_some_and(|ip| !is_public(ip));
        if reach == Reach::Internet && out_of_bounds {
            return Err(OutboundFault::Forbidden);
        }
        let client = self.client(reach)?;
        Ok(client.request(method, url.clone()).timeout(limit))
    }
}

impl Outbound {
    /// Posts `form` to `url`, and says the status that it was answered with.
    ///
    /// # Errors
    /// [`OutboundFault`].
    pub async fn post_form(
        &self,
        reach: Reach,
        url: &Url,
        form: &[(&str, &str)],
        limit: Duration,
    ) -> Result<u16, OutboundFault> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self
            .request(reach, (Method::POST, url), limit)?
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        fetch(request).await.map(|answer| answer.status)
    }
}

/// Sends and reads the whole answer, if it is small enough.
pub(crate) async fn fetch(request: RequestBuilder) -> Result<Fetched, OutboundFault> {
    let response = request
        .send()
        .await
        .map_err(|error| OutboundFault::of(&error))?;
    let status = response.status().as_u16();
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let body = read(response).await?;
    Ok(Fetched {
        status,
        content_type,
        body,
    })
}

async fn read(mut response: Response) -> Result<Vec<u8>, OutboundFault> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| OutboundFault::of(&error))?
    {
        if body.len() + chunk.len() > LARGEST {
            return Err(OutboundFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
        Host::Domain(_) => None,
    }
}

/// Answers with public addresses only, so that a registered name cannot point into our own network
/// (server-side request forgery).
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0))
                .await?
                .filter(|address| is_public(address.ip()))
                .collect();
            if found.is_empty() {
                return Err(NO_PUBLIC_ADDRESS.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether `ip` is none of the special ranges of RFC 6890.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => ip
            .to_ipv4_mapped()
            .map_or_else(|| is_public_v6(ip), is_public_v4),
    }
}

/// `2000::/3` is all that is routed; in it, `2001::/23`, `2001:db8::/32` and 6to4 are special.
const fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    (first & 0xe000) == 0x2000
        && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
        && first != 0x2002
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (18..20).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || a >= 224
        || shared
        || benchmark
        || protocol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_loopback_and_metadata_addresses_are_not_public() {
        for ip in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "::ffff:10.0.0.1",
            "2001:db8::1",
            "2002:0a00:1::",
            "2001::1",
            "ff02::1",
            "64:ff9b::a00:1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:4700:4700::1111",
            "2a01:e0a::1",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn private_literals_and_plain_http_are_forbidden_unless_allowed() {
        let outbound = Outbound::default();
        let try_it = |reach, url: &str| {
            let url = Url::parse(url).unwrap();
            outbound
                .request(reach, (Method::GET, &url), CONNECT)
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
                try_it(Reach::Internet, url),
                Some(OutboundFault::Forbidden),
                "{url}"
            );
            assert_eq!(try_it(Reach::Everywhere, url), None, "{url}");
        }
        assert_eq!(try_it(Reach::Internet, "https://idp.example/"), None);
    }

    #[tokio::test]
    async fn a_name_that_points_home_is_not_followed() {
        let outbound = Outbound::default();
        let url = Url::parse("https://localhost:9/").unwrap();
        let request = outbound
            .request(Reach::Internet, (Method::GET, &url), CONNECT)
            .unwrap();

        assert_eq!(fetch(request).await.unwrap_err(), OutboundFault::Forbidden);
    }
}
