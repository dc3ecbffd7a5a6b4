//! `idps/*.toml`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hub_core::{
    acr::Level,
    document::{Document, Fault, Section},
    ids::{IdpId, InvalidId},
    localised::Localised,
    subject::PivotTrust,
};
use hub_jose::Algorithm;
use idp_adapters::{
    Environment, Levels, Outbound, Reach, Registered, State,
    oidc::{ClientAuthentication, OidcProvider, Settings, UserinfoForm},
};
use url::Url;

use super::{HubSettings, Keys, Sources};

/// What every IdP's entry is read with.
pub(super) struct Shared<'a> {
    pub(super) hub: &'a HubSettings,
    pub(super) keys: &'a Keys,
    pub(super) sources: &'a Sources,
    pub(super) outbound: &'a Outbound,
}

pub(super) fn read(file: &str, text: &str, shared: &Shared<'_>) -> Result<Registered, Vec<Fault>> {
    Document::read(file, text, |root| entry(root, shared))
}

fn entry(root: &Section<'_>, shared: &Shared<'_>) -> Option<Registered> {
    let id = root.required("id", idp);
    let title = root.localised("title");
    let environment = root.required("environment", environment);
    let state = state(root);
    let order = root.number("order", 0..10_000, 100);
    let settings = settings(root, id.clone(), shared);
    let (id, settings) = (id?, settings?);
    Some(Registered {
        highest: settings.levels.highest(),
        id,
        title: title?,
        environment: environment?,
        state,
        order,
        provider: Arc::new(OidcProvider::new(settings, shared.outbound.clone())),
    })
}

fn settings(root: &Section<'_>, id: Option<IdpId>, shared: &Shared<'_>) -> Option<Settings> {
    let private = root.flag("private_network", false);
    let issuer = root.required("issuer", |text| issuer(text, private));
    let client_id = root.required("client_id", short);
    let authentication = root.section("authentication", |section| authentication(section, shared));
    if !root.has("authentication") {
        root.blame(
            "authentication",
            "add [authentication] with `method` and, for a secret, `secret`",
        );
    }
    let mut scopes = root.list("scopes", short);
    let acr_values = root.optional("acr_values", short);
    let prompt_login = root.flag("prompt_login", true);
    let form_post = root
        .optional("response_mode", response_mode)
        .unwrap_or(false);
    let mut algorithms = root.list("algorithms", algorithm);
    let userinfo = root
        .optional("userinfo", userinfo)
        .unwrap_or(UserinfoForm::Json);
    let levels = root.section("levels", levels);
    if !root.has("levels") {
        root.blame(
            "levels",
            "add [levels] with a `ceiling` and the IdP's own `acr` values in [levels.table]",
        );
    }
    let trust = root.required("pivot", trust);
    let waiver = root.optional("pivot_waiver", short);
    let timeout = root.number("timeout", 1..31, 5);
    if scopes.is_empty() {
        scopes = vec!["openid".to_owned()];
    }
    if algorithms.is_empty() {
        algorithms = Algorithm::ALL.into();
    }
    let id = id?;
    Some(Settings {
        redirect_uri: format!("{}/callback/{id}", shared.hub.issuer),
        id,
        issuer: issuer?,
        client_id: client_id?,
        authentication: authentication?,
        scopes,
        acr_values,
        prompt_login,
        form_post,
        algorithms,
        userinfo,
        levels: levels?,
        trust: trust?,
        pivot_waiver: waiver.is_some(),
        timeout: Duration::from_secs(timeout),
        reach: if private {
            Reach::Everywhere
        } else {
            Reach::Internet
        },
    })
}

fn state(root: &Section<'_>) -> State {
    let reason: Option<Localised> =
        root.section("reason", |texts| Localised::by_language(texts.entries()));
    match root.optional("state", state_word).unwrap_or(Word::Active) {
        Word::Active => State::Active,
        Word::Disabled => State::Disabled(reason),
        Word::Draining => State::Draining(reason),
    }
}

