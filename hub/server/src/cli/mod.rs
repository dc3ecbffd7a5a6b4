//! The commands of the one binary, one file each.

mod check;
mod demo;
mod keys;
mod serve;
mod sp;
mod sub;

pub use check::check;
pub use demo::{Form as DemoForm, demo};
pub use keys::new_keys;
pub use serve::serve;
pub use sp::{NewService, new_service};
pub use sub::sub;
