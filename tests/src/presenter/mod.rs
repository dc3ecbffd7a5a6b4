//! Presents one value to every endpoint of the hub, in every place where it could matter, and keeps the
//! answers: two values that must say the same are compared byte by byte.

mod driven;
mod presentation;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use reqwest::{Client, RequestBuilder};
use tokio::task::JoinSet;
use url::form_urlencoded;

use crate::ENDPOINTS;

pub use driven::Driven;
pub use presentation::Presentation;

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
            all.extend(presentation::both(endpoint, "everything held", &url, held));
        }
        self.send_all(all, "").await
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
        let what = one.what.clone();
        let response = self.request(one, &self.cookies).send().await?;
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
        Ok((what, mask(&answer)))
    }

    /// The request of `one`, with `cookies` unless it has some of its own.
    fn request(&self, one: Presentation, cookies: &str) -> RequestBuilder {
        let mut request = self
            .client
            .request(one.method, one.url)
            .header("accept", "text/html")
            .header("accept-language", "en");
        let has_own_cookie = one.headers.iter().any(|(name, _)| *name == "cookie");
        if !cookies.is_empty() && !has_own_cookie {
            request = request.header("cookie", cookies);
        }
        for (name, text) in one.headers {
            request = request.header(name, text);
        }
        if let Some(form) = one.form {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form);
        }
        request
    }
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

/// The values in each of `requests`, which are as the demonstration's IdP notes them: query, headers,
/// body.
#[must_use]
pub fn requests_of(requests: &[String]) -> Vec<Vec<(String, String)>> {
    requests
        .iter()
        .map(|request| {
            let mut held = Vec::new();
            let (first, body) = request.split_once("\n\n").unwrap_or((request, ""));
            let mut lines = first.lines();
            let target = lines.next().and_then(|line| line.split(' ').nth(1));
            let query = target.and_then(|target| target.split_once('?'));
            for text in [query.map_or("", |(_, query)| query), body] {
                held.extend(form_urlencoded::parse(text.as_bytes()).into_owned());
            }
            for line in lines {
                let (name, value) = line.split_once(": ").unwrap_or((line, ""));
                let value = value.split_once(' ').map_or(value, |(_, secret)| secret);
                // The test browser sends its cookies to every host; a real one sends the hub's to the
                // hub.
                if name != "cookie" {
                    held.push((name.to_owned(), value.to_owned()));
                }
            }
            held
        })
        .collect()
}
