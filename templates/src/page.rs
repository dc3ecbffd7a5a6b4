//! Rendering: one prepared template for each page and language, strict about what it is given.

use std::{collections::BTreeMap, sync::Arc};

use handlebars::Handlebars;
use serde::Serialize;
use thiserror::Error;

use crate::{Entry, Language, assets, isolate::isolate, pages};

/// A piece of HTML that a template made, values escaped: it may be put into a page as it is.
#[derive(Debug, Clone)]
pub struct Fragment(Arc<str>);

/// A page of the hub: a struct of display strings.
pub trait Page: Serialize + Sized {
    /// Its template's name.
    const NAME: &'static str;

    /// Pieces prepared beforehand, for the place that the template leaves for them.
    fn fragments(&self) -> &[Fragment] {
        &[]
    }

    /// Filled-in pages, for tests and for looking at.
    fn samples() -> Vec<Self>;
}

/// Why a page, or the whole set, cannot be rendered: always a fault of the templates.
#[derive(Debug, Error)]
pub enum RenderError {
    /// A locale file is broken.
    #[error("the messages in {0} are broken")]
    Locale(&'static str),
    /// A template names a message that a language lacks.
    #[error("no message `{0}` in {1}")]
    Message(String, &'static str),
    /// A template is broken, or lacks a value it asks for.
    #[error("the template of {0} is broken")]
    Template(&'static str),
}

/// The prepared pages.
#[derive(Debug)]
pub struct Pages {
    engine: Handlebars<'static>,
    messages: BTreeMap<(&'static str, String), String>,
    frame: Frame,
}

/// What every page has around it.
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

/// Where a template leaves place for a list of fragments.
const LIST: &str = "<!--list-->";
const ENTRY: &str = "entry";
const LAYOUT: &str = include_str!("../partials/layout.hbs");

impl Pages {
    /// Prepares every page in every language. `brand` is the operator's name for the hub, `base` the
    /// path before every address, empty or `/api/v2`.
    ///
    /// # Errors
    /// [`RenderError`] if a template or a locale is broken.
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
                let whole = format!("{header}{template}{footer}");
                let text = isolate(&translate(&whole, language.tag(), &messages)?);
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

    /// The same pages with the operator's theme, of which `files` are all: `theme.css` comes after the
    /// hub's own style sheet.
    #[must_use]
    pub fn themed<'f>(mut self, files: impl Iterator<Item = &'f [u8]>) -> Self {
        self.frame.assets = assets::fingerprint(files);
        self.frame.theme = true;
        self
    }

    /// The page as HTML.
    ///
    /// # Errors
    /// [`RenderError::Template`] if the template asks for something that the page does not have.
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
        // Values are escaped, so none of them can look like the place for the list.
        Ok(match html.split_once(LIST) {
            None => html,
            Some((before, after)) => {
                let list = page.fragments();
                let length: usize = list.iter().map(|Fragment(html)| html.len()).sum();
                let mut whole = String::with_capacity(html.len() + length);
                whole.push_str(before);
                for Fragment(html) in list {
                    whole.push_str(html);
                }
                whole.push_str(after);
                whole
            }
        })
    }

    /// An entry of the choice page, prepared once: a page may list hundreds.
    ///
    /// # Errors
    /// [`RenderError::Template`] if the template is broken.
    pub fn entry(&self, entry: &Entry) -> Result<Fragment, RenderError> {
        let html = self.engine.render(ENTRY, entry);
        html.map(|html| Fragment(html.into()))
            .map_err(|_missing| RenderError::Template(ENTRY))
    }

    /// A message for a page that chooses among several, such as the name of a claim; empty if there is
    /// none.
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

/// Puts the message behind each `{{t "key"}}`. A message may itself use the page's values.
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
