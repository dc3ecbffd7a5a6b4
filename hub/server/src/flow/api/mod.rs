//! What the servers of services and data providers call.
//!
//! [`token`] gives tokens for an authorization code or another token, [`userinfo`] the claims, [`introspect`]
//! tells a data provider what a token is, [`revoke`] ends one.

pub mod introspect;
pub mod revoke;
pub mod token;
pub mod userinfo;
