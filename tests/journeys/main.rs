//! Journeys: what citizens and services do, against the real hub.
#![cfg(test)]

mod asking;
mod hostile;
mod login;
mod operations;
mod pages;
mod setbacks;
mod store;
mod tokens;
