//! The index from an identity provider's session to the sessions here that came of it: for back-channel
//! logout (OpenID Connect Back-Channel Logout 1.0), where no browser brings the secret of a session.
//!
//! An entry is sealed under the provider's own name for its session. A thief of the store and the pepper
//! opens it by trying names, so only names that cannot be guessed are used: the `sid`, if it is an
//! [`UpstreamSid`]. A provider that sends `sub` alone is indexed by `sub` only where its entry says
//! `backchannel_logout_by_sub`; account names can be guessed.

mod ended;
mod report;

use std::time::Duration;

use hub_core::{
    clock::Timestamp,
    encoding::{base64url, fixed_from_base64url},
    ids::IdpId,
    login::Authentication,
    secret::{Handle, Locator},
    session::{EndMark, Session},
    upstream_sid::UpstreamSid,
};
use idp_adapters::{LoggedOut, Registered};
use serde::{Deserialize, Serialize};

use crate::{hub::Hub, session::end::LogoutRecipient, store::StoreError};

pub use ended::{has_ended, note_end};
pub use report::{ReportedIdps, report_unusable_sid};

/// What the marks of the index are for.
const PURPOSE: &str = "upstream-session";
/// The most sessions of one entry: the one that ends first makes room.
const MOST_SESSIONS: usize = 16;
/// The most services of one session in the index.
const MOST_SERVICES: usize = 64;

/// How long an entry lives that the version before wrote, without the end of its sessions.
const UNKNOWN_LIFE: Duration = Duration::from_secs(1800);

/// The sessions here that came of one session, or one account, at an identity provider.
#[derive(Default, Clone, Serialize, Deserialize)]
struct Entry {
    sessions: Vec<IndexedSession>,
}

impl crate::store::Record for Entry {}

/// A session here, as the index keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub struct IndexedSession {
    /// The locator of the session's record, in base64url.
    session: String,
    /// The services to notify when it ends.
    pub to_notify: Vec<LogoutRecipient>,
    /// The mark by which the session's tokens end with it.
    #[serde(default)]
    pub end_mark: Option<EndMark>,
    /// The provider's own name for the session, where the entry lies under an account.
    #[serde(default)]
    upstream_sid: Option<String>,
    /// When the session ends at the latest, if it is not used again.
    #[serde(default)]
    ends_at: Option<Timestamp>,
}

impl std::fmt::Debug for IndexedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IndexedSession(hidden)")
    }
}

impl IndexedSession {
    /// The locator of the session's record; `None` if the entry is malformed.
    #[must_use]
    pub fn locator(&self) -> Option<Locator> {
        fixed_from_base64url(&self.session).map(Locator::from_bytes)
    }
}

/// Why a logout token leads to no entry, in words for the provider's operators.
pub const NO_SID: &str =
    "the logout token has no sid: this provider is registered to log out by sid";
/// The same, for a `sid` that could be guessed.
pub const GUESSABLE_SID: &str = "the sid is shorter than 128 bits: sessions are not indexed by it";

/// Puts the session at `at` into the index, for `life`, with the services to notify. Does nothing for a
/// provider that does not log out by back channel, or whose session name can be guessed.
///
/// # Errors
/// [`StoreError`].
pub async fn remember(
    hub: &Hub,
    (session, at): (&Session, &Locator),
    to_notify: Vec<LogoutRecipient>,
    life: Duration,
) -> Result<(), StoreError> {
    let Some(name) = name_of(hub, session) else {
        return Ok(());
    };
    let now = hub.now();
    let mut to_notify = to_notify;
    if to_notify.len() > MOST_SERVICES {
        // Without the provider: this request is about a service.
        tracing::warn!("services of a session left out of the logout index");
        to_notify.truncate(MOST_SERVICES);
    }
    let indexed = IndexedSession {
        session: base64url(at.as_bytes()),
        to_notify,
        end_mark: session.end_mark().cloned(),
        upstream_sid: upstream_sid(session.authentication()).map(str::to_owned),
        ends_at: Some(now.plus(life)),
    };
    let add = |entry: Option<&Entry>| Some(with(entry, &indexed, now));
    let mut handles = handles(hub, session.idp(), &name);
    if let Some(current) = handles.next() {
        hub.records.update(&current, add).await?;
    }
    // What was written before a change of pepper: the session lies under the current one from here on.
    for previous in handles {
        forget_at(hub, &previous, at).await?;
    }
    Ok(())
}

/// Takes the session at `at` out of the index: it has ended.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(hub: &Hub, session: &Session, at: &Locator) -> Result<(), StoreError> {
    if let Some(name) = name_of(hub, session) {
        for handle in handles(hub, session.idp(), &name) {
            forget_at(hub, &handle, at).await?;
        }
    }
    Ok(())
}

/// What a logout token ends, as the index had it when it was read.
#[derive(Debug)]
pub struct Found {
    handles: Vec<Handle>,
    /// The sessions, each once.
    pub sessions: Vec<IndexedSession>,
}

