//! The demonstration world: identity providers, services and people, all of them fictitious.
//!
//! `lethe demo` runs it around a hub; the tests run the same world, and make its identity providers
//! misbehave ([`Mischief`]).

mod idp;
mod pages;
mod people;
mod sp;
mod world;

pub use idp::{DemoIdp, IdpPlan, Mischief};
pub use people::{PEOPLE, Person};
pub use sp::{DemoService, ServicePlan};
pub use world::{Addresses, World};
