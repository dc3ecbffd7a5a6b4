//! The button kit for services, and the page that its link leads to.

use serde::Serialize;

use crate::Page;

/// The kit: each button with its code.
#[derive(Debug, Clone, Serialize)]
pub struct Kit {
    /// The files that every button needs.
    pub files: [&'static str; 2],
    /// The buttons.
    pub buttons: Vec<Button>,
}

impl Kit {
    /// The names of the files.
    pub const FILES: [&'static str; 2] = ["button.css", "mark.svg"];
}

/// One button, to look at and to copy.
#[derive(Debug, Clone, Serialize)]
pub struct Button {
    /// What it is for.
    pub name: String,
    /// Whether it is for a dark page.
    pub dark: bool,
    /// Its language.
    pub lang: String,
    /// Its classes.
    pub class: String,
    /// Its words.
    pub words: String,
    /// Where its question leads.
    pub what: String,
    /// The question under it.
    pub question: String,
    /// Its HTML.
    pub code: String,
}

impl Button {
    /// A button of the hub called `brand`, in the language `lang`: `(name, words, question)` in that
    /// language, of a `size` (empty, `small` or `large`), its question answered at `what`.
    #[must_use]
    pub fn new(
        lang: &str,
        (name, words, question): (&str, &str, &str),
        (size, dark): (&str, bool),
        what: &str,
    ) -> Self {
        let mut class = "hub-button".to_owned();
        for (wanted, modifier) in [(!size.is_empty(), size), (dark, "dark")] {
            if wanted {
                class.push_str(" hub-button-");
                class.push_str(modifier);
            }
        }
        let code = format!(
            "<a class=\"{class}\" href=\"/sign-in\" lang=\"{lang}\">\n  <svg viewBox=\"0 0 24 16\" \
             aria-hidden=\"true\"><path d=\"M2 5c4-5 8-3 10 0s6 5 10 0\"/>\
             <path d=\"M2 13c4-5 8-3 10 0s6 5 10 0\"/></svg>\n  <span>{words}</span>\n</a>\n\
             <a class=\"hub-what\" href=\"{what}\" lang=\"{lang}\">{question}</a>"
        );
        Self {
            name: name.to_owned(),
            dark,
            lang: lang.to_owned(),
            class,
            words: words.to_owned(),
            what: what.to_owned(),
            question: question.to_owned(),
            code,
        }
    }
}

/// What the hub is, for whoever followed the link under a button.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    /// Whether the audit stream is on.
    pub audit: bool,
    /// For how many months its lines are kept, where the operator says so.
    pub months: Option<u64>,
    /// Whether an escrow can join its sides.
    pub escrow: bool,
}

impl Page for Kit {
    const NAME: &'static str = "kit";

    fn samples() -> Vec<Self> {
        let words = ("Petit", "Se connecter avec Lethe", "Qu’est-ce que Lethe ?");
        vec![Self {
            files: Self::FILES,
            buttons: vec![
                Button::new("fr", words, ("", false), "/about"),
                Button::new("fr", words, ("small", true), "/about"),
            ],
        }]
    }
}

impl Page for About {
    const NAME: &'static str = "about";

    fn samples() -> Vec<Self> {
        let about = |audit, months, escrow| Self {
            audit,
            months,
            escrow,
        };
        vec![
            about(false, None, false),
            about(true, None, false),
            about(true, Some(36), true),
        ]
    }
}
