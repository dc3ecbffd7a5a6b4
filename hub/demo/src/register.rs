//! A demonstration register of persons, which knows the people of the catalogue.
//!
//! Called by `world.rs` and the tests.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::Server,
    http::header,
    web::{self, Bytes, Data},
};
use hub_core::{
    encoding::base64url,
    entropy::{Entropy, draw},
    identity::fold,
};
use serde_json::{Map, Value, json};

use crate::{CivilStatus, PEOPLE, Person, RegisterWord};

/// A register of persons that answers over HTTP in JSON.
#[derive(Debug, Clone)]
pub struct DemoRegister {
    secret: Arc<str>,
    address: SocketAddr,
}

impl DemoRegister {
    /// Creates a register that will serve on `listener`.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn new(listener: &TcpListener, entropy: &dyn Entropy) -> Result<Self, std::io::Error> {
        Ok(Self {
            secret: base64url(&draw::<32>(entropy)).into(),
            address: listener.local_addr()?,
        })
    }

    /// Starts the server.
    ///
    /// # Errors
    /// If the listener cannot be used.
    pub fn serve(&self, listener: TcpListener) -> Result<Server, std::io::Error> {
        let state = Data::new(self.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .route("/check", web::post().to(check))
        });
        Ok(server
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .keep_alive(Duration::from_secs(75))
            .listen(listener)?
            .run())
    }

    /// Returns the bearer token of the hub.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Returns the section `[register]` of the hub's configuration. The secret is
    /// `file:secrets/register`.
    #[must_use]
    pub fn section(&self) -> String {
        format!(
            "\n[register]\nurl = \"http://{}/check\"\nsecret = \"file:secrets/register\"\n\
             timeout = 2\non_unavailable = \"refuse\"\nprivate_network = true\n",
            self.address
        )
    }
}

async fn check(state: Data<DemoRegister>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let known = request.headers().get(header::AUTHORIZATION);
    let known = known.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if known != Some(&*state.secret) {
        return HttpResponse::Unauthorized().finish();
    }
    let Ok(sent) = serde_json::from_slice::<Map<String, Value>>(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    match answer(&sent) {
        Some(answer) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/json"))
            .body(answer.to_string()),
        None => HttpResponse::ServiceUnavailable().finish(),
    }
}

fn answer(sent: &Map<String, Value>) -> Option<Value> {
    let refused = |reason: &str| json!({"outcome": "refused", "reason": reason});
    let mut matching = PEOPLE.iter().filter(|person| matches(person, sent));
    let Some(person) = matching.next() else {
        return Some(refused("not_found"));
    };
    if matching.any(|other| is_born_elsewhere(other, person)) {
        return Some(refused("several_candidates"));
    }
    Some(match &person.register {
        RegisterWord::Silent => return None,
        RegisterWord::Refused(reason) => refused(reason),
        RegisterWord::Found => {
            json!({"outcome": "found", "identity": person.civil_status.claims()})
        }
        RegisterWord::Corrected(now, former) => json!({
            "outcome": "corrected",
            "identity": now.claims(),
            "former": former.iter().map(CivilStatus::claims).collect::<Vec<_>>(),
        }),
    })
}

/// Whether the claims `asked` match this person: the names as folded, and every other attribute that was
/// sent.
fn matches(person: &Person, sent: &Map<String, Value>) -> bool {
    let known = person.civil_status.claims();
    let text = |claims: &Map<String, Value>, name: &str| {
        let value = claims.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let letters = |text: String| fold(&text).unwrap_or(text);
    let names = ["given_name", "family_name"]
        .into_iter()
        .all(|name| letters(text(sent, name)) == letters(text(&known, name)));
    let birthdate = text(sent, "birthdate").starts_with(&text(&known, "birthdate"));
    let rest = ["birthplace", "birthcountry"].into_iter().all(|name| {
        let sent = text(sent, name);
        sent.is_empty() || sent == text(&known, name)
    });
    names && birthdate && rest
}

/// Whether two matching entries are homonyms with the same birth date. Two spellings of one person have
/// the same birth place.
fn is_born_elsewhere(one: &Person, other: &Person) -> bool {
    let (one, other) = (&one.civil_status, &other.civil_status);
    (&one.birthplace, &one.birthcountry) != (&other.birthplace, &other.birthcountry)
}
