//! Departure: the address that takes the browser to the IdP.

use openidconnect::{
    AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope,
    core::{CoreAuthPrompt, CoreResponseType},
};

use super::{OidcProvider, metadata::Provider};
use crate::Challenge;

impl OidcProvider {
    /// The authorization request (OpenID Connect Core 3.1.2.1). Apart from `state`, `nonce` and the
    /// PKCE challenge, which are noise of one length, it is the same for every login at this IdP.
    pub(super) fn invitation(&self, provider: &Provider, challenge: &Challenge<'_>) -> String {
        let settings = &self.settings;
        let verifier = PkceCodeVerifier::new(challenge.verifier.reveal().to_owned());
        let (state, nonce) = (challenge.state.to_owned(), challenge.nonce.to_owned());
        let mut request = provider
            .client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for scope in settings.scopes.iter().filter(|scope| *scope != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        if settings.prompt_login {
            request = request.add_prompt(CoreAuthPrompt::Login);
        }
        if let Some(acr_values) = &settings.acr_values {
            request = request.add_extra_param("acr_values", acr_values);
        }
        if settings.form_post {
            request = request.add_extra_param("response_mode", "form_post");
        }
        let (url, _, _) = request.url();
        url.into()
    }
}
