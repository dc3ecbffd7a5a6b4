//! `idps/*.toml`.

mod levels;
mod words;

use std::{sync::Arc, time::Duration};

use hub_core::{ids::IdpId, localised::Localised};
use hub_document::{ConfigProblem, Document, Section};
use hub_jose::Algorithm;
use hub_outbound::{NetworkPolicy, Outbound};
use idp_adapters::{
    Example, Mapping, Registered, State,
    oidc::{
        AuthTime, ClientAuthentication, EndSessionMethod, IdTokenForm, OidcProvider, Prompt,
        RegisterNumberSource, RequestSettings, Settings, TrustPolicy, UserinfoForm,
    },
    preset,
};
use levels::levels;
use words::Word;

use super::{HubSettings, Keys, Sources};

/// What every IdP's entry is read with.
pub(super) struct Shared<'a> {
    pub(super) hub: &'a HubSettings,
    pub(super) keys: &'a Keys,
    pub(super) sources: &'a Sources,
    pub(super) outbound: &'a Outbound,
}

pub(super) fn read(
    file: &str,
    text: &str,
    shared: &Shared<'_>,
) -> Result<Registered, Vec<ConfigProblem>> {
    let preset = Document::peek(text, "preset").and_then(|name| preset(&name));
    Document::read_upon(preset.unwrap_or_default(), file, text, |root| {
        entry(root, shared)
    })
}

fn entry(root: &Section<'_>, shared: &Shared<'_>) -> Option<Registered> {
    root.optional("preset", words::preset);
    let id = root.required("id", words::idp);
    let title = root.localised("title");
    let environment = root.required("environment", words::environment);
    let keywords = root.list("keywords", words::short);
    let email_domains = root.list("email_domains", words::domain);
    let state = state(root);
    let order = root.number("position", 0..10_000, 100);
    let register_check = root.flag("register_check", false);
    if register_check && shared.hub.register.is_none() {
        root.add_problem(
            "register_check",
            "hub.toml has no [register]: add it, or remove this",
        );
    }
    let backchannel_logout_by_sub = root.flag("backchannel_logout_by_sub", false);
    if backchannel_logout_by_sub && !root.flag("backchannel_logout", false) {
        let remedy = "add `backchannel_logout = true`, or remove this";
        root.add_problem("backchannel_logout_by_sub", remedy);
    }
    let mail_notices = root.flag("mail_notices", false);
    if mail_notices && shared.hub.mail.is_none() {
        root.add_problem(
            "mail_notices",
            "hub.toml has no [mail]: add it, or remove this",
        );
    }
    let settings = settings(root, id.clone(), shared);
    let (id, settings) = (id?, settings?);
    Some(Registered {
        highest: settings.levels.highest(),
        proves_auth_time: settings.request_settings.auth_time == AuthTime::Required,
        id,
        title: title?,
        keywords,
        email_domains,
        environment: environment?,
        state,
        order,
        register_check,
        mail_notices,
        backchannel_logout: settings.backchannel_logout,
        backchannel_logout_by_sub: backchannel_logout_by_sub && settings.backchannel_logout,
        provider: Arc::new(OidcProvider::new(settings, shared.outbound.clone())),
    })
}

fn settings(root: &Section<'_>, id: Option<IdpId>, shared: &Shared<'_>) -> Option<Settings> {
    let private = root.flag("private_network", false);
    let issuer = root.required("issuer", |text| words::issuer(text, private));
    let client_id = root.required("client_id", words::short);
    let authentication = required_section(
        root,
        "authentication",
        "add [authentication] with `method` and, for a secret, `secret`",
        |section| authentication(section, shared),
    );
    let request_settings = request_settings(root);
    let mut algorithms = root.list("algorithms", words::algorithm);
    let (id_token, userinfo) = forms(root, shared);
    let levels = required_section(
        root,
        "levels",
        "add [levels] with a `ceiling` and the IdP's own `acr` values in [levels.table]",
        levels,
    );
    let trust_policy = trust_policy(root);
    let timeout = root.number("timeout", 1..31, 5);
    // Without sessions there is nothing to log out of, and nothing of the IdP's is kept for it.
    let sessions = shared.hub.session.is_some();
    let end_session = root
        .optional("end_session", words::end_session)
        .filter(|_| sessions)
        .unwrap_or(EndSessionMethod::Off);
    let backchannel_logout = root.flag("backchannel_logout", false) && sessions;
    let mapping = mapping(root);
    if algorithms.is_empty() {
        algorithms = Algorithm::ALL.into();
    }
    let id = id?;
    let (levels, level_claim) = levels?;
    Some(Settings {
        redirect_uri: format!("{}/callback/{id}", shared.hub.issuer),
        id,
        issuer: issuer?,
        client_id: client_id?,
        authentication: authentication?,
        request_settings,
        algorithms,
        id_token,
        userinfo,
        decrypter: Arc::clone(&shared.keys.decrypter),
        mapping,
        levels,
        level_claim,
        trust_policy: trust_policy?,
        end_session,
        backchannel_logout,
        timeout: Duration::from_secs(timeout),
        network_policy: if private {
            NetworkPolicy::AllowPrivate
        } else {
            NetworkPolicy::PublicOnly
        },
    })
}

