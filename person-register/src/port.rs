//! The port: what the hub requests of a register of persons.
//!
//! Implemented by `http.rs`; called by the server's `person` module.

use async_trait::async_trait;
use hub_core::{clock::Timestamp, identity::PivotIdentity, register::RegisterAnswer};
use hub_outbound::Failure;
use thiserror::Error;

/// The register did not give a usable response in time. The error contains no personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the register of persons gave no usable response: {0}")]
pub struct NoRegister(pub Failure);

/// A register of persons.
#[async_trait]
pub trait PersonRegister: Send + Sync + std::fmt::Debug {
    /// Returns the register's answer about `identity`.
    ///
    /// # Errors
    /// [`NoRegister`], always within the time that the operator configured.
    async fn check(
        &self,
        identity: &PivotIdentity,
        now: Timestamp,
    ) -> Result<RegisterAnswer, NoRegister>;
}
