//! Checks of claims, which follow the verification of a signature.
//!
//! A required claim must be present, and a time of the wrong JSON type is an error, not a missing claim.
//! Called by the IdP adapters and by the server's client authentication and logout.

use std::time::Duration;

use hub_core::{clock::Timestamp, proof::Verified};
use serde_json::{Map, Value};
use thiserror::Error;

/// The tolerated difference between clocks.
pub const LEEWAY: Duration = Duration::from_secs(60);

/// The maximum age of an ID token that comes directly from the token endpoint.
const ID_TOKEN_AGE: Duration = Duration::from_secs(600);

/// The maximum age of a logout token.
const LOGOUT_TOKEN_AGE: Duration = Duration::from_secs(300);

/// The latest accepted time in a claim: 9999-12-31T23:59:59Z.
const LATEST: i64 = 253_402_300_799;

/// The maximum lifetime of a client assertion (RFC 7523 section 3, point 4).
const ASSERTION_LIFE: Duration = Duration::from_secs(600);

/// A claim is missing or invalid. The error names the claim and never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the claim `{0}` is missing or invalid")]
pub struct ClaimError(pub &'static str);

/// The values that an ID token must match (OpenID Connect Core 3.1.3.7).
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The required issuer.
    pub issuer: &'a str,
    /// The client that must be the audience.
    pub client_id: &'a str,
    /// The present time.
    pub now: Timestamp,
}

/// An ID token whose claims were checked.
#[derive(Debug, Clone)]
pub struct IdToken {
    /// The subject: 1 to 255 printable ASCII characters.
    pub sub: String,
    /// The `acr` claim, if there is one.
    pub acr: Option<String>,
    /// When the token was issued, by the issuer's clock.
    pub issued_at: Timestamp,
    /// When the person authenticated, by the issuer's clock, if the token states it.
    pub auth_time: Option<Timestamp>,
    /// Every claim.
    pub claims: Map<String, Value>,
}

impl Expected<'_> {
    /// Checks the claims of an ID token whose request had the nonce `nonce`.
    ///
    /// # Errors
    /// [`ClaimError`], the first invalid claim.
    pub fn id_token(
        &self,
        claims: Map<String, Value>,
        nonce: &str,
    ) -> Result<Verified<IdToken>, ClaimError> {
        let reader = Reader(&claims);
        reader.is("iss", self.issuer)?;
        reader.check_audience(self.client_id)?;
        reader.check_expiry(self.now)?;
        reader.check_not_before(self.now)?;
        let issued = reader.time("iat")?.ok_or(ClaimError("iat"))?;
        if issued > self.now.plus(LEEWAY) || self.now.since(issued) > ID_TOKEN_AGE + LEEWAY {
            return Err(ClaimError("iat"));
        }
        if reader.text("nonce")? != Some(nonce) {
            return Err(ClaimError("nonce"));
        }
        let auth_time = reader.time("auth_time")?;
        if auth_time.is_some_and(|at| at > self.now.plus(LEEWAY)) {
            return Err(ClaimError("auth_time"));
        }
        let token = IdToken {
            sub: reader.subject()?,
            acr: reader.text("acr")?.map(str::to_owned),
            issued_at: issued,
            auth_time,
            claims,
        };
        Ok(assert_verified(token))
    }

    /// Checks the claims of a UserInfo response (OpenID Connect Core 5.3.4): its `sub` must be `sub`, and
    /// its issuer and audience, if present, must match.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub fn userinfo(&self, claims: &Map<String, Value>, sub: &str) -> Result<(), ClaimError> {
        let reader = Reader(claims);
        reader.is("sub", sub)?;
        if claims.contains_key("iss") {
            reader.is("iss", self.issuer)?;
        }
        if claims.contains_key("aud") {
            reader.check_audience(self.client_id)?;
        }
        if claims.contains_key("exp") {
            reader.check_expiry(self.now)?;
        }
        Ok(())
    }
}

