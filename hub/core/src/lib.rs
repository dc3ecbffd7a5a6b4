//! The domain types of an identity hub, in the order in which a login uses them.
//!
//! A service sends an authorization request ([`ids`], [`redirect_uri`], [`scope`], [`acr`], [`pkce`]).
//! The citizen's login passes through its stages ([`login`]) or continues from a [`session`], which the
//! IdP may end by its [`upstream_sid`]. The answer of an identity provider becomes an [`identity`] that
//! is [`proof::Verified`]; a [`register`] of persons may confirm it. The [`subject`] is derived, and the
//! claims are [`release`]d to the service and to the data providers whose [`data`] it requested.
//!
//! Records in the store are sealed ([`secret`], [`seal`], [`ticket`]). Time ([`clock`]) and randomness
//! ([`entropy`]) are arguments. [`text`] checks every text from outside.
//!
//! This crate does no I/O, does not wait, and depends on no framework. Every other crate of the hub
//! calls it.

pub mod acr;
mod aead;
pub mod clock;
pub mod data;
pub mod encoding;
pub mod entropy;
pub mod identity;
pub mod ids;
pub mod localised;
pub mod login;
pub mod oauth_error;
pub mod pkce;
pub mod proof;
pub mod redirect_uri;
pub mod register;
pub mod release;
pub mod scope;
pub mod seal;
pub mod secret;
pub mod session;
pub mod subject;
pub mod text;
pub mod ticket;
pub mod upstream_sid;
pub mod written;

pub use aead::Unsealable;

#[cfg(test)]
mod tests;
