//! `[register]` of `hub.toml`: the register of persons.

use std::{sync::Arc, time::Duration};

use hub_document::{ConfigProblem, Section};
use hub_outbound::{NetworkPolicy, Outbound};
use idp_adapters::Registered;
use person_register::{HttpRegister, PersonRegister, RegisterSettings};
use sp_registry::ServiceProvider;
use url::Url;

use super::Sources;
use crate::hub::may_use;

/// The register of persons, and what happens without it.
#[derive(Debug, Clone)]
pub struct Register {
    /// Whom to ask.
    pub port: Arc<dyn PersonRegister>,
    /// What happens to a login when it does not answer.
    pub on_unavailable: OnUnavailable,
    /// Whether it is asked again when a session is used for another service.
    pub check_sessions: bool,
}

/// What happens to a login when the register does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnavailable {
    /// The citizen is told, and may try again.
    Refuse,
    /// The login goes on as if there were no register: its `sub` is made of less.
    StepDown,
}

impl Register {
    pub(super) fn read(
        section: &Section<'_>,
        sources: &Sources,
        outbound: &Outbound,
    ) -> Option<Self> {
        let private = section.flag("private_network", false);
        let url = section.required("url", |text| address(text, private));
        let secret = section.required("secret", |reference| sources.resolve_text(reference));
        let timeout = section.number("timeout", 1..31, 3);
        let on_unavailable = section.required("on_unavailable", on_unavailable);
        let check_sessions = section.flag("check_sessions", false);
        let settings = RegisterSettings {
            url: url?,
            secret: secret?,
            timeout: Duration::from_secs(timeout),
            network_policy: if private {
                NetworkPolicy::AllowPrivate
            } else {
                NetworkPolicy::PublicOnly
            },
        };
        Some(Self {
            port: Arc::new(HttpRegister::new(settings, outbound.clone())),
            on_unavailable: on_unavailable?,
            check_sessions,
        })
    }
}

impl Register {
    /// The services that would learn from `prompt=none` which kind of IdP a citizen uses: where the register is
    /// asked again about sessions of some of their IdPs only, the time of an answer, and a refusal while the
    /// register is down, tell whether it was asked.
    pub(super) fn told_by_prompt_none(
        &self,
        idps: &[(String, Registered)],
        services: &[(String, ServiceProvider)],
    ) -> Vec<ConfigProblem> {
        const REMEDY: &str = "`allow_prompt_none`: the register of persons is asked again \
            (`check_sessions`) about some of its IdPs and not about others, so that the answer tells which \
            kind the citizen uses: let `idps` allow one kind only, give all of them one `register_check`, or \
            remove one of these two keys";
        let is_told = |service: &ServiceProvider| {
            let allowed = idps.iter().map(|(_, idp)| idp);
            let mut allowed = allowed.filter(|idp| may_use(service, idp));
            let first = allowed.next().map(|idp| idp.register_check);
            allowed.any(|idp| Some(idp.register_check) != first)
        };
        services
            .iter()
            .filter(|(_, service)| self.check_sessions && service.silent && is_told(service))
            .map(|(file, _)| ConfigProblem::of_file(file, REMEDY))
            .collect()
    }
}

fn address(text: &str, private: bool) -> Result<Url, &'static str> {
    const WANTED: &str = "expected https://... (http:// needs private_network = true)";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    let good = url.scheme() == "https" || (private && url.scheme() == "http");
    good.then_some(url).ok_or(WANTED)
}

fn on_unavailable(text: &str) -> Result<OnUnavailable, &'static str> {
    Ok(match text {
        "refuse" => OnUnavailable::Refuse,
        "step-down" => OnUnavailable::StepDown,
        _ => return Err("expected refuse or step-down"),
    })
}
