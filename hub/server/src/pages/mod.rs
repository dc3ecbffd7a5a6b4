//! What the pages show.

pub mod claims;
pub mod confirm_logout;
pub mod idp_list;
pub mod new_device;
pub mod receipt;
pub mod review;
pub mod wording;

pub use idp_list::{Availability, IdpList, Prepared};
