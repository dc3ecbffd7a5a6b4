//! The words and values of an IdP's entry, each read or refused with what was expected.

use hub_core::{
    acr::Level,
    ids::{IdpId, InvalidId},
    subject::PivotTrust,
};
use hub_jose::Algorithm;
use idp_adapters::{
    Environment, PRESETS, Path,
    oidc::{AuthTime, EndSessionMethod, IdTokenForm, UserinfoForm},
};
use url::Url;

pub(super) enum Word {
    Active,
    Disabled,
    Draining,
}

pub(super) fn state_word(text: &str) -> Result<Word, &'static str> {
    Ok(match text {
        "active" => Word::Active,
        "disabled" => Word::Disabled,
        "draining" => Word::Draining,
        _ => return Err("expected active, draining or disabled"),
    })
}

/// The issuer is compared byte for byte with what the IdP says of itself.
pub(super) fn issuer(text: &str, private: bool) -> Result<String, &'static str> {
    const WANTED: &str =
        "expected the IdP's issuer, https://... (http:// needs private_network = true)";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    let scheme = url.scheme() == "https" || (private && url.scheme() == "http");
    let plain = url.query().is_none() && url.fragment().is_none();
    (scheme && plain).then(|| text.to_owned()).ok_or(WANTED)
}

pub(super) fn idp(text: &str) -> Result<IdpId, InvalidId> {
    text.parse()
}

pub(super) fn environment(text: &str) -> Result<Environment, &'static str> {
    Ok(match text {
        "production" => Environment::Production,
        "test" => Environment::Test,
        _ => return Err("expected test or production"),
    })
}

pub(super) fn response_mode(text: &str) -> Result<bool, &'static str> {
    Ok(match text {
        "query" => false,
        "form_post" => true,
        _ => return Err("expected query or form_post"),
    })
}

pub(super) fn algorithm(text: &str) -> Result<Algorithm, &'static str> {
    Algorithm::parse(text).ok_or("expected ES256, RS256, PS256 or EdDSA")
}

pub(super) fn userinfo(text: &str) -> Result<UserinfoForm, &'static str> {
    Ok(match text {
        "encrypted" => UserinfoForm::Encrypted,
        "json" => UserinfoForm::Json,
        "none" => UserinfoForm::None,
        "signed" => UserinfoForm::Signed,
        _ => return Err("expected json, signed, encrypted or none"),
    })
}

pub(super) fn end_session(text: &str) -> Result<EndSessionMethod, &'static str> {
    Ok(match text {
        "get" => EndSessionMethod::Get,
        "off" => EndSessionMethod::Off,
        "post" => EndSessionMethod::Post,
        _ => return Err("expected post, get or off"),
    })
}

pub(super) fn auth_time(text: &str) -> Result<AuthTime, &'static str> {
    Ok(match text {
        "not-proven" => AuthTime::NotProven,
        "required" => AuthTime::Required,
        _ => return Err("expected required or not-proven"),
    })
}

pub(super) fn trust(text: &str) -> Result<PivotTrust, &'static str> {
    Ok(match text {
        "declared" => PivotTrust::Declared,
        "none" => PivotTrust::None,
        "verified" => PivotTrust::Verified,
        _ => return Err("expected verified, declared or none"),
    })
}

pub(super) fn level(text: &str) -> Result<Level, &'static str> {
    Level::from_acr(text)
        .map(|(level, _)| level)
        .ok_or("expected eidas1, eidas2 or eidas3")
}

pub(super) fn short(text: &str) -> Result<String, &'static str> {
    let good = (1..=500).contains(&text.len());
    good.then(|| text.to_owned())
        .ok_or("expected a text of 1 to 500 characters")
}

pub(super) fn id_token(text: &str) -> Result<IdTokenForm, &'static str> {
    Ok(match text {
        "encrypted" => IdTokenForm::Encrypted,
        "signed" => IdTokenForm::Signed,
        _ => return Err("expected signed or encrypted"),
    })
}

pub(super) fn preset(text: &str) -> Result<(), String> {
    let names = PRESETS.map(|(name, _)| name);
    names
        .contains(&text)
        .then_some(())
        .ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

pub(super) fn place(text: &str) -> Result<Path, &'static str> {
    Path::parse(text)
}

pub(super) fn country(text: &str) -> Result<String, &'static str> {
    let alpha_2 = text.len() == 2 && text.bytes().all(|c| c.is_ascii_uppercase());
    alpha_2
        .then(|| text.to_owned())
        .ok_or("expected an ISO 3166-1 alpha-2 code, \"FR\"")
}

pub(super) fn domain(text: &str) -> Result<String, &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    let good = text.contains('.') && text.len() <= 253 && text.chars().all(plain);
    good.then(|| text.to_ascii_lowercase())
        .ok_or("expected the domain of e-mail addresses, \"prefecture.example\"")
}
