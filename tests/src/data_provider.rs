//! A data provider of the tests: it asks the hub about tokens, rightly and wrongly, and checks answers as
//! a resource server does.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use anyhow::Context;
use hub_core::{
    clock::Clock,
    encoding::{base64url, hex},
    entropy::{SystemEntropy, draw},
};
use hub_jose::{Algorithm, Decrypter, DecryptionKey, Keyring, SigningKey, generate};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::{TestClock, claims_of, http::http_client};

const SECRET: &str = "a-secret-of-a-data-provider";

/// Every data provider of the tests: id, and its entry without id, name, resource and sector.
const PROVIDERS: [(&str, &str); 3] = [
    (
        "taxes",
        r#"identity = ["given_name", "family_name", "birthdate"]

[authentication]
{secret}

[[scopes]]
name = "fiscal_income"
text = { fr = "votre revenu fiscal", en = "your tax income" }
claims = ["reference_income"]

[[scopes]]
name = "fiscal_household"
text = { fr = "votre foyer fiscal", en = "your tax household" }
claims = ["shares", "children"]

[[authorization_details]]
type = "fiscal_notice"
text = { fr = "votre avis de {year}", en = "your notice of {year}" }
schema = '{"type": "object", "required": ["type", "year"], "additionalProperties": false, "properties": {"type": {"const": "fiscal_notice"}, "year": {"type": "integer", "minimum": 2020}}}'
"#,
    ),
    (
        "family",
        r#"identity = ["family_name", "given_name", "birthdate", "gender", "birthplace", "birthcountry"]
receives_client_id = true
consent = true
introspection = "jwt"
signing_alg = "ES256"

[encryption]
{encryption}

[authentication]
{keys}

[[scopes]]
name = "family_quotient"
text = { fr = "votre quotient familial", en = "your family quotient" }
"#,
    ),
    (
        "school",
        r#"access_token = "jwt"

[authentication]
{secret}

[[scopes]]
name = "school_place"
text = { fr = "votre école", en = "your school" }
"#,
    ),
];

/// What a data provider was answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The media type.
    pub kind: String,
    /// The body as it came.
    pub body: String,
}

impl Answered {
    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// What is said of the token, whichever form it came in; the signature is unread.
    ///
    /// # Errors
    /// When an encrypted answer does not open, or it is no token.
    pub fn told(&self) -> Result<Value, anyhow::Error> {
        if self.kind == "application/json" {
            return Ok(self.json());
        }
        let signed = self.signed()?;
        let claims = claims_of(&signed)?;
        let told = claims.get("token_introspection");
        told.cloned().context("no token_introspection")
    }

    /// The signed token of an answer, opened if it is encrypted.
    ///
    /// # Errors
    /// When it does not open.
    pub fn signed(&self) -> Result<String, anyhow::Error> {
        match self.body.split('.').count() {
            5 => Ok(decrypter().open(&self.body)?),
            _ => Ok(self.body.clone()),
        }
    }
}

/// One data provider.
#[derive(Debug, Clone)]
pub struct DataProvider {
    /// Its id.
    pub id: &'static str,
    issuer: String,
    clock: Arc<TestClock>,
    client: Client,
}

impl DataProvider {
    /// The entries of every data provider, by file name.
    #[must_use]
    pub fn entries() -> BTreeMap<String, String> {
        PROVIDERS
            .iter()
            .map(|(id, own)| (format!("data-providers/{id}.toml"), entry(id, own)))
            .collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(
        id: &'static str,
        issuer: &str,
        clock: Arc<TestClock>,
    ) -> Result<Self, anyhow::Error> {
        let client = http_client()?;
        Ok(Self {
            id,
            issuer: issuer.to_owned(),
            clock,
            client,
        })
    }

    /// The address that services name it by.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("https://{}.example/api", self.id)
    }

    /// Asks about `token` as it should.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn ask(&self, token: &str) -> Result<Answered, anyhow::Error> {
        self.ask_at("/token/introspection", token, &[]).await
    }

    /// Asks about `token` at `path`, with `headers`.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn ask_at(
        &self,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answered, anyhow::Error> {
        let mut fields = self.proof(&format!("{}{path}", self.issuer))?;
        fields.push(("token".to_owned(), token.to_owned()));
        self.raw(path, headers, &fields).await
    }

    /// What the hub says of `token`.
    ///
    /// # Errors
    /// When nobody answers, or not with what is said of a token.
    pub async fn told(&self, token: &str) -> Result<Value, anyhow::Error> {
        let answered = self.ask(token).await?;
        anyhow::ensure!(answered.status == 200, "{answered:?}");
        answered.told()
    }

    /// The fields by which it proves who it is.
    ///
    /// # Errors
    /// When an assertion cannot be signed.
    pub fn proof(&self, audience: &str) -> Result<Vec<(String, String)>, anyhow::Error> {
        if self.id != "family" {
            let proof = [("client_id", self.id), ("client_secret", SECRET)];
            return Ok(proof
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into());
        }
        let now = self.clock.now().unix();
        let claims = json!({
            "iss": self.id, "sub": self.id, "aud": audience, "iat": now, "exp": now + 60,
            "jti": base64url(&draw::<12>(&SystemEntropy)),
        });
        let assertion = keyring().sign(Algorithm::Es256, "JWT", &claims)?;
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        Ok(vec![
            ("client_assertion_type".into(), kind.into()),
            ("client_assertion".into(), assertion),
        ])
    }

    /// Sends `fields` exactly as given.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn raw(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(String, String)],
    ) -> Result<Answered, anyhow::Error> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let mut request = self
            .client
            .post(format!("{}{path}", self.issuer))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let kind = response.headers().get("content-type");
        let kind = kind.and_then(|value| value.to_str().ok());
        Ok(Answered {
            status: response.status().as_u16(),
            kind: kind.context("no content-type")?.to_owned(),
            body: response.text().await?,
        })
    }
}

/// The key of the data provider that signs its assertions.
fn keyring() -> &'static Keyring {
    static RING: OnceLock<Keyring> = OnceLock::new();
    RING.get_or_init(|| {
        let key = generate(Algorithm::Es256)
            .ok()
            .and_then(|pem| SigningKey::from_pem(&pem).ok());
        Keyring::new(key.into_iter().collect())
    })
}

/// The key of the data provider whose answers are encrypted.
fn decrypter() -> &'static Decrypter {
    static OPENER: OnceLock<Decrypter> = OnceLock::new();
    OPENER.get_or_init(|| {
        let key = generate(Algorithm::Es256)
            .ok()
            .and_then(|pem| DecryptionKey::from_pem(&pem).ok());
        Decrypter::new(key.into_iter().collect())
    })
}

fn entry(id: &str, own: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(SECRET.as_bytes()).into();
    let secret = format!(
        "method = \"secret\"\nsecret_digests = [\"sha256:{}\"]",
        hex(&digest)
    );
    let keys = format!(
        "method = \"private_key_jwt\"\njwks = '{}'",
        String::from_utf8_lossy(keyring().jwks())
    );
    let public: Vec<&Value> = decrypter().public().collect();
    let encryption = format!("jwks = '{}'", json!({ "keys": public }));
    let own = own
        .replace("{secret}", &secret)
        .replace("{keys}", &keys)
        .replace("{encryption}", &encryption);
    format!(
        "id = \"{id}\"\nname = {{ fr = \"Fournisseur {id}\", en = \"Provider {id}\" }}\n\
         environment = \"test\"\nresource = \"https://{id}.example/api\"\nsector = \"{id}.example\"\n{own}"
    )
}
