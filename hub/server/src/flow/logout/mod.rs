//! The end of a session.
//!
//! 1. [`end_session`]: a service, or the citizen, ends it.
//! 2. [`continue_logout`]: the browser goes to the identity provider's end-session endpoint, returns, and
//!    goes on to the service.
//! 3. [`idp_logged_out`]: an identity provider says that its own session has ended.

pub mod continue_logout;
pub mod end_session;
pub mod idp_logged_out;
