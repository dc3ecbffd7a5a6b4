//! The page after a posted form, which continues to another URL.
//!
//! Sent by the server's HTTP layer.

use serde::Serialize;

use crate::Page;

/// The page that continues to another URL by itself after a posted form.
///
/// It does not reveal what follows.
#[derive(Debug, Clone, Serialize)]
pub struct GoOn {
    /// The URL.
    pub href: String,
}

impl Page for GoOn {
    const NAME: &'static str = "go_on";

    fn samples() -> Vec<Self> {
        vec![Self {
            href: "/session/out".into(),
        }]
    }
}
