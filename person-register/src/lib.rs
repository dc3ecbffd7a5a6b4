//! The register of persons: an authority that confirms or corrects identities. Its answer decides what
//! the `sub` is derived from.
//!
//! The port is [`PersonRegister`]; [`HttpRegister`] calls a register over HTTP in JSON.
//! `docs/REGISTER.md` has the contract. Called by the server's `person` module.

mod http;
mod port;

pub use http::{HttpRegister, RegisterSettings};
pub use port::{NoRegister, PersonRegister};
