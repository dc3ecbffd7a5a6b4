//! Rendering of pages: one prepared template for each page and language.
//!
//! A template that uses a missing value is an error. Called by the server; calls `isolate.rs` and
//! `assets.rs`.

use std::{collections::BTreeMap, sync::Arc};

use handlebars::Handlebars;
use serde::Serialize;
use thiserror::Error;

use crate::{Entry, Language, assets, isolate::isolate, pages};

/// HTML that a template rendered. Its values are escaped, so a page may contain it unchanged.
#[derive(Debug, Clone)]
pub struct Fragment(Arc<str>);

/// A page of the hub: a struct of display texts.
pub trait Page: Serialize + Sized {
    /// The name of the page's template.
    const NAME: &'static str;

    /// Returns the prepared fragments for the list in the template.
    fn fragments(&self) -> &[Fragment] {
        &[]
    }

    /// Returns filled-in pages, for tests and previews.
    fn samples() -> Vec<Self>;
}

/// Why a page or the set of pages cannot be rendered. The cause is always in the templates or messages.
#[derive(Debug, Error)]
pub enum RenderError {
    /// A locale file is not valid.
    #[error("the messages in {0} are not valid JSON")]
    Locale(&'static str),
    /// A template uses a message that a language does not have.
    #[error("no message `{0}` in {1}")]
    Message(String, &'static str),
    /// A template is not valid, or uses a missing value.
    #[error("the template of {0} is not valid, or a value is missing")]
    Template(&'static str),
}

/// The prepared pages.
#[derive(Debug)]
pub struct Pages {
    engine: Handlebars<'static>,
    messages: BTreeMap<(&'static str, String), String>,
    frame: Frame,
}

/// The values of the layout around every page.
#[derive(Debug, Clone, Serialize)]
struct Frame {
    brand: String,
    base: String,
    assets: String,
    theme: bool,
}

#[derive(Serialize)]
struct Framed<'a, P> {
    lang: &'static str,
    dir: &'static str,
    #[serde(flatten)]
    frame: &'a Frame,
    #[serde(flatten)]
    page: &'a P,
}

/// The marker in a template that the fragments replace.
const LIST: &str = "<!--list-->";
const ENTRY: &str = "entry";
const LAYOUT: &str = include_str!("../partials/layout.hbs");

impl Pages {
    /// Prepares every page in every language.
    ///
    /// `brand` is the operator's name for the hub. `base` is the prefix of every path, empty or such as
    /// `/api/v2`.
    ///
    /// # Errors
    /// [`RenderError`] if a template or a locale file is not valid.
    pub fn new(brand: &str, base: &str) -> Result<Self, RenderError> {
        let messages = messages()?;
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        engine
            .register_template_string(ENTRY, isolate(include_str!("../partials/entry.hbs")))
            .map_err(|_syntax| RenderError::Template(ENTRY))?;
        for language in Language::ALL {
            let (header, footer) = LAYOUT.split_once("{{content}}").unwrap_or((LAYOUT, ""));
            for (name, template) in pages::TEMPLATES {
                let document = format!("{header}{template}{footer}");
                let text = isolate(&translate(&document, language.tag(), &messages)?);
                engine
                    .register_template_string(&template_name(name, language), text)
                    .map_err(|_syntax| RenderError::Template(name))?;
            }
        }
        let frame = Frame {
            brand: brand.to_owned(),
            base: base.to_owned(),
            assets: assets::fingerprint(std::iter::empty()),
            theme: false,
        };
        Ok(Self {
            engine,
            messages,
            frame,
        })
    }

    /// Adds the operator's theme.
    ///
    /// `files` are all files of the theme. Its `theme.css` follows the hub's own style sheet.
    #[must_use]
    pub fn themed<'f>(mut self, files: impl Iterator<Item = &'f [u8]>) -> Self {
        self.frame.assets = assets::fingerprint(files);
        self.frame.theme = true;
        self
    }

    /// Renders the page as HTML.
    ///
    /// # Errors
    /// [`RenderError::Template`] if the template uses a value that the page does not have.
    pub fn render<P: Page>(&self, page: &P, language: Language) -> Result<String, RenderError> {
        let framed = Framed {
            lang: language.tag(),
            dir: language.direction(),
            frame: &self.frame,
            page,
        };
        let html = self
            .engine
            .render(&template_name(P::NAME, language), &framed)
            .map_err(|_missing| RenderError::Template(P::NAME))?;
        // Values are escaped, so no value can contain the marker.
        Ok(match html.split_once(LIST) {
            None => html,
            Some((before, after)) => {
                let list = page.fragments();
                let length: usize = list.iter().map(|Fragment(html)| html.len()).sum();
                let mut document = String::with_capacity(html.len() + length);
                document.push_str(before);
                for Fragment(html) in list {
                    document.push_str(html);
                }
                document.push_str(after);
                document
            }
        })
    }

    /// Renders an entry of the choice page once, for all requests: a page may have hundreds of entries.
    ///
    /// # Errors
    /// [`RenderError::Template`] if the template is not valid.
    pub fn entry(&self, entry: &Entry) -> Result<Fragment, RenderError> {
        let html = self.engine.render(ENTRY, entry);
        html.map(|html| Fragment(html.into()))
            .map_err(|_missing| RenderError::Template(ENTRY))
    }

    /// Returns a message for a page that chooses between several, such as the name of a claim.
    ///
    /// Returns an empty text if there is no such message.
    #[must_use]
    pub fn text(&self, key: &str, language: Language) -> &str {
        self.messages
            .get(&(language.tag(), key.to_owned()))
            .map_or("", String::as_str)
    }
}

fn template_name(page: &str, language: Language) -> String {
    format!("{}/{page}", language.tag())
}

fn messages() -> Result<BTreeMap<(&'static str, String), String>, RenderError> {
    let files = [
        ("fr", include_str!("../locales/fr.json")),
        ("en", include_str!("../locales/en.json")),
    ];
    let mut messages = BTreeMap::new();
    for (language, json) in files {
        let file: BTreeMap<String, String> =
            serde_json::from_str(json).map_err(|_json| RenderError::Locale(language))?;
        messages.extend(file.into_iter().map(|(key, text)| ((language, key), text)));
    }
    Ok(messages)
}

/// Replaces each `{{t "key"}}` with its message. A message may itself use values of the page.
fn translate(
    template: &str,
    language: &'static str,
    messages: &BTreeMap<(&'static str, String), String>,
) -> Result<String, RenderError> {
    let mut parts = template.split("{{t \"");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (key, rest) = part.split_once("\"}}").unwrap_or((part, ""));
        let message = messages
            .get(&(language, key.to_owned()))
            .ok_or_else(|| RenderError::Message(key.to_owned(), language))?;
        text.push_str(message);
        text.push_str(rest);
    }
    Ok(text)
}
