//! Single sign-on: the session that a browser carries from service to service.

mod begin;
pub mod end;
pub mod silent;
pub mod upstream_sessions;

use std::time::Duration;

use hub_core::{
    ids::{ClientId, IdpId},
    login::{Authentication, Identified, Request},
    secret::{BearerSecret, Handle, Kind},
    session::{EndMark, ReviewedTerms, Session, SessionRules, VisitedService},
    subject::{Basis, Person, Subject},
};
use idp_adapters::State;
use sp_registry::ServiceProvider;

use crate::{
    http::BrowserRequest,
    hub::{Hub, may_use},
    store::StoreError,
};

/// A session in use, and the secret that opens it.
#[derive(Debug)]
pub struct Current {
    /// What the browser keeps.
    pub secret: BearerSecret,
    /// Where its record lies.
    pub handle: Handle,
    /// The session.
    pub session: Session,
}

/// The session behind a browser's `secret`, if single sign-on is on and it is not over.
///
/// # Errors
/// [`StoreError`].
pub async fn current(
    hub: &Hub,
    secret: Option<&BearerSecret>,
) -> Result<Option<Current>, StoreError> {
    let (Some(rules), Some(secret)) = (hub.shared.config.hub.session, secret) else {
        return Ok(None);
    };
    let handle = Handle::new(Kind::Session, secret);
    let session: Option<Session> = hub.records.open(&handle).await?;
    let session = session.filter(|session| session.life(rules, hub.now()).is_some());
    Ok(session.map(|session| Current {
        secret: secret.clone(),
        handle,
        session,
    }))
}

/// Whether `session` answers `request` of `service` without another authentication. Every check of a
/// login is made again: the IdP may have been switched off since, or not be one for this service.
#[must_use]
pub fn answers(hub: &Hub, session: &Session, service: &ServiceProvider, request: &Request) -> bool {
    let is_allowed = is_idp_allowed(hub, session.idp(), service, request);
    let expected = request.expected_sub.as_deref();
    let expected = expected.is_none_or(|sub| subject(hub, session, service).as_str() == sub);
    service.single_sign_on && is_allowed && expected && session.answers(request, hub.now())
}

/// Whether `service` may still be answered with an authentication at `idp`: the operator may have disabled
/// the IdP since, closed it to the service, or lowered its highest level below the one that was asked.
fn is_idp_allowed(hub: &Hub, idp: &IdpId, service: &ServiceProvider, request: &Request) -> bool {
    let idp = hub.shared.config.catalogue.find(idp);
    idp.is_some_and(|idp| {
        may_use(service, idp)
            && !matches!(idp.state, State::Disabled(_))
            && idp.highest.satisfies(request.level)
    })
}

/// Whether the service may still be answered with `identified`.
///
/// A review that waits in another tab does not outlive the session behind it: the hub's own in this browser
/// or, for a citizen who has just authenticated, the IdP's. A login that was identified before a restart does
/// not outlive the operator's trust in its IdP.
///
/// # Errors
/// [`StoreError`].
pub async fn holds(
    hub: &Hub,
    carried: Option<&BearerSecret>,
    identified: &Identified,
) -> Result<bool, StoreError> {
    let request = identified.request();
    let service = hub.service(&request.client);
    if !service.is_some_and(|service| is_idp_allowed(hub, identified.idp(), service, request)) {
        return Ok(false);
    }
    if !identified.is_from_session() {
        let authentication = identified.authentication();
        return Ok(!upstream_sessions::has_ended(hub, identified.idp(), authentication).await?);
    }
    let current = current(hub, carried).await?;
    Ok(current.is_some_and(|current| identified.is_from(&current.handle.locator())))
}

/// A session after the citizen went to a service.
#[derive(Debug)]
pub struct Continued {
    /// What the browser has to keep from now on.
    pub secret: BearerSecret,
    /// The session's name at the service.
    pub sid: String,
    /// The mark by which the tokens for the service end with the session.
    pub end_mark: EndMark,
}

/// What became of the session when the citizen went to a service.
#[derive(Debug)]
pub enum Kept {
    /// It continues, or a new one began.
    Continued(Continued),
    /// The session that the citizen was known from has ended meanwhile: the service gets no code.
    Ended,
    /// Single sign-on is off, for the hub or for the service.
    Nothing,
}

