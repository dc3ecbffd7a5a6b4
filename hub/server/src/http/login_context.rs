//! The login that a request belongs to. On the hub's own pages the path ticket and the browser's cookie
//! find it; at `/callback/{idp}` the state ticket and the cookie. Nothing opens without the cookie.

use std::time::Duration;

use hub_core::{
    ids::LoginId,
    login::{Login, Request},
    secret::Handle,
    ticket::{Opened, PathTicket, StateTicket},
};
use sp_registry::Status;

use crate::audit::Side;
use crate::http::{BrowserError, BrowserRequest, ErrorPage, LoginRecord, PublicCode};

/// How long a browser may take from `/authorize` to the next page before a missing cookie means
/// another browser rather than blocked cookies.
const JUST_NOW: Duration = Duration::from_secs(10);

/// A login's place: its path ticket as the path spells it, and the handle of its record.
#[derive(Debug, Clone)]
pub struct LoginContext {
    /// The path ticket, as text.
    pub path: String,
    /// The login's id.
    pub login: LoginId,
    /// The record's handle.
    pub handle: Handle,
}

impl LoginContext {
    /// The login that `path` names, in this browser. From here on error pages lead back to its service.
    ///
    /// # Errors
    /// An error page: no such page, cookies blocked, expired, or another browser.
    pub fn find(browser: &BrowserRequest, path: &str) -> Result<Self, BrowserError> {
        let opened = browser
            .hub
            .shared
            .tickets
            .open_path(path, browser.hub.now());
        let ticket = match opened.ok_or(ErrorPage::new(PublicCode::L1404))? {
            Opened::Live(ticket) => ticket,
            Opened::Expired(ticket) => {
                set_service(browser, &ticket)?;
                return Err(ErrorPage::new(PublicCode::L1001).into());
            }
        };
        set_service(browser, &ticket)?;
        let Some(login_secret) = &browser.login_secret else {
            let just_now = browser.hub.now().since(ticket.made_at) <= JUST_NOW;
            return Err(ErrorPage::new(if just_now {
                PublicCode::L1002
            } else {
                PublicCode::L1001
            })
            .into());
        };
        Ok(Self {
            path: path.to_owned(),
            login: ticket.login,
            handle: Handle::login(login_secret, &ticket.login),
        })
    }

    /// The pages of the login behind a state ticket, once the cookie has opened its record. Returns
    /// `None` if the record names no service and no sign-in of this browser waits under that id.
    ///
    /// # Errors
    /// An error page if a ticket cannot be sealed.
    pub fn of_record(
        browser: &BrowserRequest,
        returned: &CallbackContext,
        record: &Login,
    ) -> Result<Option<Self>, BrowserError> {
        let login = returned.ticket.login;
        let path = match (browser.waiting_ticket(&login), request_of(record)) {
            // The ticket of the pages before the departure, so that their addresses stay the same.
            (Some((path, ticket)), _) => {
                set_service(browser, &ticket)?;
                path
            }
            (None, Some(request)) => {
                browser.set_service(&request.client);
                browser.hub.path_ticket(login, &request.client)?
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Self {
            path,
            login,
            handle: returned.handle.clone(),
        }))
    }

    /// The last sign-in that waits in this browser, of those that `wanted` accepts. Returns `None` if
    /// there is none whose citizen still has to authenticate.
    ///
    /// # Errors
    /// An error page if the store does not answer.
    pub async fn waiting(
        browser: &BrowserRequest,
        wanted: impl Fn(&Login) -> bool,
    ) -> Result<Option<Self>, BrowserError> {
        let Some(login_secret) = &browser.login_secret else {
            return Ok(None);
        };
        for (path, ticket) in browser.waiting_tickets() {
            let handle = Handle::login(login_secret, &ticket.login);
            let record: Option<Login> = browser.hub.records.open(&handle).await?;
            let Some(login @ (Login::Requested(_) | Login::Upstream(_))) = record else {
                continue;
            };
            if wanted(&login) {
                return Ok(Some(Self {
                    path: path.to_owned(),
                    login: ticket.login,
                    handle,
                }));
            }
        }
        Ok(None)
    }

