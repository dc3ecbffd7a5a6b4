//! Reads a `data-providers/*.toml` into a [`DataProvider`] and reports every problem at once.
//!
//! Called by `lib.rs`.

use std::{collections::BTreeSet, time::Duration};

use hub_core::{
    data::DataScope,
    localised::Localised,
    scope::{Claim, Scope},
};
use hub_document::{ConfigProblem, Document, Section};
use jsonschema::Validator;
use serde_json::Value;
use url::Url;

use crate::{
    AccessTokenFormat, ClientAuthentication, DataProvider, DetailsType, Environment,
    IntrospectionFormat, ScopeEntry, closed_schema,
    credentials::client_keys,
    file::{DEFAULT_SIGNING_ALG, client, sector, signing_alg, text},
    service_provider::Contact,
};

/// The default of `token_lifetime`, in seconds.
const DEFAULT_TOKEN_LIFETIME: u64 = 300;

pub(crate) fn read(file: &str, text: &str) -> Result<DataProvider, Vec<ConfigProblem>> {
    Document::read(file, text, data_provider)
}

fn data_provider(root: &Section<'_>) -> Option<DataProvider> {
    let id = root.required("id", client);
    let name = root.localised("name");
    let environment = root.required("environment", environment);
    let resource = root.required("resource", resource);
    let sector = root.required("sector", sector);
    let identity: BTreeSet<Claim> = root.list("identity", claim).into_iter().collect();
    let receives_client_id = root.flag("receives_client_id", false);
    let consent = root.flag("consent", false);
    let signing_alg = root
        .optional("signing_alg", signing_alg)
        .unwrap_or(DEFAULT_SIGNING_ALG);
    let access_token = root.optional("access_token", access_token);
    let token_lifetime = root.number(
        "token_lifetime",
        30..DataProvider::LONGEST_TOKEN_LIFETIME.as_secs() + 1,
        DEFAULT_TOKEN_LIFETIME,
    );
    let encryption = root.section("encryption", client_keys);
    let introspection = form(root, encryption.is_some());
    let authentication = root.section("authentication", ClientAuthentication::read);
    match &authentication {
        None if !root.has("authentication") => {
            root.add_problem("authentication", "add [authentication] with a `method`");
        }
        Some(ClientAuthentication::None) => root.add_problem(
            "authentication",
            "a data provider must authenticate: use secret or private_key_jwt",
        ),
        None | Some(_) => {}
    }
    let scopes = root.sections("scopes", scope);
    let details = root.sections("authorization_details", details);
    if scopes.is_empty() && details.is_empty() {
        root.add_problem("scopes", "add at least one [[scopes]] with name and text");
    }
    let support = root.section("contact", |section| section.optional("support", text));
    Some(DataProvider {
        id: id?,
        name: name?,
        environment: environment?,
        resource: resource?,
        sector: sector?,
        authentication: authentication?,
        identity,
        receives_client_id,
        consent,
        signing_alg: signing_alg.to_owned(),
        introspection,
        access_token: access_token.unwrap_or(AccessTokenFormat::Opaque),
        token_lifetime: Duration::from_secs(token_lifetime),
        encryption,
        scopes,
        details,
        contact: Contact { support },
    })
}

fn scope(section: &Section<'_>) -> Option<ScopeEntry> {
    let name = section.required("name", |name| match Scope::parse(name) {
        Some(_) => Err(format!(
            "the hub itself has a scope `{name}`: choose another"
        )),
        None => name
            .parse::<DataScope>()
            .map_err(|problem| problem.to_string()),
    });
    let text = section.localised("text");
    let claims = section.list("claims", self::text);
    Some(ScopeEntry {
        name: name?,
        text: text?,
        claims,
    })
}

fn details(section: &Section<'_>) -> Option<DetailsType> {
    let name = section.required("type", |name| {
        let is_allowed = |c: u8| c.is_ascii_graphic() && c != b'"' && c != b'\\';
        let is_valid = (1..=128).contains(&name.len()) && name.bytes().all(is_allowed);
        is_valid
            .then(|| name.to_owned())
            .ok_or("expected 1 to 128 printable ASCII characters, no blank or quote")
    });
    let text: Option<Localised> = section.localised("text");
    let schema = section.required("schema", schema);
    if let (Some(name), Some(text), Some((schema, _))) = (&name, &text, &schema) {
        check_details(section, name, text, schema);
    }
    let (_, schema) = schema?;
    Some(DetailsType {
        name: name?,
        text: text?,
        schema,
    })
}

