//! The legal kind of a service, its environment, and the IdPs that it accepts.
//!
//! Read by `file.rs`; used by the server's login steps.

use std::collections::BTreeSet;

use hub_core::ids::IdpId;

use crate::Environment;

/// Why an organisation may use the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eligibility {
    /// The State, a territory, a municipality.
    Administration,
    /// A public body that is not an administration.
    PublicBody,
    /// A private body with a public mission, or with a legal duty to know its users.
    PublicMission,
}

/// Whether the citizen is informed or must consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The citizen must consent by ticking a box.
    Private,
    /// The citizen is informed.
    Public,
}

/// The operational status of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It serves real people: it needs a signed agreement and reaches real IdPs only.
    Production,
    /// It serves fictitious people: it reaches test IdPs only.
    Sandbox,
    /// Switched off by the operator.
    Suspended,
}

impl Status {
    /// Whether a service with this status may use data providers of `environment`.
    #[must_use]
    pub const fn is_of(self, environment: Environment) -> bool {
        matches!(
            (self, environment),
            (Self::Production, Environment::Production) | (Self::Sandbox, Environment::Test)
        )
    }
}

/// The IdPs that a service accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdpRule {
    /// All IdPs of its environment.
    All,
    /// Only these IdPs.
    Allow(BTreeSet<IdpId>),
    /// All IdPs except these.
    Deny(BTreeSet<IdpId>),
}

impl IdpRule {
    /// Whether the rule allows `idp`.
    #[must_use]
    pub fn allows(&self, idp: &IdpId) -> bool {
        match self {
            Self::All => true,
            Self::Allow(listed) => listed.contains(idp),
            Self::Deny(listed) => !listed.contains(idp),
        }
    }
}

/// Parses the key `eligibility`.
pub(crate) fn eligibility(text: &str) -> Result<Eligibility, &'static str> {
    Ok(match text {
        "administration" => Eligibility::Administration,
        "public-body" => Eligibility::PublicBody,
        "public-mission" => Eligibility::PublicMission,
        _ => return Err("expected administration, public-body or public-mission"),
    })
}

/// Parses the key `kind`.
pub(crate) fn kind(text: &str) -> Result<Kind, &'static str> {
    Ok(match text {
        "private" => Kind::Private,
        "public" => Kind::Public,
        _ => return Err("expected public or private"),
    })
}

/// Parses the key `status`.
pub(crate) fn status(text: &str) -> Result<Status, &'static str> {
    Ok(match text {
        "production" => Status::Production,
        "sandbox" => Status::Sandbox,
        "suspended" => Status::Suspended,
        _ => return Err("expected sandbox, production or suspended"),
    })
}