/// Reads from the index what `ended`, a verified logout token of `idp`, ends. The outer error is the
/// store's; the inner one says why the token names no entry.
///
/// # Errors
/// [`StoreError`].
pub async fn find(
    hub: &Hub,
    idp: &Registered,
    ended: &LoggedOut,
) -> Result<Result<Found, &'static str>, StoreError> {
    let name = match (&ended.sid, &ended.sub) {
        (_, Some(sub)) if idp.backchannel_logout_by_sub => Name::Account(sub.clone()),
        (None, _) => return Ok(Err(NO_SID)),
        (Some(sid), _) => match UpstreamSid::parse(sid) {
            Some(sid) => Name::Session(sid),
            None => return Ok(Err(GUESSABLE_SID)),
        },
    };
    // Back-Channel Logout 1.0 section 2.7: a token with a `sid` ends that session only.
    let wanted = |one: &IndexedSession| match (&name, &ended.sid, &one.upstream_sid) {
        (Name::Account(_), Some(sid), Some(own)) => sid == own,
        _ => true,
    };
    let handles: Vec<Handle> = handles(hub, &idp.id, &name).collect();
    let mut sessions: Vec<IndexedSession> = Vec::new();
    for handle in &handles {
        let entry: Option<Entry> = hub.records.open(handle).await?;
        let found = entry.unwrap_or_default().sessions;
        add_unknown(&mut sessions, found.into_iter().filter(wanted));
    }
    Ok(Ok(Found { handles, sessions }))
}

/// Removes `ended` from the entries of `found`. Returns the sessions as the entries had them at that
/// moment: services may have been added since they were read.
///
/// # Errors
/// [`StoreError`].
pub async fn remove(
    hub: &Hub,
    found: &Found,
    ended: &[IndexedSession],
) -> Result<Vec<IndexedSession>, StoreError> {
    let is_ended = |one: &IndexedSession| ended.iter().any(|ended| ended.session == one.session);
    let mut removed = Vec::new();
    for handle in &found.handles {
        let without = |entry: Option<&Entry>| keeping(entry, hub.now(), |one| !is_ended(one));
        let entry = hub.records.update(handle, without).await?;
        let gone = entry.unwrap_or_default().sessions;
        add_unknown(&mut removed, gone.into_iter().filter(is_ended));
    }
    Ok(removed)
}

/// Adds to `sessions` those of `more` that are not in it.
fn add_unknown(sessions: &mut Vec<IndexedSession>, more: impl Iterator<Item = IndexedSession>) {
    for session in more {
        if !sessions.iter().any(|one| one.session == session.session) {
            sessions.push(session);
        }
    }
}

/// What an entry lies under.
enum Name {
    /// The account, by the operator's word.
    Account(String),
    /// The provider's session.
    Session(UpstreamSid),
}

/// What `session` is indexed by, if by anything.
fn name_of(hub: &Hub, session: &Session) -> Option<Name> {
    let idp = hub.shared.config.catalogue.find(session.idp());
    let idp = idp.filter(|idp| idp.backchannel_logout)?;
    name_at(idp, session.authentication())
}

/// What a session that began with `authentication` is indexed by at `idp`, which logs out by back channel.
fn name_at(idp: &Registered, authentication: &Authentication) -> Option<Name> {
    let sub = &authentication.evidence.source.sub;
    if idp.backchannel_logout_by_sub {
        return Some(Name::Account(sub.clone()));
    }
    let sid = upstream_sid(authentication).and_then(|sid| UpstreamSid::of_account(sid, sub));
    sid.map(Name::Session)
}

fn upstream_sid(authentication: &Authentication) -> Option<&str> {
    let upstream = authentication.upstream.as_ref();
    upstream.and_then(|upstream| upstream.sid.as_deref())
}

/// Where the entry of `name` lies: under the current pepper, then under the previous one.
fn handles(hub: &Hub, idp: &IdpId, name: &Name) -> impl Iterator<Item = Handle> + use<> {
    let (kind, name) = match name {
        Name::Account(sub) => ("sub", sub.as_str()),
        Name::Session(sid) => ("sid", sid.as_str()),
    };
    let marks = hub
        .records
        .keyed_locators(PURPOSE, &[idp.as_str(), kind, name]);
    marks.map(|mark| Handle::upstream_session(&mark))
}

async fn forget_at(hub: &Hub, handle: &Handle, at: &Locator) -> Result<(), StoreError> {
    let session = base64url(at.as_bytes());
    let without = |entry: Option<&Entry>| keeping(entry, hub.now(), |one| one.session != session);
    hub.records.update(handle, without).await?;
    Ok(())
}

/// `entry` with `session` in it, and how long it has to live.
fn with(entry: Option<&Entry>, session: &IndexedSession, now: Timestamp) -> (Entry, Duration) {
    let mut entry = entry.cloned().unwrap_or_default();
    let is_other = |one: &IndexedSession| one.session != session.session;
    entry
        .sessions
        .retain(|one| is_other(one) && is_live(one, now));
    entry.sessions.push(session.clone());
    entry.sessions.sort_by_key(|one| one.ends_at);
    let surplus = entry.sessions.len().saturating_sub(MOST_SESSIONS);
    entry.sessions.drain(..surplus);
    let life = life(&entry, now);
    (entry, life)
}

/// What is left of `entry`, and how long it has to live; `None` if nothing is left.
fn keeping(
    entry: Option<&Entry>,
    now: Timestamp,
    keep: impl Fn(&IndexedSession) -> bool,
) -> Option<(Entry, Duration)> {
    let mut entry = entry.cloned()?;
    entry.sessions.retain(|one| keep(one) && is_live(one, now));
    let life = life(&entry, now);
    (!entry.sessions.is_empty()).then_some((entry, life))
}

fn is_live(session: &IndexedSession, now: Timestamp) -> bool {
    session.ends_at.is_none_or(|ends_at| now < ends_at)
}

/// As long as the session in it that ends last.
fn life(entry: &Entry, now: Timestamp) -> Duration {
    let ends = entry.sessions.iter().filter_map(|one| one.ends_at).max();
    ends.map_or(UNKNOWN_LIFE, |ends| ends.since(now))
}

#[cfg(test)]
mod tests;
