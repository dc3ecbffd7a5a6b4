//! What tests of logout share.

use anyhow::Context;
use hub_core::encoding::{base64url, from_base64url};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{Answer, Browser, Listener, Returned, World, WorldOptions};

impl World {
    /// A world with sessions, in which the library is told of logouts at `told`, with `edits` as of
    /// [`WorldOptions::edits`].
    ///
    /// # Errors
    /// When something cannot be started.
    pub fn with_sessions(
        told: &Listener,
        mut edits: Vec<(&'static str, &'static str, &'static str)>,
    ) -> Result<Self, anyhow::Error> {
        let line = format!("backchannel_logout_uri = \"{}\"\nclient_id", told.url);
        edits.push((
            "services/library.toml",
            "client_id",
            Box::leak(line.into_boxed_str()),
        ));
        Self::open_with(WorldOptions {
            sessions: true,
            edits,
            ..WorldOptions::default()
        })
    }

    /// Signs `person` in at `service` by Boussole, or from the session; the raw id token and its claims.
    ///
    /// # Errors
    /// When something does not answer.
    pub async fn id_token(
        &self,
        browser: &mut Browser,
        service: &'static str,
        person: &str,
    ) -> Result<(String, Value), anyhow::Error> {
        let sp = self.service(service)?;
        let start = sp.request(&[])?;
        let first = self.go(browser, &start).await?;
        let review = if first.url.path().ends_with("/review") {
            first
        } else {
            self.to_review(browser, &start, "boussole", person).await?
        };
        let authentication = self.agree(browser, &review).await?;
        let code = Returned::from(&authentication);
        let (_, tokens) = sp.token(&sp.token_fields(code.get("code"))).await?;
        let raw = tokens.get("id_token").and_then(Value::as_str);
        let raw = raw.unwrap_or_default().to_owned();
        let claims = claims_of(&raw)?;
        Ok((raw, claims))
    }

    /// The address that ends the session, with `parameters`.
    ///
    /// # Errors
    /// When the issuer makes no address.
    pub fn end(&self, parameters: &[(&str, &str)]) -> Result<Url, anyhow::Error> {
        let mut url = self.url("/session/end")?;
        url.query_pairs_mut().extend_pairs(parameters);
        Ok(url)
    }

    /// Goes to `url` and on, by redirects and by pages that go on by themselves, to where the browser
    /// leaves for a service or stays on a page. [`Answer::next`] is where it leaves for.
    ///
    /// # Errors
    /// When something does not answer.
    pub async fn go(&self, browser: &mut Browser, url: &Url) -> Result<Answer, anyhow::Error> {
        let mut answer = browser.get(url).await?;
        for _ in 0..10 {
            answer = browser.follow(answer, "https://").await?;
            let is_posted = answer.page.html().contains("/leave.js\"");
            if let Ok(next) = answer.next()
                && next.scheme() != "https"
            {
                answer = browser.get(&next).await?;
            } else if is_posted && !answer.page.form()?.action.starts_with("https://") {
                let form = answer.page.form()?;
                answer = browser.submit(&answer, &form).await?;
            } else {
                return Ok(answer);
            }
        }
        anyhow::bail!("more than ten pages, the last at {}", answer.url)
    }

    /// The `sid` of the session that `idp` opened last: the demonstration's providers make it of the
    /// nonce that they were sent.
    ///
    /// # Errors
    /// When nobody was sent there.
    pub fn upstream_sid(&self, idp: &str) -> Result<String, anyhow::Error> {
        let seen = self.idp(idp)?.seen();
        let asked = seen
            .iter()
            .rfind(|seen| seen.starts_with("GET /authorize?"));
        let query = asked.and_then(|asked| asked.split_whitespace().nth(1));
        let url = Url::parse(&format!("http://idp{}", query.context("nobody was sent")?))?;
        let nonce = url.query_pairs().find(|(name, _)| name == "nonce");
        let (_, nonce) = nonce.context("no nonce")?;
        Ok(base64url(&Sha256::digest(nonce.as_bytes())))
    }

    /// Whether the browser still has a session: the insurer would show the review at once.
    ///
    /// # Errors
    /// When something does not answer.
    pub async fn is_signed_in(&self, browser: &mut Browser) -> Result<bool, anyhow::Error> {
        let start = self.service("insurer")?.request(&[])?;
        Ok(self
            .go(browser, &start)
            .await?
            .url
            .path()
            .ends_with("/review"))
    }
}

/// The claims of a token, its signature unread.
///
/// # Errors
/// When it is no token.
pub fn claims_of(token: &str) -> Result<Value, anyhow::Error> {
    let payload = token.split('.').nth(1).and_then(from_base64url);
    Ok(serde_json::from_slice(&payload.unwrap_or_default())?)
}
