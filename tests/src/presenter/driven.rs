//! A page of another party drives the citizen's own browser: its links and forms bring the citizen's
//! cookies to the hub.

use reqwest::Method;
use url::{Url, form_urlencoded};

use super::{Presentation, Presenter, presentation::both};
use crate::{Browser, ENDPOINTS, Page};

/// Shorter values are words of the protocol.
const SHORTEST_SECRET: usize = 20;
/// The cookies that decide which login, logout or session a request belongs to.
const BEARERS: [&str; 2] = ["lethe=", "lethe-session="];

/// What the citizen's browser gets when another party's page sends it to the hub.
#[derive(Debug, Clone)]
pub struct Driven {
    /// What was done.
    pub what: String,
    /// Where the redirects lead out of the hub, if they do: the page that began the chain may learn the
    /// origin of that address.
    pub location: Option<Url>,
    /// The page that ends the chain, if it stays at the hub.
    pub page: Page,
    /// Whether the browser's login secret or session secret changed: another browser is needed for the
    /// next request.
    pub has_new_secret: bool,
}

impl Presenter {
    /// The GET and POST requests that a page can make with values that its party holds, at every endpoint
    /// without a path ticket. `requests` are parameters that belong together, as the party received them.
    ///
    /// # Errors
    /// When the issuer makes no address.
    pub fn driven(
        &self,
        requests: &[Vec<(String, String)>],
    ) -> Result<Vec<Presentation>, anyhow::Error> {
        let mut values: Vec<&str> = requests
            .iter()
            .flatten()
            .map(|(_, value)| value.as_str())
            .filter(|value| value.len() >= SHORTEST_SECRET)
            .collect();
        values.sort_unstable();
        values.dedup();
        let mut all = Vec::new();
        let endpoints = ENDPOINTS.iter();
        for endpoint in endpoints.filter(|endpoint| !endpoint.path.contains("{ticket}")) {
            let url = self.address(endpoint, "x")?;
            for parameters in requests {
                all.extend(both(endpoint, "what belongs together", &url, parameters));
            }
            for value in &values {
                self.in_path(endpoint, value, &mut all)?;
                self.in_parameters(endpoint, value, &mut all)?;
            }
        }
        Ok(all)
    }

    /// Sends `one` in a copy of `browser`, and follows redirects as long as they stay at the hub.
    ///
    /// # Errors
    /// When the hub does not answer.
    pub async fn drive(
        &self,
        one: &Presentation,
        browser: &Browser,
    ) -> Result<Driven, anyhow::Error> {
        let mut driven = browser.clone();
        let mut answer = if one.method == Method::GET {
            driven.get(&one.url).await?
        } else {
            let form = one.form.as_deref().unwrap_or_default();
            let form: Vec<_> = form_urlencoded::parse(form.as_bytes())
                .into_owned()
                .collect();
            driven.post(&one.url, &form).await?
        };
        let mut location = None;
        while answer.header("location").is_some() {
            let next = answer.location()?;
            if next.origin() != one.url.origin() {
                location = Some(next);
                break;
            }
            answer = driven.get(&next).await?;
        }
        anyhow::ensure!(answer.header("refresh").is_none(), "{}", one.what);
        Ok(Driven {
            what: one.what.clone(),
            location,
            page: answer.page,
            has_new_secret: bearers(&driven) != bearers(browser),
        })
    }
}

fn bearers(browser: &Browser) -> Vec<String> {
    let cookies = browser.cookies();
    let pairs = cookies.split("; ");
    pairs
        .filter(|pair| BEARERS.iter().any(|name| pair.starts_with(name)))
        .map(str::to_owned)
        .collect()
}
