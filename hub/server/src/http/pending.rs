//! The login that a page's path names: found with the path's ticket and the browser's cookie, and
//! nothing without both.

use std::time::Duration;

use hub_core::{
    login::{Login, Request},
    secret::Handle,
    ticket::Ticket,
};

use super::{BrowserError, PublicCode, Stop, Visit};

/// How long a browser may take from `/authorize` to the next page before a missing cookie means
/// another browser rather than blocked cookies.
const JUST_NOW: Duration = Duration::from_secs(10);

/// A login's place: its ticket as the path spells it, and the handle of its record.
#[derive(Debug)]
pub struct Pending {
    /// The ticket, as text.
    pub path: String,
    /// What the ticket says.
    pub ticket: Ticket,
    /// The record's handle.
    pub handle: Handle,
}

impl Pending {
    /// The login that `path` names, in this browser. From here on error pages lead back to its service.
    ///
    /// # Errors
    /// An error page: no such page, cookies blocked, or another browser.
    pub fn find(visit: &Visit, path: &str) -> Result<Self, BrowserError> {
        let ticket = visit
            .hub
            .site
            .tickets
            .read(path)
            .ok_or(Stop::new(PublicCode::L1404))?;
        let service = visit
            .hub
            .service_of(&ticket)
            .ok_or(Stop::new(PublicCode::L2001))?;
        visit.head_for(&service.client_id);
        let Some(browser) = &visit.browser else {
            let just_now = visit.hub.now().since(ticket.made_at) <= JUST_NOW;
            return Err(Stop::new(if just_now {
                PublicCode::L1002
            } else {
                PublicCode::L1001
            })
            .into());
        };
        let handle = Handle::login(browser, &ticket.login);
        Ok(Self {
            path: path.to_owned(),
            ticket,
            handle,
        })
    }

    /// The login's record.
    ///
    /// # Errors
    /// An error page: the login is over, or the store does not answer.
    pub async fn open(&self, visit: &Visit) -> Result<Login, BrowserError> {
        let login = visit.hub.records.open(&self.handle).await?;
        let login = login.ok_or(Stop::new(PublicCode::L1001))?;
        self.set_language(visit, &login);
        Ok(login)
    }

    /// Goes on in the language of `login`.
    pub fn set_language(&self, visit: &Visit, login: &Login) {
        if let Some(request) = request_of(login) {
            visit.speak(&request.locale);
        }
    }

    /// Keeps `login` until its own end.
    ///
    /// # Errors
    /// An error page if the store does not answer, or the login's time is over.
    pub async fn keep(&self, visit: &Visit, login: &Login) -> Result<(), BrowserError> {
        let ends = match login {
            Login::Requested(stage) => Some(stage.expires_at()),
            Login::Upstream(stage) => Some(stage.expires_at()),
            Login::Identified(stage) => Some(stage.expires_at()),
            Login::Answered(_) | Login::Verifying => None,
        };
        let now = visit.hub.now();
        let life = ends.map_or(Duration::from_secs(60), |ends| ends.since(now));
        if life.is_zero() {
            return Err(Stop::new(PublicCode::L1001).into());
        }
        Ok(visit.hub.records.put(&self.handle, login, life).await?)
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

fn request_of(login: &Login) -> Option<&Request> {
    match login {
        Login::Requested(stage) => Some(stage.request()),
        Login::Upstream(stage) => Some(stage.request()),
        Login::Identified(stage) => Some(stage.request()),
        Login::Answered(_) | Login::Verifying => None,
    }
}
