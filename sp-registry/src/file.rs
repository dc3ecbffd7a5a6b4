//! From a `services/*.toml` to a [`ServiceProvider`], with every fault at once.

use std::collections::BTreeSet;

use hub_core::{
    acr::Level,
    document::{Document, Fault, Section},
    ids::{ClientId, IdpId, InvalidId, Sector},
    login::AskedClaim,
    redirect_uri::RedirectUri,
    scope::Scope,
};
use url::Url;

use crate::{
    Agreement, Authentication, IdpRule, Kind, Policy, ServiceProvider, Status, agreement,
    eligibility, profile, service_provider::Contact,
};

pub(crate) fn read(file: &str, text: &str) -> Result<ServiceProvider, Vec<Fault>> {
    Document::read(file, text, service)
}

fn service(root: &Section<'_>) -> Option<ServiceProvider> {
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
    let application = root.optional("application", application);
    let sector = root.required("sector", sector);
    let authentication = authentication(root, &policy);
    let signing_alg = root.optional("signing_alg", signing_alg).unwrap_or("ES256");
    let scopes = scopes(root);
    let (minimum_level, default_level) = levels(root);
    let idps = idps(root);
    let hints = root.list("hints", idp).into_iter().collect();
    let single_sign_on = root.flag("single_sign_on", true);
    let silent = root.flag("silent", false);
    if silent && kind == Some(Kind::Private) {
        root.blame(
            "silent",
            "a private service asks for consent every time: remove it",
        );
    }
    let post_logout_redirect_uris = root.list("post_logout_redirect_uris", web_address);
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
        loopback_any_port: status == Some(Status::Sandbox)
            || application == Some(Application::Native),
        sector: sector?,
        authentication: authentication?,
        signing_alg: signing_alg.to_owned(),
        scopes,
        minimum_level,
        default_level,
        idps,
        hints,
        single_sign_on,
        silent,
        post_logout_redirect_uris: post_logout_redirect_uris.into_iter().collect(),
        backchannel_logout_uri,
        policy,
        contact: Contact { support },
    })
}

/// Where the service is told of logouts. A logout token names the session: a service that gets them
/// knows it by that name.
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
        root.blame("redirect_uris", "register at least one address");
    }
    registered
}

fn scopes(root: &Section<'_>) -> BTreeSet<Scope> {
    let scopes: BTreeSet<Scope> = root.list("scopes", scope).into_iter().collect();
    if !scopes.contains(&Scope::Openid) {
        root.blame(
            "scopes",
            "add \"openid\": without it no sign-in is possible",
        );
    }
    scopes
}

fn levels(root: &Section<'_>) -> (Level, Level) {
    let minimum = root
        .optional("minimum_level", level)
        .unwrap_or(Level::Eidas1);
    let default = root.optional("default_level", level).unwrap_or(minimum);
    if default < minimum {
        root.blame(
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
        root.blame("agreement", remedy);
    }
    root.section("agreement", agreement)
}

fn authentication(root: &Section<'_>, policy: &Policy) -> Option<Authentication> {
    let found = root.section("authentication", Authentication::read);
    match &found {
        None if !root.has("authentication") => {
            root.blame("authentication", "add [authentication] with a `method`");
        }
        // OAuth 2.1 section 1.8: without a secret, PKCE is all that ties the code to its asker.
        Some(Authentication::None) if !policy.pkce_required => {
            root.blame(
                "pkce",
                "has to be \"required\" where authentication.method is \"none\"",
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
        section.blame("expires_on", "is before `signed_on`");
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
                section.blame(
                    "allow",
                    "give either `allow` or `deny`, with at least one IdP",
                );
                None
            }
        }
    });
    rule.unwrap_or(IdpRule::All)
}

#[derive(PartialEq, Eq)]
enum Application {
    Native,
    Web,
}

fn application(text: &str) -> Result<Application, &'static str> {
    Ok(match text {
        "native" => Application::Native,
        "web" => Application::Web,
        _ => return Err("expected web or native"),
    })
}

fn web_address(text: &str) -> Result<String, &'static str> {
    const WANTED: &str = "expected the address of a page, https://...";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    matches!(url.scheme(), "https" | "http")
        .then(|| text.to_owned())
        .ok_or(WANTED)
}

/// An address that the hub calls: https, or http on the loopback.
fn server_url(text: &str) -> Result<Url, &'static str> {
    const WANTED: &str = "expected https://..., or http:// on the loopback";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let good = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    good.then_some(url).ok_or(WANTED)
}

fn signing_alg(text: &str) -> Result<&'static str, &'static str> {
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

fn scope(name: &str) -> Result<Scope, String> {
    Scope::parse(name).ok_or_else(|| {
        let known = hub_core::scope::to_parameter(&Scope::ALL.into());
        format!("no such scope `{name}`: expected some of {known}")
    })
}

fn client(text: &str) -> Result<ClientId, InvalidId> {
    text.parse()
}

fn idp(text: &str) -> Result<IdpId, InvalidId> {
    text.parse()
}

fn sector(text: &str) -> Result<Sector, InvalidId> {
    text.parse()
}

fn text(text: &str) -> Result<String, &'static str> {
    let good = (1..=500).contains(&text.trim().len());
    good.then(|| text.trim().to_owned())
        .ok_or("expected a text of 1 to 500 characters")
}
