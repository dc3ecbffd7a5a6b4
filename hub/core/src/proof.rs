//! Proofs as types: the next step of a login requires a [`Verified`] value instead of a boolean.

/// Proof that every check on `T` was made.
///
/// For the answer of an IdP these are the checks of signature, issuer, audience, nonce, times and level.
#[derive(Debug, Clone)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// Asserts that `claims` were checked.
    ///
    /// Clippy refuses each caller that does not state a reason.
    #[must_use]
    pub const fn assert_verified(claims: T) -> Self {
        Self(claims)
    }

    /// Returns the verified value.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// Consumes the proof and returns the verified value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}
