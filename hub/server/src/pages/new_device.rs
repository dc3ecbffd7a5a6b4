//! The notice by mail of a sign-in on a device that has not seen the citizen before.

use hub_core::login::{Arrival, Identified};
use sp_registry::ServiceProvider;

use crate::http::Visit;
use crate::{audit::Event, hub::Hub, mail, person::device::Device, session};

/// Tells the citizen by mail if this device has not seen them before. What the device remembers from now
/// on, where mail is on.
pub async fn notify(
    visit: &Visit,
    identified: &Identified,
    service: &ServiceProvider,
) -> Option<Device> {
    let hub = &visit.hub;
    let mailer = hub.site.config.hub.mail.as_ref()?;
    let idp = hub.site.config.catalogue.find(identified.idp());
    if !idp.is_some_and(|idp| idp.mail_notices) {
        return None;
    }
    let arrival = identified.arrival();
    let person = session::person_behind(hub, arrival);
    let device = visit.device.clone();
    let device = device.unwrap_or_else(|| Device::new(hub.entropy()));
    if let Some(address) = verified_address(arrival)
        && !device.knows(&hub.records, &person)
        && may_notify(hub, &person).await
    {
        let language = visit.language().tag();
        let fill = |key: &str| {
            visit
                .text(key)
                .replace("{brand}", &hub.site.config.hub.name)
                .replace("{service}", service.name.get(language))
                .replace("{time}", &hub.now().to_string())
                .replace("{incident}", visit.incident())
        };
        mailer.send(address, &fill("mail.subject"), fill("mail.text"));
        let incident = visit.incident();
        tracing::info!(incident, "sign-in notice sent");
        let transaction = &identified.request().transaction;
        visit.note(transaction, Event::NoticeSent);
    }
    Some(device.seeing(&hub.records, &person))
}

/// The address, if the IdP says that it checked it: else anybody could have a stranger's there, who would
/// read where somebody signs in.
fn verified_address(arrival: &Arrival) -> Option<&str> {
    let contact = &arrival.identity.contact;
    let address = contact.email.as_deref();
    address.filter(|_| contact.email_verified == Some(true))
}

/// Without the store no notice is sent; that no login waits for one is part of the promise.
async fn may_notify(hub: &Hub, person: &hub_core::subject::Person) -> bool {
    let may = mail::may_notify(&hub.records, person).await;
    may.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "a notice was not sent");
        false
    })
}
