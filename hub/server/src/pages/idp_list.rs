//! The entries of the choice page, prepared when the hub starts: in each language, open and closed.

use hub_core::acr::Level;
use hub_templates::{Entry, Fragment, Language, Pages, RenderError};
use idp_adapters::{Catalogue, Registered, State};

/// How an IdP stands on one citizen's choice page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It may be chosen.
    Open,
    /// It is switched off, or keeps failing.
    Off,
    /// Its level is below the one asked.
    TooLow,
    /// It does not prove when a person authenticated, which the service asks.
    Undated,
}

/// Every entry, in every language and standing, in the order of the catalogue.
#[derive(Debug)]
pub struct IdpList {
    by_language: Vec<(Language, Vec<Prepared>)>,
}

/// One IdP's entry in one language.
#[derive(Debug)]
pub struct Prepared {
    open: Fragment,
    off: Fragment,
    too_low: Fragment,
    undated: Fragment,
}

impl IdpList {
    /// Prepares the entries of `catalogue`.
    ///
    /// # Errors
    /// [`RenderError`] if the template is broken.
    pub fn prepare(pages: &Pages, catalogue: &Catalogue) -> Result<Self, RenderError> {
        let all = |language| {
            let entries: Result<Vec<Prepared>, RenderError> = catalogue
                .iter()
                .map(|idp| prepare(pages, idp, language))
                .collect();
            Ok((language, entries?))
        };
        let by_language = Language::ALL
            .into_iter()
            .map(all)
            .collect::<Result<_, RenderError>>()?;
        Ok(Self { by_language })
    }

    /// The entries in `language`, in the order of the catalogue.
    pub fn entries(&self, language: Language) -> impl Iterator<Item = &Prepared> {
        let listed = self
            .by_language
            .iter()
            .filter(move |(known, _)| *known == language);
        listed.flat_map(|(_, entries)| entries)
    }
}

impl Prepared {
    /// The entry as it looks in `availability`.
    #[must_use]
    pub fn with_availability(&self, availability: Availability) -> Fragment {
        match availability {
            Availability::Open => self.open.clone(),
            Availability::Off => self.off.clone(),
            Availability::TooLow => self.too_low.clone(),
            Availability::Undated => self.undated.clone(),
        }
    }
}

fn prepare(pages: &Pages, idp: &Registered, language: Language) -> Result<Prepared, RenderError> {
    let title = idp.title.get(language.tag()).to_owned();
    let level = match idp.highest {
        Level::Eidas1 => "level.eidas1",
        Level::Eidas2 => "level.eidas2",
        Level::Eidas3 => "level.eidas3",
    };
    let level = pages.text(level, language).to_owned();
    let off = match &idp.state {
        State::Disabled(Some(said)) | State::Draining(Some(said)) => said.get(language.tag()),
        State::Active | State::Disabled(None) | State::Draining(None) => {
            pages.text("choice.off", language)
        }
    };
    let closed = |reason: &str| {
        pages.entry(&Entry {
            title: title.clone(),
            href: None,
            level: level.clone(),
            reason: Some(reason.to_owned()),
        })
    };
    Ok(Prepared {
        off: closed(off)?,
        too_low: closed(pages.text("choice.low", language))?,
        undated: closed(pages.text("choice.undated", language))?,
        open: pages.entry(&Entry {
            title: title.clone(),
            href: Some(format!("idp/{}", idp.id)),
            level: level.clone(),
            reason: None,
        })?,
    })
}
