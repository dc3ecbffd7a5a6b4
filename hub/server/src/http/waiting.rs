//! The sign-ins that wait in a browser, by the path tickets in its cookie.

use hub_core::{
    ids::LoginId,
    login::Login,
    secret::Handle,
    ticket::{Opened, PathTicket},
};

use super::{BrowserError, BrowserRequest};

impl BrowserRequest {
    /// The path tickets of the sign-ins that wait in this browser and have not expired, the last first.
    pub(super) fn waiting_tickets(&self) -> impl Iterator<Item = (&str, PathTicket)> {
        let open = |text: &String| self.hub.shared.tickets.open_path(text, self.hub.now());
        self.waiting
            .iter()
            .filter_map(move |text| match open(text)? {
                Opened::Live(ticket) => Some((text.as_str(), ticket)),
                Opened::Expired(_) => None,
            })
    }

    /// The record of the last sign-in that waits in this browser and has not been answered. Returns
    /// `None` if there is none.
    ///
    /// # Errors
    /// [`BrowserError`] if the store does not answer.
    pub async fn unfinished_login(&self) -> Result<Option<Handle>, BrowserError> {
        let Some(login_secret) = &self.login_secret else {
            return Ok(None);
        };
        for (_, ticket) in self.waiting_tickets() {
            let handle = Handle::login(login_secret, &ticket.login);
            let record: Option<Login> = self.hub.records.open(&handle).await?;
            if record.is_some_and(|login| !matches!(login, Login::Answered(_))) {
                return Ok(Some(handle));
            }
        }
        Ok(None)
    }

    /// The path ticket of `login`, if that sign-in waits in this browser.
    #[must_use]
    pub fn waiting_ticket(&self, login: &LoginId) -> Option<(String, PathTicket)> {
        let mut waiting = self.waiting_tickets();
        let found = waiting.find(|(_, ticket)| ticket.login == *login);
        found.map(|(text, ticket)| (text.to_owned(), ticket))
    }
}
