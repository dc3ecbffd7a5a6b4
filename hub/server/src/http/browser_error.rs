//! Failures that a citizen hears: a page of the hub, or a refusal at the service they came from.

use hub_core::login::AuthorizationResponse;
use thiserror::Error;

use crate::http::PublicCode;
use crate::{audit::AuditError, consent::authorization_code::GrantError, store::StoreError};

/// How a browser's step failed, by who is told.
#[derive(Debug, Error)]
pub enum BrowserError {
    /// The citizen is told, on a page of the hub.
    #[error("stopped with {:?}", .0.code)]
    Page(Box<ErrorPage>),
    /// The service is told, at the address it registered.
    #[error("refused to the service")]
    Service(Box<AuthorizationResponse>),
}

/// An error page to be.
#[derive(Debug)]
pub struct ErrorPage {
    /// The public code.
    pub code: PublicCode,
    /// The way on.
    pub next_link: NextLink,
    /// What was received and what is registered, for the developers of a sandbox service: addresses only.
    pub mismatch: Option<(String, String)>,
}

/// Where the button of an error page leads.
#[derive(Debug)]
pub enum NextLink {
    /// To a page of the login, by its path.
    Page(String),
    /// To the front page of the service that the visit heads for, if that is known.
    Service,
}

impl ErrorPage {
    /// An error page that leads back to the service.
    #[must_use]
    pub const fn new(code: PublicCode) -> Self {
        Self {
            code,
            next_link: NextLink::Service,
            mismatch: None,
        }
    }

    /// An error page that leads to another page of the login.
    #[must_use]
    pub const fn with_page(code: PublicCode, path: String) -> Self {
        Self {
            code,
            next_link: NextLink::Page(path),
            mismatch: None,
        }
    }
}

impl From<ErrorPage> for BrowserError {
    fn from(error_page: ErrorPage) -> Self {
        Self::Page(Box::new(error_page))
    }
}

impl From<AuthorizationResponse> for BrowserError {
    fn from(answer: AuthorizationResponse) -> Self {
        Self::Service(Box::new(answer))
    }
}

impl From<AuditError> for BrowserError {
    fn from(_: AuditError) -> Self {
        ErrorPage::new(PublicCode::L4003).into()
    }
}

impl From<GrantError> for BrowserError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Audit(error) => error.into(),
            GrantError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for BrowserError {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Full | StoreError::Unavailable => PublicCode::L4001,
            StoreError::Sealing => PublicCode::L4002,
        };
        ErrorPage::new(code).into()
    }
}
