//! Steps of the citizen and of the hub.

use hub_demo::DemoIdp;
use serde_json::Value;
use url::Url;

use super::{done, run};
use crate::{Answer, Browser, DataProvider, Listener, RelyingParty, World, WorldOptions};

impl World {
    /// Starts a world with the default options.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        done(Self::open())
    }

    /// Starts a world with `options`.
    #[must_use]
    #[track_caller]
    pub fn start_with(options: WorldOptions) -> Self {
        done(Self::open_with(options))
    }

    /// Starts a world with single sign-on, which notifies `told` of the logouts of the service `library`,
    /// with `edits` as of [`WorldOptions::edits`].
    #[must_use]
    #[track_caller]
    pub fn start_with_sessions(
        told: &Listener,
        edits: Vec<(&'static str, &'static str, &'static str)>,
    ) -> Self {
        done(Self::with_sessions(told, edits))
    }

    /// Stops the hub and starts it again at the same address, with other `secrets` by name and `edits` as
    /// of [`WorldOptions::edits`].
    #[track_caller]
    pub fn restart_hub(
        &mut self,
        secrets: &[(&str, Vec<u8>)],
        edits: &[(&str, &str, &str)],
    ) -> impl Future<Output = ()> {
        run(self.restart(secrets, edits))
    }

    /// The URL of `path` at the hub.
    #[must_use]
    #[track_caller]
    pub fn hub_url(&self, path: &str) -> Url {
        done(self.url(path))
    }

    /// The identity provider `id`.
    #[must_use]
    #[track_caller]
    pub fn demo_idp(&self, id: &str) -> &DemoIdp {
        done(self.idp(id))
    }

    /// The service `client_id`.
    #[must_use]
    #[track_caller]
    pub fn sp(&self, client_id: &'static str) -> RelyingParty {
        done(self.service(client_id))
    }

    /// The data provider `id`.
    #[must_use]
    #[track_caller]
    pub fn dp(&self, id: &'static str) -> DataProvider {
        done(self.data_provider(id))
    }

    /// Logs Angela in at the identity provider `boussole`, with `changes` to the authorization request and
    /// the check boxes `ticks` ticked; returns the token response.
    #[track_caller]
    pub fn login_for_tokens(
        &self,
        sp: &RelyingParty,
        changes: &[(&str, &str)],
        ticks: &[&str],
    ) -> impl Future<Output = Value> {
        run(self.tokens(sp, changes, ticks))
    }

    /// The same, up to the authorization code.
    #[track_caller]
    pub fn login_for_code(
        &self,
        sp: &RelyingParty,
        changes: &[(&str, &str)],
        ticks: &[&str],
    ) -> impl Future<Output = String> {
        run(self.code(sp, changes, ticks))
    }

    /// Logs `person` in at `service`, by the session or else by the identity provider `boussole`; returns
    /// the ID token and its claims.
    #[track_caller]
    pub fn login_for_id_token(
        &self,
        browser: &mut Browser,
        service: &'static str,
        person: &str,
    ) -> impl Future<Output = (String, Value)> {
        run(self.id_token(browser, service, person))
    }

    /// Submits the sign-in form of an identity provider; returns its redirect to the hub.
    #[track_caller]
    pub fn submit_credentials(
        &self,
        browser: &mut Browser,
        page: &Answer,
        person: &str,
    ) -> impl Future<Output = Answer> {
        run(self.sign_in(browser, page, person))
    }

    /// Logs `person` in at `idp`, from the authorization request `start` to what the hub shows afterwards.
    #[track_caller]
    pub fn login_to_review(
        &self,
        browser: &mut Browser,
        start: &Url,
        idp: &str,
        person: &str,
    ) -> impl Future<Output = Answer> {
        run(self.to_review(browser, start, idp, person))
    }

    /// The same in a new browser.
    #[track_caller]
    pub fn login_in_new_browser(
        &self,
        start: &Url,
        idp: &str,
        person: &str,
    ) -> impl Future<Output = (Browser, Answer)> {
        run(self.outcome(start, idp, person))
    }

    /// Submits the consent on the review page; returns the authorization response.
    #[track_caller]
    pub fn consent(&self, browser: &mut Browser, review: &Answer) -> impl Future<Output = Url> {
        run(self.agree(browser, review))
    }

    /// Logs `person` in at `idp` and consents; returns the authorization response.
    #[track_caller]
    pub fn complete_login(
        &self,
        browser: &mut Browser,
        start: &Url,
        idp: &str,
        person: &str,
    ) -> impl Future<Output = Url> {
        run(self.log_in(browser, start, idp, person))
    }

    /// The URL of a logout request with `parameters`.
    #[must_use]
    #[track_caller]
    pub fn logout_url(&self, parameters: &[(&str, &str)]) -> Url {
        done(self.end(parameters))
    }

    /// Opens `url` and follows the redirects that stay on the loopback.
    #[track_caller]
    pub fn visit(&self, browser: &mut Browser, url: &Url) -> impl Future<Output = Answer> {
        run(self.go(browser, url))
    }

    /// The `sid` of the session that `idp` opened last.
    #[must_use]
    #[track_caller]
    pub fn sid_at_idp(&self, idp: &str) -> String {
        done(self.upstream_sid(idp))
    }

    /// Returns whether the browser has a session at the hub.
    #[track_caller]
    pub fn has_session(&self, browser: &mut Browser) -> impl Future<Output = bool> {
        run(self.is_signed_in(browser))
    }
}
