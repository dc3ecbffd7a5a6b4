//! A new session. It is stored before the session that it replaces ends: a fault of the store leaves at least one
//! of the two whole.

use hub_core::{
    login::Identified,
    secret::{BearerSecret, Handle, Kind},
    session::Session,
};

use super::{Current, Visit, end, is_of, upstream_sessions};
use crate::{http::BrowserRequest, store::StoreError};

/// Begins the session of `identified`, who goes to a service, under a new secret. `old`, the browser's session,
/// ends: its services and its mark are the new one's if the person is the same, else its services are notified.
///
/// Returns `None` if the IdP has ended its session meanwhile or, for a citizen who is known from `old` and whose
/// identity was corrected, if `old` has ended.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn begin(
    browser: &BrowserRequest,
    identified: &Identified,
    old: Option<Current>,
    visit: &Visit<'_>,
) -> Result<Option<Current>, StoreError> {
    let hub = &browser.hub;
    let old = old.as_ref();
    // A correction does not make a session last longer.
    let corrected = old.filter(|_| identified.is_from_session());
    let begun_at = corrected.map_or_else(|| hub.now(), |old| old.session.begun_at());
    let authentication = identified.authentication().clone();
    let empty = Session::begin(identified.idp().clone(), authentication, begun_at);
    let predecessor = old.filter(|old| is_of(hub, &old.session, identified));
    let secret = BearerSecret::draw(hub.entropy());
    let handle = Handle::new(Kind::Session, &secret);
    let merged = merge(&empty, predecessor.map(|old| &old.session));
    let Some((session, life)) = visit.add(merged, &handle) else {
        return Ok(None);
    };
    let mut new = Current {
        secret,
        handle,
        session,
    };
    hub.records.put(&new.handle, &new.session, life).await?;
    visit.index(&new, life).await?;
    // After the session is in the index: a logout token that came earlier has set the mark, one that comes later
    // finds the session.
    let authentication = identified.authentication();
    if upstream_sessions::has_ended(hub, identified.idp(), authentication).await? {
        discard(browser, &new).await?;
        return Ok(None);
    }
    let continues = if let Some(old) = predecessor {
        // Should the store fail from here on: all that the old session has is in the new one.
        browser.keep_session_on_error(&new.secret);
        take_over(browser, old, &empty, (&mut new, visit)).await?
    } else if let Some(old) = old {
        let transaction = &identified.request().transaction;
        let ended = end::end(hub, old, transaction, None).await?;
        ended.is_some() || corrected.is_none()
    } else {
        true
    };
    if !continues {
        discard(browser, &new).await?;
        return Ok(None);
    }
    Ok(Some(new))
}

/// `empty` with what belongs to `old`.
fn merge(empty: &Session, old: Option<&Session>) -> Session {
    let mut session = empty.clone();
    if let Some(old) = old {
        session.replace(old.clone());
    }
    session
}

/// Takes `old`, whose services and mark `new` has as they were read. Another tab may have gone to a service since,
/// or have ended `old`: `new` is corrected then. Returns `false` if `new` has ended meanwhile.
async fn take_over(
    browser: &BrowserRequest,
    old: &Current,
    empty: &Session,
    (new, visit): (&mut Current, &Visit<'_>),
) -> Result<bool, StoreError> {
    let hub = &browser.hub;
    let taken: Option<Session> = hub.records.take(&old.handle).await?;
    if let Err(error) = upstream_sessions::forget(hub, &old.session, &old.handle.locator()).await {
        // The entry leads nowhere, and expires.
        tracing::warn!(%error, "a replaced session stays in the logout index");
    }
    let is_as_read = taken.as_ref().is_some_and(|taken| {
        let read = &old.session;
        taken.services().len() == read.services().len() && taken.end_mark() == read.end_mark()
    });
    if is_as_read {
        return Ok(true);
    }
    let Some((session, life)) = visit.add(merge(empty, taken.as_ref()), &new.handle) else {
        return Ok(false);
    };
    new.session = session;
    // The index first: a logout token between the two ends the session, and the update finds none.
    visit.index(new, life).await?;
    let change = |found: Option<&Session>| found.map(|_| (new.session.clone(), life));
    let replaced = hub.records.update(&new.handle, change).await?;
    Ok(replaced.is_some())
}

/// Removes `new`, in which nothing was given. Its mark is left alone: it may be another session's.
async fn discard(browser: &BrowserRequest, new: &Current) -> Result<(), StoreError> {
    let at = new.handle.locator();
    browser.hub.records.forget(&at).await?;
    upstream_sessions::forget(&browser.hub, &new.session, &at).await
}
