//! The button kit for services, and the page that explains the hub.
//!
//! Filled by the server's information pages.

use serde::Serialize;

use crate::Page;

/// The kit: each button with its HTML.
#[derive(Debug, Clone, Serialize)]
pub struct Kit {
    /// The files that every button needs.
    pub files: [&'static str; 2],
    /// The buttons.
    pub buttons: Vec<Button>,
}

impl Kit {
    /// The names of the files that every button needs.
    pub const FILES: [&'static str; 2] = ["button.css", "mark.svg"];
}

/// One button, as preview and as HTML to copy.
#[derive(Debug, Clone, Serialize)]
pub struct Button {
    /// The name of the variant.
    pub name: String,
    /// Whether it is for a dark background.
    pub dark: bool,
    /// The language tag.
    pub lang: String,
    /// The CSS classes.
    pub class: String,
    /// The text of the button.
    pub words: String,
    /// The URL of the question's answer.
    pub what: String,
    /// The question under the button.
    pub question: String,
    /// The HTML to copy.
    pub code: String,
}

impl Button {
    /// Creates a button in the language `lang`, with `(name, words, question)` in that language.
    ///
    /// `size` is empty, `small` or `large`. `what` is the URL that answers the question.
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

/// The page that explains the hub to citizens.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    /// Whether the audit stream is enabled.
    pub audit: bool,
    /// The number of months for which audit events are kept, if the operator states it.
    pub months: Option<u64>,
    /// Whether an escrow holder can link the two sides of a login in the audit stream.
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
