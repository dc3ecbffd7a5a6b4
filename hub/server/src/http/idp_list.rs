//! The entries of the choice page, prepared when the hub starts: in each language, open and closed.

use std::collections::BTreeMap;

use hub_core::{acr::Level, ids::IdpId};
use hub_templates::{Entry, Fragment, Language, Pages, RenderFault};
use idp_adapters::{Catalogue, Registered, State};

/// How an IdP stands on one citizen's choice page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may be chosen.
    Open,
    /// It is switched off, or keeps failing.
    Off,
    /// Its level is below the one asked.
    TooLow,
}

/// Every entry, in every language and standing.
#[derive(Debug)]
pub struct IdpList {
    entries: BTreeMap<IdpId, [Prepared; Language::ALL.len()]>,
}

#[derive(Debug)]
struct Prepared {
    open: Fragment,
    off: Fragment,
    too_low: Fragment,
}

impl IdpList {
    /// Prepares the entries of `catalogue`.
    ///
    /// # Errors
    /// [`RenderFault`] if the template is broken.
    pub fn prepare(pages: &Pages, catalogue: &Catalogue) -> Result<Self, RenderFault> {
        let mut entries = BTreeMap::new();
        for idp in catalogue.iter() {
            let [fr, en] = Language::ALL.map(|language| prepare(pages, idp, language));
            entries.insert(idp.id.clone(), [fr?, en?]);
        }
        Ok(Self { entries })
    }

    /// The entry of `idp`.
    #[must_use]
    pub fn entry(&self, idp: &IdpId, language: Language, standing: Standing) -> Option<Fragment> {
        let of_each = self.entries.get(idp)?;
        let (prepared, _) = of_each
            .iter()
            .zip(Language::ALL)
            .find(|(_, known)| *known == language)?;
        Some(match standing {
            Standing::Open => prepared.open.clone(),
            Standing::Off => prepared.off.clone(),
            Standing::TooLow => prepared.too_low.clone(),
        })
    }
}

fn prepare(pages: &Pages, idp: &Registered, language: Language) -> Result<Prepared, RenderFault> {
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
        open: pages.entry(&Entry {
            title: title.clone(),
            href: Some(format!("idp/{}", idp.id)),
            level: level.clone(),
            reason: None,
        })?,
    })
}