/// Checks the claims of a client assertion (RFC 7523 section 3).
///
/// Issuer and subject must be the client, the only audience one of `audiences`, and the expiry soon.
/// Returns the `jti`, which may be used once, and the time until which it must be stored.
///
/// # Errors
/// [`ClaimError`].
pub fn client_assertion(
    claims: &Map<String, Value>,
    client_id: &str,
    audiences: &[&str],
    now: Timestamp,
) -> Result<(String, Timestamp), ClaimError> {
    let reader = Reader(claims);
    reader.is("iss", client_id)?;
    reader.is("sub", client_id)?;
    let audience = reader.text("aud")?.ok_or(ClaimError("aud"))?;
    if !audiences.contains(&audience) {
        return Err(ClaimError("aud"));
    }
    reader.check_expiry(now)?;
    reader.check_not_before(now)?;
    let expires = reader.time("exp")?.ok_or(ClaimError("exp"))?;
    if expires > now.plus(ASSERTION_LIFE + LEEWAY) {
        return Err(ClaimError("exp"));
    }
    if reader
        .time("iat")?
        .is_some_and(|issued| issued > now.plus(LEEWAY))
    {
        return Err(ClaimError("iat"));
    }
    let jti = reader
        .text("jti")?
        .filter(|jti| (1..=256).contains(&jti.len()));
    Ok((
        jti.ok_or(ClaimError("jti"))?.to_owned(),
        expires.plus(LEEWAY),
    ))
}

/// Returns the `sub` of an ID token that this hub issued to `client_id`. It may have expired.
/// The check of `acr` refuses the hub's UserInfo responses, which never have it, whatever their `typ`.
///
/// # Errors
/// [`ClaimError`].
pub fn own_hint(
    claims: &Map<String, Value>,
    issuer: &str,
    client_id: &str,
) -> Result<String, ClaimError> {
    let reader = Reader(claims);
    reader.is("iss", issuer)?;
    reader.check_audience(client_id)?;
    reader.text("acr")?.ok_or(ClaimError("acr"))?;
    reader.subject()
}

/// The content of an ID token of this hub that was sent as the hint of a logout.
#[derive(Debug, Clone)]
pub struct LogoutHint {
    /// The client that it was issued to.
    pub client: String,
    /// The subject.
    pub sub: String,
    /// The session, if the token names one.
    pub sid: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// Reads an ID token that this hub issued, for any client and of any age.
///
/// OpenID Connect RP-Initiated Logout 1.0 section 2. The token must have `acr`, which the hub's UserInfo
/// responses and logout tokens never have.
///
/// # Errors
/// [`ClaimError`].
pub fn logout_hint(claims: &Map<String, Value>, issuer: &str) -> Result<LogoutHint, ClaimError> {
    let reader = Reader(claims);
    reader.is("iss", issuer)?;
    reader.text("acr")?.ok_or(ClaimError("acr"))?;
    Ok(LogoutHint {
        client: reader.text("aud")?.ok_or(ClaimError("aud"))?.to_owned(),
        sub: reader.subject()?,
        sid: reader.text("sid")?.map(str::to_owned),
        issued_at: reader.time("iat")?.ok_or(ClaimError("iat"))?,
    })
}

/// A logout token: the IdP's statement that a session ended.
#[derive(Debug, Clone)]
pub struct LoggedOut {
    /// The `sid` of the session, if the token names one.
    pub sid: Option<String>,
    /// The `sub` of the account, if the token names one.
    pub sub: Option<String>,
    /// The `jti` of the token, used to detect a replay.
    pub jti: String,
}

impl Expected<'_> {
    /// Checks the claims of a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6).
    ///
    /// # Errors
    /// [`ClaimError`], the first invalid claim.
    pub fn logout_token(&self, claims: &Map<String, Value>) -> Result<LoggedOut, ClaimError> {
        const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
        let reader = Reader(claims);
        reader.is("iss", self.issuer)?;
        reader.check_audience(self.client_id)?;
        let issued_at = reader.time("iat")?.ok_or(ClaimError("iat"))?;
        if self.now.since(issued_at) > LOGOUT_TOKEN_AGE || issued_at.since(self.now) > LEEWAY {
            return Err(ClaimError("iat"));
        }
        if let Some(expires_at) = reader.time("exp")?
            && self.now.since(expires_at) >= LEEWAY
        {
            return Err(ClaimError("exp"));
        }
        if claims.contains_key("nonce") {
            return Err(ClaimError("nonce"));
        }
        let event = claims.get("events").and_then(|events| events.get(EVENT));
        if !event.is_some_and(Value::is_object) {
            return Err(ClaimError("events"));
        }
        let named = |name| {
            let text = reader.text(name)?.filter(|text| !text.is_empty());
            Ok::<_, ClaimError>(text.map(str::to_owned))
        };
        let (sid, sub) = (named("sid")?, named("sub")?);
        if sid.is_none() && sub.is_none() {
            return Err(ClaimError("sid"));
        }
        let jti = named("jti")?.ok_or(ClaimError("jti"))?;
        Ok(LoggedOut { sid, sub, jti })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "every check of OpenID Connect Core 3.1.3.7 was made"
)]
const fn assert_verified(token: IdToken) -> Verified<IdToken> {
    Verified::assert_verified(token)
}

