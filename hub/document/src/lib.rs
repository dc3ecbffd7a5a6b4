//! A configuration file read with every fault at once: each with its line and a remedy.
//!
//! A reader asks a [`Section`] for its keys by name; what it asked for is what exists, so a key that
//! nobody asked for is a fault, with the nearest known key as the remedy. A document may stand upon
//! another, whose values count where it says nothing.

mod document;
mod problem;
mod section;
mod source;

pub use document::Document;
pub use problem::ConfigProblem;
pub use section::Section;

#[cfg(test)]
mod tests;
