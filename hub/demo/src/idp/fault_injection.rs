//! The faults that a demonstration identity provider can inject. The hub must detect each of them.
//!
//! Called by the other files of `idp` and by the tests.

/// One injected fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultInjection {
    /// The ID token is unsigned (`alg: none`).
    AlgNone,
    /// The ID token is changed after it was signed.
    BadSignature,
    /// Its clock is 50 seconds ahead.
    ClockAhead,
    /// Its clock is 50 seconds behind.
    ClockBehind,
    /// The authorization response is the error `access_denied`.
    Declines,
    /// The key set has the signing key twice under one `kid`.
    DuplicateKid,
    /// The ID token expired ten minutes ago.
    Expired,
    /// `exp` is a text.
    ExpiryAsText,
    /// The audience of the ID token is another client.
    ForeignAudience,
    /// The `iss` of the ID token is another issuer.
    ForeignIssuer,
    /// The ID token is signed with a key that is not in the key set.
    ForeignKey,
    /// `iat` and `nbf` are one hour in the future.
    FromTheFuture,
    /// The token response is not JSON.
    Garbage,
    /// The token response is too large.
    Giant,
    /// `sid` is `session-of-` followed by the user name.
    GuessableSid,
    /// The token endpoint accepts the connection and never responds.
    Hangs,
    /// The ID token is signed with the public key as a shared secret (HS256).
    HmacWithPublicKey,
    /// The person has a session of one hour, used unless the request has `prompt=login` or `max_age=0`.
    KeepsSession,
    /// The level is below the one that the hub expects.
    LowLevel,
    /// The birth date is malformed.
    MalformedBirthdate,
    /// The birth date is missing.
    MissingBirthdate,
    /// The ID token has no `auth_time`.
    NoAuthTime,
    /// The authorization response has neither a code nor an error.
    NoCode,
    /// The token response has no ID token.
    NoIdToken,
    /// The authorization response has no `iss`, although the discovery document promises one.
    NoIssuerParameter,
    /// The ID token has no `nonce`.
    NoNonce,
    /// The person authenticated a day ago.
    OldAuthentication,
    /// The ID token has a second audience.
    SecondAudience,
    /// Every endpoint closes the connection during its response.
    BreaksOff,
    /// The token endpoint refuses every code (`invalid_grant`).
    RefusesCode,
    /// Every endpoint responds with status 500.
    ServerError,
    /// The token endpoint responds with status 503.
    TokenFails,
    /// The token endpoint redirects to another URL (307).
    TokenRedirect,
    /// `token_type` is `mac`.
    TokenTypeMac,
    /// `token_type` is `BEARER`.
    TokenTypeUpperCase,
    /// The token endpoint responds with status 500.
    TokenServerError,
    /// The `error` of the token endpoint is not a registered code and contains the person's name.
    UnregisteredError,
    /// The `acr` value is unknown to the hub.
    UnknownLevel,
    /// The UserInfo response is about another person.
    UserinfoOfAnother,
    /// The ID token is signed but not encrypted, although it must be.
    NotEncrypted,
    /// The `iss` of the authorization response is another issuer.
    WrongIssuerParameter,
    /// The ID token has another `nonce`.
    WrongNonce,
}