enum Word {
    Active,
    Disabled,
    Draining,
}

fn state_word(text: &str) -> Result<Word, &'static str> {
    Ok(match text {
        "active" => Word::Active,
        "disabled" => Word::Disabled,
        "draining" => Word::Draining,
        _ => return Err("expected active, draining or disabled"),
    })
}

fn authentication(section: &Section<'_>, shared: &Shared<'_>) -> Option<ClientAuthentication> {
    let method = section.required("method", short)?;
    let secret = || section.required("secret", |reference| shared.sources.resolve_text(reference));
    match method.as_str() {
        "client_secret_basic" => secret().map(ClientAuthentication::basic),
        "client_secret_post" => secret().map(ClientAuthentication::post),
        "private_key_jwt" => Some(ClientAuthentication::PrivateKeyJwt(Arc::clone(
            &shared.keys.client,
        ))),
        _ => {
            section.blame(
                "method",
                "expected client_secret_basic, client_secret_post or private_key_jwt",
            );
            None
        }
    }
}

fn levels(section: &Section<'_>) -> Option<Levels> {
    let ceiling = section.required("ceiling", level);
    let unsaid = section.optional("unsaid", level);
    let table = section.section("table", |table| {
        let read = |(acr, name): (String, String)| match level(&name) {
            Ok(level) => Some((acr, level)),
            Err(wanted) => {
                table.blame(&acr, wanted);
                None
            }
        };
        Some(
            table
                .entries()
                .into_iter()
                .filter_map(read)
                .collect::<BTreeMap<String, Level>>(),
        )
    });
    let table = table.unwrap_or_default();
    if table.is_empty() && unsaid.is_none() {
        section.blame(
            "table",
            "no answer would have a level: add the IdP's `acr` values, or `unsaid`",
        );
    }
    Some(Levels::new(table, unsaid, ceiling?))
}

/// The issuer is compared byte for byte with what the IdP says of itself.
fn issuer(text: &str, private: bool) -> Result<String, &'static str> {
    const WANTED: &str =
        "expected the IdP's issuer, https://... (http:// needs private_network = true)";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    let scheme = url.scheme() == "https" || (private && url.scheme() == "http");
    let plain = url.query().is_none() && url.fragment().is_none();
    (scheme && plain).then(|| text.to_owned()).ok_or(WANTED)
}

fn idp(text: &str) -> Result<IdpId, InvalidId> {
    text.parse()
}

fn environment(text: &str) -> Result<Environment, &'static str> {
    Ok(match text {
        "production" => Environment::Production,
        "test" => Environment::Test,
        _ => return Err("expected test or production"),
    })
}

fn response_mode(text: &str) -> Result<bool, &'static str> {
    Ok(match text {
        "query" => false,
        "form_post" => true,
        _ => return Err("expected query or form_post"),
    })
}

fn algorithm(text: &str) -> Result<Algorithm, &'static str> {
    Algorithm::parse(text).ok_or("expected ES256, RS256, PS256 or EdDSA")
}

fn userinfo(text: &str) -> Result<UserinfoForm, &'static str> {
    Ok(match text {
        "json" => UserinfoForm::Json,
        "none" => UserinfoForm::None,
        "signed" => UserinfoForm::Signed,
        _ => return Err("expected json, signed or none"),
    })
}

fn trust(text: &str) -> Result<PivotTrust, &'static str> {
    Ok(match text {
        "declared" => PivotTrust::Declared,
        "none" => PivotTrust::None,
        "verified" => PivotTrust::Verified,
        _ => return Err("expected verified, declared or none"),
    })
}

fn level(text: &str) -> Result<Level, &'static str> {
    Level::from_acr(text)
        .map(|(level, _)| level)
        .ok_or("expected eidas1, eidas2 or eidas3")
}

fn short(text: &str) -> Result<String, &'static str> {
    let good = (1..=500).contains(&text.len());
    good.then(|| text.to_owned())
        .ok_or("expected a text of 1 to 500 characters")
}
