//! The end of a session: it is forgotten, and the services that the citizen went to are told by back
//! channel (OpenID Connect Back-Channel Logout 1.0). Nobody waits for them.

use std::time::Duration;

use hub_core::{
    ids::{ClientId, IdpId},
    secret::{Handle, Locator},
    session::Session,
    subject::Subject,
};
use idp_adapters::{LoggedOut, Outbound, Reach};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    audit::Event,
    hub::Hub,
    sessions::{self, Current},
    store::StoreError,
    tokens,
};

/// How long one service may take to answer.
const LIMIT: Duration = Duration::from_secs(3);
/// How long the hub waits before it tells a service again that did not answer.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];
/// What the marks of upstream sessions are for.
const UPSTREAM: &str = "upstream-session";

/// What was closed, and what was not.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Closed {
    /// The services that are told.
    pub told: Vec<ClientId>,
    /// The services that cannot be told: they keep their own session.
    pub untold: Vec<ClientId>,
}

/// A service to tell, as the record under an IdP's session keeps it.
#[derive(Clone, Serialize, Deserialize)]
struct Told {
    client: ClientId,
    sid: String,
    sub: Subject,
}

/// What an IdP's session leads to here: sessions, and whom to tell when they end.
#[derive(Default, Serialize, Deserialize)]
struct Linked {
    sessions: Vec<Link>,
}

#[derive(Serialize, Deserialize)]
struct Link {
    session: String,
    telling: Vec<Told>,
}

/// Ends `current` in `transaction`, and tells the services in it but `except`, which asked for it.
///
/// # Errors
/// [`StoreError`]: the session is not ended.
pub async fn end(
    hub: &Hub,
    current: &Current,
    (except, transaction): (Option<&ClientId>, &str),
) -> Result<Closed, StoreError> {
    hub.records.forget(&current.handle.locator()).await?;
    hub.note(transaction, Event::SessionEnded);
    metrics::counter!("lethe_sessions_ended_total", "by" => "browser").increment(1);
    let mut closed = Closed::default();
    for told in services(hub, &current.session) {
        if Some(&told.client) == except {
            continue;
        }
        let client = told.client.clone();
        if tell(hub, told) {
            closed.told.push(client);
        } else {
            closed.untold.push(client);
        }
    }
    Ok(closed)
}

/// An IdP says that its own session has ended: every session here that came of it ends.
///
/// # Errors
/// [`StoreError`].
pub async fn end_upstream(hub: &Hub, idp: &IdpId, ended: &LoggedOut) -> Result<(), StoreError> {
    let (kind, name) = match (&ended.sid, &ended.sub) {
        (Some(sid), _) => ("sid", sid),
        (None, Some(sub)) => ("sub", sub),
        (None, None) => return Ok(()),
    };
    let handle = upstream_handle(hub, idp, kind, name);
    let Some(linked) = hub.records.open::<Linked>(&handle).await? else {
        return Ok(());
    };
    hub.records.forget(&handle.locator()).await?;
    for link in linked.sessions {
        let Some(session) = hub_core::encoding::fixed_from_base64url(&link.session) else {
            continue;
        };
        hub.records.forget(&Locator::from_bytes(session)).await?;
        hub.note("", Event::SessionEnded);
        metrics::counter!("lethe_sessions_ended_total", "by" => "idp").increment(1);
        for told in link.telling {
            tell(hub, told);
        }
    }
    Ok(())
}

/// Notes, sealed under the IdP's own name for its session, what ends with it: no table of people, and
/// nothing readable without the IdP's word.
///
/// # Errors
/// [`StoreError`].
pub async fn remember_upstream(
    hub: &Hub,
    handle: &Handle,
    session: &Session,
    life: Duration,
) -> Result<(), StoreError> {
    let idp = hub.site.config.catalogue.find(session.idp());
    if !idp.is_some_and(|idp| idp.backchannel_logout) {
        return Ok(());
    }
    let arrival = session.arrival();
    let sid = arrival.upstream.as_ref().and_then(|own| own.sid.as_ref());
    let link = || Link {
        session: hub_core::encoding::base64url(handle.locator().as_bytes()),
        telling: services(hub, session).collect(),
    };
    let by_sub = upstream_handle(hub, session.idp(), "sub", &arrival.evidence.source.sub);
    // One account may be signed in in several browsers.
    let mut linked: Linked = hub.records.open(&by_sub).await?.unwrap_or_default();
    let this = link();
    linked
        .sessions
        .retain(|other| other.session != this.session);
    linked.sessions.push(this);
    hub.records.put(&by_sub, &linked, life).await?;
    if let Some(sid) = sid {
        let by_sid = upstream_handle(hub, session.idp(), "sid", sid);
        let linked = Linked {
            sessions: vec![link()],
        };
        hub.records.put(&by_sid, &linked, life).await?;
    }
    Ok(())
}

fn upstream_handle(hub: &Hub, idp: &IdpId, kind: &str, name: &str) -> Handle {
    let mark = hub.records.mark(UPSTREAM, &[idp.as_str(), kind, name]);
    Handle::upstream_session(&mark)
}

/// Every service of the session with its own `sid` and `sub`.
fn services<'a>(hub: &'a Hub, session: &'a Session) -> impl Iterator<Item = Told> + 'a {
    let keys = &hub.site.config.keys.subject;
    let person = sessions::person(hub, session);
    session.reached().iter().filter_map(move |reached| {
        let service = hub.service(&reached.client)?;
        Some(Told {
            client: reached.client.clone(),
            sid: reached.sid.clone(),
            sub: keys.subject(&person, &service.sector),
        })
    })
}

/// Tells a service in the background; says whether it is registered to be told.
fn tell(hub: &Hub, told: Told) -> bool {
    let service = hub.service(&told.client);
    let Some((service, url)) =
        service.and_then(|service| Some((service, service.backchannel_logout_uri.clone()?)))
    else {
        return false;
    };
    match tokens::logout_token(hub, service, &told.sid, &told.sub) {
        Ok(token) => {
            let outbound = hub.site.config.outbound.clone();
            tokio::spawn(deliver(outbound, url, token, told.client));
            true
        }
        Err(fault) => {
            tracing::error!(%fault, "a logout token could not be signed");
            false
        }
    }
}

async fn deliver(outbound: Outbound, url: Url, token: String, client: ClientId) {
    // Plain http is registered for the loopback only; see sp-registry.
    let reach = if url.scheme() == "http" {
        Reach::Everywhere
    } else {
        Reach::Internet
    };
    let form = [("logout_token", token.as_str())];
    let mut pauses = AGAIN_AFTER.into_iter();
    let outcome = loop {
        match outbound.post_form(reach, &url, &form, LIMIT).await {
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
    metrics::counter!("lethe_logouts_told_total", "service" => client.to_string(), "outcome" => outcome)
        .increment(1);
}
