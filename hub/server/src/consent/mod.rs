//! What the citizen consents to: the legal basis, the data of data providers, and the authorization code that
//! the service gets.

pub mod authorization_code;
pub mod data_release;
