//! Laws: what holds for every store, every file and every document.
#![cfg(test)]

mod architecture;
mod circles;
mod client_libraries;
mod cluster;
mod command_line;
mod configuration;
mod documents;
mod endpoints;
mod features;
mod glossary;
mod picture;
mod receipts;
mod safe_keys;
mod store;
