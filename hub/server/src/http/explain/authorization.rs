//! The long form of a refusal at `/authorize`, and what was ignored there.

use hub_core::{acr::Level, data::DataScope, oauth_error::OAuthError, scope::Scope};
use sp_registry::{Registry, ServiceProvider};

use super::{applies_to, duplicates, length_of, long, quoted, value_of};
use crate::{authorization::Refusal, http::Parameters};

/// The parameters that a refusal may be about, by the name that its short form says.
const PARAMETERS: [&str; 17] = [
    "acr_values",
    "authorization_details",
    "claims",
    "code_challenge",
    "code_challenge_method",
    "id_token_hint",
    "idp_hint",
    "max_age",
    "nonce",
    "prompt",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
];
/// The values of `acr_values` that are known, by example.
const LEVELS: &str = "eidas1, eidas2, eidas3 or their URIs";

/// The long form of a refusal of `sent`; `None` for a service that gets the short form.
#[must_use]
pub fn refusal(
    service: &ServiceProvider,
    sent: &Parameters,
    (error, short): Refusal,
) -> Option<String> {
    if !applies_to(service) {
        return None;
    }
    if sent.has_duplicates_but_resource() {
        let expected = "each parameter once, resource excepted";
        return Some(long(short, &duplicates(sent), expected, "A service"));
    }
    let parameter = if error == OAuthError::UnmetAuthenticationRequirements {
        "acr_values"
    } else {
        let mut words = short.split(|c: char| !c.is_ascii_lowercase() && c != '_');
        words.find(|word| PARAMETERS.contains(word))?
    };
    let (received, expected) = received_and_expected(service, sent, parameter);
    let section = match parameter {
        "scope" => "Scopes",
        "authorization_details" | "resource" => "Data of a data provider",
        _ => "A service",
    };
    let received = format!("{parameter}: {received}");
    Some(long(short, &received, &expected, section))
}

fn received_and_expected(
    service: &ServiceProvider,
    sent: &Parameters,
    parameter: &str,
) -> (String, String) {
    let value = || value_of(sent, parameter);
    let length = || length_of(sent, parameter);
    match parameter {
        "acr_values" => (value(), format!("{LEVELS}, that one of its IdPs reaches")),
        "code_challenge" => (
            length(),
            "the base64url of the SHA-256 of code_verifier, 43 characters".to_owned(),
        ),
        "code_challenge_method" => (value(), "S256".to_owned()),
        "idp_hint" => (value(), registered(service.hints.iter())),
        "max_age" => (value(), "a number of seconds".to_owned()),
        "nonce" => {
            let least = service.policy.nonce_length;
            (length(), format!("{least} to 512 characters"))
        }
        "prompt" => {
            let values = "none alone, or some of login, consent, select_account";
            (value(), values.to_owned())
        }
        "resource" => {
            let all: Vec<&str> = sent.all("resource").collect();
            let expected = "the resource of each data provider that is asked, byte for byte";
            (quoted(&all.join(" ")), expected.to_owned())
        }
        "response_mode" => (value(), "query or form_post".to_owned()),
        "response_type" => (value(), "code".to_owned()),
        "scope" => scope(service, sent),
        "state" => (length(), "1 to 2048 characters".to_owned()),
        // What these hold may be about a person.
        _ => (
            length(),
            "what the specification of the parameter says".to_owned(),
        ),
    }
}

/// Which of the scopes is the trouble, and those that would be none.
fn scope(service: &ServiceProvider, sent: &Parameters) -> (String, String) {
    let own = service.scopes.iter().map(|scope| scope.name().to_owned());
    let data = service.data_scopes.iter().map(DataScope::to_string);
    let granted: Vec<String> = own.chain(data).collect();
    let asked = sent.only("scope").unwrap_or_default().split(' ');
    let missing: Vec<&str> = asked
        .filter(|scope| !scope.is_empty() && !granted.iter().any(|known| known == scope))
        .collect();
    let received = match missing.as_slice() {
        [] => value_of(sent, "scope"),
        missing => format!(
            "{}, of which not granted: {}",
            value_of(sent, "scope"),
            quoted(&missing.join(" "))
        ),
    };
    let expected = format!(
        "openid, and of the others only: {}",
        quoted(&granted.join(" "))
    );
    (received, expected)
}

fn registered(all: impl Iterator<Item = impl std::fmt::Display>) -> String {
    let all: Vec<String> = all.map(|one| one.to_string()).collect();
    if all.is_empty() {
        "none: the entry of the service registers none".to_owned()
    } else {
        quoted(&all.join(" "))
    }
}

/// What of `sent` was ignored, for the developers of a sandbox service: nothing for others.
#[must_use]
pub fn warnings(registry: &Registry, service: &ServiceProvider, sent: &Parameters) -> Vec<String> {
    if !applies_to(service) {
        return Vec::new();
    }
    let words = |name| sent.only(name).unwrap_or_default().split_ascii_whitespace();
    let is_scope = |word: &str| {
        let of_provider = |scope: DataScope| {
            let mut providers = registry.data_providers_for(service);
            providers.any(|provider| provider.has_scope(&scope))
        };
        Scope::parse(word).is_some() || word.parse().is_ok_and(of_provider)
    };
    let scopes: Vec<&str> = words("scope").filter(|word| !is_scope(word)).collect();
    let levels: Vec<&str> = words("acr_values")
        .filter(|word| Level::from_acr(word).is_none())
        .collect();
    let mut warnings = Vec::new();
    if !scopes.is_empty() {
        let scopes = quoted(&scopes.join(" "));
        warnings.push(format!(
            "scope: ignored, because unknown: {scopes}; see INTEGRATING, Scopes"
        ));
    }
    if !levels.is_empty() {
        let levels = quoted(&levels.join(" "));
        warnings.push(format!(
            "acr_values: ignored, because unknown: {levels}; expected: {LEVELS}; see INTEGRATING, A service"
        ));
    }
    warnings
}
