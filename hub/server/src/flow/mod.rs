//! One login, in the order in which a citizen meets it. Read downward.
//!
//! 1. [`authorize`]: a service asks.
//! 2. [`choose_idp`]: the citizen chooses an identity provider,
//! 3. [`depart`]: leaves for it,
//! 4. [`callback`]: and comes back known.
//! 5. [`review`]: they read what will be shared, and go on to the service.
//! 6. [`token`]: the service spends its code,
//! 7. [`userinfo`]: and reads the claims.
//! 8. [`introspect`]: a data provider that was shown a token asks about it; [`revoke`]: the service ends
//!    one.
//! 9. [`logout`]: the session ends.
//!
//! Beside the walk: [`cancel`] gives up, [`initiate`] goes on with a sign-in that waits, [`discovery`] tells services where everything is, [`health`]
//! tells operators how the hub is, [`statement`] tells everybody what the hub is and how accessible its
//! pages are, and gives services their button.

pub mod authorize;
pub mod callback;
pub mod cancel;
pub mod choose_idp;
pub mod depart;
pub mod discovery;
pub mod health;
pub mod initiate;
pub mod introspect;
pub mod logout;
pub mod review;
pub mod revoke;
pub mod statement;
pub mod token;
pub mod userinfo;
