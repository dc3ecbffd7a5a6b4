//! One login, in the order in which a citizen meets it. Read downward.
//!
//! 1. [`authorize`]: a service sends the browser with an authorization request.
//! 2. [`choose_idp`]: the citizen chooses an identity provider.
//! 3. [`redirect_to_idp`]: the browser goes there.
//! 4. [`callback`]: the browser comes back, and the hub verifies the identity.
//! 5. [`review`]: the citizen reads what will be shared, reads the receipt if they want it, and goes on to the
//!    service.
//!
//! [`cancel`] ends a login without an identity. [`resume`] goes on with a login that waits in this browser.

pub mod authorize;
pub mod callback;
pub mod cancel;
pub mod choose_idp;
pub mod redirect_to_idp;
pub mod resume;
pub mod review;
