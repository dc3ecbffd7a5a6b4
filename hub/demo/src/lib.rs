//! The demonstration world: identity providers, a register of persons, a tax administration, services and people, all of them
//! fictitious.
//!
//! `lethe demo` runs it around a hub; the tests run the same world, and make its identity providers
//! misbehave ([`FaultInjection`]).

mod dp;
mod idp;
mod pages;
mod people;
mod register;
mod shared;
mod sp;
mod world;

pub use dp::DemoDataProvider;
pub use idp::{DemoIdp, Dialect, FaultInjection, IdpPlan};
pub use people::{CivilStatus, PEOPLE, Person, RegisterWord};
pub use register::DemoRegister;
pub use sp::{DataNeeds, DemoService, ServicePlan};
pub use world::{Addresses, World};
