//! Between HTTP and the flow: what a request brings, how an answer leaves.

pub mod assets;
pub mod authorization_response;
mod client;
mod code;
pub mod connection;
mod cookie;
pub mod cors;
pub mod explain;
mod idp_list;
mod login_record;
mod logout_request;
pub mod new_device;
mod origin;
mod page_error;
mod parameters;
mod pending;
mod pending_logout;
pub mod rate_limit;
pub mod receipt_page;
mod refusal;
pub mod review_page;
mod token_error;
mod visit;
mod waiting;
pub mod wording;

pub use client::{
    ClientFault, CredentialFailure, authenticate, authenticate_data_provider, claimed_id,
};
pub use code::PublicCode;
pub use idp_list::{IdpList, Prepared, Standing};
pub use login_record::{LoginRecord, TakenLogin};
pub use logout_request::LogoutRequest;
pub use origin::client_address;
pub use page_error::{BrowserError, Onward, Stop};
pub use parameters::{Duplicate, Parameters, Sent, Unreadable};
pub use pending::{Pending, Returning, request_of};
pub use pending_logout::{FoundLogout, IdpSession, PendingLogout, logged_out_page, service_names};
pub use refusal::refuse_stranger;
pub use token_error::{BearerError, PkceFailure, TokenError, json};
pub use visit::Visit;

#[cfg(test)]
mod tests;
