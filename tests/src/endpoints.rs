//! Every endpoint of the hub's router, with the parameters that it reads. Tests that go over all
//! endpoints take them from here; a law test compares this list with the router.

/// One endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// Its path as the router has it, below the issuer's own path.
    pub path: &'static str,
    /// The parameters of its query or form.
    pub parameters: &'static [&'static str],
}

const fn endpoint(path: &'static str, parameters: &'static [&'static str]) -> Endpoint {
    Endpoint { path, parameters }
}

/// The endpoints of the public listener.
pub const ENDPOINTS: [Endpoint; 26] = [
    endpoint(
        "/token",
        &[
            "grant_type",
            "code",
            "redirect_uri",
            "code_verifier",
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
            "subject_token",
            "resource",
        ],
    ),
    endpoint(
        "/token/revocation",
        &["token", "client_id", "client_secret"],
    ),
    endpoint("/userinfo", &["access_token"]),
    endpoint("/jwks", &[]),
    endpoint("/.well-known/openid-configuration", &[]),
    endpoint("/.well-known/{name}", &[]),
    endpoint("/client/jwks", &[]),
    endpoint("/backchannel/{idp}", &["logout_token"]),
    endpoint(
        "/authorize",
        &[
            "client_id",
            "redirect_uri",
            "response_type",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method",
            "prompt",
            "login_hint",
            "id_token_hint",
            "idp_hint",
            "claims",
            "ui_locales",
        ],
    ),
    endpoint("/callback/{idp}", &["state", "code", "error", "iss"]),
    endpoint(
        "/session/end",
        &[
            "id_token_hint",
            "client_id",
            "post_logout_redirect_uri",
            "state",
            "ui_locales",
            "token",
        ],
    ),
    endpoint("/initiate/{idp}", &["iss", "login_hint"]),
    endpoint("/session/out", &["state"]),
    endpoint("/assets/{fingerprint}/{name}", &[]),
    endpoint(
        "/token/introspection",
        &["token", "client_id", "client_secret"],
    ),
    endpoint("/checktoken", &["token", "client_id", "client_secret"]),
    endpoint("/login/{ticket}/", &["q", "email"]),
    endpoint("/login/{ticket}/idp/{idp}", &[]),
    endpoint("/login/{ticket}/review", &["token", "tick", "consent"]),
    endpoint("/login/{ticket}/forget", &[]),
    endpoint("/login/{ticket}/cancel", &[]),
    endpoint("/login/{ticket}", &[]),
    endpoint("/about", &["lang"]),
    endpoint("/kit/", &[]),
    endpoint("/kit/{name}", &[]),
    endpoint("/accessibility", &["lang"]),
];

/// The endpoints of the operator's own listener.
pub const OPERATIONS: [&str; 3] = ["/health/live", "/health/ready", "/metrics"];
