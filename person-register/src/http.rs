//! A register of persons that is called over HTTP: a POST request with the claims of an identity, and a
//! response in JSON.
//!
//! Called by the server through [`PersonRegister`]; calls `hub-outbound`.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use hub_core::{
    clock::Timestamp,
    identity::{DateForm, PivotIdentity},
    login::RegisterRefusal,
    register::{Finding, Known, RegisterAnswer},
    release::release,
    scope::Claim,
};
use hub_outbound::{Breaker, Cause, Endpoint, Failure, NetworkPolicy, Outbound, fetch};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::port::{NoRegister, PersonRegister};

/// The maximum number of former identities that are used for one person.
const MOST_FORMER: usize = 5;

/// The configuration of the register.
pub struct RegisterSettings {
    /// The URL of the register.
    pub url: Url,
    /// The bearer token that authenticates the hub.
    pub secret: String,
    /// The maximum time of one call.
    pub timeout: Duration,
    /// The allowed networks of the register's address.
    pub network_policy: NetworkPolicy,
}

/// A register of persons that is called with JSON over HTTP.
#[derive(Debug)]
pub struct HttpRegister {
    settings: RegisterSettings,
    outbound: Outbound,
    breaker: Breaker,
}

/// The response in JSON.
#[derive(Deserialize)]
struct RegisterResponse {
    outcome: Outcome,
    #[serde(default)]
    identity: Map<String, Value>,
    #[serde(default)]
    former: Vec<Map<String, Value>>,
    reason: Option<RegisterRefusal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Corrected,
    Found,
    Refused,
}

impl HttpRegister {
    /// Creates the client of a register. Nothing is requested before the first login needs it.
    #[must_use]
    pub fn new(settings: RegisterSettings, outbound: Outbound) -> Self {
        Self {
            settings,
            outbound,
            breaker: Breaker::default(),
        }
    }

    async fn ask(
        &self,
        identity: &PivotIdentity,
        now: Timestamp,
    ) -> Result<RegisterAnswer, NoRegister> {
        let settings = &self.settings;
        let requested = Claim::PIVOT.into_iter().chain([Claim::PreferredUsername]);
        let claims = release(identity, &requested.collect(), DateForm::Zero);
        let request = self
            .outbound
            .request(
                settings.network_policy,
                (Method::POST, &settings.url),
                settings.timeout,
            )
            .map_err(|error| no_register(error.into()))?
            .bearer_auth(&settings.secret)
            .header("content-type", "application/json")
            .body(Value::Object(claims).to_string());
        let answer = self.breaker.call(now, fetch(request)).await;
        let answer = answer.map_err(|error| no_register(error.into()))?;
        if answer.status != 200 {
            let failure = Failure::new(Endpoint::Register, Cause::Status);
            return Err(NoRegister(failure.with_status(answer.status)));
        }
        let answer: RegisterResponse =
            serde_json::from_slice(&answer.body).map_err(|_json| no_register(Cause::Unreadable))?;
        answer.read(now)
    }
}

impl RegisterResponse {
    fn read(self, now: Timestamp) -> Result<RegisterAnswer, NoRegister> {
        let identity = identity(&self.identity, now)?;
        let finding = match self.outcome {
            Outcome::Refused => {
                let reason = self
                    .reason
                    .ok_or(no_register(Cause::Check("the refusal has no reason")))?;
                return Ok(RegisterAnswer::Refused(reason));
            }
            Outcome::Corrected if self.identity.is_empty() => {
                return Err(no_register(Cause::Check("the correction has no identity")));
            }
            Outcome::Corrected => Finding::Corrected(identity),
            Outcome::Found => Finding::Found(identity),
        };
        let former = self.former.iter().take(MOST_FORMER);
        let former: Result<Vec<PivotIdentity>, NoRegister> =
            former.map(|former| self::identity(former, now)).collect();
        Ok(RegisterAnswer::Known(Box::new(Known {
            finding,
            former: former?,
        })))
    }
}

fn no_register(cause: Cause) -> NoRegister {
    NoRegister(Failure::new(Endpoint::Register, cause))
}

/// Reads an identity of the register.
///
/// A malformed attribute makes the complete response unusable: a key derived from the other attributes
/// could be another person's.
fn identity(claims: &Map<String, Value>, now: Timestamp) -> Result<PivotIdentity, NoRegister> {
    let reading = PivotIdentity::read(claims, now);
    if reading.errors.is_empty() {
        Ok(reading.identity)
    } else {
        Err(no_register(Cause::Check("an identity is malformed")))
    }
}

#[async_trait]
impl PersonRegister for HttpRegister {
    async fn check(
        &self,
        identity: &PivotIdentity,
        now: Timestamp,
    ) -> Result<RegisterAnswer, NoRegister> {
        self.ask(identity, now).await
    }
}

impl fmt::Debug for RegisterSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegisterSettings({})", self.url)
    }
}
