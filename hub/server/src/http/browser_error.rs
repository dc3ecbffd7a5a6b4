//! Failures that a citizen hears: a page of the hub, or a refusal at the service they came from.

use hub_core::login::Answer;
use thiserror::Error;

use crate::http::PublicCode;
use crate::{audit::AuditFault, consent::authorization_code::GrantFault, store::StoreError};

/// How a browser's step failed, by who is told.
#[derive(Debug, Error)]
pub enum BrowserError {
    /// The citizen is told, on a page of the hub.
    #[error("stopped with {:?}", .0.code)]
    Page(Box<Stop>),
    /// The service is told, at the address it registered.
    #[error("refused to the service")]
    Service(Box<Answer>),
}

/// An error page to be.
#[derive(Debug)]
pub struct Stop {
    /// The public code.
    pub code: PublicCode,
    /// The way on.
    pub onward: Onward,
    /// What was received and what is registered, for the developers of a sandbox service: addresses only.
    pub mismatch: Option<(String, String)>,
}

/// Where the button of an error page leads.
#[derive(Debug)]
pub enum Onward {
    /// To a page of the login, by its path.
    Page(String),
    /// To the front page of the service that the visit heads for, if that is known.
    Service,
}

impl Stop {
    /// An error page that leads back to the service.
    #[must_use]
    pub const fn new(code: PublicCode) -> Self {
        Self {
            code,
            onward: Onward::Service,
            mismatch: None,
        }
    }

    /// An error page that leads to another page of the login.
    #[must_use]
    pub const fn with_page(code: PublicCode, path: String) -> Self {
        Self {
            code,
            onward: Onward::Page(path),
            mismatch: None,
        }
    }
}

impl From<Stop> for BrowserError {
    fn from(stop: Stop) -> Self {
        Self::Page(Box::new(stop))
    }
}

impl From<Answer> for BrowserError {
    fn from(answer: Answer) -> Self {
        Self::Service(Box::new(answer))
    }
}

impl From<AuditFault> for BrowserError {
    fn from(_: AuditFault) -> Self {
        Stop::new(PublicCode::L4003).into()
    }
}

impl From<GrantFault> for BrowserError {
    fn from(fault: GrantFault) -> Self {
        match fault {
            GrantFault::Audit(fault) => fault.into(),
            GrantFault::Store(fault) => fault.into(),
        }
    }
}

impl From<StoreError> for BrowserError {
    fn from(fault: StoreError) -> Self {
        let code = match fault {
            StoreError::Full | StoreError::Unavailable => PublicCode::L4001,
            StoreError::Sealing => PublicCode::L4002,
        };
        Stop::new(code).into()
    }
}
