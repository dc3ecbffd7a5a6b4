//! Between HTTP and the flow: what a request brings, how an answer leaves.

pub(crate) mod attempt_failure;
pub mod authorization_response;
mod browser_error;
mod browser_request;
mod client;
mod code;
pub mod connection;
mod cookie;
pub mod cors;
pub mod explain;
mod login_context;
mod login_record;
mod logout_request;
mod origin;
mod parameters;
mod pending_logout;
pub mod rate_limit;
pub(crate) mod receipt_stage;
mod refusal;
mod token_error;
mod waiting;

pub use browser_error::{BrowserError, ErrorPage, NextLink};
pub use browser_request::BrowserRequest;
pub use client::{
    ClientError, CredentialFailure, authenticate, authenticate_data_provider, claimed_id,
};
pub use code::PublicCode;
pub use login_context::{CallbackContext, LoginContext, request_of};
pub use login_record::{LoginRecord, TakenLogin};
pub use logout_request::LogoutRequest;
pub use origin::client_address;
pub use parameters::{Duplicate, Parameters, RequestParameters, Unreadable};
pub use pending_logout::{FoundLogout, IdpSession, PendingLogout, logged_out_page, service_names};
pub use refusal::{endpoint_of, refuse_stranger};
pub use token_error::{BearerError, PkceFailure, TokenError, json};

#[cfg(test)]
mod tests;
