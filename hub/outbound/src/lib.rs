//! HTTP requests to other parties, limited in time, size and network.
//!
//! [`Outbound`] builds a request, [`fetch`] reads its response, and a [`Breaker`] decides whether an
//! endpoint is called. [`Cached`] keeps a fetched document; [`RemoteKeys`] and [`RemoteRecipient`] are
//! key sets of other parties. A [`Failure`] describes an error without any value of the response. Called
//! by the IdP adapters, the register client and the server.

mod address;
mod answer;
mod breaker;
mod cached;
mod client;
mod error;
mod failure;
mod remote_keys;

pub use answer::{Fetched, fetch};
pub use breaker::Breaker;
pub use cached::Cached;
pub use client::{NetworkPolicy, Outbound};
pub use error::OutboundError;
pub use failure::{Cause, Endpoint, Failure};
pub use remote_keys::{RemoteKeys, RemoteKeysError, RemoteRecipient};
