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
use crate::http::{BrowserError, LoginRecord, PublicCode, Stop, Visit};

/// How long a browser may take from `/authorize` to the next page before a missing cookie means
/// another browser rather than blocked cookies.
const JUST_NOW: Duration = Duration::from_secs(10);

/// A login's place: its path ticket as the path spells it, and the handle of its record.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The path ticket, as text.
    pub path: String,
    /// The login's id.
    pub login: LoginId,
    /// The record's handle.
    pub handle: Handle,
}

impl Pending {
    /// The login that `path` names, in this browser. From here on error pages lead back to its service.
    ///
    /// # Errors
    /// An error page: no such page, cookies blocked, expired, or another browser.
    pub fn find(visit: &Visit, path: &str) -> Result<Self, BrowserError> {
        let opened = visit.hub.site.tickets.open_path(path, visit.hub.now());
        let ticket = match opened.ok_or(Stop::new(PublicCode::L1404))? {
            Opened::Live(ticket) => ticket,
            Opened::Expired(ticket) => {
                set_service(visit, &ticket)?;
                return Err(Stop::new(PublicCode::L1001).into());
            }
        };
        set_service(visit, &ticket)?;
        let Some(browser) = &visit.browser else {
            let just_now = visit.hub.now().since(ticket.made_at) <= JUST_NOW;
            return Err(Stop::new(if just_now {
                PublicCode::L1002
            } else {
                PublicCode::L1001
            })
            .into());
        };
        Ok(Self {
            path: path.to_owned(),
            login: ticket.login,
            handle: Handle::login(browser, &ticket.login),
        })
    }

    /// The pages of the login behind a state ticket, once the cookie has opened its record. Returns
    /// `None` if the record names no service and no sign-in of this browser waits under that id.
    ///
    /// # Errors
    /// An error page if a ticket cannot be sealed.
    pub fn of_record(
        visit: &Visit,
        returned: &Returning,
        record: &Login,
    ) -> Result<Option<Self>, BrowserError> {
        let login = returned.ticket.login;
        let path = match (visit.waiting_ticket(&login), request_of(record)) {
            // The ticket of the pages before the departure, so that their addresses stay the same.
            (Some((path, ticket)), _) => {
                set_service(visit, &ticket)?;
                path
            }
            (None, Some(request)) => {
                visit.head_for(&request.client);
                visit.hub.path_ticket(login, &request.client)?
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
        visit: &Visit,
        wanted: impl Fn(&Login) -> bool,
    ) -> Result<Option<Self>, BrowserError> {
        let Some(browser) = &visit.browser else {
            return Ok(None);
        };
        for (path, ticket) in visit.waiting_tickets() {
            let handle = Handle::login(browser, &ticket.login);
            let record: Option<Login> = visit.hub.records.open(&handle).await?;
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
    pub async fn open(&self, visit: &Visit) -> Result<Login, BrowserError> {
        self.read(visit).await.map(|(login, _)| login)
    }

    /// The login, and its record for a request that changes it.
    ///
    /// # Errors
    /// An error page: the login is over, or the store does not answer.
    pub async fn read(&self, visit: &Visit) -> Result<(Login, LoginRecord), BrowserError> {
        let found = LoginRecord::read(visit, &self.handle).await?;
        let (login, record) = found.ok_or(Stop::new(PublicCode::L1001))?;
        set_language(visit, &login);
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
pub struct Returning {
    /// What the state ticket says.
    pub ticket: StateTicket,
    /// The record's handle.
    pub handle: Handle,
}

impl Returning {
    /// The login that `state` names, in this browser. Before the cookie has opened the record the hub
    /// knows no service, so that every error page is the same for all services.
    ///
    /// # Errors
    /// An error page: not a state ticket, expired, or no cookie.
    pub fn find(visit: &Visit, state: &str) -> Result<Self, BrowserError> {
        let opened = visit.hub.site.tickets.open_state(state, visit.hub.now());
        let ticket = match opened.ok_or(Stop::new(PublicCode::L3008))? {
            Opened::Live(ticket) => ticket,
            Opened::Expired(_) => return Err(Stop::new(PublicCode::L1001).into()),
        };
        let browser = visit.browser.as_ref();
        let browser = browser.ok_or(Stop::new(PublicCode::L1001))?;
        Ok(Self {
            ticket,
            handle: Handle::login(browser, &ticket.login),
        })
    }

    /// The login, and its record for a request that changes it.
    ///
    /// # Errors
    /// An error page: the login is over, or the store does not answer.
    pub async fn read(&self, visit: &Visit) -> Result<(Login, LoginRecord), BrowserError> {
        let found = LoginRecord::read(visit, &self.handle).await?;
        Ok(found.ok_or(Stop::new(PublicCode::L1001))?)
    }
}

/// Goes on in the language of `login`, which this browser holds.
fn set_language(visit: &Visit, login: &Login) {
    let request = request_of(login);
    let transaction = request.map_or("", |request| &request.transaction);
    visit.enter_login(transaction, Side::Service);
    if let Some(request) = request {
        visit.speak(&request.locale);
        visit.head_for(&request.client);
    }
}

/// From here on error pages lead back to the service of `ticket`.
fn set_service(visit: &Visit, ticket: &PathTicket) -> Result<(), Stop> {
    let registry = &visit.hub.site.config.registry;
    let service = registry.by_reference(&ticket.client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    visit.head_for(&service.client_id);
    if service.status == Status::Suspended {
        return Err(Stop::new(PublicCode::L2002));
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
