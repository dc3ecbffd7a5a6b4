//! Where services find everything (OpenID Connect Discovery 1.0, RFC 8414) and the keys that sign.

use actix_web::{HttpResponse, http::header, web::Data};
use hub_core::{
    acr::{Level, Vocabulary},
    scope::{Claim, Scope},
};
use hub_jose::Algorithm;
use hub_templates::Language;
use serde_json::{Value, json};

use crate::{config::Configuration, hub::Hub, token::exchange};

/// `GET /.well-known/openid-configuration`.
pub async fn discovery(hub: Data<Hub>) -> HttpResponse {
    public(hub.shared.discovery.clone())
}

/// `GET /jwks`.
pub async fn jwks(hub: Data<Hub>) -> HttpResponse {
    public(hub.shared.config.keys.signing.jwks().to_vec())
}

/// `GET /client/jwks`: the keys with which the hub signs as a client of IdPs, and those for which they
/// encrypt.
pub async fn client_jwks(hub: Data<Hub>) -> HttpResponse {
    public(hub.shared.config.keys.client_jwks().to_vec())
}

/// Public documents: any browser and any cache may have them.
fn public(document: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=600"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .body(document)
}

/// The discovery document of a configuration.
#[must_use]
pub fn document(config: &Configuration) -> Vec<u8> {
    let issuer = &config.hub.issuer;
    let at = |path: &str| format!("{issuer}{path}");
    let signing = names(&config.keys.signing.algorithms());
    let levels: Vec<&str> = Vocabulary::ALL
        .into_iter()
        .flat_map(|family| Level::ALL.map(|level| level.acr(family)))
        .collect();
    let about_authentication = [
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "acr",
        "amr",
        "auth_time",
        "nonce",
        "at_hash",
    ];
    let claims: Vec<&str> = about_authentication
        .into_iter()
        .chain(Claim::ALL.map(Claim::name))
        .collect();
    let sessions = config.hub.session.is_some();
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/session/end"),
        "backchannel_logout_supported": sessions,
        "backchannel_logout_session_supported": sessions,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", exchange::GRANT_TYPE],
        "acr_values_supported": levels,
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": signing,
        "userinfo_signing_alg_values_supported": signing,
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": names(&Algorithm::ALL),
        "code_challenge_methods_supported": ["S256"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "display_values_supported": ["page"],
        "ui_locales_supported": Language::ALL.map(Language::tag),
        "authorization_response_iss_parameter_supported": true,
    });
    if let (Some(members), Value::Object(more)) = (document.as_object_mut(), of_tokens(config)) {
        members.extend(more);
    }
    document.to_string().into_bytes()
}

/// What of the document is about data providers and the end of tokens (RFC 7009, RFC 7662, RFC 9396,
/// RFC 9701).
fn of_tokens(config: &Configuration) -> Value {
    let at = |path: &str| format!("{}{path}", config.hub.issuer);
    let providers = || config.registry.data_providers();
    let data_scopes = providers().flat_map(|provider| &provider.scopes);
    let data_scopes = data_scopes.map(|scope| scope.name.as_str());
    let scopes: Vec<&str> = Scope::ALL
        .iter()
        .map(|scope| scope.name())
        .chain(data_scopes)
        .collect();
    let types = providers().flat_map(|provider| &provider.details);
    let types: Vec<&str> = types.map(|entry| entry.name.as_str()).collect();
    let algorithms = names(&Algorithm::ALL);
    json!({
        "scopes_supported": scopes,
        "authorization_details_types_supported": types,
        "introspection_endpoint": at("/token/introspection"),
        "introspection_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_signing_alg_values_supported": names(&config.keys.signing.algorithms()),
        "introspection_encryption_alg_values_supported": ["ECDH-ES", "RSA-OAEP-256"],
        "introspection_encryption_enc_values_supported": ["A256GCM"],
        "revocation_endpoint": at("/token/revocation"),
        "revocation_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
    })
}

fn names(algorithms: &[Algorithm]) -> Vec<&'static str> {
    algorithms
        .iter()
        .map(|algorithm| algorithm.name())
        .collect()
}
