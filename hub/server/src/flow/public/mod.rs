//! What everybody may read: where the endpoints are, how the hub is, what it says of itself.

pub mod assets;
pub mod discovery;
pub mod health;
pub mod information_pages;
