//! The error page of a browser's request, and what the log and the audit stream say of it.

use actix_web::{HttpResponse, http::header};

use super::super::{ErrorPage, NextLink, PublicCode, refusal::log_error_page};
use crate::audit::Event;
use crate::http::browser_request::{BrowserRequest, POLICY};

impl BrowserRequest {
    /// The error page.
    pub(super) fn error_page(&self, error_page: &ErrorPage) -> HttpResponse {
        let code = error_page.code.as_str();
        self.log_error_page(error_page.code, &code);
        metrics::counter!("lethe_error_pages_total", "code" => code.clone()).increment(1);
        let service = self.service();
        let next_link = match &error_page.next_link {
            NextLink::Page(path) => {
                Some((self.hub.path(path), self.text("error.choose").to_owned()))
            }
            NextLink::Service => self.service_link(),
        };
        let remedy = match (error_page.code, &error_page.next_link) {
            (PublicCode::L3008, NextLink::Page(_)) => "error.L3008.resume".to_owned(),
            _ => format!("error.{code}.remedy"),
        };
        let details = error_page.mismatch.iter().flat_map(|(sent, registered)| {
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
            next_link,
            support: service.and_then(|service| service.contact.support.clone()),
            operator: self.hub.shared.config.hub.support.clone(),
            details,
            code,
            incident: self.incident.clone(),
        };
        self.html(&page, error_page.code.status(), POLICY)
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
            self.audit_best_effort(transaction, event);
        }
    }
}
