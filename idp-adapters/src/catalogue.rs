//! What the choice page lists: every registered IdP, in the operator's order.

use std::{collections::BTreeMap, sync::Arc};

use hub_core::{
    acr::Level,
    ids::IdpId,
    localised::{Localised, plain},
};

use crate::IdentityProvider;

/// Whether an IdP identifies real people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Real people.
    Production,
    /// Fictitious people.
    Test,
}

/// Whether an IdP may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It may.
    Active,
    /// Switched off, with the reason that citizens read; who is there already may not come back.
    Disabled(Option<Localised>),
    /// Being switched off: nobody new leaves for it, who is there already may come back.
    Draining(Option<Localised>),
}

/// One IdP as registered.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the entry")]
pub struct Registered {
    /// Its id.
    pub id: IdpId,
    /// Its name, as citizens read it.
    pub title: Localised,
    /// The domains of e-mail addresses whose owners have their account there, in lower case.
    pub email_domains: Vec<String>,
    /// What else citizens may look for it by.
    pub keywords: Vec<String>,
    /// Whether it identifies real people.
    pub environment: Environment,
    /// Whether it may be chosen.
    pub state: State,
    /// The highest level it can reach.
    pub highest: Level,
    /// Whether it proves when a person authenticated.
    pub proves_auth_time: bool,
    /// Its place on the choice page; equal places are ordered by id.
    pub order: u64,
    /// Whether it tells the hub when its own sessions end.
    pub backchannel_logout: bool,
    /// Whether sessions are indexed by its `sub`, which can be guessed, instead of its `sid`.
    pub backchannel_logout_by_sub: bool,
    /// Whether its citizens get notices by mail: the operator's word that it does not run their
    /// mailboxes, since a notice names the service.
    pub mail_notices: bool,
    /// Whether the register of persons is asked about what it says.
    pub register_check: bool,
    /// The adapter that speaks with it.
    pub provider: Arc<dyn IdentityProvider>,
}

impl Registered {
    /// Whether its name in any language, or a keyword, has `looked_for` in it, accents and case apart.
    #[must_use]
    pub fn is_found_by(&self, looked_for: &str) -> bool {
        let looked_for = plain(looked_for.trim());
        let keywords = self.keywords.iter().map(String::as_str);
        self.title
            .all()
            .chain(keywords)
            .any(|text| plain(text).contains(&looked_for))
    }
}

/// Every IdP.
#[derive(Debug, Default)]
pub struct Catalogue {
    ordered: Vec<Registered>,
    by_id: BTreeMap<IdpId, usize>,
}

impl Catalogue {
    /// A catalogue of `idps`, which have different ids.
    #[must_use]
    pub fn new(mut idps: Vec<Registered>) -> Self {
        idps.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        let by_id = idps.iter().map(|idp| idp.id.clone()).zip(0..).collect();
        Self {
            ordered: idps,
            by_id,
        }
    }

    /// The IdP of that id.
    #[must_use]
    pub fn find(&self, id: &IdpId) -> Option<&Registered> {
        self.ordered.get(*self.by_id.get(id)?)
    }

    /// Every IdP, in the order of the choice page.
    pub fn iter(&self) -> impl Iterator<Item = &Registered> {
        self.ordered.iter()
    }
}
