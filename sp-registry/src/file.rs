//! Reads a `services/*.toml` into a [`ServiceProvider`], with every problem at once. Called by `lib.rs`.

use std::collections::BTreeSet;

use hub_core::{
    acr::Level,
    data::DataScope,
    ids::{ClientId, IdpId, InvalidId, Sector},
    login::AskedClaim,
    redirect_uri::RedirectUri,
    scope::Scope,
};
use hub_document::{ConfigProblem, Document, Section};
use url::Url;

use crate::{
    Agreement, ClientAuthentication, DataProvider, IdpRule, Kind, Policy, ServiceProvider, Status,
    agreement, application::Application, eligibility, profile, service_provider::Contact,
};

pub(crate) fn read(
    file: &str,
    text: &str,
    providers: &[&DataProvider],
) -> Result<ServiceProvider, Vec<ConfigProblem>> {
    Document::read(file, text, |root| service(root, providers))
}

#[expect(clippy::too_many_lines, reason = "one line for each key")]
fn service(root: &Section<'_>, providers: &[&DataProvider]) -> Option<ServiceProvider> {
    let profile = root
        .optional("profile", profile::profile)
        .unwrap_or(crate::Profile::Standard);
    let policy = Policy::read(root, profile);
    let client_id = root.required("client_id", client);
    let (name, organisation) = (root.localised("name"), root.localised("organisation"));
    let eligibility = root.required("eligibility", eligibility::eligibility);
    let status = root.required("status", eligibility::status);
    let agreement = agreement_for(root, status);
    let kind = root.required("kind", eligibility::kind);
    let service_url = root.required("service_url", web_address);
    let redirect_uris = redirect_uris(root);
    let application = Application::read(root);
    let sector = root.required("sector", sector);
    let shares_sector_with = root.list("shares_sector_with", client);
    let authentication = authentication(root, &policy);
    let origins = application.origins(root, &redirect_uris, authentication.as_ref());
    let signing_alg = root
        .optional("signing_alg", signing_alg)
        .unwrap_or(DEFAULT_SIGNING_ALG);
    let strangers = providers;
    let providers = &in_same_environment(status, providers);
    let (scopes, data_scopes) = scopes(root, providers, strangers);
    let (authorization_details_types, optional) = details_types(root, &data_scopes, providers);
    let (minimum_level, default_level) = levels(root);
    let idps = idps(root);
    let hints = root.list("allowed_idp_hints", idp).into_iter().collect();
    let single_sign_on = root.flag("single_sign_on", true);
    let silent = allow_prompt_none(root, kind);
    let post_logout_redirect_uris = root.list("post_logout_redirect_uris", RedirectUri::parse);
    let (policy, backchannel_logout_uri) = backchannel_logout(root, policy);
    let support = root.section("contact", |section| section.optional("support", text));

    Some(ServiceProvider {
        client_id: client_id?,
        name: name?,
        organisation: organisation?,
        eligibility: eligibility?,
        status: status?,
        agreement,
        kind: kind?,
        service_url: service_url?,
        redirect_uris,
        loopback_any_port: status == Some(Status::Sandbox) || application == Application::Native,
        origins,
        sector: sector?,
        shares_sector_with: shares_sector_with.into_iter().collect(),
        authentication: authentication?,
        signing_alg: signing_alg.to_owned(),
        scopes,
        data_scopes,
        authorization_details_types,
        optional,
        minimum_level,
        default_level,
        idps,
        hints,
        single_sign_on,
        silent,
        post_logout_redirect_uris,
        backchannel_logout_uri,
        policy,
        contact: Contact { support },
    })
}

fn allow_prompt_none(root: &Section<'_>, kind: Option<Kind>) -> bool {
    let silent = root.flag("allow_prompt_none", false);
    if silent && kind == Some(Kind::Private) {
        let remedy = "a private service asks for consent at every login: remove it";
        root.add_problem("allow_prompt_none", remedy);
    }
    silent
}

/// Reads the back-channel logout URL.
///
/// A logout token contains the `sid` of the session. So the ID tokens of such a service contain it too.
fn backchannel_logout(root: &Section<'_>, mut policy: Policy) -> (Policy, Option<Url>) {
    let address = root.optional("backchannel_logout_uri", server_url);
    if address.is_some() {
        policy.id_token.insert(AskedClaim::Sid);
    }
    (policy, address)
}

