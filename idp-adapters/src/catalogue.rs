//! The registered IdPs, in the order of the choice page.
//!
//! Created from the configuration; called by the login steps, the choice page and the information pages
//! of the server.

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
    /// It may be chosen.
    Active,
    /// Switched off, with the reason shown to citizens. The answer to an attempt in progress is refused.
    Disabled(Option<Localised>),
    /// Being switched off. No new attempt starts; the answer to an attempt in progress is accepted.
    Draining(Option<Localised>),
}

/// One registered IdP.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the entry")]
pub struct Registered {
    /// The id.
    pub id: IdpId,
    /// The name shown to citizens.
    pub title: Localised,
    /// The domains of e-mail addresses whose owners have an account there, in lower case.
    pub email_domains: Vec<String>,
    /// Additional words by which citizens can find it.
    pub keywords: Vec<String>,
    /// Whether the IdP identifies real people.
    pub environment: Environment,
    /// Whether the IdP may be chosen.
    pub state: State,
    /// The highest level that it can reach.
    pub highest: Level,
    /// Whether it proves when a person authenticated.
    pub proves_auth_time: bool,
    /// The position on the choice page. Equal positions are ordered by id.
    pub order: u64,
    /// Whether the IdP notifies the hub when its own sessions end (back-channel logout).
    pub backchannel_logout: bool,
    /// Whether sessions are indexed by the IdP's `sub`, which can be guessed, instead of its `sid`.
    pub backchannel_logout_by_sub: bool,
    /// Whether its citizens get notices by e-mail.
    ///
    /// A notice names the service. So the operator confirms with this setting that the IdP does not run
    /// the mailboxes.
    pub mail_notices: bool,
    /// Whether its identities are checked in the register of persons.
    pub register_check: bool,
    /// The adapter for its protocol.
    pub provider: Arc<dyn IdentityProvider>,
}

impl Registered {
    /// Whether a name in any language or a keyword contains `looked_for`, ignoring accents and case.
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

/// All registered IdPs.
#[derive(Debug, Default)]
pub struct Catalogue {
    ordered: Vec<Registered>,
    by_id: BTreeMap<IdpId, usize>,
}

impl Catalogue {
    /// Creates a catalogue of `idps`. Their ids must differ.
    #[must_use]
    pub fn new(mut idps: Vec<Registered>) -> Self {
        idps.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        let by_id = idps.iter().map(|idp| idp.id.clone()).zip(0..).collect();
        Self {
            ordered: idps,
            by_id,
        }
    }

    /// Returns the IdP with that id.
    #[must_use]
    pub fn find(&self, id: &IdpId) -> Option<&Registered> {
        self.ordered.get(*self.by_id.get(id)?)
    }

    /// Returns every IdP, in the order of the choice page.
    pub fn iter(&self) -> impl Iterator<Item = &Registered> {
        self.ordered.iter()
    }
}
