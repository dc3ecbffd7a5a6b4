//! The hub: OpenID Provider toward services, client toward identity providers, and nothing kept.
//!
//! [`flow`] is the login, one file per step in the order in which a citizen meets it; [`router`] is
//! the table of contents. [`app::Application`] wires and runs it from a [`config::Configuration`].

pub mod access;
pub mod app;
pub mod audit;
pub mod authorization;
pub mod cli;
pub mod config;
pub mod data_token;
pub mod device;
pub mod exchange;
mod failed_attempt;
pub mod farewell;
pub mod flow;
pub mod granting;
pub mod http;
pub mod hub;
pub mod mail;
pub mod process;
pub mod rate_limit;
pub mod register_check;
pub mod router;
pub mod sessions;
pub mod sharing;
pub mod silent;
pub mod store;
pub mod telemetry;
pub mod tokens;
pub mod upstream_sessions;
