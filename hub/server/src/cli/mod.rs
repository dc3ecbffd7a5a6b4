//! The commands of the one binary, one file each.

mod audit;
mod check;
mod client_library;
mod demo;
mod dp;
mod keys;
mod receipt;
mod serve;
mod sp;
mod sub;

pub use audit::{Opening, open_link, verify_audit};
pub use check::check;
pub use client_library::ClientLibrary;
pub use demo::{Form as DemoForm, Keeping as DemoKeeping, demo};
pub use dp::{NewDataProvider, new_data_provider};
pub use keys::new_keys;
pub use receipt::{ReceiptKeys, verify_receipt};
pub use serve::serve;
pub use sp::{NewService, new_secret, new_service, recipe};
pub use sub::sub;
