//! A service of the tests: it makes requests good and bad, and checks answers as a client library does.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use hub_core::{
    clock::Clock,
    encoding::base64url,
    entropy::{SystemEntropy, draw},
    pkce::Verifier,
};
use hub_jose::{Algorithm, KeySet, TokenType, claims::Expected, verify};
use reqwest::Client;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::{
    TestClock,
    http::http_client,
    services::{SECRET, keyring},
};

/// What came back to a service.
#[derive(Debug, Clone)]
pub struct Returned(BTreeMap<String, String>);

impl Returned {
    /// Reads the query of the address that the browser arrived at.
    #[must_use]
    pub fn from(url: &Url) -> Self {
        Self(url.query_pairs().into_owned().collect())
    }

    /// A parameter; empty if it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// One service, with one request's secrets.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    /// Its client id.
    pub client_id: &'static str,
    /// Its `state`.
    pub state: String,
    /// Its `nonce`.
    pub nonce: String,
    /// Its PKCE verifier.
    pub verifier: String,
    issuer: String,
    clock: Arc<TestClock>,
    client: Client,
}

impl RelyingParty {
    /// One of them.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(
        client_id: &'static str,
        issuer: &str,
        clock: Arc<TestClock>,
    ) -> Result<Self, anyhow::Error> {
        let client = http_client()?;
        Ok(Self {
            client_id,
            state: base64url(&draw::<16>(&SystemEntropy)),
            nonce: base64url(&draw::<18>(&SystemEntropy)),
            verifier: Verifier::draw(&SystemEntropy).reveal().to_owned(),
            issuer: issuer.to_owned(),
            clock,
            client,
        })
    }

    /// Where its answers go.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        format!("https://{}.example/callback", self.client_id)
    }

    /// An authorization request, with `changes`: a value replaces, an empty one takes away.
    ///
    /// # Errors
    /// When the issuer makes no address.
    pub fn request(&self, changes: &[(&str, &str)]) -> Result<Url, anyhow::Error> {
        let challenge = Verifier::parse(&self.verifier)
            .context("verifier")?
            .challenge();
        let scope = match self.client_id {
            "anonymous" => "openid",
            "curious" => {
                "openid identite_pivot preferred_username email phone login original_names"
            }
            _ => "openid profile birth email",
        };
        let mut parameters: Vec<(&str, String)> = vec![
            ("response_type", "code".into()),
            ("client_id", self.client_id.into()),
            ("redirect_uri", self.redirect_uri()),
            ("scope", scope.into()),
            ("state", self.state.clone()),
            ("nonce", self.nonce.clone()),
            ("code_challenge", challenge.as_str().into()),
            ("code_challenge_method", "S256".into()),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            if !value.is_empty() {
                parameters.push((name, (*value).to_owned()));
            }
        }
        let mut url = Url::parse(&format!("{}/authorize", self.issuer))?;
        url.query_pairs_mut().extend_pairs(parameters);
        Ok(url)
    }

    /// The fields of a token request for `code`.
    #[must_use]
    pub fn token_fields(&self, code: &str) -> Vec<(String, String)> {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri()),
            ("code_verifier", &self.verifier),
        ];
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// Sends a token request with `fields` and this service's own authentication.
    ///
    /// # Errors
    /// When nobody answers or the answer is no JSON.
    pub async fn token(&self, fields: &[(String, String)]) -> Result<(u16, Value), anyhow::Error> {
        let mut fields = fields.to_vec();
        let mut request = self.client.post(format!("{}/token", self.issuer));
        match self.client_id {
            "app" | "spa" => fields.push(("client_id".into(), self.client_id.into())),
            "keyed" => fields.extend(self.assertion(&json!({}))?),
            "fc-service" | "fc-canteen" => {
                fields.push(("client_id".into(), self.client_id.into()));
                fields.push(("client_secret".into(), SECRET.into()));
            }
            id => {
                // As certified clients do: every character that may be encoded is (RFC 6749 2.3.1).
                let encode = |text: &str| {
                    text.bytes()
                        .fold(String::new(), |all, byte| format!("{all}%{byte:02X}"))
                };
                request = request.basic_auth(encode(id), Some(encode(SECRET)));
            }
        }
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(&fields));
        let response = request.send().await?;
        let status = response.status().as_u16();
        anyhow::ensure!(
            response
                .headers()
                .get("cache-control")
                .is_some_and(|value| value == "no-store")
        );
        Ok((status, serde_json::from_slice(&response.bytes().await?)?))
    }

    /// Sends a token request exactly as given.
    ///
    /// # Errors
    /// When nobody answers or the answer is no JSON.
    pub async fn raw_token(
        &self,
        authorization: Option<&str>,
        fields: &[(String, String)],
    ) -> Result<(u16, BTreeMap<String, String>, Value), anyhow::Error> {
        let mut request = self
            .client
            .post(format!("{}/token", self.issuer))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(fields));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let response = request.send().await?;
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let status = response.status().as_u16();
        Ok((
            status,
            headers,
            serde_json::from_slice(&response.bytes().await?)?,
        ))
    }

    /// Sends `fields` to another endpoint for services, with this service's own secret: the status and the
    /// body.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<(u16, Value), anyhow::Error> {
        let mut fields: Vec<(String, String)> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        fields.push(("client_id".into(), self.client_id.into()));
        if !["app", "spa"].contains(&self.client_id) {
            fields.push(("client_secret".into(), SECRET.into()));
        }
        let request = self
            .client
            .post(format!("{}{path}", self.issuer))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(&fields));
        let response = request.send().await?;
        let status = response.status().as_u16();
        let body = response.bytes().await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// Makes a token for `resource` alone of `access_token` (RFC 8693), with `changes`: a value replaces,
    /// an empty one takes away.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn exchange(
        &self,
        access_token: &str,
        resource: &str,
        changes: &[(&str, &str)],
    ) -> Result<(u16, Value), anyhow::Error> {
        let mut fields = vec![
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            ("subject_token", access_token),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("resource", resource),
        ];
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        self.post("/token", &fields).await
    }

    /// The fields of a client assertion (RFC 7523) with `changes` to its claims.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn assertion(&self, changes: &Value) -> Result<Vec<(String, String)>, anyhow::Error> {
        let now = self.clock.now().unix();
        let mut claims = json!({
            "iss": self.client_id, "sub": self.client_id, "aud": self.issuer, "iat": now,
            "exp": now + 60, "jti": base64url(&draw::<12>(&SystemEntropy)),
        });
        if let (Some(claims), Some(changes)) = (claims.as_object_mut(), changes.as_object()) {
            claims.extend(changes.clone());
        }
        let assertion = keyring().sign(Algorithm::Es256, "JWT", &claims)?;
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        Ok(vec![
            ("client_assertion_type".into(), kind.into()),
            ("client_assertion".into(), assertion),
        ])
    }

    /// Spends `code`: the token answer, and the id token's claims, verified.
    ///
    /// # Errors
    /// When the hub refuses, or its answer is not what a client accepts.
    pub async fn redeem(&self, code: &str) -> Result<(Value, Value), anyhow::Error> {
        let (status, tokens) = self.token(&self.token_fields(code)).await?;
        anyhow::ensure!(status == 200, "{status} {tokens}");
        let id_token = tokens
            .get("id_token")
            .and_then(Value::as_str)
            .context("no id_token")?;
        let jwks = self
            .client
            .get(format!("{}/jwks", self.issuer))
            .send()
            .await?
            .bytes()
            .await?;
        let keys = KeySet::from_jwks(&jwks)?;
        let algorithm = if self.client_id == "modern-library" {
            Algorithm::Es256
        } else {
            Algorithm::Rs256
        };
        let claims = verify(id_token, &keys, &[algorithm], TokenType::Jwt)?;
        let now = self.clock.now();
        let expected = Expected {
            issuer: &self.issuer,
            client_id: self.client_id,
            now,
        };
        let token = expected.id_token(claims, &self.nonce)?.into_inner();
        Ok((tokens, Value::Object(token.claims)))
    }

    /// Reads a public document of the hub.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn get(&self, path: &str) -> Result<String, anyhow::Error> {
        let request = self.client.get(format!("{}{path}", self.issuer));
        Ok(request.send().await?.text().await?)
    }

    /// Reads userinfo with `access_token`: status, media type and body.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn userinfo(
        &self,
        access_token: &str,
    ) -> Result<(u16, String, String), anyhow::Error> {
        let request = self.client.get(format!("{}/userinfo", self.issuer));
        let response = request.bearer_auth(access_token).send().await?;
        let kind = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        Ok((response.status().as_u16(), kind, response.text().await?))
    }

    /// The claims behind `access_token`, whichever form they come in.
    ///
    /// # Errors
    /// When the hub refuses, or the answer does not verify.
    pub async fn claims(&self, access_token: &str) -> Result<Value, anyhow::Error> {
        let (status, kind, body) = self.userinfo(access_token).await?;
        anyhow::ensure!(status == 200, "{status} {body}");
        if kind == "application/json" {
            return Ok(serde_json::from_str(&body)?);
        }
        anyhow::ensure!(kind == "application/jwt", "{kind}");
        let jwks = self
            .client
            .get(format!("{}/jwks", self.issuer))
            .send()
            .await?
            .bytes()
            .await?;
        let claims = verify(
            &body,
            &KeySet::from_jwks(&jwks)?,
            &Algorithm::ALL,
            TokenType::Userinfo,
        )?;
        Ok(Value::Object(claims))
    }

    /// Everything that a service learns of one login: the id token's claims and userinfo's.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn learn(&self, authentication: &Url) -> Result<(Value, Value), anyhow::Error> {
        let returned = Returned::from(authentication);
        anyhow::ensure!(returned.get("error").is_empty(), "{returned:?}");
        anyhow::ensure!(
            returned.get("state") == self.state,
            "state differs: {returned:?}"
        );
        let (tokens, id_token) = self.redeem(returned.get("code")).await?;
        let access_token = tokens
            .get("access_token")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Ok((id_token, self.claims(access_token).await?))
    }
}

fn encoded(fields: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}