/// The citizen goes to `service`, having read `reviewed` on its review page, or nothing: the session goes
/// on, or a new one begins.
///
/// Where the register of persons has corrected the citizen of a session, a new one begins too: each session has
/// one identity, which is the one that its services received.
///
/// # Errors
/// [`StoreError`].
pub async fn go_on(
    browser: &BrowserRequest,
    identified: &Identified,
    service: &ServiceProvider,
    reviewed: Option<ReviewedTerms>,
) -> Result<Kept, StoreError> {
    let hub = &browser.hub;
    let is_known = identified.is_from_session();
    let rules = hub.shared.config.hub.session;
    let Some(rules) = rules.filter(|_| service.single_sign_on) else {
        if is_known {
            return Ok(Kept::Ended);
        }
        end_of_other_person(hub, browser.session_secret.as_ref(), identified).await?;
        return Ok(Kept::Nothing);
    };
    let visit = Visit {
        hub,
        rules,
        client: &service.client_id,
        reviewed,
        fresh_mark: EndMark::draw(hub.entropy()),
    };
    let found = current(hub, browser.session_secret.as_ref()).await?;
    let continued = if is_known {
        let found = found.filter(|found| identified.is_from(&found.handle.locator()));
        match found {
            Some(found) if is_unchanged(&found.session, identified) => {
                extend(hub, found, &visit).await?
            }
            Some(found) => begin::begin(browser, identified, Some(found), &visit).await?,
            None => None,
        }
    } else {
        begin::begin(browser, identified, found, &visit).await?
    };
    Ok(continued.map_or(Kept::Ended, |current| visit.continued(current)))
}

/// Whether the identity of `identified` is the one of `session`: the register of persons may have corrected
/// it since.
#[must_use]
pub fn is_unchanged(session: &Session, identified: &Identified) -> bool {
    let authentication = serde_json::to_value(session.authentication()).ok();
    authentication == serde_json::to_value(identified.authentication()).ok()
}

/// A citizen who goes to a service, and what their session has to know of that.
struct Visit<'a> {
    hub: &'a Hub,
    rules: SessionRules,
    client: &'a ClientId,
    reviewed: Option<ReviewedTerms>,
    /// The session's mark, if it has none yet.
    fresh_mark: EndMark,
}

impl Visit<'_> {
    /// `session` of `handle` with the service in it, and how long it lasts. Returns `None` if it is over.
    fn add(&self, mut session: Session, handle: &Handle) -> Option<(Session, Duration)> {
        session.add_service(VisitedService {
            client: self.client.clone(),
            sid: handle.sid(self.client),
            reviewed: self.reviewed.clone(),
        });
        session.end_mark_or(&self.fresh_mark);
        let life = session.life(self.rules, self.hub.now())?;
        Some((session, life))
    }

    /// Puts `current` into the index of the IdP's sessions.
    async fn index(&self, current: &Current, life: Duration) -> Result<(), StoreError> {
        let (session, at) = (&current.session, current.handle.locator());
        let to_notify = end::services(self.hub, session).collect();
        upstream_sessions::remember(self.hub, (session, &at), to_notify, life).await
    }

    fn continued(&self, current: Current) -> Kept {
        let mut session = current.session;
        let sid = session.sid_at(self.client).unwrap_or_default().to_owned();
        Kept::Continued(Continued {
            secret: current.secret,
            sid,
            end_mark: session.end_mark_or(&self.fresh_mark),
        })
    }
}

/// Adds the service to a session that goes on. Returns `None` if it has ended meanwhile.
async fn extend(
    hub: &Hub,
    mut current: Current,
    visit: &Visit<'_>,
) -> Result<Option<Current>, StoreError> {
    let with_service = |session: Session| visit.add(session, &current.handle);
    // In one atomic act: another tab may be going to another service at the same time.
    let change = |found: Option<&Session>| with_service(found?.clone());
    let before = hub.records.update(&current.handle, change).await?;
    let Some((session, life)) = before.and_then(with_service) else {
        return Ok(None);
    };
    current.session = session;
    visit.index(&current, life).await?;
    Ok(Some(current))
}

/// Ends the browser's session if it is of another person than `identified`: the next service would receive
/// that person's identity.
async fn end_of_other_person(
    hub: &Hub,
    carried: Option<&BearerSecret>,
    identified: &Identified,
) -> Result<(), StoreError> {
    let old = current(hub, carried).await?;
    let other = old.filter(|old| !is_of(hub, &old.session, identified));
    if let Some(other) = other {
        end::end(hub, &other, &identified.request().transaction, None).await?;
    }
    Ok(())
}

fn is_of(hub: &Hub, session: &Session, identified: &Identified) -> bool {
    person(hub, session) == person_of(hub, identified.authentication())
}

/// The person of `session`, to this hub's keys.
#[must_use]
pub fn person(hub: &Hub, session: &Session) -> Person {
    person_of(hub, session.authentication())
}

/// The person of `authentication`, to this hub's keys.
#[must_use]
pub fn person_of(hub: &Hub, authentication: &Authentication) -> Person {
    let keys = &hub.shared.config.keys.subject;
    let basis = Basis::choose(
        &authentication.identity,
        &authentication.evidence,
        keys.rules(),
    );
    keys.person(&basis)
}

/// The person of `authentication` in the audit stream; empty without one.
#[must_use]
pub fn alias(hub: &Hub, authentication: &Authentication) -> String {
    let audit = hub.shared.config.hub.audit.as_ref();
    audit.map_or_else(String::new, |audit| {
        audit.key.alias(&person_of(hub, authentication))
    })
}

/// The person's `sub` at `service`.
#[must_use]
pub fn subject(hub: &Hub, session: &Session, service: &ServiceProvider) -> Subject {
    let keys = &hub.shared.config.keys.subject;
    keys.subject(&person(hub, session), &service.sector)
}