    /// The login, for a request that does not change it.
    ///
    /// # Errors
    /// An error page: the login is over, or the store does not answer.
    pub async fn open(&self, browser: &BrowserRequest) -> Result<Login, BrowserError> {
        self.read(browser).await.map(|(login, _)| login)
    }

    /// The login, and its record for a request that changes it. A browser without the secret of the
    /// authentication gets the login as it was before.
    ///
    /// # Errors
    /// An error page: the login is over, or the store does not answer.
    pub async fn read(
        &self,
        browser: &BrowserRequest,
    ) -> Result<(Login, LoginRecord), BrowserError> {
        let found = LoginRecord::read(browser, &self.handle).await?;
        let (login, record) = found.ok_or(ErrorPage::new(PublicCode::L1001))?;
        let login = login.seen_by(&self.handle, &browser.authenticated);
        let login = login.ok_or(ErrorPage::new(PublicCode::L1001))?;
        set_language(browser, &login);
        Ok((login, record))
    }

    /// The address of the choice page. It ends in a slash: the links on the page are relative to it.
    #[must_use]
    pub fn choice(&self) -> String {
        format!("/login/{}/", self.path)
    }

    /// The address of another page of the login.
    #[must_use]
    pub fn page(&self, name: &str) -> String {
        format!("/login/{}/{name}", self.path)
    }
}

/// A browser that an IdP sent back: its state ticket, and the handle of the login's record.
#[derive(Debug)]
pub struct CallbackContext {
    /// What the state ticket says.
    pub ticket: StateTicket,
    /// The record's handle.
    pub handle: Handle,
}

impl CallbackContext {
    /// The login that `state` names, in this browser. Before the cookie has opened the record the hub
    /// knows no service, so that every error page is the same for all services.
    ///
    /// # Errors
    /// An error page: not a state ticket, expired, or no cookie.
    pub fn find(browser: &BrowserRequest, state: &str) -> Result<Self, BrowserError> {
        let opened = browser
            .hub
            .shared
            .tickets
            .open_state(state, browser.hub.now());
        let ticket = match opened.ok_or(ErrorPage::new(PublicCode::L3008))? {
            Opened::Live(ticket) => ticket,
            Opened::Expired(_) => return Err(ErrorPage::new(PublicCode::L1001).into()),
        };
        let login_secret = browser.login_secret.as_ref();
        let login_secret = login_secret.ok_or(ErrorPage::new(PublicCode::L1001))?;
        Ok(Self {
            ticket,
            handle: Handle::login(login_secret, &ticket.login),
        })
    }

    /// The login, and its record for a request that changes it.
    ///
    /// # Errors
    /// An error page: the login is over, or the store does not answer.
    pub async fn read(
        &self,
        browser: &BrowserRequest,
    ) -> Result<(Login, LoginRecord), BrowserError> {
        let found = LoginRecord::read(browser, &self.handle).await?;
        Ok(found.ok_or(ErrorPage::new(PublicCode::L1001))?)
    }
}

/// Goes on in the language of `login`, which this browser holds.
fn set_language(browser: &BrowserRequest, login: &Login) {
    let request = request_of(login);
    let transaction = request.map_or("", |request| &request.transaction);
    browser.enter_login(transaction, Side::Service);
    if let Some(request) = request {
        browser.set_language(&request.locale);
        browser.set_service(&request.client);
    }
}

/// From here on error pages lead back to the service of `ticket`.
fn set_service(browser: &BrowserRequest, ticket: &PathTicket) -> Result<(), ErrorPage> {
    let registry = &browser.hub.shared.config.registry;
    let service = registry.by_fingerprint(&ticket.client);
    let service = service.ok_or(ErrorPage::new(PublicCode::L2001))?;
    browser.set_service(&service.client_id);
    if service.status == Status::Suspended {
        return Err(ErrorPage::new(PublicCode::L2002));
    }
    Ok(())
}

/// The service's request in `login`, where that stage keeps it.
#[must_use]
pub fn request_of(login: &Login) -> Option<&Request> {
    match login {
        Login::Requested(stage) => Some(stage.request()),
        Login::Upstream(stage) => Some(stage.request()),
        Login::Identified(stage) => Some(stage.request()),
        Login::Agreed(agreed) => Some(agreed.chosen.request()),
        Login::Answered(_) | Login::Verifying => None,
    }
}
