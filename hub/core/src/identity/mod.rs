//! The pivot identity: what an IdP states about a person, parsed and checked.
//!
//! Called by the IdP adapters, the login stages and `release.rs`.

mod birthdate;
mod claims;
mod contact;
mod fold;
mod name;
mod phone;
mod pivot;
mod place;

pub use birthdate::{Birthdate, DateForm};
pub use claims::{AttributeError, Reading, WhatIsWrong};
pub use fold::{Unusable, fold};
pub use name::{GivenNames, Name};
pub use phone::{PhoneRegion, phone_number};
pub use pivot::{Contact, Gender, PivotIdentity};
pub use place::{Cog, Country};
