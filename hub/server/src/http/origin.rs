//! The network address of the client that sent a request: of the citizen's browser, or of a server.
//!
//! A client can send any header. So a header is read only if the connection comes from a proxy that the
//! operator trusts, and from the right: each proxy appends the address that it saw, so the rightmost address
//! that is not itself a trusted proxy is the last one that somebody trusted saw. All left of it was sent
//! by the client (RFC 7239 section 8.1).

use std::net::{IpAddr, SocketAddr};

use actix_web::{HttpRequest, http::header::HeaderMap};

use crate::{
    audit::Origin,
    config::{ClientHeader, TrustedProxies},
    hub::Hub,
};

/// The address of the client that sent `request`; `None` if the connection has no address.
#[must_use]
pub fn client_address(request: &HttpRequest, proxies: Option<&TrustedProxies>) -> Option<IpAddr> {
    let client = client(request.peer_addr()?, request.headers(), proxies);
    Some(client.address)
}

/// The address and port to write into the audit stream; `None` unless the operator records them.
pub(super) fn recorded(request: &HttpRequest, hub: &Hub) -> Option<Origin> {
    let settings = &hub.shared.config.hub;
    if !settings.audit.as_ref()?.addresses {
        return None;
    }
    let proxies = settings.proxies.as_ref();
    Some(client(request.peer_addr()?, request.headers(), proxies))
}

/// The client behind a connection from `peer` that sent `headers`.
pub(super) fn client(
    peer: SocketAddr,
    headers: &HeaderMap,
    proxies: Option<&TrustedProxies>,
) -> Origin {
    let mut client = Origin {
        address: peer.ip().to_canonical(),
        port: Some(peer.port()),
    };
    let Some(proxies) = proxies.filter(|proxies| proxies.contains(client.address)) else {
        return client;
    };
    let named = headers.get_all(proxies.header.name());
    let named: Vec<&str> = named.map(|value| value.to_str().unwrap_or("")).collect();
    for line in named.into_iter().rev() {
        for hop in hops(&proxies.header, line) {
            // Not an address ("unknown", a hidden name, garbage): no more is known than the proxy itself.
            let Some(hop) = hop else { return client };
            client = hop;
            if !proxies.contains(client.address) {
                client.port = client.port.or_else(|| port(headers, proxies));
                return client;
            }
        }
    }
    client
}

/// The addresses of one header line, the rightmost first; `None` for what is not one.
fn hops<'l>(header: &ClientHeader, line: &'l str) -> Box<dyn Iterator<Item = Option<Origin>> + 'l> {
    match header {
        ClientHeader::Forwarded => Box::new(rfc7239::parse(line).rev().map(|element| {
            let node = element.ok()?.forwarded_for?;
            Some(Origin {
                address: node.ip()?.to_canonical(),
                port: node.port,
            })
        })),
        ClientHeader::List(_) => Box::new(line.rsplit(',').map(|entry| node(entry.trim()))),
    }
}

/// An address as `X-Forwarded-For` holds it: alone, or with a port.
fn node(text: &str) -> Option<Origin> {
    let (address, port) = match text.parse::<SocketAddr>() {
        Ok(both) => (both.ip(), Some(both.port())),
        Err(_no_port) => {
            let bare = text
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            (bare.unwrap_or(text).parse().ok()?, None)
        }
    };
    Some(Origin {
        address: address.to_canonical(),
        port,
    })
}

/// The client's port, from the header that the proxy sets for it.
fn port(headers: &HeaderMap, proxies: &TrustedProxies) -> Option<u16> {
    let value = headers.get(proxies.port_header.as_deref()?)?;
    value.to_str().ok()?.parse().ok()
}
