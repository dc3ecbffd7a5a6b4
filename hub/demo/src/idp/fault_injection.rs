//! Every way in which an identity provider's answer can be wrong. The hub has to notice each.

/// One way of misbehaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultInjection {
    /// The id token is unsigned (`alg: none`).
    AlgNone,
    /// The id token is changed after it was signed.
    BadSignature,
    /// Its clock is 50 seconds ahead.
    ClockAhead,
    /// Its clock is 50 seconds behind.
    ClockBehind,
    /// Declines with `access_denied`.
    Declines,
    /// The key set has the signing key twice under one `kid`.
    DuplicateKid,
    /// The id token expired ten minutes ago.
    Expired,
    /// `exp` is a text.
    ExpiryAsText,
    /// The id token is for somebody else.
    ForeignAudience,
    /// The id token is another issuer's.
    ForeignIssuer,
    /// The id token is signed with a key that is not in the key set.
    ForeignKey,
    /// `iat` and `nbf` are an hour away.
    FromTheFuture,
    /// The token answer is no JSON.
    Garbage,
    /// The token answer is endless.
    Giant,
    /// `sid` is `session-of-` and the user name.
    GuessableSid,
    /// The token endpoint takes the request and never answers.
    Hangs,
    /// The id token is signed with the public key as a shared secret (HS256).
    HmacWithPublicKey,
    /// Answers from a session of an hour ago where neither `prompt=login` nor `max_age=0` came with the
    /// request.
    KeepsSession,
    /// The level is below what the hub expects of it.
    LowLevel,
    /// The birth date is malformed.
    MalformedBirthdate,
    /// The birth date is missing.
    MissingBirthdate,
    /// The id token does not say when the person authenticated.
    NoAuthTime,
    /// The answer has neither code nor error.
    NoCode,
    /// The token answer has no id token.
    NoIdToken,
    /// The answer has no `iss`, although discovery promises one.
    NoIssuerParameter,
    /// The id token has no `nonce`.
    NoNonce,
    /// The person authenticated a day ago.
    OldAuthentication,
    /// The id token has a second audience.
    SecondAudience,
    /// Every endpoint breaks the connection off within its answer.
    BreaksOff,
    /// The token endpoint refuses every code (`invalid_grant`).
    RefusesCode,
    /// Every endpoint answers 500.
    ServerError,
    /// The token endpoint answers 503.
    TokenFails,
    /// Sends the hub elsewhere with its token request (307).
    TokenRedirect,
    /// `token_type` is `mac`.
    TokenTypeMac,
    /// `token_type` is `BEARER`.
    TokenTypeUpperCase,
    /// The token endpoint answers 500.
    TokenServerError,
    /// The token endpoint's `error` is a text of its own, with the name of the person.
    UnregisteredError,
    /// The level is one that nobody knows.
    UnknownLevel,
    /// Userinfo is about somebody else.
    UserinfoOfAnother,
    /// The id token is signed and not encrypted, where it has to be.
    NotEncrypted,
    /// The answer's `iss` is another issuer's.
    WrongIssuerParameter,
    /// The id token answers another `nonce`.
    WrongNonce,
}
