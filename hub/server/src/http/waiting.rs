//! The sign-ins that wait in a browser, by the path tickets in its cookie.

use hub_core::{
    ids::LoginId,
    ticket::{Opened, PathTicket},
};

use super::Visit;

impl Visit {
    /// The path tickets of the sign-ins that wait in this browser and have not expired, the last first.
    pub(super) fn waiting_tickets(&self) -> impl Iterator<Item = (&str, PathTicket)> {
        let open = |text: &String| self.hub.site.tickets.open_path(text, self.hub.now());
        self.waiting
            .iter()
            .filter_map(move |text| match open(text)? {
                Opened::Live(ticket) => Some((text.as_str(), ticket)),
                Opened::Expired(_) => None,
            })
    }

    /// The path ticket of `login`, if that sign-in waits in this browser.
    #[must_use]
    pub fn waiting_ticket(&self, login: &LoginId) -> Option<(String, PathTicket)> {
        let mut waiting = self.waiting_tickets();
        let found = waiting.find(|(_, ticket)| ticket.login == *login);
        found.map(|(text, ticket)| (text.to_owned(), ticket))
    }
}
