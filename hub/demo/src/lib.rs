//! The demonstration world: identity providers, a register of persons, a tax administration, services
//! and people. All of them are fictitious.
//!
//! `lethe demo` runs it around a hub. The tests run the same world and inject faults into its identity
//! providers ([`FaultInjection`]).

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
