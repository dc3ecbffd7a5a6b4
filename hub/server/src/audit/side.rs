//! The sides of the audit stream, and which event belongs to which.

use hub_core::clock::Timestamp;

use super::Event;

/// To what the times of lines that are not about the service are rounded down, in seconds: their second
/// would tell which line about a service they belong to.
const COARSE: i64 = 60;

/// Whom a line is about. Lines of different sides share no value that joins them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The service, what it asked and what it got.
    Service,
    /// The identity provider, and what it answered.
    Idp,
    /// The person, under an alias.
    Person,
}

impl Side {
    /// The time that a line of this side tells for something that happened `at`.
    pub(super) fn time(self, at: Timestamp) -> Timestamp {
        match self {
            Self::Service => at,
            Self::Idp | Self::Person => {
                Timestamp::from_unix(at.unix() - at.unix().rem_euclid(COARSE))
            }
        }
    }
}

impl Event<'_> {
    /// Whom it is about.
    #[must_use]
    pub const fn side(&self) -> Side {
        match self {
            Self::ConsentRecorded { .. }
            | Self::ChoiceShown
            | Self::LoginCancelled { .. }
            | Self::LoginRefused { .. }
            | Self::LoginRequested { .. }
            | Self::LogoutRequested { .. }
            | Self::ReviewShown { .. }
            | Self::RevocationRefused { .. }
            | Self::AuthorizationResponseSent { .. }
            | Self::StreamOpened { .. }
            | Self::StreamResumed
            | Self::IntrospectionRefused { .. }
            | Self::TokenIntrospected { .. }
            | Self::TokenIssued { .. }
            | Self::TokenRefused { .. }
            | Self::TokenRevoked { .. }
            | Self::UserinfoSent { .. } => Side::Service,
            Self::IdpAnswered { .. }
            | Self::IdpChosen { .. }
            | Self::IdpLoggedOut { .. }
            | Self::IdpLogoutVisited { .. }
            | Self::IdpReturned { .. }
            | Self::RegisterAnswered { .. }
            | Self::IdpAttemptFailed { .. } => Side::Idp,
            Self::IdentityVerified { .. }
            | Self::LinkOpened { .. }
            | Self::LinkSealed { .. }
            | Self::NoticeSent
            | Self::SessionEnded
            | Self::SessionRecognised { .. } => Side::Person,
            Self::ErrorShown { side, .. } => *side,
        }
    }

    /// The alias of the person who signs in, if it tells of that.
    #[must_use]
    pub const fn person(&self) -> Option<&str> {
        if let Self::IdentityVerified { person, .. } | Self::SessionRecognised { person, .. } = self
        {
            Some(person.as_str())
        } else {
            None
        }
    }
}
