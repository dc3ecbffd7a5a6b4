//! The end of a session: it is forgotten, and the services that the citizen went to are told by back
//! channel (OpenID Connect Back-Channel Logout 1.0). Nobody waits for them.

use std::time::Duration;

use hub_core::{
    ids::ClientId,
    session::{EndMark, Session},
    subject::Subject,
};
use hub_outbound::{NetworkPolicy, Outbound};
use idp_adapters::{LoggedOut, Registered};
use serde::{Deserialize, Serialize};
use sp_registry::{DataProvider, Lifetimes};
use url::Url;

use crate::{
    audit::Event,
    hub::Hub,
    jwt,
    session::{
        self, Current,
        upstream_sessions::{self, IndexedSession},
    },
    store::StoreError,
};

/// How long one service may take to answer.
const LIMIT: Duration = Duration::from_secs(3);
/// How long the hub waits before it tells a service again that did not answer.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// What was closed, and what was not.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Closed {
    /// The services that are told.
    pub told: Vec<ClientId>,
    /// The services that cannot be told: they keep their own session.
    pub untold: Vec<ClientId>,
}

/// A service to notify of the end of a session.
#[derive(Clone, Serialize, Deserialize)]
pub struct LogoutRecipient {
    client: ClientId,
    sid: String,
    sub: Subject,
}

/// Ends `current` in `transaction`, and tells every service in it.
///
/// `requester`, the service that asked for it and gets the browser back, is told later than the others. It is
/// told all the same: another party can ask in its name, and it may not have ended its own session. Returns
/// `None` if another request has ended the session meanwhile: nothing is told here then.
///
/// # Errors
/// [`StoreError`]: the session is not ended; or, if the store fails again, its tokens run out by
/// themselves.
pub async fn end(
    hub: &Hub,
    current: &Current,
    transaction: &str,
    requester: Option<&ClientId>,
) -> Result<Option<Closed>, StoreError> {
    let at = current.handle.locator();
    // Another tab may have gone to a service since the session was read: what is taken here is final.
    let taken: Option<Session> = hub.records.take(&current.handle).await?;
    let Some(session) = taken else {
        return Ok(None);
    };
    let marked = end_tokens(hub, session.end_mark()).await;
    if marked.is_err() && put_back(hub, current, &session).await {
        return marked.map(|()| None);
    }
    hub.audit_best_effort(transaction, Event::SessionEnded);
    metrics::counter!("lethe_sessions_ended_total", "by" => "browser").increment(1);
    let mut closed = Closed::default();
    for told in services(hub, &session) {
        let client = told.client.clone();
        let pause = if requester == Some(&client) {
            hub.shared.requester_pause
        } else {
            Duration::ZERO
        };
        if tell(hub, told, pause) {
            closed.told.push(client);
        } else {
            closed.untold.push(client);
        }
    }
    if let Err(error) = upstream_sessions::forget(hub, &session, &at).await {
        // The session has ended; the entry leads nowhere, and expires.
        tracing::warn!(%error, "an ended session stays in the logout index");
    }
    marked.map(|()| Some(closed))
}

/// Restores a session that was taken and whose tokens could not be ended, so that the citizen can log
/// out again. Says whether it was restored.
async fn put_back(hub: &Hub, current: &Current, session: &Session) -> bool {
    let rules = hub.shared.config.hub.session;
    let Some(life) = rules.and_then(|rules| session.life(rules, hub.now())) else {
        return false;
    };
    let claimed = hub
        .records
        .put_if_absent(&current.handle, session, life)
        .await;
    let is_back = claimed.unwrap_or(false);
    if !is_back {
        tracing::error!(
            "a session has ended; its tokens could not be ended and live to their expiry"
        );
    }
    is_back
}

/// An IdP says that its own session has ended: every session here that came of it ends. The inner error
/// says why the token names no session.
///
/// Each step can run again. The index keeps a session until it and its tokens have ended, so that after a
/// fault of the store the same token, sent again, ends the rest.
///
/// # Errors
/// [`StoreError`]: not every session has ended.
pub async fn end_upstream(
    hub: &Hub,
    idp: &Registered,
    ended: &LoggedOut,
) -> Result<Result<(), &'static str>, StoreError> {
    let found = match upstream_sessions::find(hub, idp, ended).await? {
        Ok(found) => found,
        Err(cause) => return Ok(Err(cause)),
    };
    let mut done = Vec::new();
    let mut outcome = Ok(());
    for session in &found.sessions {
        match end_indexed(hub, session).await {
            Ok(()) => done.push(session.clone()),
            Err(error) => outcome = Err(error),
        }
    }
    let gone = match upstream_sessions::remove(hub, &found, &done).await {
        Ok(gone) => gone,
        Err(error) => {
            // They have ended: their services are told now, and perhaps once more.
            outcome = Err(error);
            done
        }
    };
    for session in gone {
        hub.audit_best_effort("", Event::SessionEnded);
        metrics::counter!("lethe_sessions_ended_total", "by" => "idp").increment(1);
        for told in session.to_notify {
            tell(hub, told, Duration::ZERO);
        }
    }
    outcome.map(Ok)
}

