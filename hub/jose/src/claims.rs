//! Claims checks: what a verified signature does not say.
//!
//! A claim that is required has to be there, and a time of the wrong JSON type is an error, never
//! "absent".

use std::time::Duration;

use hub_core::{clock::Timestamp, proof::Verified};
use serde_json::{Map, Value};
use thiserror::Error;

/// By how much clocks may disagree.
pub const LEEWAY: Duration = Duration::from_secs(60);

/// How old an id token may be when it arrives straight from the token endpoint.
const ID_TOKEN_AGE: Duration = Duration::from_secs(600);

/// How old a logout token may be.
const LOGOUT_TOKEN_AGE: Duration = Duration::from_secs(300);

/// The latest time of a claim: 9999-12-31T23:59:59Z.
const LATEST: i64 = 253_402_300_799;

/// How long a client assertion may live (RFC 7523 section 3, point 4).
const ASSERTION_LIFE: Duration = Duration::from_secs(600);

/// The claim that is not as it has to be. It names the claim, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the claim `{0}` is not acceptable")]
pub struct ClaimError(pub &'static str);

/// What an id token has to say (OpenID Connect Core 3.1.3.7).
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The issuer it has to name.
    pub issuer: &'a str,
    /// The client it has to be for.
    pub client_id: &'a str,
    /// The present.
    pub now: Timestamp,
}

/// An id token that passed.
#[derive(Debug, Clone)]
pub struct IdToken {
    /// The subject: 1 to 255 printable ASCII characters.
    pub sub: String,
    /// The level, if it says one.
    pub acr: Option<String>,
    /// When the token was issued, by the issuer's clock.
    pub issued_at: Timestamp,
    /// When the person authenticated, if it says so, by the issuer's clock.
    pub auth_time: Option<Timestamp>,
    /// Every claim.
    pub claims: Map<String, Value>,
}

impl Expected<'_> {
    /// Checks the claims of an id token that answers `nonce`.
    ///
    /// # Errors
    /// [`ClaimError`], the first claim that is wrong.
    pub fn id_token(
        &self,
        claims: Map<String, Value>,
        nonce: &str,
    ) -> Result<Verified<IdToken>, ClaimError> {
        let reader = Reader(&claims);
        reader.is("iss", self.issuer)?;
        reader.is_for(self.client_id)?;
        reader.expires_after(self.now)?;
        reader.began_before(self.now)?;
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

    /// Checks the claims of a userinfo answer: it is about `sub`, and where it names an issuer or an
    /// audience, as a signed one does, they are ours (OpenID Connect Core 5.3.4).
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
            reader.is_for(self.client_id)?;
        }
        if claims.contains_key("exp") {
            reader.expires_after(self.now)?;
        }
        Ok(())
    }
}

/// Checks the claims of a client assertion (RFC 7523 section 3).
///
/// Issuer and subject are the client, the audience is exactly one of `audiences` and alone, it expires
/// soon, and it has an id. Returns the `jti`, which may be used once, and until when it has to be
/// remembered.
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
    reader.expires_after(now)?;
    reader.began_before(now)?;
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

/// The `sub` in an id token that we issued ourselves to `client_id`: a hint. It may have expired. Our
/// id tokens always carry `acr` and our userinfo answers never do, whatever their `typ`.
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
    reader.is_for(client_id)?;
    reader.text("acr")?.ok_or(ClaimError("acr"))?;
    reader.subject()
}

/// Of whom an id token that we issued speaks: the hint of a logout.
#[derive(Debug, Clone)]
pub struct LogoutHint {
    /// The client that it was issued to.
    pub client: String,
    /// The subject.
    pub sub: String,
    /// The session, if it names one.
    pub sid: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// Reads an id token that we issued, to whichever client, and however long ago.
///
/// (OpenID Connect RP-Initiated Logout 1.0 section 2.) It has to carry `acr`, which our userinfo answers and logout
/// tokens never do.
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

/// An IdP's word that a session has ended.
#[derive(Debug, Clone)]
pub struct LoggedOut {
    /// The session, if it is named.
    pub sid: Option<String>,
    /// The account, if it is named.
    pub sub: Option<String>,
    /// The number of the token, for telling a replay.
    pub jti: String,
}

impl Expected<'_> {
    /// Checks the claims of a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6).
    ///
    /// # Errors
    /// [`ClaimError`], the first claim that is wrong.
    pub fn logout_token(&self, claims: &Map<String, Value>) -> Result<LoggedOut, ClaimError> {
        const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
        let reader = Reader(claims);
        reader.is("iss", self.issuer)?;
        reader.is_for(self.client_id)?;
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
    /// A text claim; `None` only if it is absent.
    fn text(&self, name: &'static str) -> Result<Option<&'a str>, ClaimError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or(ClaimError(name)),
        }
    }

    /// A time claim (`NumericDate`, RFC 7519 section 2): seconds, of which a fraction is cut off. `None`
    /// only if it is absent.
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

    /// OpenID Connect Core 3.1.3.7 (3) to (5): we are the audience, alone, or named by `azp`.
    fn is_for(&self, client_id: &str) -> Result<(), ClaimError> {
        let alone = match self.0.get("aud") {
            Some(Value::String(audience)) => audience == client_id,
            Some(Value::Array(all)) => {
                // Further audiences are parties we know nothing of: not trusted, so refused.
                !all.is_empty() && all.iter().all(|one| one.as_str() == Some(client_id))
            }
            _ => false,
        };
        if !alone {
            return Err(ClaimError("aud"));
        }
        match self.text("azp")? {
            Some(party) if party != client_id => Err(ClaimError("azp")),
            _ => Ok(()),
        }
    }

    fn expires_after(&self, now: Timestamp) -> Result<(), ClaimError> {
        let expires = self.time("exp")?.ok_or(ClaimError("exp"))?;
        (now < expires.plus(LEEWAY))
            .then_some(())
            .ok_or(ClaimError("exp"))
    }

    fn began_before(&self, now: Timestamp) -> Result<(), ClaimError> {
        let begins = self.time("nbf")?;
        begins
            .is_none_or(|begins| begins <= now.plus(LEEWAY))
            .then_some(())
            .ok_or(ClaimError("nbf"))
    }

    fn subject(&self) -> Result<String, ClaimError> {
        let sub = self.text("sub")?.ok_or(ClaimError("sub"))?;
        let good =
            (1..=255).contains(&sub.len()) && sub.bytes().all(|c| (b' '..=b'~').contains(&c));
        good.then(|| sub.to_owned()).ok_or(ClaimError("sub"))
    }
}
