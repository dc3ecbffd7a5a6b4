//! The authorization request to the IdP.
//!
//! Called by [`super::OidcProvider`].

use std::time::Duration;

use openidconnect::{
    AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope,
    core::{CoreAuthPrompt, CoreResponseType},
};

use super::{OidcProvider, Prompt, metadata::Provider};
use crate::Challenge;

impl OidcProvider {
    /// Builds the authorization request (OpenID Connect Core 3.1.2.1).
    ///
    /// It is the same for every login at this IdP, except `state`, `nonce` and the PKCE challenge, which
    /// are random values of a constant length.
    pub(super) fn invitation(&self, provider: &Provider, challenge: &Challenge<'_>) -> String {
        let request_settings = &self.settings.request_settings;
        let (state, nonce) = (challenge.state.to_owned(), challenge.nonce.to_owned());
        let mut request = provider.client.authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        );
        if request_settings.pkce {
            let verifier = PkceCodeVerifier::new(challenge.verifier.reveal().to_owned());
            let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
            request = request.set_pkce_challenge(challenge);
        }
        for scope in request_settings
            .scopes
            .iter()
            .filter(|scope| *scope != "openid")
        {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for prompt in &request_settings.prompts {
            request = request.add_prompt(match prompt {
                Prompt::Consent => CoreAuthPrompt::Consent,
                Prompt::Login => CoreAuthPrompt::Login,
            });
        }
        if request_settings.max_age && request_settings.prompts.contains(&Prompt::Login) {
            request = request.set_max_age(Duration::ZERO);
        }
        if let Some(acr_values) = &request_settings.acr_values {
            request = request.add_extra_param("acr_values", acr_values);
        }
        if request_settings.form_post {
            request = request.add_extra_param("response_mode", "form_post");
        }
        let (url, _, _) = request.url();
        url.into()
    }
}
