//! The error page of a browser's request, and what the log and the audit stream say of it.

use actix_web::{HttpResponse, http::header};

use super::super::{Onward, PublicCode, Stop, refusal::log_error_page};
use crate::audit::Event;
use crate::http::browser_request::{POLICY, Visit};

impl Visit {
    /// The error page.
    pub(super) fn stop(&self, stop: &Stop) -> HttpResponse {
        let code = stop.code.as_str();
        self.log_error_page(stop.code, &code);
        metrics::counter!("lethe_error_pages_total", "code" => code.clone()).increment(1);
        let service = self.service();
        let onward = match &stop.onward {
            Onward::Page(path) => Some((self.hub.path(path), self.text("error.choose").to_owned())),
            Onward::Service => self.way_back(),
        };
        let remedy = match (stop.code, &stop.onward) {
            (PublicCode::L3008, Onward::Page(_)) => "error.L3008.resume".to_owned(),
            _ => format!("error.{code}.remedy"),
        };
        let details = stop.mismatch.iter().flat_map(|(sent, registered)| {
            [("error.sent", sent), ("error.registered", registered)]
        });
        let details = details
            .map(|(label, text)| (self.text(label).to_owned(), text.clone()))
            .collect();
        let page = hub_templates::ErrorPage {
            title: self.text(&format!("error.{code}.title")).to_owned(),
            what: self.text(&format!("error.{code}.what")).to_owned(),
            remedy: self.text(&remedy).to_owned(),
            service: service.map(|_| self.service_name()),
            onward,
            support: service.and_then(|service| service.contact.support.clone()),
            operator: self.hub.site.config.hub.support.clone(),
            details,
            code,
            incident: self.incident.clone(),
        };
        self.html(&page, stop.code.status(), POLICY)
            .unwrap_or_else(|_template| {
                HttpResponse::InternalServerError()
                    .insert_header((header::CACHE_CONTROL, "no-store"))
                    .finish()
            })
    }

    /// Leads from the incident id of an error page to a line of the log and, within a login, of the audit
    /// stream.
    fn log_error_page(&self, public: PublicCode, code: &str) {
        let incident = self.incident.as_str();
        let login = self.login.borrow();
        log_error_page(
            &self.hub,
            public,
            (&self.endpoint, incident),
            login.is_some(),
        );
        if let Some((transaction, side)) = login.as_ref() {
            let side = *side;
            let event = Event::ErrorShown {
                side,
                code,
                incident,
            };
            self.note(transaction, event);
        }
    }
}
