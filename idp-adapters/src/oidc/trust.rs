//! The last checks of the callback, on verified claims.
//!
//! The level must be known, the promised attributes present, and the evidence for the person valid.
//! Called by `receive.rs`.

use std::time::Duration;

use hub_core::{
    clock::Timestamp,
    identity::PivotIdentity,
    login::{Authentication, UpstreamSession},
    proof::Verified,
    subject::{EidasIdentifier, Evidence, PivotTrust, RegisterNumber, Source},
};
use hub_jose::claims::IdToken;
use serde_json::{Map, Value};

use super::{AuthTime, EndSessionMethod, OidcProvider, Prompt};
use crate::{IdpError, RoundTrip};
use hub_outbound::{Cause, Endpoint};

/// Seconds by which an authentication may seem older than the redirect to the IdP. Times are in whole
/// seconds, and an ID token may be issued a little after the code.
const ROUNDING: Duration = Duration::from_secs(5);

/// The maximum length of a `sid`, in bytes.
const LONGEST_SID: usize = 255;

impl OidcProvider {
    /// Makes the last checks of the callback.
    pub(super) fn authentication_of(
        &self,
        token: &IdToken,
        raw_id_token: &str,
        claims: &Map<String, Value>,
        trip: &RoundTrip<'_>,
    ) -> Result<Verified<Authentication>, IdpError> {
        let (settings, now) = (&self.settings, trip.now);
        let acr = match &settings.level_claim {
            None => token.acr.clone(),
            Some(claim) => claim.find_text(claims),
        };
        let level = settings
            .levels
            .delivered(acr.as_deref())
            .ok_or(IdpError::misbehaved(Endpoint::Token, Cause::Claim("acr")))?;
        let trust = self.trust_in(claims);
        let reading = PivotIdentity::read(&settings.mapping.apply(claims, now), now);
        let identity = match trust {
            PivotTrust::Verified => reading.promised().map_err(IdpError::Incomplete)?,
            PivotTrust::Declared | PivotTrust::None => reading.identity,
        };
        let evidence = Evidence {
            source: Source {
                issuer: settings.issuer.clone(),
                sub: token.sub.clone(),
            },
            trust,
            pivot_counts: level.satisfies(Evidence::LEVEL) || settings.trust_policy.waiver,
            register_found: false,
            register_number: self.register_number(claims)?,
            eidas: self.eidas_identifier(claims)?,
        };
        let authentication = Authentication {
            identity,
            evidence,
            former: Vec::new(),
            upstream: self.upstream_session(token, raw_id_token),
            level,
            auth_time: self.authenticated_at(token, trip)?,
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the issuer, every token and the level were checked"
        )]
        Ok(Verified::assert_verified(authentication))
    }

    /// Returns when the person authenticated, by the hub's clock. Returns `None` if the IdP does not
    /// state it, or the entry does not trust the statement.
    ///
    /// `prompt=login` and `max_age=0` are in the URL, where a person at the computer can remove them and
    /// use the session of an earlier person. So `auth_time` must not be before the redirect to the IdP.
    ///
    /// The age of the authentication is computed by the IdP's clock (`iat` minus `auth_time`) and
    /// compared with the time since the redirect by the hub's clock, so a difference between the two
    /// clocks does not matter.
    ///
    /// # Errors
    /// [`IdpError::Stale`] if a fresh authentication was requested and is not proven.
    fn authenticated_at(
        &self,
        token: &IdToken,
        trip: &RoundTrip<'_>,
    ) -> Result<Option<Timestamp>, IdpError> {
        let request_settings = &self.settings.request_settings;
        if request_settings.auth_time == AuthTime::NotProven {
            return Ok(None);
        }
        let fresh_requested = request_settings.prompts.contains(&Prompt::Login);
        let Some(auth_time) = token.auth_time else {
            return if fresh_requested {
                Err(IdpError::Stale)
            } else {
                Ok(None)
            };
        };
        let age = token.issued_at.since(auth_time);
        let since_redirect = trip.now.since(trip.started_at);
        if fresh_requested && age > since_redirect + ROUNDING {
            return Err(IdpError::Stale);
        }
        Ok(Some(trip.now.minus(age)))
    }

    /// Returns the IdP's own session, with the values that a logout will need.
    fn upstream_session(&self, token: &IdToken, raw_id_token: &str) -> Option<UpstreamSession> {
        let settings = &self.settings;
        let sid = token.claims.get("sid").and_then(Value::as_str);
        let sid = sid.filter(|sid| settings.backchannel_logout && sid.len() <= LONGEST_SID);
        let keeps_id_token = settings.end_session == EndSessionMethod::Post;
        let id_token = keeps_id_token.then(|| raw_id_token.to_owned());
        (sid.is_some() || id_token.is_some()).then(|| UpstreamSession {
            sid: sid.map(str::to_owned),
            id_token,
        })
    }

    /// Returns how far this person's civil status is trusted.
    fn trust_in(&self, claims: &Map<String, Value>) -> PivotTrust {
        let trust = self.settings.trust_policy.trust;
        let proven = match &self.settings.trust_policy.trusted_if {
            None => true,
            Some((claim, values)) => claim
                .find_text(claims)
                .is_some_and(|value| values.contains(&value)),
        };
        if proven {
            trust
        } else {
            trust.min(PivotTrust::Declared)
        }
    }

    /// Returns the number in a register. A missing number is not an error: the next rule chooses the
    /// `sub`'s basis.
    fn register_number(
        &self,
        claims: &Map<String, Value>,
    ) -> Result<Option<RegisterNumber>, IdpError> {
        let Some(register) = &self.settings.trust_policy.register_number else {
            return Ok(None);
        };
        let Some(number) = register.claim.find(claims) else {
            return Ok(None);
        };
        let number = number
            .as_str()
            .and_then(|text| RegisterNumber::new(&register.country, &register.scheme, text));
        number
            .map(Some)
            .ok_or(malformed("register number is malformed"))
    }

    fn eidas_identifier(
        &self,
        claims: &Map<String, Value>,
    ) -> Result<Option<EidasIdentifier>, IdpError> {
        let mut places = self.settings.trust_policy.eidas_identifier.iter();
        let Some(found) = places.find_map(|path| path.find(claims)) else {
            return Ok(None);
        };
        let identifier = found.as_str().and_then(EidasIdentifier::parse);
        identifier
            .map(Some)
            .ok_or(malformed("eIDAS identifier is malformed"))
    }
}

/// Creates the error for a malformed claim of the ID token or UserInfo response.
fn malformed(check: &'static str) -> IdpError {
    IdpError::misbehaved(Endpoint::Token, Cause::Check(check))
}
