//! The pages, each with samples.
//!
//! Filled by the server and rendered by `page.rs`.

mod choice;
mod end_idp_session;
mod error;
mod go_on;
mod kit;
mod leave;
mod logout;
mod receipt;
mod review;
mod wait;

pub use choice::{Choice, Entry, Filter, Notice};
pub use end_idp_session::EndIdpSession;
pub use error::ErrorPage;
pub use go_on::GoOn;
pub use kit::{About, Button, Kit};
pub use leave::Leave;
pub use logout::{ConfirmLogout, LoggedOut};
pub use receipt::{Accessibility, Receipt, ReceiptPart};
pub use review::{DataItem, Item, ProviderPart, Review};
pub use wait::Wait;

/// The name and template of every page.
pub(crate) const TEMPLATES: [(&str, &str); 13] = [
    ("about", include_str!("../../pages/about.hbs")),
    ("kit", include_str!("../../pages/kit.hbs")),
    (
        "accessibility",
        include_str!("../../pages/accessibility.hbs"),
    ),
    ("receipt", include_str!("../../pages/receipt.hbs")),
    (
        "confirm_logout",
        include_str!("../../pages/confirm_logout.hbs"),
    ),
    (
        "end_idp_session",
        include_str!("../../pages/end_idp_session.hbs"),
    ),
    ("logged_out", include_str!("../../pages/logged_out.hbs")),
    ("choice", include_str!("../../pages/choice.hbs")),
    ("error", include_str!("../../pages/error.hbs")),
    ("leave", include_str!("../../pages/leave.hbs")),
    ("review", include_str!("../../pages/review.hbs")),
    ("go_on", include_str!("../../pages/go_on.hbs")),
    ("wait", include_str!("../../pages/wait.hbs")),
];
