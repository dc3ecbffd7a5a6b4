//! The notice by mail of a sign-in on a device that has not seen the citizen before.

use hub_core::login::{Authentication, Identified};
use sp_registry::ServiceProvider;

use crate::http::BrowserRequest;
use crate::{audit::Event, hub::Hub, mail, person::device::Device, session};

/// Tells the citizen by mail if this device has not seen them before. What the device remembers from now
/// on, where mail is on.
pub async fn notify(
    browser: &BrowserRequest,
    identified: &Identified,
    service: &ServiceProvider,
) -> Option<Device> {
    let hub = &browser.hub;
    let mailer = hub.shared.config.hub.mail.as_ref()?;
    let idp = hub.shared.config.catalogue.find(identified.idp());
    if !idp.is_some_and(|idp| idp.mail_notices) {
        return None;
    }
    let authentication = identified.authentication();
    let person = session::person_of(hub, authentication);
    let device = browser.device.clone();
    let device = device.unwrap_or_else(|| Device::new(hub.entropy()));
    if let Some(address) = verified_address(authentication)
        && !device.knows(&hub.records, &person)
        && may_notify(hub, &person).await
    {
        let language = browser.language().tag();
        let fill = |key: &str| {
            browser
                .text(key)
                .replace("{brand}", &hub.shared.config.hub.name)
                .replace("{service}", service.name.get(language))
                .replace("{time}", &hub.now().to_string())
                .replace("{incident}", browser.incident())
        };
        mailer.send(address, &fill("mail.subject"), fill("mail.text"));
        let incident = browser.incident();
        tracing::info!(incident, "sign-in notice sent");
        let transaction = &identified.request().transaction;
        browser.audit_best_effort(transaction, Event::NoticeSent);
    }
    Some(device.seeing(&hub.records, &person))
}

/// The address, if the IdP says that it checked it: else anybody could have a stranger's there, who would
/// read where somebody signs in.
fn verified_address(authentication: &Authentication) -> Option<&str> {
    let contact = &authentication.identity.contact;
    let address = contact.email.as_deref();
    address.filter(|_| contact.email_verified == Some(true))
}

/// Without the store no notice is sent; that no login waits for one is part of the promise.
async fn may_notify(hub: &Hub, person: &hub_core::subject::Person) -> bool {
    let may = mail::may_notify(&hub.records, person).await;
    may.unwrap_or_else(|error| {
        tracing::warn!(%error, "a notice was not sent");
        false
    })
}
