//! `[proxy]` of `hub.toml`: the reverse proxies in front of the hub, whose headers are believed.

use std::net::IpAddr;

use hub_document::Section;
use ipnet::IpNet;

/// The reverse proxies whose word about a client's address is taken.
#[derive(Debug)]
pub struct TrustedProxies {
    /// Their networks. An address outside them is never believed about another one.
    pub networks: Vec<IpNet>,
    /// The header in which they name the client.
    pub header: ClientHeader,
    /// The header in which the first of them gives the client's port, if one does.
    pub port_header: Option<String>,
}

/// Where a proxy names the client it speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientHeader {
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// A header of this name with a list of addresses, each proxy adding one at the end: `X-Forwarded-For`.
    /// One address alone (`X-Real-IP`) is a list of one.
    List(String),
}

impl ClientHeader {
    /// The name of the header, in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Forwarded => "forwarded",
            Self::List(name) => name,
        }
    }
}

impl TrustedProxies {
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let networks = section.list("trusted", network);
        if networks.is_empty() {
            section.add_problem("trusted", "expected the addresses of your proxies");
        }
        let header = section.required("header", header_name).map(|name| {
            if name == "forwarded" {
                ClientHeader::Forwarded
            } else {
                ClientHeader::List(name)
            }
        });
        let port_header = section.optional("port_header", header_name);
        Some(Self {
            networks,
            header: header?,
            port_header,
        })
    }

    /// Whether `address` is one of the proxies.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }
}

/// A network (`10.0.0.0/8`), or one address.
fn network(text: &str) -> Result<IpNet, &'static str> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    let network = address.or_else(|_not_an_address| text.parse::<IpNet>());
    network
        .ok()
        .filter(|network| network.prefix_len() > 0)
        .ok_or(
            "expected the addresses of your proxies: \"127.0.0.1\", \"10.0.0.0/8\", \"fd00::/8\"",
        )
}

fn header_name(text: &str) -> Result<String, &'static str> {
    let good = (1..=100).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    good.then(|| text.to_ascii_lowercase()).ok_or(
        "expected the name of a header that your proxy sets: forwarded, x-forwarded-for, x-real-ip",
    )
}
