//! The waiting page: another request is verifying the answer of the identity provider.
//!
//! Sent by the server's HTTP layer.

use serde::Serialize;

use crate::Page;

/// The page for a second request while the first is verifying the answer of the identity provider.
///
/// The browser reloads it automatically.
#[derive(Debug, Clone, Serialize)]
pub struct Wait {
    /// The seconds until the browser reloads.
    pub seconds: u8,
    /// The URL that the browser loads again.
    pub href: String,
}

impl Page for Wait {
    const NAME: &'static str = "wait";

    fn samples() -> Vec<Self> {
        vec![Self {
            seconds: 2,
            href: "/login/AAAAAAAAAAAAAAAAAAAAAA".into(),
        }]
    }
}
