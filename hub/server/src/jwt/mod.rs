//! The tokens that leave the hub.

mod access_token;
mod id_token;
mod introspection;
mod logout_token;
mod receipt;
mod userinfo;

pub use access_token::{SECRET_CLAIM, access_token};
pub use id_token::{SigningError, id_token};
pub use introspection::{introspection, signed_introspection};
pub use logout_token::logout_token;
pub use receipt::{Receipt, basis_name};
pub use userinfo::{Userinfo, userinfo};
