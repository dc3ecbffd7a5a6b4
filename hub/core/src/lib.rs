//! The vocabulary of an identity hub, in the order in which a login needs it.
//!
//! A service provider asks ([`ids`], [`redirect_uri`], [`scope`], [`acr`], [`pkce`]); the citizen's
//! login passes its stages ([`login`]), or goes on from a [`session`], which a provider may end by its [`upstream_sid`]; an identity provider's word becomes an [`identity`] that is
//! [`proof::Verified`], and may be checked in a [`register`]; the [`subject`] is derived and the claims are [`release`]d, to the
//! service and to the data providers whose [`data`] it asked for. What must wait in a
//! store is sealed ([`secret`], [`seal`], [`ticket`]). Time ([`clock`]) and chance ([`entropy`]) are
//! arguments. Every text from outside passes [`text`].
//!
//! Nothing here does I/O, waits, or knows a framework.

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