struct Reader<'a>(&'a Map<String, Value>);

impl<'a> Reader<'a> {
    /// Reads a text claim; `None` only if it is absent.
    fn text(&self, name: &'static str) -> Result<Option<&'a str>, ClaimError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or(ClaimError(name)),
        }
    }

    /// Reads a time claim (`NumericDate`, RFC 7519 section 2) in whole seconds. A fraction is cut off.
    /// `None` only if the claim is absent.
    fn time(&self, name: &'static str) -> Result<Option<Timestamp>, ClaimError> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let seconds = value.as_i64().or_else(|| {
            let seconds = Duration::try_from_secs_f64(value.as_f64()?).ok()?;
            i64::try_from(seconds.as_secs()).ok()
        });
        let seconds = seconds.filter(|seconds| (0..=LATEST).contains(seconds));
        let seconds = seconds.ok_or(ClaimError(name))?;
        Ok(Some(Timestamp::from_unix(seconds)))
    }

    fn is(&self, name: &'static str, wanted: &str) -> Result<(), ClaimError> {
        (self.text(name)? == Some(wanted))
            .then_some(())
            .ok_or(ClaimError(name))
    }

    /// OpenID Connect Core 3.1.3.7 (3) to (5): the only audience is the client, named by any `azp`.
    fn check_audience(&self, client_id: &str) -> Result<(), ClaimError> {
        let is_only_audience = match self.0.get("aud") {
            Some(Value::String(audience)) => audience == client_id,
            Some(Value::Array(all)) => {
                // The client does not know any further audience and thus does not trust it.
                !all.is_empty() && all.iter().all(|one| one.as_str() == Some(client_id))
            }
            _ => false,
        };
        if !is_only_audience {
            return Err(ClaimError("aud"));
        }
        match self.text("azp")? {
            Some(party) if party != client_id => Err(ClaimError("azp")),
            _ => Ok(()),
        }
    }

    fn check_expiry(&self, now: Timestamp) -> Result<(), ClaimError> {
        let expires = self.time("exp")?.ok_or(ClaimError("exp"))?;
        (now < expires.plus(LEEWAY))
            .then_some(())
            .ok_or(ClaimError("exp"))
    }

    fn check_not_before(&self, now: Timestamp) -> Result<(), ClaimError> {
        let begins = self.time("nbf")?;
        begins
            .is_none_or(|begins| begins <= now.plus(LEEWAY))
            .then_some(())
            .ok_or(ClaimError("nbf"))
    }

    fn subject(&self) -> Result<String, ClaimError> {
        let sub = self.text("sub")?.ok_or(ClaimError("sub"))?;
        let is_valid =
            (1..=255).contains(&sub.len()) && sub.bytes().all(|c| (b' '..=b'~').contains(&c));
        is_valid.then(|| sub.to_owned()).ok_or(ClaimError("sub"))
    }
}
