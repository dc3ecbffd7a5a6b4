//! One test for each attack of `docs/THREATS.md`, under the same name.
#![cfg(test)]

mod audit;
mod audit_sides;
mod availability;
mod blindness;
mod callback;
mod canary;
mod client_address;
mod connections;
mod consent;
mod cross_origin;
mod data_provider;
mod details;
mod ended_access;
mod error_texts;
mod foreign_text;
mod freshness;
mod log_sides;
mod logout;
mod mail_notice;
mod oracles;
mod other_sites;
mod pepper_rotation;
mod rate_limits;
mod receipts;
mod register;
mod service_side;
mod session_races;
mod shared_computer;
mod silence;
mod silent_levels;
mod store_flood;
mod strangers;
mod token_types;
mod upstream_logout;
