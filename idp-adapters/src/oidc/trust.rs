//! From claims that were verified to somebody whom the hub may vouch for: the level is one we know, what
//! the IdP promises is there, and what speaks for the person is told apart.

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

/// How much older than the departure an authentication may seem: times are written in whole seconds, and
/// an id token may be dated a little after the code was given.
const ROUNDING: Duration = Duration::from_secs(5);

/// The longest `sid` that is kept.
const LONGEST_SID: usize = 255;

impl OidcProvider {
    /// The last checks of the return.
    pub(super) fn authentication_of(
        &self,
        token: &IdToken,
        raw_id_token: &str,
        claims: &Map<String, Value>,
        trip: &RoundTrip<'_>,
    ) -> Result<Verified<Authentication>, IdpError> {
        let (settings, now) = (&self.settings, trip.now);
        let said = match &settings.level_claim {
            None => token.acr.clone(),
            Some(claim) => claim.find_text(claims),
        };
        let level = settings
            .levels
            .delivered(said.as_deref())
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

    /// When the person authenticated, by the hub's clock. Returns `None` if the IdP does not say, or is not
    /// believed.
    ///
    /// `prompt=login` and `max_age=0` are in the address bar, where whoever sits at the computer can remove
    /// them and use the session of the person before. So `auth_time` has to be after the departure.
    ///
    /// The age of the authentication is read off the IdP's own clock (`iat` minus `auth_time`) and compared
    /// with the time since the departure on the hub's clock: a difference between the two clocks does not
    /// count.
    ///
    /// # Errors
    /// [`IdpError::Stale`] if a fresh authentication was asked and is not proven.
    fn authenticated_at(
        &self,
        token: &IdToken,
        trip: &RoundTrip<'_>,
    ) -> Result<Option<Timestamp>, IdpError> {
        let request_settings = &self.settings.request_settings;
        if request_settings.auth_time == AuthTime::NotProven {
            return Ok(None);
        }
        let asked_fresh = request_settings.prompts.contains(&Prompt::Login);
        let Some(auth_time) = token.auth_time else {
            return if asked_fresh {
                Err(IdpError::Stale)
            } else {
                Ok(None)
            };
        };
        let age = token.issued_at.since(auth_time);
        let away = trip.now.since(trip.started_at);
        if asked_fresh && age > away + ROUNDING {
            return Err(IdpError::Stale);
        }
        Ok(Some(trip.now.minus(age)))
    }

    /// The IdP's own session, as far as it will be needed to log out of it.
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

    /// How far this person's civil status may be trusted.
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

    /// A number that is not there is no fault: the next rule decides what the `sub` is made of.
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

/// A claim of the id token or of userinfo, whichever the entry's mapping takes it from.
fn malformed(check: &'static str) -> IdpError {
    IdpError::misbehaved(Endpoint::Token, Cause::Check(check))
}
