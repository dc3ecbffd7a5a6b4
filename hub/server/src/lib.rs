//! The hub: OpenID Provider toward services, client toward identity providers, and nothing kept.
//!
//! [`flow`] is the login, one file per step in the order in which a citizen meets it; [`router`] is
//! the table of contents. [`app::Application`] wires and runs it from a [`config::Configuration`].

pub mod app;
pub mod audit;
pub mod authorization;
pub mod cli;
pub mod config;
pub mod consent;
pub mod data_token;
pub mod flow;
pub mod http;
pub mod hub;
pub mod jwt;
pub mod mail;
pub mod pages;
pub mod person;
pub mod process;
pub mod rate_limit;
pub mod router;
pub mod session;
pub mod store;
pub mod telemetry;
pub mod token;
