//! The citizen's pages: rendered on the server, in French and English. They work without scripts.
//!
//! A [`Page`] is a struct of display texts with samples; [`Pages`] renders it. The messages are inserted
//! into the templates at startup, so that there is one prepared template for each page and language.
//! Called by the server's `pages` and `flow` modules.

mod assets;
mod isolate;
mod language;
mod page;
mod pages;
mod text;

pub use assets::{Asset, asset, kit_file, media_type};
pub use language::Language;
pub use page::{Fragment, Page, Pages, RenderError};
pub use pages::{
    About, Accessibility, Button, Choice, ConfirmLogout, DataItem, EndIdpSession, Entry, ErrorPage,
    Filter, GoOn, Item, Kit, Leave, LoggedOut, Notice, ProviderPart, Receipt, ReceiptPart, Review,
    Wait,
};
pub use text::fill;

#[cfg(test)]
mod tests;
