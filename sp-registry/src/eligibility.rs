//! What kind of body a service is, in which environment it runs, and whom its citizens may choose.

use std::collections::BTreeSet;

use hub_core::ids::IdpId;

use crate::Environment;

/// On what ground a body may use the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eligibility {
    /// The State, a territory, a municipality.
    Administration,
    /// A public body of its own.
    PublicBody,
    /// A private body with a public mission or a legal duty to know its users.
    PublicMission,
}

/// Whether the citizen is informed, or asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The citizen has to consent, by ticking a box.
    Private,
    /// The citizen is informed.
    Public,
}

/// Where a service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// With real people: needs a signed agreement, and reaches real IdPs only.
    Production,
    /// With fictitious people: reaches test IdPs only.
    Sandbox,
    /// Switched off by the operator.
    Suspended,
}

impl Status {
    /// Whether a service that stands here meets data providers of `environment`.
    #[must_use]
    pub const fn is_of(self, environment: Environment) -> bool {
        matches!(
            (self, environment),
            (Self::Production, Environment::Production) | (Self::Sandbox, Environment::Test)
        )
    }
}

/// Which IdPs a service accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdpRule {
    /// All of its environment.
    All,
    /// These only.
    Allow(BTreeSet<IdpId>),
    /// All but these.
    Deny(BTreeSet<IdpId>),
}

impl IdpRule {
    /// Whether the rule lets `idp` through.
    #[must_use]
    pub fn allows(&self, idp: &IdpId) -> bool {
        match self {
            Self::All => true,
            Self::Allow(listed) => listed.contains(idp),
            Self::Deny(listed) => !listed.contains(idp),
        }
    }
}

/// Reads `eligibility`.
pub(crate) fn eligibility(text: &str) -> Result<Eligibility, &'static str> {
    Ok(match text {
        "administration" => Eligibility::Administration,
        "public-body" => Eligibility::PublicBody,
        "public-mission" => Eligibility::PublicMission,
        _ => return Err("expected administration, public-body or public-mission"),
    })
}

/// Reads `kind`.
pub(crate) fn kind(text: &str) -> Result<Kind, &'static str> {
    Ok(match text {
        "private" => Kind::Private,
        "public" => Kind::Public,
        _ => return Err("expected public or private"),
    })
}

/// Reads `status`.
pub(crate) fn status(text: &str) -> Result<Status, &'static str> {
    Ok(match text {
        "production" => Status::Production,
        "sandbox" => Status::Sandbox,
        "suspended" => Status::Suspended,
        _ => return Err("expected sandbox, production or suspended"),
    })
}