fn redirect_uris(root: &Section<'_>) -> Vec<RedirectUri> {
    let registered = root.list("redirect_uris", RedirectUri::parse);
    if registered.is_empty() {
        root.add_problem("redirect_uris", "register at least one address");
    }
    registered
}

/// Returns the data providers that a service of `status` may use.
fn in_same_environment<'p>(
    status: Option<Status>,
    providers: &[&'p DataProvider],
) -> Vec<&'p DataProvider> {
    let open = |provider: &&&DataProvider| {
        status
            .is_none_or(|status| status == Status::Suspended || status.is_of(provider.environment))
    };
    providers.iter().filter(open).copied().collect()
}

/// Reads the hub's own scopes and those of data providers.
fn scopes(
    root: &Section<'_>,
    providers: &[&DataProvider],
    all: &[&DataProvider],
) -> (BTreeSet<Scope>, BTreeSet<DataScope>) {
    let (mut scopes, mut data) = (BTreeSet::new(), BTreeSet::new());
    for one in root.list("scopes", |name| scope(name, providers, all)) {
        match one {
            Either::Hub(scope) => {
                scopes.insert(scope);
            }
            Either::Provider(scope) => {
                data.insert(scope);
            }
        }
    }
    if !scopes.contains(&Scope::Openid) {
        root.add_problem("scopes", "add \"openid\": OpenID Connect requires it");
    }
    (scopes, data)
}

/// Reads the types of `authorization_details`, and the data that the service marks as optional.
fn details_types(
    root: &Section<'_>,
    scopes: &BTreeSet<DataScope>,
    providers: &[&DataProvider],
) -> (BTreeSet<String>, BTreeSet<String>) {
    let known = |name: &str| {
        let mut providers = providers.iter();
        let found = providers.any(|provider| provider.details_type(name).is_some());
        found.then(|| name.to_owned()).ok_or_else(|| {
            format!(
                "no file in data-providers/ has an authorization_details type `{name}` for a service of \
                 this status"
            )
        })
    };
    let types: BTreeSet<String> = root
        .list("authorization_details_types", known)
        .into_iter()
        .collect();
    let registered_item = |name: &str| {
        let scope = scopes.iter().any(|scope| scope.as_str() == name);
        (scope || types.contains(name))
            .then(|| name.to_owned())
            .ok_or("expected a data provider's scope or type that is registered for this service")
    };
    let optional = root.list("optional", registered_item).into_iter().collect();
    (types, optional)
}

fn levels(root: &Section<'_>) -> (Level, Level) {
    let minimum = root
        .optional("minimum_level", level)
        .unwrap_or(Level::Eidas1);
    let default = root.optional("default_level", level).unwrap_or(minimum);
    if default < minimum {
        root.add_problem(
            "default_level",
            "is below `minimum_level`: raise it, or remove it",
        );
    }
    (minimum, default)
}

fn agreement_for(root: &Section<'_>, status: Option<Status>) -> Option<Agreement> {
    if status == Some(Status::Production) && !root.has("agreement") {
        let remedy = "is required in production: add [agreement] with reference, signed_on and \
                      expires_on";
        root.add_problem("agreement", remedy);
    }
    root.section("agreement", agreement)
}

fn authentication(root: &Section<'_>, policy: &Policy) -> Option<ClientAuthentication> {
    let found = root.section("authentication", ClientAuthentication::read);
    match &found {
        None if !root.has("authentication") => {
            root.add_problem("authentication", "add [authentication] with a `method`");
        }
        // OAuth 2.1 section 1.8: without a client secret, only PKCE binds the code to its client.
        Some(ClientAuthentication::None) if !policy.pkce_required => {
            root.add_problem(
                "pkce",
                "must be \"required\" if authentication.method is \"none\"",
            );
        }
        None | Some(_) => {}
    }
    found
}

