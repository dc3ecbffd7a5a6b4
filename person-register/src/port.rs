//! The port: what the hub asks of a register of persons.

use async_trait::async_trait;
use hub_core::{clock::Timestamp, identity::PivotIdentity, register::RegisterAnswer};
use hub_outbound::Failure;
use thiserror::Error;

/// The register does not answer, or not in time, or not in a form we know. Nothing of the person is in
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the register of persons gives no usable answer: {0}")]
pub struct NoRegister(pub Failure);

/// A register of persons.
#[async_trait]
pub trait PersonRegister: Send + Sync + std::fmt::Debug {
    /// What the register says of `identity`.
    ///
    /// # Errors
    /// [`NoRegister`], always within the time that the operator allows.
    async fn check(
        &self,
        identity: &PivotIdentity,
        now: Timestamp,
    ) -> Result<RegisterAnswer, NoRegister>;
}
