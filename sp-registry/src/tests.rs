use hub_core::{acr::Level, clock::Timestamp, data::DataItem, ids::ClientId, login::LegalBasis};

use crate::{
    AccessTokenFormat, ClientAuthentication, DataProvider, DataTokens, IdpRule,
    IntrospectionFormat, Registry, SecretDigest, ServiceProvider,
};

const GOOD: &str = r#"
client_id = "town-hall"
name = { fr = "Mairie", en = "Town hall" }
organisation = "Ville de Nouméa"
eligibility = "administration"
status = "sandbox"
kind = "public"
service_url = "https://town-hall.example/"
redirect_uris = ["https://town-hall.example/callback", "http://127.0.0.1:9000/callback"]
sector = "town-hall.example"
scopes = ["openid", "profile", "birth"]

[authentication]
method = "secret"
secret_digests = ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]
"#;

fn read(text: &str) -> Result<ServiceProvider, Vec<String>> {
    Registry::read_service("services/town-hall.toml", text, &[])
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn service() -> ServiceProvider {
    read(GOOD).unwrap()
}

fn problems(line: &str) -> Vec<String> {
    let key = line.split('=').next().unwrap().trim();
    let kept: String =
        GOOD.lines()
            .filter(|old| !old.starts_with(key))
            .fold(String::new(), |all, old| {
                if old == "[authentication]" {
                    format!("{all}{line}\n{old}\n")
                } else {
                    format!("{all}{old}\n")
                }
            });
    read(&kept).err().unwrap_or_default()
}

#[test]
fn a_valid_entry_is_read() {
    let service = service();

    assert_eq!(service.name.get("en"), "Town hall");
    assert_eq!(service.name.get("de"), "Mairie");
    assert_eq!(service.organisation.get("en"), "Ville de Nouméa");
    assert_eq!(service.default_level, Level::Eidas1);
    assert_eq!(service.legal_basis(), LegalBasis::Information);
    assert!(
        service
            .redirect("https://town-hall.example/callback")
            .is_some()
    );
    assert!(
        service.redirect("http://127.0.0.1:5555/callback").is_some(),
        "sandbox: any port"
    );
    assert!(service.policy.pkce_required);
}

#[test]
fn secrets_are_compared_by_digest_and_two_may_overlap() {
    let one = ClientAuthentication::Secret(vec![SecretDigest::of("old"), SecretDigest::of("new")]);

    assert!(one.accepts_secret("new") && !one.accepts_secret("New"));
    assert!(!service().authentication.accepts_secret("old"));
    assert!(one.accepts_secret("old") && one.accepts_secret("new") && !one.accepts_secret(""));
    assert!(!ClientAuthentication::None.accepts_secret("test"));
}

#[test]
fn a_digest_is_parsed_from_its_written_form() {
    let digest = SecretDigest::of("a secret");

    assert_eq!(SecretDigest::parse(&digest.to_string()).unwrap(), digest);
    assert!(SecretDigest::parse("secret").is_err());
    assert!(SecretDigest::parse(&format!("sha256:{}", "é".repeat(32))).is_err());
}

#[test]
fn each_invalid_value_is_reported_with_its_remedy() {
    let table = [
        (
            "redirect_uris = [\"https://*.example/\"]",
            "a wildcard: register each address in full",
        ),
        (
            "redirect_uris = [\"http://town-hall.example/\"]",
            "not https",
        ),
        ("redirect_uris = []", "register at least one address"),
        ("scopes = [\"profile\"]", "add \"openid\""),
        (
            "scopes = [\"openid\", \"everything\"]",
            "no such scope `everything`",
        ),
        ("status = \"production\"", "is required in production"),
        (
            "status = \"live\"",
            "expected sandbox, production or suspended",
        ),
        ("kind = \"other\"", "expected public or private"),
        ("sector = \"\"", "a sector has 1 to 255"),
        (
            "service_url = \"javascript:alert(1)\"",
            "expected the address of a page",
        ),
        ("profile = \"fapi\"", "expected standard or franceconnect"),
        ("signing_alg = \"HS256\"", "expected ES256 or RS256"),
        (
            "default_level = \"eidas9\"",
            "expected eidas1, eidas2 or eidas3",
        ),
        (
            "minimum_level = \"eidas3\"\ndefault_level = \"eidas2\"",
            "is below `minimum_level`",
        ),
        (
            "access_token_lifetime = 86400",
            "expected a whole number from 30 to 900",
        ),
        (
            "idps = { allow = [\"a\"], deny = [\"b\"] }",
            "give either `allow` or `deny`",
        ),
        (
            "redirect_uri = \"https://a.example\"",
            "did you mean `redirect_uris`?",
        ),
    ];
    for (line, remedy) in table {
        let found = problems(line);
        assert!(
            found.iter().any(|problem| problem.contains(remedy)),
            "{line}: {found:?}"
        );
    }
}

#[test]
fn a_browser_client_with_a_secret_is_refused() {
    for (line, remedy) in [
        (
            "application = \"browser\"",
            "a browser client cannot keep a secret or a key",
        ),
        ("application = \"spa\"", "expected web, native or browser"),
    ] {
        let found = problems(line);
        assert!(
            found.iter().any(|problem| problem.contains(remedy)),
            "{line}: {found:?}"
        );
    }
}

#[test]
fn a_public_client_cannot_disable_pkce() {
    let text = GOOD
        .replace("method = \"secret\"", "method = \"none\"")
        .replace(
            "kind = \"public\"",
            "kind = \"public\"\npkce = \"optional\"",
        );
    let found = read(&text).unwrap_err();

    assert!(
        found.iter().any(|problem| problem.contains("`pkce`")),
        "{found:?}"
    );
}

#[test]
fn key_authentication_needs_keys_in_exactly_one_place() {
    let with = |keys: &str| {
        read(
            &GOOD
                .replace(
                    "method = \"secret\"",
                    &format!("method = \"private_key_jwt\"\n{keys}"),
                )
                .lines()
                .filter(|line| !line.starts_with("secret_digests"))
                .collect::<Vec<_>>()
                .join("\n"),
        )
    };

    assert!(with("jwks_uri = \"https://town-hall.example/jwks\"").is_ok());
    assert!(with("jwks = '{\"keys\": [{}]}'").is_ok());
    assert!(with("").is_err());
    assert!(with("jwks = 'x'").is_err());
    assert!(with("jwks_uri = \"http://town-hall.example/jwks\"").is_err());
    assert!(
        with("jwks = '{\"keys\": [{}]}'\njwks_uri = \"https://town-hall.example/jwks\"").is_err()
    );
}

#[test]
fn a_sandbox_reaches_test_idps_only_and_production_real_ones_only() {
    let idp = "post".parse().unwrap();
    let sandbox = service();
    let production = ServiceProvider {
        status: crate::Status::Production,
        ..service()
    };
    let suspended = ServiceProvider {
        status: crate::Status::Suspended,
        ..service()
    };

    assert!(sandbox.may_use(&idp, true) && !sandbox.may_use(&idp, false));
    assert!(!production.may_use(&idp, true) && production.may_use(&idp, false));
    assert!(!suspended.may_use(&idp, true) && !suspended.may_use(&idp, false));
}

#[test]
fn allow_and_deny_lists_are_applied() {
    let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
    let listed = std::collections::BTreeSet::from(["a".parse().unwrap()]);

    assert!(
        IdpRule::Allow(listed.clone()).allows(&a) && !IdpRule::Allow(listed.clone()).allows(&b)
    );
    assert!(!IdpRule::Deny(listed.clone()).allows(&a) && IdpRule::Deny(listed).allows(&b));
}

#[test]
fn two_files_with_one_client_id_are_refused() {
    let twice = vec![
        ("services/a.toml".into(), service()),
        ("services/b.toml".into(), service()),
    ];

    let problems = Registry::new(twice, Vec::new()).unwrap_err();

    assert_eq!(
        problems[0].to_string(),
        "services/b.toml: the client id `town-hall` is in another file already: change one"
    );
}

#[test]
fn a_service_is_found_by_its_fingerprint_in_a_ticket() {
    let registry = Registry::new(vec![("services/a.toml".into(), service())], Vec::new()).unwrap();
    let id: ClientId = "town-hall".parse().unwrap();

    assert_eq!(
        registry
            .by_fingerprint(&id.fingerprint())
            .unwrap()
            .client_id,
        id
    );
    assert!(registry.by_fingerprint(&[0; 16]).is_none());
}

#[test]
fn an_agreement_returns_the_days_left() {
    let text = GOOD.replace("[authentication]", "[agreement]\nreference = \"2026-14\"\nsigned_on = \"2026-01-01\"\nexpires_on = \"2026-12-31\"\n[authentication]");
    let agreement = read(&text).unwrap().agreement.unwrap();

    assert_eq!(agreement.days_left(Timestamp::from_unix(1_795_219_200)), 40);
    assert!(read(&text.replace("2026-12-31", "2026-02-30")).is_err());
    assert!(read(&text.replace("2026-12-31", "2025-12-31")).is_err());
}

const PROVIDER: &str = r#"
id = "taxes"
name = "Impôts"
environment = "test"
resource = "https://api.taxes.example/v1"
sector = "taxes.example"
identity = ["family_name"]

[authentication]
method = "secret"
secret_digests = ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]