fn agreement(section: &Section<'_>) -> Option<Agreement> {
    let reference = section.required("reference", text);
    let signed_on = section.required("signed_on", agreement::date);
    let expires_on = section.required("expires_on", agreement::date);
    let agreement = Agreement {
        reference: reference?,
        signed_on: signed_on?,
        expires_on: expires_on?,
    };
    if agreement.expires_on < agreement.signed_on {
        section.add_problem("expires_on", "is before `signed_on`");
    }
    Some(agreement)
}

fn idps(root: &Section<'_>) -> IdpRule {
    let rule = root.section("idps", |section| {
        let allow: BTreeSet<IdpId> = section.list("allow", idp).into_iter().collect();
        let deny: BTreeSet<IdpId> = section.list("deny", idp).into_iter().collect();
        match (allow.is_empty(), deny.is_empty()) {
            (false, true) => Some(IdpRule::Allow(allow)),
            (true, false) => Some(IdpRule::Deny(deny)),
            _ => {
                section.add_problem(
                    "allow",
                    "give either `allow` or `deny`, with at least one IdP",
                );
                None
            }
        }
    });
    rule.unwrap_or(IdpRule::All)
}

fn web_address(text: &str) -> Result<String, &'static str> {
    const WANTED: &str = "expected the address of a page, https://...";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    matches!(url.scheme(), "https" | "http")
        .then(|| text.to_owned())
        .ok_or(WANTED)
}

/// Parses a URL that the hub calls: https, or http on the loopback.
fn server_url(text: &str) -> Result<Url, &'static str> {
    const WANTED: &str = "expected https://..., or http:// on the loopback";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let is_valid = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    is_valid.then_some(url).ok_or(WANTED)
}

/// The algorithm of an entry without `signing_alg` (OpenID Connect Dynamic Client Registration section
/// 2, RFC 9701 section 6).
pub(crate) const DEFAULT_SIGNING_ALG: &str = "RS256";

pub(crate) fn signing_alg(text: &str) -> Result<&'static str, &'static str> {
    Ok(match text {
        "ES256" => "ES256",
        "RS256" => "RS256",
        _ => return Err("expected ES256 or RS256"),
    })
}

fn level(text: &str) -> Result<Level, &'static str> {
    Level::from_acr(text)
        .map(|(level, _)| level)
        .ok_or("expected eidas1, eidas2 or eidas3")
}

enum Either {
    Hub(Scope),
    Provider(DataScope),
}

fn scope(name: &str, providers: &[&DataProvider], all: &[&DataProvider]) -> Result<Either, String> {
    if let Some(scope) = Scope::parse(name) {
        return Ok(Either::Hub(scope));
    }
    let of_providers = providers.iter().flat_map(|provider| &provider.scopes);
    let of_providers: Vec<&DataScope> = of_providers.map(|entry| &entry.name).collect();
    let found = of_providers.iter().find(|scope| scope.as_str() == name);
    found
        .map(|scope| Either::Provider((*scope).clone()))
        .ok_or_else(|| {
            let hub = hub_core::scope::to_parameter(&Scope::ALL.into());
            let known = of_providers
                .iter()
                .fold(hub, |all, scope| format!("{all} {scope}"));
            unknown_scope(name, all, &known)
        })
}

/// Explains why a scope is unknown: it may belong to the other environment.
fn unknown_scope(name: &str, all: &[&DataProvider], known: &str) -> String {
    let has = |provider: &&&DataProvider| {
        let mut scopes = provider.scopes.iter();
        scopes.any(|entry| entry.name.as_str() == name)
    };
    match all.iter().find(has) {
        Some(provider) => format!(
            "the scope `{name}` is of the data provider `{}`, which is for the other environment: \
             services of a sandbox ask those for tests, services in production those of production",
            provider.id
        ),
        None => format!("no such scope `{name}`: expected some of {known}"),
    }
}

pub(crate) fn client(text: &str) -> Result<ClientId, InvalidId> {
    text.parse()
}

fn idp(text: &str) -> Result<IdpId, InvalidId> {
    text.parse()
}

pub(crate) fn sector(text: &str) -> Result<Sector, InvalidId> {
    text.parse()
}

pub(crate) fn text(text: &str) -> Result<String, &'static str> {
    let is_valid = (1..=500).contains(&text.trim().len());
    is_valid
        .then(|| text.trim().to_owned())
        .ok_or("expected a text of 1 to 500 characters")
}
