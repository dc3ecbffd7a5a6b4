//! The services of the tests, as the hub has them registered.

use std::{collections::BTreeMap, sync::OnceLock};

use hub_core::encoding::hex;
use hub_jose::{Algorithm, Keyring, SigningKey, generate};
use sha2::{Digest, Sha256};

/// Every service of the tests: client id, and the lines of its entry that differ.
const SERVICES: [(&str, &str); 15] = [
    ("town-hall", ""),
    ("library", ""),
    ("insurer", "kind = \"private\"\n"),
    ("anonymous", "scopes = [\"openid\"]\n"),
    ("fc-service", "profile = \"franceconnect\"\n"),
    (
        "modern-library",
        "signing_alg = \"ES256\"\nuserinfo = \"jwt\"\nid_token_claims = [\"amr\", \"at_hash\", \"auth_time\"]\n",
    ),
    ("keyed", "method = \"private_key_jwt\"\n"),
    ("app", "method = \"none\"\n"),
    ("spa", "method = \"none\"\napplication = \"browser\"\n"),
    (
        "curious",
        "scopes = [\"openid\", \"identite_pivot\", \"preferred_username\", \"email\", \"phone\", \
         \"login\", \"original_names\"]\nid_token_claims = [\"sub_basis\", \"previous_subs\"]\n",
    ),
    (
        "registry",
        "scopes = [\"openid\", \"profile\", \"birth\", \"email\", \"phone\", \"address\", \"login\", \
         \"original_names\"]\nid_token_claims = [\"at_hash\", \"auth_time\"]\n",
    ),
    (
        "canteen",
        "scopes = [\"openid\", \"profile\", \"email\", \"fiscal_income\", \"fiscal_household\", \
         \"family_quotient\", \"school_place\"]\nauthorization_details_types = [\"fiscal_notice\"]\n\
         optional = [\"fiscal_household\", \"fiscal_notice\"]\nallow_prompt_none = true\n",
    ),
    (
        "lender",
        "kind = \"private\"\nscopes = [\"openid\", \"family_name\", \"fiscal_income\"]\n",
    ),
    (
        "fc-canteen",
        "profile = \"franceconnect\"\nscopes = [\"openid\", \"profile\", \"fiscal_income\", \"family_quotient\"]\n",
    ),
    (
        "picky",
        "idps = { allow = [\"boussole\"] }\nallowed_idp_hints = [\"boussole\"]\nminimum_level = \"eidas2\"\n",
    ),
];

/// The secret of every service that has one.
pub(crate) const SECRET: &str = "a-secret-of-the-tests-with-a-hyphen%and+more";

/// The entries of every service, by file name.
pub(crate) fn entries() -> BTreeMap<String, String> {
    SERVICES
        .iter()
        .map(|(id, own)| (format!("services/{id}.toml"), entry(id, own)))
        .collect()
}

/// The JWK set of the service that signs its assertions.
#[must_use]
pub fn service_jwks() -> String {
    String::from_utf8_lossy(keyring().jwks()).into_owned()
}

/// The key of the service that signs its assertions.
pub(crate) fn keyring() -> &'static Keyring {
    static RING: OnceLock<Keyring> = OnceLock::new();
    RING.get_or_init(|| {
        let key = generate(Algorithm::Es256)
            .ok()
            .and_then(|pem| SigningKey::from_pem(&pem).ok());
        Keyring::new(key.into_iter().collect())
    })
}

fn entry(id: &str, own: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(SECRET.as_bytes()).into();
    let digest = hex(&digest);
    let (own, method) = match own.strip_prefix("method = ") {
        Some(text) => text
            .split_once('\n')
            .map_or(("", text), |(method, own)| (own, method)),
        None => (own, "\"secret\""),
    };
    let proof = match method {
        "\"private_key_jwt\"" => format!("jwks = '{}'", String::from_utf8_lossy(keyring().jwks())),
        "\"none\"" => String::new(),
        _ => format!("secret_digests = [\"sha256:{digest}\"]"),
    };
    let usual = [
        ("kind", "\"public\""),
        (
            "scopes",
            "[\"openid\", \"profile\", \"birth\", \"email\", \"identite_pivot\"]",
        ),
    ];
    let usual: String = usual
        .iter()
        .filter(|(key, _)| !own.contains(&format!("{key} = ")))
        .fold(String::new(), |all, (key, value)| {
            format!("{all}{key} = {value}\n")
        });
    format!(
        "client_id = \"{id}\"\nname = \"Service {id}\"\norganisation = \"Ville de Test\"\n\
         eligibility = \"administration\"\nstatus = \"sandbox\"\n\
         service_url = \"https://{id}.example/\"\n\
         redirect_uris = [\"https://{id}.example/callback\", \"http://127.0.0.1/native\"]\n\
         post_logout_redirect_uris = [\"https://{id}.example/bye?from=hub\"]\n\
         sector = \"{id}.example\"\n{usual}{own}\n[authentication]\nmethod = {method}\n{proof}\n"
    )
}
