//! A logout under way in a browser, and the page that says what was closed.

use std::time::Duration;

use hub_core::{
    ids::{ClientId, LoginId},
    secret::{BearerSecret, Handle},
    ticket::Opened,
};
use hub_templates::LoggedOut;
use idp_adapters::Departure;
use serde::{Deserialize, Serialize};

use super::{BrowserError, BrowserRequest};
use crate::{
    session::end::Closed,
    store::{Record, StoreError},
};

/// How long a logout may take.
const LIFE: Duration = Duration::from_secs(600);

/// What is left to do, and to say, after the hub's own session has ended.
#[derive(Debug, Serialize, Deserialize)]
pub struct PendingLogout {
    /// The service that asked, if one did: the last page leads back to it.
    pub service: Option<ClientId>,
    /// The registered address of the service that the browser returns to, with its `state`.
    pub return_to: Option<String>,
    /// Which services are told.
    pub closed: Closed,
    /// The logout's transaction in the audit stream.
    pub transaction: String,
    /// The IdP of the session.
    pub idp: Option<IdpSession>,
    /// The language of the pages.
    pub locale: String,
}

impl Record for PendingLogout {}

/// The session at the IdP, which stays open unless its end-session endpoint is visited.
#[derive(Debug, Serialize, Deserialize)]
pub struct IdpSession {
    /// The IdP's id.
    pub id: String,
    /// Its title in the language of the pages.
    pub title: String,
    /// The way to its end-session endpoint; `None` if it has none, or it does not answer, or the browser
    /// was shown the way already.
    pub departure: Option<Departure>,
}

/// A logout that was found, with its place in the store.
#[derive(Debug)]
pub struct FoundLogout {
    /// The record.
    pub logout: PendingLogout,
    /// Whether the browser returns from the IdP.
    pub is_back: bool,
    handle: Handle,
}

impl PendingLogout {
    /// Puts the record of the logout `id` into the store, under the secret `login_secret`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(
        &self,
        browser: &BrowserRequest,
        login_secret: &BearerSecret,
        id: &LoginId,
    ) -> Result<(), StoreError> {
        let handle = Handle::logout(login_secret, id);
        browser.hub.records.put(&handle, self, LIFE).await
    }

    /// Finds the logout that `state` names, in this browser. Returns `None` without the cookie and for the
    /// `state` of another browser's logout: the answer is the same for all services then.
    ///
    /// # Errors
    /// An error page if the store does not answer.
    pub async fn find(
        browser: &BrowserRequest,
        state: Option<&str>,
    ) -> Result<Option<FoundLogout>, BrowserError> {
        let tickets = &browser.hub.shared.tickets;
        let ticket = state.and_then(|state| tickets.open_state(state, browser.hub.now()));
        let (Some(Opened::Live(ticket)), Some(login_secret)) = (ticket, &browser.login_secret)
        else {
            return Ok(None);
        };
        let handle = Handle::logout(login_secret, &ticket.login);
        let logout: Option<Self> = browser.hub.records.open(&handle).await?;
        Ok(logout.map(|logout| FoundLogout {
            logout,
            is_back: ticket.attempt != NO_ATTEMPT,
            handle,
        }))
    }
}

/// The attempt in the ticket of the hub's own address. The ticket that the IdP receives has another, so
/// that a return from there is told apart.
const NO_ATTEMPT: [u8; 16] = [0; 16];

impl FoundLogout {
    /// Writes the changed record back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep(&self, browser: &BrowserRequest) -> Result<(), StoreError> {
        browser
            .hub
            .records
            .put(&self.handle, &self.logout, LIFE)
            .await
    }

    /// Removes the record, before its last page is shown: it names services, and the address of the page
    /// stays in the history of the browser for the next person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove(&self, browser: &BrowserRequest) -> Result<(), StoreError> {
        browser.hub.records.forget(&self.handle.locator()).await
    }
}

/// The page that says that nobody is signed in and, of `found`, what was closed.
#[must_use]
pub fn logged_out_page(browser: &BrowserRequest, found: Option<&FoundLogout>) -> LoggedOut {
    let closed = found.map(|found| &found.logout.closed);
    let listed = |clients: fn(&Closed) -> &Vec<ClientId>| {
        closed.map_or_else(Vec::new, |closed| {
            service_names(browser, clients(closed).iter())
        })
    };
    let untold = listed(|closed| &closed.untold);
    let idp = found.and_then(|found| found.logout.idp.as_ref());
    let title = idp.map(|idp| idp.title.clone());
    let is_back = found.is_some_and(|found| found.is_back);
    let (idp_closed, idp_open) = if is_back {
        (title, None)
    } else {
        (None, title)
    };
    LoggedOut {
        open: !untold.is_empty() || idp_open.is_some(),
        told: listed(|closed| &closed.told),
        untold,
        idp_closed,
        idp_open,
        next_link: browser.service_link(),
    }
}

/// The names of `clients`, in the language of the pages.
#[must_use]
pub fn service_names<'c>(
    browser: &BrowserRequest,
    clients: impl Iterator<Item = &'c ClientId>,
) -> Vec<String> {
    let language = browser.language().tag();
    clients
        .filter_map(|client| browser.hub.service(client))
        .map(|service| service.name.get(language).to_owned())
        .collect()
}
