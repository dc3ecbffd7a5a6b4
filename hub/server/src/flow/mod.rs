//! The endpoints.
//!
//! [`login`] is one login, in the order in which a citizen meets it; [`api`] answers the servers of services and
//! data providers; [`logout`] ends a session; [`public`] is what everybody may read.

pub mod api;
pub mod login;
pub mod logout;
pub mod public;
