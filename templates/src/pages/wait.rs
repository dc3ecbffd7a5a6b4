//! A moment's patience: the identity provider is being asked.

use serde::Serialize;

use crate::Page;

/// The page that a second request sees while the first one is asking the identity provider. It comes
/// back by itself.
#[derive(Debug, Clone, Serialize)]
pub struct Wait {
    /// After how many seconds the page goes on by itself.
    pub seconds: u8,
    /// Where to look again.
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
