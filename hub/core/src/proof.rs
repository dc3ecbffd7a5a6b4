//! Evidence instead of booleans: the next step of a login demands a [`Verified`] value.

/// Holding one means that every check on `T` was made: for what an IdP said, its signature, issuer,
/// audience, nonce, times and level.
#[derive(Debug, Clone)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// Vouches for `claims`. Clippy refuses each caller that does not say why it may.
    #[must_use]
    pub const fn assert_verified(claims: T) -> Self {
        Self(claims)
    }

    /// What was verified.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// What was verified, given up.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}