[[scopes]]
name = "income"
text = { fr = "vos revenus", en = "your income" }
claims = ["income"]

[[authorization_details]]
type = "notice"
text = "avis de {year} pour {children}"
schema = '''
{"type": "object", "additionalProperties": false, "required": ["type", "year"], "properties": {
  "type": {"const": "notice"},
  "year": {"type": ["integer", "string"]},
  "children": {"type": "array", "items": {"type": "string"}}}}
'''
"#;

fn provider(text: &str) -> Result<DataProvider, Vec<String>> {
    Registry::read_data_provider("data-providers/taxes.toml", text)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[test]
fn the_defaults_of_a_data_provider_reveal_the_least() {
    let taxes = provider(PROVIDER).unwrap();

    assert_eq!(taxes.introspection, IntrospectionFormat::Json);
    assert_eq!(taxes.access_token, AccessTokenFormat::Opaque);
    assert_eq!(taxes.signing_alg, "RS256");
    assert!(!taxes.receives_client_id && !taxes.consent && taxes.encryption.is_none());
}

#[test]
fn each_problem_of_a_data_provider_has_a_remedy() {
    for (from, to, problem) in [
        ("id = \"taxes\"", "", "`id` is missing: add it"),
        (
            "https://api.taxes.example/v1",
            "https://api.taxes.example/?a=b",
            "`resource`: expected the address of the API",
        ),
        ("\"family_name\"", "\"surname\"", "no such claim `surname`"),
        ("\"secret\"\n", "\"none\"\n", "must authenticate"),
        (
            "name = \"income\"",
            "name = \"email\"",
            "the hub itself has a scope `email`",
        ),
        (
            "name = \"income\"",
            "name = \"in come\"",
            "a scope has 1 to 128",
        ),
        ("[[scopes]]", "[scopes]", "expected tables, [[section]]"),
        ("{\"type\": \"object\"", "{type", "is not JSON"),
        (
            "\"required\": [",
            "\"required\": 1, \"x\": [",
            "is not a JSON Schema",
        ),
        (
            "sector =",
            "receives_client_ids = true\nsector =",
            "did you mean `receives_client_id`?",
        ),
        (
            "sector =",
            "encryption = {}\nsector =",
            "give either `jwks` or `jwks_uri`",
        ),
        (
            "sector =",
            "access_token = \"saml\"\nsector =",
            "expected opaque or jwt",
        ),
    ] {
        let text = PROVIDER.replacen(from, to, 1);
        assert_ne!(text, PROVIDER, "{from}");

        let problems = provider(&text).unwrap_err();

        assert!(
            problems.iter().any(|said| said.contains(problem)),
            "{problem}: {problems:?}"
        );
    }
}

#[test]
fn every_member_of_a_detail_is_shown_and_texts_are_quoted() {
    let taxes = provider(PROVIDER).unwrap();
    let detail = serde_json::json!({"type": "notice", "year": 2025, "children": ["Ana", "Bo"]});
    let item = DataItem::Detail(0, detail.as_object().unwrap());

    assert_eq!(
        taxes.words(item, "fr"),
        "avis de 2025 pour «\u{a0}Ana\u{a0}», «\u{a0}Bo\u{a0}»"
    );
    let detail = serde_json::json!({
        "type": "notice", "year": "{children}", "children": ["Ana"], "use": {"for": "ads"}
    });
    let item = DataItem::Detail(0, detail.as_object().unwrap());
    assert_eq!(
        taxes.words(item, "fr"),
        "avis de «\u{a0}{children}\u{a0}» pour «\u{a0}Ana\u{a0}» (use: for: «\u{a0}ads\u{a0}»)"
    );
}

#[test]
fn a_service_may_request_only_what_a_data_provider_registered() {
    let taxes = provider(PROVIDER).unwrap();
    let with = |line: &str| {
        let text = GOOD.replace(
            "scopes = [\"openid\", \"profile\", \"birth\"]",
            &format!("scopes = [\"openid\", \"income\"]\n{line}"),
        );
        Registry::read_service("services/a.toml", &text, &[&taxes])
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let both = with("authorization_details_types = [\"notice\"]\noptional = [\"notice\"]").unwrap();
    assert!(both.optional.contains("notice"));
    assert_eq!(both.policy.data_tokens, DataTokens::Own);
    for (line, problem) in [
        (
            "authorization_details_types = [\"other\"]",
            "no file in data-providers/ has",
        ),
        (
            "optional = [\"notice\"]",
            "expected a data provider's scope or type",
        ),
        (
            "optional = [\"openid\"]",
            "expected a data provider's scope or type",
        ),
        ("data_tokens = \"all\"", "expected own or shared"),
    ] {
        let problems = with(line).unwrap_err();
        assert!(problems[0].contains(problem), "{problems:?}");
    }
    assert!(
        read(&GOOD.replace("\"birth\"", "\"income\"")).is_err(),
        "without the data provider"
    );
}

#[test]
fn two_data_providers_share_no_id_resource_sector_scope_or_type() {
    let same = |id: &str| {
        provider(&PROVIDER.replace("id = \"taxes\"", &format!("id = \"{id}\""))).unwrap()
    };
    let problems = Registry::new(
        Vec::new(),
        vec![("a.toml".into(), same("a")), ("b.toml".into(), same("b"))],
    );
    let problems: Vec<String> = problems
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        problems,
        [
            "b.toml: the resource `https://api.taxes.example/v1` is in a.toml already: change one",
            "b.toml: the sector `taxes.example` is in a.toml already: change one",
            "b.toml: the scope `income` for tests is in a.toml already: change one",
            "b.toml: the authorization_details type `notice` for tests is in a.toml already: change one",
        ]
    );

    let clash = Registry::new(
        vec![("services/a.toml".into(), service())],
        vec![("data-providers/a.toml".into(), same("town-hall"))],
    );
    assert!(
        clash.unwrap_err()[0]
            .message
            .contains("the client id `town-hall` is in another file")
    );
}

#[test]
fn a_service_uses_only_data_providers_of_its_environment() {
    let scopes = "scopes = [\"openid\", \"profile\", \"birth\"]";
    let sandbox = GOOD.replace(scopes, "scopes = [\"openid\", \"income\"]");
    let agreement = "[agreement]\nreference = \"x\"\nsigned_on = \"2026-01-01\"\nexpires_on = \"2027-01-01\"\n[authentication]";
    let production = sandbox
        .replace("status = \"sandbox\"", "status = \"production\"")
        .replace("[authentication]", agreement);
    for (service, environment, valid) in [
        (&sandbox, "test", true),
        (&sandbox, "production", false),
        (&production, "production", true),
        (&production, "test", false),
    ] {
        let of = PROVIDER.replace(
            "environment = \"test\"",
            &format!("environment = \"{environment}\""),
        );
        let provider = provider(&of).unwrap();
        let read = Registry::read_service("services/a.toml", service, &[&provider]);

        assert_eq!(read.is_ok(), valid, "{environment}");
        if let Err(problems) = read {
            assert!(
                problems[0]
                    .message
                    .contains("which is for the other environment")
            );
        }
    }
}

#[test]
fn a_scope_may_exist_in_both_environments() {
    let test = provider(PROVIDER).unwrap();
    let real = PROVIDER
        .replace("id = \"taxes\"", "id = \"taxes-real\"")
        .replace("environment = \"test\"", "environment = \"production\"")
        .replace("/v1", "/real")
        .replace(
            "taxes.example\"\nidentity",
            "real.taxes.example\"\nidentity",
        );
    let real = provider(&real).unwrap();

    let both = vec![("a.toml".into(), test), ("b.toml".into(), real)];
    assert!(Registry::new(Vec::new(), both).is_ok());
}

#[test]
fn a_data_provider_with_an_encryption_key_gets_no_plain_response() {
    let encryption = "encryption = { jwks_uri = \"https://taxes.example/jwks\" }\nsector =";
    let taxes = provider(&PROVIDER.replace("sector =", encryption)).unwrap();
    assert_eq!(taxes.introspection, IntrospectionFormat::Jwt);

    let clear = format!("introspection = \"json\"\n{encryption}");
    let problems = provider(&PROVIDER.replace("sector =", &clear)).unwrap_err();
    assert!(
        problems[0].contains("an encrypted response is a JWT"),
        "{problems:?}"
    );
    let signed = provider(&PROVIDER.replace(
        "sector =",
        "introspection = \"jwt\"\naccess_token = \"jwt\"\nsector =",
    ))
    .unwrap();
    assert_eq!(signed.introspection, IntrospectionFormat::Jwt);
    assert_eq!(signed.access_token, AccessTokenFormat::Jwt);
    for (plain, form) in [
        ("introspection = \"json\"", "json"),
        ("access_token = \"opaque\"", "opaque"),
    ] {
        let read = provider(&PROVIDER.replace("sector =", &format!("{plain}\nsector =")));
        assert!(read.is_ok(), "{form}");
    }
}

#[test]
fn a_common_secret_is_refused() {
    for secret in ["", "test", "secret", "password", "changeme"] {
        let digest = SecretDigest::of(secret).to_string();
        let refused = SecretDigest::parse(&digest).unwrap_err();
        assert!(refused.contains("lethe secret"), "{secret}: {refused}");
    }
    let valid = SecretDigest::of("a-secret-of-the-tests").to_string();
    assert!(SecretDigest::parse(&valid).is_ok());
}