/// Parses a complete JSON Schema. References to other documents are refused, because the hub must not
/// fetch them.
fn schema(text: &str) -> Result<(Value, Validator), String> {
    let schema: Value =
        serde_json::from_str(text).map_err(|problem| format!("is not JSON: {problem}"))?;
    let validator = jsonschema::validator_for(&schema).map_err(|problem| {
        let error_text = problem.to_string();
        if error_text.contains("resolve-http") {
            "refers to another document: write the complete schema here".to_owned()
        } else {
            format!("is not a JSON Schema: {error_text}")
        }
    })?;
    Ok((schema, validator))
}

/// Checks that a schema fits the name and the description of its type.
fn check_details(section: &Section<'_>, name: &str, text: &Localised, schema: &Value) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let constant = properties.and_then(|all| all.get("type")?.get("const"));
    if constant.is_some_and(|constant| constant.as_str() != Some(name)) {
        let remedy = format!("its `type` is not `{name}`: no request could match");
        section.add_problem("schema", &remedy);
    }
    if let Some(path) = closed_schema::first_open_path(schema) {
        let remedy = format!(
            "{path} accepts members that citizens are not shown: set \"additionalProperties\": false for \
             every object, \"items\" for every array, \"type\" for every property, no patternProperties"
        );
        section.add_problem("schema", &remedy);
    }
    let Some(properties) = properties else {
        return;
    };
    let named = text.all().flat_map(|text| text.split('{').skip(1));
    let named = named.filter_map(|rest| rest.split_once('}'));
    for (member, _) in named.filter(|(member, _)| !properties.contains_key(*member)) {
        let remedy = format!("`{{{member}}}` is not a property of the schema");
        section.add_problem("text", &remedy);
    }
}

/// RFC 8707 section 2: an absolute URL without a fragment. A query is refused too, because services must
/// repeat the URL byte for byte.
fn resource(text: &str) -> Result<String, &'static str> {
    const WANTED: &str = "expected the address of the API, https://host/path (http:// on the loopback only), without \
                          query and fragment";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    let plain = url.query().is_none() && url.fragment().is_none();
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let safe = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    let is_valid = plain && safe && text.len() <= 500;
    is_valid.then(|| text.to_owned()).ok_or(WANTED)
}

fn claim(name: &str) -> Result<Claim, String> {
    Claim::parse(name).ok_or_else(|| {
        let known = Claim::ALL.map(Claim::name).join(" ");
        format!("no such claim `{name}`: expected some of {known}")
    })
}

/// Reads the form of introspection responses. A data provider with an encryption key never gets plain
/// JSON.
fn form(root: &Section<'_>, encrypted: bool) -> IntrospectionFormat {
    match root.optional("introspection", introspection) {
        Some(IntrospectionFormat::Json) if encrypted => {
            let remedy = "an encrypted response is a JWT: write jwt, or remove [encryption]";
            root.add_problem("introspection", remedy);
            IntrospectionFormat::Jwt
        }
        None if encrypted => IntrospectionFormat::Jwt,
        asked => asked.unwrap_or(IntrospectionFormat::Json),
    }
}

fn environment(text: &str) -> Result<Environment, &'static str> {
    Ok(match text {
        "production" => Environment::Production,
        "test" => Environment::Test,
        _ => return Err("expected production or test"),
    })
}

fn introspection(text: &str) -> Result<IntrospectionFormat, &'static str> {
    Ok(match text {
        "json" => IntrospectionFormat::Json,
        "jwt" => IntrospectionFormat::Jwt,
        _ => return Err("expected json or jwt"),
    })
}

fn access_token(text: &str) -> Result<AccessTokenFormat, &'static str> {
    Ok(match text {
        "opaque" => AccessTokenFormat::Opaque,
        "jwt" => AccessTokenFormat::Jwt,
        _ => return Err("expected opaque or jwt"),
    })
}
