//! The request to end a session, read (OpenID Connect RP-Initiated Logout 1.0 section 2).

use hub_core::ids::ClientId;
use hub_jose::{
    Algorithm, TokenType,
    claims::{LogoutHint, logout_hint},
    verify,
};
use sp_registry::ServiceProvider;

use super::{BrowserRequest, Parameters};

/// The longest `state` that is carried back, in bytes.
const LONGEST_STATE: usize = 2048;

/// What a service, or the citizen, asks for.
#[derive(Debug)]
pub struct LogoutRequest<'v> {
    /// The service that asks, if it is registered.
    pub service: Option<&'v ServiceProvider>,
    /// The hint, if it is an id token of this hub for `service`.
    pub hint: Option<LogoutHint>,
    /// The registered address of `service` that the browser returns to, with its `state`.
    pub return_to: Option<String>,
}

impl<'v> LogoutRequest<'v> {
    /// Reads the parameters. What is not registered or not signed by this hub is left out.
    #[must_use]
    pub fn read(browser: &'v BrowserRequest, sent: &Parameters) -> Self {
        let keys = browser.hub.shared.config.keys.signing.own();
        let hint = sent.only("id_token_hint");
        let hint = hint.and_then(|token| verify(token, keys, &Algorithm::ALL, TokenType::Jwt).ok());
        let hint = hint.and_then(|claims| logout_hint(&claims, browser.hub.issuer()).ok());
        let named = sent.only("client_id");
        let client = match (&hint, named) {
            // A hint of one client does not speak for another.
            (Some(hint), Some(named)) if hint.client != named => None,
            (Some(hint), _) => Some(hint.client.as_str()),
            (None, named) => named,
        };
        let id: Option<ClientId> = client.and_then(|client| client.parse().ok());
        let service = id.and_then(|id| browser.hub.service(&id));
        Self {
            service,
            return_to: service.and_then(|service| return_to(service, sent)),
            hint: hint.filter(|hint| {
                service.is_some_and(|service| service.client_id.as_str() == hint.client)
            }),
        }
    }
}

/// The registered address that was asked for, with the `state` that came with it.
fn return_to(service: &ServiceProvider, sent: &Parameters) -> Option<String> {
    let asked = sent.only("post_logout_redirect_uri");
    let address = asked.and_then(|address| service.post_logout_redirect(address));
    if address.is_none() && sent.has("post_logout_redirect_uri") {
        tracing::info!(service.id = %service.client_id, "an unregistered post_logout_redirect_uri");
    }
    let state = sent
        .only("state")
        .filter(|state| state.len() <= LONGEST_STATE);
    address.map(|address| match state {
        Some(state) => address.with(&[("state", state)]),
        None => address.as_str().to_owned(),
    })
}
