//! What the tests play with: a world around a real hub, a browser that never follows a redirect by
//! itself, a service, a clock that moves when told, a Redis of their own.

mod audit;
mod browser;
mod clock;
mod data_provider;
mod endpoints;
mod escrow;
mod http;
mod listener;
mod log;
mod logout;
mod mail;
mod page;
mod presenter;
mod redis;
mod relying_party;
mod services;
mod steps;
mod store;
mod world;

pub use audit::AuditFile;
pub use browser::{Answer, Browser};
pub use clock::TestClock;
pub use data_provider::{Answered, DataProvider};
pub use endpoints::{ENDPOINTS, Endpoint, OPERATIONS};
pub use escrow::escrow_keys;
pub use listener::Listener;
pub use log::Log;
pub use logout::claims_of;
pub use mail::MailServer;
pub use page::{Form, Page};
pub use presenter::{Driven, Presentation, Presenter, mask, requests_of};
pub use redis::{Held, RedisServer};
pub use relying_party::{RelyingParty, Returned};
pub use services::service_jwks;
pub use steps::{JsonExt, Login, generate_escrow_keys, unverified_claims};
pub use store::{FailingVault, Outage};
pub use world::{Opening, World, WorldOptions};
