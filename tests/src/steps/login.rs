//! A login in one line.

use serde_json::Value;
use url::Url;

use super::run;
use crate::{Answer, Browser, RelyingParty, World};

/// A login that is described first and run by its last call:
/// `world.login("town-hall").at("citadelle").person("sosefo").claims().await`.
#[derive(Debug)]
pub struct Login<'w> {
    world: &'w World,
    service: &'static str,
    idp: &'w str,
    person: &'w str,
    changes: &'w [(&'w str, &'w str)],
}

impl World {
    /// A login at `service`: by Angela, at the identity provider `boussole`, until told otherwise.
    #[must_use]
    pub const fn login(&self, service: &'static str) -> Login<'_> {
        Login {
            world: self,
            service,
            idp: "boussole",
            person: "angela",
            changes: &[],
        }
    }
}

impl<'w> Login<'w> {
    /// The same at the identity provider `idp`.
    #[must_use]
    pub const fn at(mut self, idp: &'w str) -> Self {
        self.idp = idp;
        self
    }

    /// The same by `person`.
    #[must_use]
    pub const fn person(mut self, person: &'w str) -> Self {
        self.person = person;
        self
    }

    /// The same with `changes` to the authorization request, as of [`RelyingParty::request`].
    #[must_use]
    pub const fn with(mut self, changes: &'w [(&'w str, &'w str)]) -> Self {
        self.changes = changes;
        self
    }

    /// Runs the login in a new browser up to the review page, or the page that is shown instead.
    #[track_caller]
    pub fn review(self) -> impl Future<Output = (Browser, Answer)> {
        run(async move {
            let (_, browser, review) = self.to_review().await?;
            Ok::<_, anyhow::Error>((browser, review))
        })
    }

    /// Runs the login in a new browser; returns the service and the authorization response.
    #[track_caller]
    pub fn response(self) -> impl Future<Output = (RelyingParty, Url)> {
        run(async move { self.to_response().await })
    }

    /// Runs the login in a new browser; returns the claims of the ID token and of userinfo.
    #[track_caller]
    pub fn claims(self) -> impl Future<Output = (Value, Value)> {
        run(async move {
            let (sp, response) = self.to_response().await?;
            sp.learn(&response).await
        })
    }

    async fn to_review(&self) -> Result<(RelyingParty, Browser, Answer), anyhow::Error> {
        let sp = self.world.service(self.service)?;
        let start = sp.request(self.changes)?;
        let (browser, review) = self.world.outcome(&start, self.idp, self.person).await?;
        Ok((sp, browser, review))
    }

    async fn to_response(&self) -> Result<(RelyingParty, Url), anyhow::Error> {
        let (sp, mut browser, review) = self.to_review().await?;
        let response = self.world.agree(&mut browser, &review).await?;
        Ok((sp, response))
    }
}