/// Removes the record of `session`, then ends its tokens: in this order no living session has a mark
/// that is set, with which each new code of it would be dead.
async fn end_indexed(hub: &Hub, session: &IndexedSession) -> Result<(), StoreError> {
    if let Some(at) = session.locator() {
        hub.records.forget(&at).await?;
    }
    end_tokens(hub, session.end_mark.as_ref()).await
}

/// Notes that the session of `mark` was ended, for as long as a token or a code that was given in it may
/// live.
async fn end_tokens(hub: &Hub, mark: Option<&EndMark>) -> Result<(), StoreError> {
    let Lifetimes { code, access } = Lifetimes::LONGEST;
    let life = code + access + DataProvider::LONGEST_TOKEN_LIFETIME;
    match mark {
        Some(mark) => hub.records.revoke(&mark.locator(), life).await,
        None => Ok(()),
    }
}

/// Every service of the session with its own `sid` and `sub`.
pub fn services<'a>(
    hub: &'a Hub,
    session: &'a Session,
) -> impl Iterator<Item = LogoutRecipient> + 'a {
    let keys = &hub.shared.config.keys.subject;
    let person = session::person(hub, session);
    session.services().iter().filter_map(move |reached| {
        let service = hub.service(&reached.client)?;
        Some(LogoutRecipient {
            client: reached.client.clone(),
            sid: reached.sid.clone(),
            sub: keys.subject(&person, &service.sector),
        })
    })
}

/// Names of a session and a person at a service: never logged.
impl std::fmt::Debug for LogoutRecipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogoutRecipient({}, hidden)", self.client)
    }
}

/// Tells a service in the background, after `pause`; says whether it is registered to be told.
fn tell(hub: &Hub, told: LogoutRecipient, pause: Duration) -> bool {
    let service = hub.service(&told.client);
    let url = service.and_then(|service| service.backchannel_logout_uri.clone());
    let Some(url) = url else {
        return false;
    };
    let hub = hub.clone();
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        sign_and_deliver(hub, url, told).await;
    });
    true
}

/// Signs the logout token and delivers it. Signatures take the longest: with them on a thread of its own, neither
/// the IdP nor the service that ends a session waits for them, and counts the services of the session by the time.
async fn sign_and_deliver(hub: Hub, url: Url, told: LogoutRecipient) {
    let outbound = hub.shared.config.outbound.clone();
    let client = told.client.clone();
    let sign = move || {
        let service = hub.service(&told.client)?;
        match jwt::logout_token(&hub, service, &told.sid, &told.sub) {
            Ok(token) => Some(token),
            Err(error) => {
                tracing::error!(%error, "a logout token could not be signed");
                None
            }
        }
    };
    if let Ok(Some(token)) = tokio::task::spawn_blocking(sign).await {
        deliver(outbound, url, token, client).await;
    }
}

async fn deliver(outbound: Outbound, url: Url, token: String, client: ClientId) {
    // Plain http is registered for the loopback only; see sp-registry.
    let network_policy = if url.scheme() == "http" {
        NetworkPolicy::AllowPrivate
    } else {
        NetworkPolicy::PublicOnly
    };
    let form = [("logout_token", token.as_str())];
    let mut pauses = AGAIN_AFTER.into_iter();
    let outcome = loop {
        match outbound.post_form(network_policy, &url, &form, LIMIT).await {
            Ok(200..300) => break "told",
            Ok(400..500) => break "refused",
            Ok(_) | Err(_) => match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => break "unreachable",
            },
        }
    };
    if outcome != "told" {
        tracing::warn!(service.id = %client, outcome, "a service was not told of a logout");
    }
    metrics::counter!("lethe_backchannel_logouts_total", "service" => client.to_string(), "outcome" => outcome)
        .increment(1);
}
