//! Configuration files, read with every problem reported at once: each with its line and a remedy.
//!
//! A reader asks a [`Section`] for its keys by name. The keys that it asked for are the known keys; any
//! other key is reported, with the nearest known key as the remedy. A document may have defaults,
//! another document whose values count where the first has none. `hub-core` is the only crate of the hub that
//! this one depends on.

mod document;
mod problem;
mod section;
mod source;

pub use document::Document;
pub use problem::ConfigProblem;
pub use section::Section;

#[cfg(test)]
mod tests;
