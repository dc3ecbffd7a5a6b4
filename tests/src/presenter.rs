//! Presents one value to every endpoint of the hub, in every place where it could matter, and keeps the
//! answers: two values that must say the same are compared byte by byte.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use reqwest::{Client, Method};
use tokio::task::JoinSet;
use url::{Url, form_urlencoded};

use crate::{ENDPOINTS, Endpoint, services::SECRET};

/// Parameters that every endpoint is tried with, beside its own.
const EVERYWHERE: [&str; 4] = ["state", "code", "id_token_hint", "token"];
/// The names of the hub's cookies where there is no TLS.
const COOKIES: [&str; 5] = [
    "lethe",
    "lethe-session",
    "lethe-waiting",
    "lethe-idp",
    "lethe-device",
];
/// How many requests are under way at once.
const AT_ONCE: usize = 24;

/// One party that presents what it holds.
#[derive(Debug, Clone)]
pub struct Presenter {
    issuer: String,
    /// The service whose id and secret fill the other parameters of a request.
    client_id: String,
    /// The IdP in paths that name one.
    idp: String,
    /// The `cookie` header; empty for none.
    cookies: String,
    client: Client,
}

/// One request, by what is done in it; the value itself is not in `what`.
#[derive(Debug, Clone)]
struct Presentation {
    what: String,
    method: Method,
    url: Url,
    headers: Vec<(&'static str, String)>,
    form: Option<String>,
}

impl Presenter {
    /// A party that fills in the id and secret of `client_id` and the IdP `idp`, in a browser with
    /// `cookies`.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(
        issuer: &str,
        client_id: &str,
        idp: &str,
        cookies: &str,
    ) -> Result<Self, anyhow::Error> {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .no_proxy()
            .build()?;
        Ok(Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            idp: idp.to_owned(),
            cookies: cookies.to_owned(),
            client,
        })
    }

    /// What every endpoint answers to `value`, by what was done. What differs from request to request
    /// (incident ids, fresh secrets) is masked, and the value itself where it is repeated.
    ///
    /// # Errors
    /// When the hub does not answer.
    pub async fn present(&self, value: &str) -> Result<BTreeMap<String, String>, anyhow::Error> {
        let mut all = Vec::new();
        for endpoint in &ENDPOINTS {
            self.in_path(endpoint, value, &mut all)?;
            self.in_parameters(endpoint, value, &mut all)?;
            self.in_headers(endpoint, value, &mut all)?;
        }
        self.send_all(all, value).await
    }

    /// What every endpoint answers to all of `held` at once, each value under its own name, as the
    /// party received them.
    ///
    /// # Errors
    /// When the hub does not answer.
    pub async fn present_together(
        &self,
        held: &[(String, String)],
    ) -> Result<BTreeMap<String, String>, anyhow::Error> {
        let mut all = Vec::new();
        for endpoint in &ENDPOINTS {
            let url = self.address(endpoint, "x")?;
            all.extend(both(endpoint, "everything held", &url, held));
        }
        self.send_all(all, "").await
    }

    /// The value in each position of the path.
    fn in_path(
        &self,
        endpoint: &Endpoint,
        value: &str,
        all: &mut Vec<Presentation>,
    ) -> Result<(), anyhow::Error> {
        for name in ["ticket", "idp", "name", "fingerprint"] {
            let place = format!("{{{name}}}");
            if endpoint.path.contains(&place) {
                let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
                let path = self.filled(&endpoint.path.replace(&place, &encoded), "x");
                let url = Url::parse(&format!("{}{path}", self.issuer))?;
                all.extend(both(endpoint, &format!("{name} in the path"), &url, &[]));
                let state = [("state".to_owned(), value.to_owned())];
                all.extend(both(endpoint, &format!("{name} and state"), &url, &state));
            }
        }
        Ok(())
    }

    /// The value in each parameter: alone, and with the others filled in.
    fn in_parameters(
        &self,
        endpoint: &Endpoint,
        value: &str,
        all: &mut Vec<Presentation>,
    ) -> Result<(), anyhow::Error> {
        let url = self.address(endpoint, "x")?;
        let others = EVERYWHERE
            .into_iter()
            .filter(|name| !endpoint.parameters.contains(name));
        for name in endpoint.parameters.iter().copied().chain(others) {
            let alone = [(name.to_owned(), value.to_owned())];
            all.extend(both(endpoint, &format!("{name} alone"), &url, &alone));
        }
        for name in endpoint.parameters {
            let filled: Vec<(String, String)> = endpoint
                .parameters
                .iter()
                .map(|other| {
                    let text = if other == name {
                        value
                    } else {
                        self.usual(other)
                    };
                    ((*other).to_owned(), text.to_owned())
                })
                .filter(|(_, text)| !text.is_empty())
                .collect();
            all.extend(both(endpoint, &format!("{name} of all"), &url, &filled));
        }
        Ok(())
    }

    /// The value as credentials, as each cookie, and in the query of every other method.
    fn in_headers(
        &self,
        endpoint: &Endpoint,
        value: &str,
        all: &mut Vec<Presentation>,
    ) -> Result<(), anyhow::Error> {
        let url = self.address(endpoint, "x")?;
        let headers = ["Bearer", "Basic", "DPoP"]
            .map(|scheme| ("authorization", format!("{scheme} {value}")))
            .into_iter()
            .chain(COOKIES.map(|name| ("cookie", format!("{name}={value}"))));
        for (name, text) in headers {
            let place = text.replace(value, "VALUE");
            all.push(Presentation {
                what: format!("GET {} {name}: {place}", endpoint.path),
                method: Method::GET,
                url: url.clone(),
                headers: vec![(name, text)],
                form: None,
            });
        }
        let mut query = url.clone();
        query.query_pairs_mut().append_pair("state", value);
        for method in ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            all.push(Presentation {
                what: format!("{method} {}", endpoint.path),
                method: Method::from_bytes(method.as_bytes())?,
                url: query.clone(),
                headers: vec![],
                form: None,
            });
        }
        Ok(())
    }

    fn address(&self, endpoint: &Endpoint, ticket: &str) -> Result<Url, anyhow::Error> {
        let path = self.filled(endpoint.path, ticket);
        Ok(Url::parse(&format!("{}{path}", self.issuer))?)
    }

    fn filled(&self, path: &str, ticket: &str) -> String {
        path.replace("{idp}", &self.idp)
            .replace("{ticket}", ticket)
            .replace("{name}", "oauth-authorization-server")
            .replace("{fingerprint}", "x")
    }

    /// What the other parameters of a request hold.
    fn usual(&self, name: &str) -> &str {
        match name {
            "grant_type" => "authorization_code",
            "client_id" => &self.client_id,
            "client_secret" => SECRET,
            "response_type" | "code" => "code",
            "redirect_uri" => "http://127.0.0.1/native",
            "scope" => "openid",
            "state" | "nonce" => "a-state-or-nonce-of-the-tests",
            "code_challenge" => "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method" => "S256",
            "consent" => "yes",
            _ => "",
        }
    }

    async fn send_all(
        &self,
        all: Vec<Presentation>,
        value: &str,
    ) -> Result<BTreeMap<String, String>, anyhow::Error> {
        let this = Arc::new(self.clone());
        let mut answers = BTreeMap::new();
        let mut waiting = all.into_iter();
        let mut under_way = JoinSet::new();
        loop {
            while under_way.len() < AT_ONCE
                && let Some(one) = waiting.next()
            {
                let (this, value) = (Arc::clone(&this), value.to_owned());
                under_way.spawn(async move { this.send(one, &value).await });
            }
            let Some(done) = under_way.join_next().await else {
                return Ok(answers);
            };
            let (what, answer) = done??;
            answers.insert(what, answer);
        }
    }

    async fn send(
        &self,
        one: Presentation,
        value: &str,
    ) -> Result<(String, String), anyhow::Error> {
        let mut request = self
            .client
            .request(one.method, one.url)
            .header("accept", "text/html")
            .header("accept-language", "en");
        let has_own_cookie = one.headers.iter().any(|(name, _)| *name == "cookie");
        if !self.cookies.is_empty() && !has_own_cookie {
            request = request.header("cookie", &self.cookies);
        }
        for (name, text) in one.headers {
            request = request.header(name, text);
        }
        if let Some(form) = one.form {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form);
        }
        let response = request.send().await?;
        let mut lines = vec![response.status().to_string()];
        let headers = response.headers().iter();
        let mut headers: Vec<String> = headers
            .filter(|(name, _)| *name != "date")
            .map(|(name, text)| format!("{name}: {}", String::from_utf8_lossy(text.as_bytes())))
            .collect();
        headers.sort();
        lines.extend(headers);
        lines.push(response.text().await?);
        let mut answer = lines.join("\n");
        if !value.is_empty() {
            let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            answer = answer.replace(value, "VALUE").replace(&encoded, "VALUE");
        }
        Ok((one.what, mask(&answer)))
    }
}

/// The same parameters in the query of a GET and in the form of a POST.
fn both(
    endpoint: &Endpoint,
    what: &str,
    url: &Url,
    parameters: &[(String, String)],
) -> [Presentation; 2] {
    let mut query = url.clone();
    if !parameters.is_empty() {
        query.query_pairs_mut().extend_pairs(parameters);
    }
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let of = |method: Method, url: Url, form| Presentation {
        what: format!("{method} {} with {what}", endpoint.path),
        method,
        url,
        headers: vec![],
        form,
    };
    [
        of(Method::GET, query, None),
        of(Method::POST, url.clone(), Some(form)),
    ]
}

/// Replaces each long run of base64url by its length: what is left does not depend on chance.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            run.push(c);
            continue;
        }
        let long = format!("<{}>", run.len());
        masked.push_str(if run.len() >= 20 { &long } else { &run });
        run.clear();
        masked.push(c);
    }
    masked
}
