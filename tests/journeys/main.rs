//! Journeys: what citizens and services do, against the real hub.
#![cfg(test)]

mod asking;
mod audit;
mod causes;
mod choice;
mod data;
mod data_token_lifetimes;
mod developer_errors;
mod hostile;
mod identity;
mod idp_logout;
mod levels;
mod login;
mod logout;
mod operations;
mod pages;
mod paths;
mod people;
mod presets;
mod raw_requests;
mod review_page;
mod session_tokens;
mod sessions;
mod setbacks;
mod store;
mod store_restart;
mod tokens;
mod waiting;
