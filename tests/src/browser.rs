//! A browser: it keeps cookies, and follows a redirect only when told.

use std::collections::BTreeMap;

use anyhow::Context;
use reqwest::{Client, Method, RequestBuilder};
use url::{Url, form_urlencoded};

use crate::{Form, Page, http::http_client};

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where it came from.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The headers, by lower-case name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub page: Page,
}

impl Answer {
    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Where a redirect leads.
    ///
    /// # Errors
    /// If this is no redirect.
    pub fn location(&self) -> Result<Url, anyhow::Error> {
        let location = self.header("location");
        let location = location.with_context(|| {
            format!(
                "{} answers {} without a redirect: {}",
                self.url,
                self.status,
                self.page.html()
            )
        })?;
        Ok(self.url.join(location)?)
    }

    /// Where the browser goes next by itself: by a redirect, or by a page that goes on.
    ///
    /// # Errors
    /// If it stays here.
    pub fn next(&self) -> Result<Url, anyhow::Error> {
        match self.page.refresh() {
            Some(next) => Ok(self.url.join(&next)?),
            None => self.location(),
        }
    }
}

/// A browser with its cookies.
#[derive(Debug, Clone)]
pub struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
    language: String,
}

impl Browser {
    /// A fresh browser that speaks French.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new() -> Result<Self, anyhow::Error> {
        Ok(Self {
            client: http_client()?,
            cookies: BTreeMap::new(),
            language: "fr-FR,fr;q=0.9".to_owned(),
        })
    }

    /// The same browser speaking another language.
    #[must_use]
    pub fn speaking(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    /// Forgets every cookie.
    pub fn forget(&mut self) {
        self.cookies.clear();
    }

    /// The cookies, as a header would send them.
    #[must_use]
    pub fn cookies(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn get(&mut self, url: &Url) -> Result<Answer, anyhow::Error> {
        let request = self.client.request(Method::GET, url.clone());
        self.send(url, request).await
    }

    /// Opens an address with further headers.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn get_with(
        &mut self,
        url: &Url,
        headers: &[(&str, &str)],
    ) -> Result<Answer, anyhow::Error> {
        let mut request = self.client.request(Method::GET, url.clone());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(url, request).await
    }

    /// Follows redirects until a page comes, or until the next address starts with `stop`.
    ///
    /// # Errors
    /// When nobody answers, or it never ends.
    pub async fn follow(&mut self, answer: Answer, stop: &str) -> Result<Answer, anyhow::Error> {
        let mut answer = answer;
        for _ in 0..10 {
            let Some(location) = answer.header("location") else {
                return Ok(answer);
            };
            let next = answer.url.join(location)?;
            if next.as_str().starts_with(stop) {
                return Ok(answer);
            }
            answer = self.get(&next).await?;
        }
        anyhow::bail!("more than ten redirects, the last to {}", answer.url)
    }

    /// Clicks the link that ends in `end`.
    ///
    /// # Errors
    /// When there is none, or nobody answers.
    pub async fn click(&mut self, answer: &Answer, end: &str) -> Result<Answer, anyhow::Error> {
        let target = answer.url.join(&answer.page.link(end)?)?;
        self.get(&target).await
    }

    /// Sends a form of the page.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn submit(&mut self, answer: &Answer, form: &Form) -> Result<Answer, anyhow::Error> {
        let target = answer.url.join(&form.action)?;
        self.post(&target, &form.fields).await
    }

    /// Posts fields as a form.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn post(
        &mut self,
        url: &Url,
        fields: &[(String, String)],
    ) -> Result<Answer, anyhow::Error> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .client
            .request(Method::POST, url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        self.send(url, request).await
    }

    async fn send(&mut self, url: &Url, request: RequestBuilder) -> Result<Answer, anyhow::Error> {
        let response = request
            .header("accept", "text/html")
            .header("accept-language", &self.language)
            .header("cookie", self.cookies())
            .send()
            .await?;
        let text = |value: &reqwest::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect();
        for (_, cookie) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            if let Some((name, value)) = cookie
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='))
            {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = response.status().as_u16();
        let page = Page::new(response.text().await?);
        Ok(Answer {
            url: url.clone(),
            status,
            headers,
            page,
        })
    }
}
