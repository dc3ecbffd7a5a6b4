//! What a test does, step by step. A step that fails panics at the line of the test that took it, so that
//! a test needs no `unwrap`.

mod browser;
mod json;
mod login;
mod servers;
mod services;
mod world;

use std::{fmt::Display, panic::Location};

use serde_json::Value;

pub use json::JsonExt;
pub use login::Login;

/// The value of a step, or a panic at the line of the test.
#[track_caller]
#[expect(clippy::panic, reason = "a failed step fails the test")]
fn done<T, E: Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        // With `#`, anyhow prints every cause.
        Err(error) => panic!("{error:#}"),
    }
}

/// The same of an asynchronous step. `#[track_caller]` on an `async fn` would name the executor, so that
/// the line of the test is kept when the step is called, before it is awaited.
#[track_caller]
#[expect(clippy::panic, reason = "a failed step fails the test")]
fn run<T, E: Display>(step: impl Future<Output = Result<T, E>>) -> impl Future<Output = T> {
    let caller = Location::caller();
    async move {
        match step.await {
            Ok(value) => value,
            Err(error) => panic!("the step at {caller}: {error:#}"),
        }
    }
}

/// The claims of `token`; its signature is not verified.
#[must_use]
#[track_caller]
pub fn unverified_claims(token: &str) -> Value {
    done(crate::claims_of(token))
}

/// A new pair of P-256 keys in PEM, private and public.
#[must_use]
#[track_caller]
pub fn generate_escrow_keys() -> (Vec<u8>, Vec<u8>) {
    done(crate::escrow_keys())
}
