//! The register of persons: an authority that knows everybody, and is asked whether an identity is one
//! of theirs. What it answers decides what the `sub` is made of.
//!
//! The port is [`PersonRegister`]; [`HttpRegister`] asks over HTTP in JSON. `docs/REGISTER.md` has the
//! contract.

mod http;
mod port;

pub use http::{HttpRegister, RegisterSettings};
pub use port::{NoRegister, PersonRegister};
