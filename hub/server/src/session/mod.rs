//! Single sign-on: the session that a browser carries from service to service.

pub mod end;
pub mod silent;
pub mod upstream_sessions;

use hub_core::{
    ids::IdpId,
    login::{Authentication, Identified, Request},
    secret::{BearerSecret, Handle, Kind},
    session::{EndMark, ReviewedTerms, Session, VisitedService},
    subject::{Basis, Person, Subject},
};
use idp_adapters::State;
use sp_registry::ServiceProvider;

use crate::{
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
/// # Errors
/// [`StoreError`].
pub async fn go_on(
    hub: &Hub,
    carried: Option<&BearerSecret>,
    identified: &Identified,
    service: &ServiceProvider,
    reviewed: Option<ReviewedTerms>,
) -> Result<Kept, StoreError> {
    let is_known = identified.is_from_session();
    let Some(rules) = hub
        .shared
        .config
        .hub
        .session
        .filter(|_| service.single_sign_on)
    else {
        if is_known {
            return Ok(Kept::Ended);
        }
        end_of_other_person(hub, carried, identified).await?;
        return Ok(Kept::Nothing);
    };
    let now = hub.now();
    let Some(Current {
        secret,
        handle,
        session,
    }) = session_for(hub, carried, identified).await?
    else {
        return Ok(Kept::Ended);
    };
    let reached = VisitedService {
        client: service.client_id.clone(),
        sid: handle.sid(&service.client_id),
        reviewed,
    };
    let fresh_mark = EndMark::draw(hub.entropy());
    let with_service = |mut session: Session| {
        session.add_service(reached.clone());
        session.end_mark_or(&fresh_mark);
        let life = session.life(rules, now)?;
        Some((session, life))
    };
    let before = if is_known {
        // In one atomic act: another tab may be going to another service at the same time.
        let change = |found: Option<&Session>| with_service(found?.clone());
        hub.records.update(&handle, change).await?
    } else {
        Some(session)
    };
    let Some((mut session, life)) = before.and_then(with_service) else {
        return Ok(Kept::Ended);
    };
    if !is_known {
        hub.records.put(&handle, &session, life).await?;
    }
    let to_notify = end::services(hub, &session).collect();
    upstream_sessions::remember(hub, (&session, &handle.locator()), to_notify, life).await?;
    let sid = session
        .sid_at(&service.client_id)
        .unwrap_or_default()
        .to_owned();
    Ok(Kept::Continued(Continued {
        secret,
        sid,
        end_mark: session.end_mark_or(&fresh_mark),
    }))
}

/// The session that `identified` is known from, or a new one.
async fn session_for(
    hub: &Hub,
    carried: Option<&BearerSecret>,
    identified: &Identified,
) -> Result<Option<Current>, StoreError> {
    let old = current(hub, carried).await?;
    if identified.is_from_session() {
        return Ok(old.filter(|old| identified.is_from(&old.handle.locator())));
    }
    begin(hub, identified, old).await.map(Some)
}

/// A new session, under a new secret. The old one ends: its services stay with it if the person is the
/// same, else they are told.
async fn begin(
    hub: &Hub,
    identified: &Identified,
    old: Option<Current>,
) -> Result<Current, StoreError> {
    let authentication = identified.authentication().clone();
    let mut session = Session::begin(identified.idp().clone(), authentication, hub.now());
    if let Some(old) = old {
        if is_of(hub, &old.session, identified) {
            // What is taken here, and not what was read: another tab may have gone to a service since, or
            // have logged out.
            if let Some(taken) = hub.records.take::<Session>(&old.handle).await? {
                upstream_sessions::forget(hub, &taken, &old.handle.locator()).await?;
                session.replace(taken);
            }
        } else {
            let transaction = &identified.request().transaction;
            end::end(hub, &old, transaction).await?;
        }
    }
    let secret = BearerSecret::draw(hub.entropy());
    Ok(Current {
        handle: Handle::new(Kind::Session, &secret),
        secret,
        session,
    })
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
        end::end(hub, &other, &identified.request().transaction).await?;
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
