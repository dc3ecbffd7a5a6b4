//! Circuit breaker for one endpoint that the hub calls.
//!
//! Only transport failures count: no connection, no TLS, no complete response in time. An HTTP response
//! never counts, whatever its status: a visitor sends the code of a token request and is the person of a
//! UserInfo or register request, so a visitor could cause responses with status 500 and make the breaker
//! open. See ADR 18. Called by the IdP adapters, the register client and `remote_keys.rs`.

mod window;

use std::{
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hub_core::clock::Timestamp;

use crate::{answer::Fetched, error::OutboundError};
use window::Window;

/// How long an open breaker refuses every call.
const PAUSE: Duration = Duration::from_secs(20);

/// Decides whether an endpoint is called.
///
/// Closed: every call is made and counted. The breaker opens when at least five calls failed within one
/// minute and these are at least half of all calls. Open: no call is made for 20 seconds. Half-open: one
/// trial call is made, and its outcome closes the breaker or opens it again.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug)]
enum State {
    Closed(Window),
    Open { until: Timestamp },
    Trial,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed(Window::default())
    }
}

impl Breaker {
    /// Makes the call `exchange` at `now` unless the breaker is open, and counts its outcome.
    ///
    /// # Errors
    /// [`OutboundError::Suspended`] if the call was not made; otherwise the error of the call.
    pub async fn call(
        &self,
        now: Timestamp,
        exchange: impl Future<Output = Result<Fetched, OutboundError>> + Send,
    ) -> Result<Fetched, OutboundError> {
        let permit = self.permit(now).ok_or(OutboundError::Suspended)?;
        let outcome = exchange.await;
        let failed = outcome.as_ref().is_err_and(|error| error.is_transport());
        permit.record_outcome(now, failed);
        outcome
    }

    /// Whether a call would be made at `now`. No call is made.
    pub fn is_closed(&self, now: Timestamp) -> bool {
        match &*self.state() {
            State::Closed(_) => true,
            State::Open { until } => now >= *until,
            State::Trial => false,
        }
    }

    fn permit(&self, now: Timestamp) -> Option<Permit<'_>> {
        let mut state = self.state();
        let is_trial = match &*state {
            State::Closed(_) => false,
            State::Open { until } if now >= *until => {
                *state = State::Trial;
                true
            }
            State::Open { .. } | State::Trial => return None,
        };
        drop(state);
        Some(Permit {
            breaker: self,
            is_trial,
            abandoned_at: Some(now),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to make one call.
///
/// A call that is dropped before it ends (the browser disconnected) has no outcome and does not count. A
/// dropped trial call allows another one.
struct Permit<'a> {
    breaker: &'a Breaker,
    is_trial: bool,
    /// When the call started, while it has not ended.
    abandoned_at: Option<Timestamp>,
}

impl Permit<'_> {
    fn record_outcome(mut self, now: Timestamp, failed: bool) {
        self.abandoned_at = None;
        let mut state = self.breaker.state();
        match (&mut *state, self.is_trial, failed) {
            (State::Closed(window), false, _) => {
                if window.count(failed, now) {
                    *state = State::Open {
                        until: now.plus(PAUSE),
                    };
                }
            }
            (_, true, true) => {
                *state = State::Open {
                    until: now.plus(PAUSE),
                };
            }
            (_, true, false) => *state = State::default(),
            // The call started before the breaker opened, so its success shows nothing about the
            // present.
            (State::Open { .. } | State::Trial, false, _) => {}
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let (true, Some(at)) = (self.is_trial, self.abandoned_at) {
            *self.breaker.state() = State::Open { until: at };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    async fn answers(breaker: &Breaker, status: u16, seconds: i64) -> bool {
        let answer = Fetched {
            status,
            content_type: String::new(),
            body: Vec::new(),
        };
        breaker.call(at(seconds), ready(Ok(answer))).await.is_ok()
    }

    async fn fails(breaker: &Breaker, seconds: i64) -> OutboundError {
        let call = breaker.call(at(seconds), ready(Err(OutboundError::Timeout)));
        call.await.unwrap_err()
    }

    async fn opened_at(seconds: i64) -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..5 {
            fails(&breaker, seconds).await;
        }
        breaker
    }

    #[tokio::test]
    async fn five_failures_among_ten_calls_open_the_breaker_for_twenty_seconds() {
        let breaker = Breaker::default();
        for second in 100..104 {
            answers(&breaker, 200, second).await;
            fails(&breaker, second).await;
        }
        assert!(breaker.is_closed(at(104)));

        fails(&breaker, 104).await;

        assert_eq!(fails(&breaker, 123).await, OutboundError::Suspended);
        assert!(!breaker.is_closed(at(123)));
        assert!(breaker.is_closed(at(124)));
    }

    #[tokio::test]
    async fn a_few_failures_among_many_calls_do_not_open_the_breaker() {
        let breaker = Breaker::default();
        for second in 100..130 {
            answers(&breaker, 200, second).await;
            answers(&breaker, 200, second).await;
            fails(&breaker, second).await;
        }

        assert!(breaker.is_closed(at(130)));
    }

    #[tokio::test]
    async fn failures_of_more_than_a_minute_ago_do_not_count() {
        let breaker = Breaker::default();
        for _ in 0..4 {
            fails(&breaker, 100).await;
        }

        fails(&breaker, 161).await;

        assert!(breaker.is_closed(at(161)));
    }

    #[tokio::test]
    async fn a_response_of_any_status_does_not_count_as_a_failure() {
        let breaker = Breaker::default();
        for status in [400, 429, 500, 502, 503, 504] {
            for _ in 0..5 {
                answers(&breaker, status, 100).await;
            }
        }

        assert!(breaker.is_closed(at(100)));
    }

    #[tokio::test]
    async fn after_the_pause_one_trial_call_is_made_at_a_time() {
        let breaker = opened_at(100).await;
        let trial = breaker.permit(at(120)).unwrap();

        assert!(breaker.permit(at(120)).is_none());
        assert!(!breaker.is_closed(at(121)));

        trial.record_outcome(at(120), false);

        assert!(breaker.is_closed(at(121)));
        fails(&breaker, 121).await;
        assert!(breaker.is_closed(at(121)), "the count begins again");
    }

    #[tokio::test]
    async fn a_failed_trial_call_opens_the_breaker_again() {
        let breaker = opened_at(100).await;

        assert_eq!(fails(&breaker, 120).await, OutboundError::Timeout);

        assert_eq!(fails(&breaker, 139).await, OutboundError::Suspended);
        assert!(answers(&breaker, 200, 140).await);
        assert!(breaker.is_closed(at(140)));
    }

    #[tokio::test]
    async fn a_dropped_trial_call_allows_another() {
        let breaker = opened_at(100).await;
        drop(breaker.permit(at(120)).unwrap());

        assert!(breaker.permit(at(120)).is_some());
    }
}
