//! One moment: the page that follows a posted form.

use serde::Serialize;

use crate::Page;

/// The page that goes on to another address by itself, after a posted form. It says nothing of what
/// follows.
#[derive(Debug, Clone, Serialize)]
pub struct GoOn {
    /// The address.
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