fn required_section<T>(
    root: &Section<'_>,
    key: &'static str,
    remedy: &str,
    read: impl FnOnce(&Section<'_>) -> Option<T>,
) -> Option<T> {
    if !root.has(key) {
        root.add_problem(key, remedy);
    }
    root.section(key, read)
}

/// The forms of the id token and of userinfo; what is encrypted needs a key to open it with.
fn forms(root: &Section<'_>, shared: &Shared<'_>) -> (IdTokenForm, UserinfoForm) {
    let id_token = root
        .optional("id_token", words::id_token)
        .unwrap_or(IdTokenForm::Signed);
    let userinfo = root
        .optional("userinfo", words::userinfo)
        .unwrap_or(UserinfoForm::Json);
    for (key, encrypted) in [
        ("id_token", id_token == IdTokenForm::Encrypted),
        ("userinfo", userinfo == UserinfoForm::Encrypted),
    ] {
        if encrypted && shared.keys.decrypter.is_empty() {
            let remedy = "hub.toml names no key that opens it: add keys.encryption, `lethe keys \
                          new` makes the key";
            root.add_problem(key, remedy);
        }
    }
    (id_token, userinfo)
}

fn request_settings(root: &Section<'_>) -> RequestSettings {
    let mut scopes = root.list("scopes", words::short);
    if scopes.is_empty() {
        scopes = vec!["openid".to_owned()];
    }
    let auth_time = root.optional("auth_time", words::auth_time);
    let reason = root.optional("auth_time_reason", words::short);
    if auth_time == Some(AuthTime::NotProven) && reason.is_none() {
        let remedy = "accepts that this provider may answer from the session of somebody else at a shared \
                      computer: add `auth_time_reason`, or remove it";
        root.add_problem("auth_time", remedy);
    }
    let login = root.flag("prompt_login", true);
    let consent = root.flag("prompt_consent", false);
    let prompts = [(login, Prompt::Login), (consent, Prompt::Consent)];
    RequestSettings {
        scopes,
        acr_values: root.optional("acr_values", words::short),
        prompts: prompts
            .into_iter()
            .filter_map(|(sent, prompt)| sent.then_some(prompt))
            .collect(),
        max_age: root.flag("max_age", true),
        auth_time: auth_time.unwrap_or(AuthTime::Required),
        pkce: root.flag("pkce", true),
        form_post: root
            .optional("response_mode", words::response_mode)
            .unwrap_or(false),
    }
}

fn trust_policy(root: &Section<'_>) -> Option<TrustPolicy> {
    let trust = root.required("pivot", words::trust);
    let trusted_if = root.section("pivot_when", |section| {
        let claim = section.required("claim", words::place);
        let values = section.list("values", words::short);
        if values.is_empty() {
            section.add_problem("values", "add the values for which the pivot is verified");
        }
        Some((claim?, values.into_iter().collect()))
    });
    let waiver = root.optional("pivot_waiver", words::short);
    let register_number = root.section("register_number", |section| {
        let claim = section.required("claim", words::place);
        let country = section.required("country", words::country);
        let scheme = section.required("scheme", words::short);
        Some(RegisterNumberSource {
            claim: claim?,
            country: country?,
            scheme: scheme?,
        })
    });
    let eidas_identifier = root.list_or_text("eidas_identifier", words::place);
    Some(TrustPolicy {
        trust: trust?,
        trusted_if,
        waiver: waiver.is_some(),
        register_number,
        eidas_identifier,
    })
}

/// The mapping, if every example comes out of it as it says.
fn mapping(root: &Section<'_>) -> Mapping {
    let mapping = root.section("mapping", Mapping::read).unwrap_or_default();
    let examples = root.sections("examples", Example::read);
    for (example, number) in examples.iter().zip(1..) {
        let differences = example.differences(&mapping);
        if !differences.is_empty() {
            let message = format!(
                "example {number} does not come out as expected in {}",
                differences.join(", ")
            );
            root.add_problem("examples", &message);
        }
    }
    mapping
}

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general over the lifetime of the section"
)]
fn state(root: &Section<'_>) -> State {
    let reason: Option<Localised> = root.section("reason", |texts| texts.languages());
    match root
        .optional("state", words::state_word)
        .unwrap_or(Word::Active)
    {
        Word::Active => State::Active,
        Word::Disabled => State::Disabled(reason),
        Word::Draining => State::Draining(reason),
    }
}

fn authentication(section: &Section<'_>, shared: &Shared<'_>) -> Option<ClientAuthentication> {
    let method = section.required("method", words::short)?;
    let secret = || section.required("secret", |reference| shared.sources.resolve_text(reference));
    match method.as_str() {
        "client_secret_basic" => secret().map(ClientAuthentication::basic),
        "client_secret_post" => secret().map(ClientAuthentication::post),
        "private_key_jwt" => Some(ClientAuthentication::PrivateKeyJwt(Arc::clone(
            &shared.keys.client,
        ))),
        _ => {
            section.add_problem(
                "method",
                "expected client_secret_basic, client_secret_post or private_key_jwt",
            );
            None
        }
    }
}
