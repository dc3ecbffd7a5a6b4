//! The citizen's pages: server-rendered, working without script, in French and English.
//!
//! A [`Page`] is a struct of display strings with samples; [`Pages`] renders it. Messages are put into
//! the templates when the hub starts, so that a page is one prepared template for each language.

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
