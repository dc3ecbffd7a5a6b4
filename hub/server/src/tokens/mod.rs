//! The tokens that leave the hub.

mod id_token;
mod logout_token;
mod receipt;
mod userinfo;

pub use id_token::{IdTokenFault, id_token};
pub use logout_token::logout_token;
pub use receipt::{Receipt, signed};
pub use userinfo::{Userinfo, userinfo};
