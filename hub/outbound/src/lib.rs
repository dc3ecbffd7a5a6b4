//! Calls to other parties over HTTP, bounded in time, size and reach.
//!
//! [`Outbound`] makes a request, [`fetch`] reads its answer, a [`Breaker`] decides whether an endpoint is
//! called at all. A fetched document is kept in a [`Cached`]; [`RemoteKeys`] and [`RemoteRecipient`] are
//! key sets of other parties. A [`Failure`] says what went wrong, without any value of the answer.

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
