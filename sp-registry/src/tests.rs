use hub_core::{acr::Level, clock::Timestamp, ids::ClientId, login::Asking};

use crate::{Authentication, IdpRule, Registry, SecretDigest, ServiceProvider};

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
secret_digests = ["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
"#;

fn read(text: &str) -> Result<ServiceProvider, Vec<String>> {
    Registry::read_service("services/town-hall.toml", text, &[])
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn good() -> ServiceProvider {
    read(GOOD).unwrap()
}

fn faults(line: &str) -> Vec<String> {
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
fn a_good_entry_is_read() {
    let service = good();

    assert_eq!(service.name.get("en"), "Town hall");
    assert_eq!(service.name.get("de"), "Mairie");
    assert_eq!(service.organisation.get("en"), "Ville de Nouméa");
    assert_eq!(service.default_level, Level::Eidas1);
    assert_eq!(service.asking(), Asking::Information);
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
    let one = Authentication::Secret(vec![SecretDigest::of("old"), SecretDigest::of("new")]);

    assert!(good().authentication.accepts_secret("test"));
    assert!(!good().authentication.accepts_secret("Test"));
    assert!(one.accepts_secret("old") && one.accepts_secret("new") && !one.accepts_secret(""));
    assert!(!Authentication::None.accepts_secret("test"));
}

#[test]
fn a_digest_is_written_as_it_is_read() {
    let digest = SecretDigest::of("secret");

    assert_eq!(SecretDigest::parse(&digest.to_string()).unwrap(), digest);
    assert!(SecretDigest::parse("secret").is_err());
    assert!(SecretDigest::parse(&format!("sha256:{}", "é".repeat(32))).is_err());
}

#[test]
fn each_bad_value_is_told_its_remedy() {
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
        let found = faults(line);
        assert!(
            found.iter().any(|fault| fault.contains(remedy)),
            "{line}: {found:?}"
        );
    }
}

#[test]
fn a_public_client_cannot_drop_pkce() {
    let text = GOOD
        .replace("method = \"secret\"", "method = \"none\"")
        .replace(
            "kind = \"public\"",
            "kind = \"public\"\npkce = \"optional\"",
        );
    let found = read(&text).unwrap_err();

    assert!(
        found.iter().any(|fault| fault.contains("`pkce`")),
        "{found:?}"
    );
}

#[test]
fn key_authentication_needs_keys_once() {
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
    let sandbox = good();
    let production = ServiceProvider {
        status: crate::Status::Production,
        ..good()
    };
    let suspended = ServiceProvider {
        status: crate::Status::Suspended,
        ..good()
    };

    assert!(sandbox.may_use(&idp, true) && !sandbox.may_use(&idp, false));
    assert!(!production.may_use(&idp, true) && production.may_use(&idp, false));
    assert!(!suspended.may_use(&idp, true) && !suspended.may_use(&idp, false));
}

#[test]
fn allow_and_deny_lists_are_kept() {
    let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
    let listed = std::collections::BTreeSet::from(["a".parse().unwrap()]);

    assert!(
        IdpRule::Allow(listed.clone()).allows(&a) && !IdpRule::Allow(listed.clone()).allows(&b)
    );
    assert!(!IdpRule::Deny(listed.clone()).allows(&a) && IdpRule::Deny(listed).allows(&b));
}

#[test]
fn two_files_with_one_client_id_are_a_fault() {
    let twice = vec![
        ("services/a.toml".into(), good()),
        ("services/b.toml".into(), good()),
    ];

    let faults = Registry::new(twice, Vec::new()).unwrap_err();

    assert_eq!(
        faults[0].to_string(),
        "services/b.toml: the client id `town-hall` is in another file already: change one"
    );
}

#[test]
fn a_service_is_found_by_the_reference_in_a_ticket() {
    let registry = Registry::new(vec![("services/a.toml".into(), good())], Vec::new()).unwrap();
    let id: ClientId = "town-hall".parse().unwrap();

    assert_eq!(
        registry.by_reference(&id.reference()).unwrap().client_id,
        id
    );
    assert!(registry.by_reference(&[0; 16]).is_none());
}

#[test]
fn an_agreement_counts_its_days() {
    let text = GOOD.replace("[authentication]", "[agreement]\nreference = \"2026-14\"\nsigned_on = \"2026-01-01\"\nexpires_on = \"2026-12-31\"\n[authentication]");
    let agreement = read(&text).unwrap().agreement.unwrap();

    assert_eq!(agreement.days_left(Timestamp::from_unix(1_795_219_200)), 40);
    assert!(read(&text.replace("2026-12-31", "2026-02-30")).is_err());
    assert!(read(&text.replace("2026-12-31", "2025-12-31")).is_err());
}
