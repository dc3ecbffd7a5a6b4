//! Steps of services and data providers.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use super::{done, run};
use crate::{Answered, DataProvider, RelyingParty};

impl RelyingParty {
    /// The URL of an authorization request with `changes`: a value replaces a parameter, an empty value
    /// removes it.
    #[must_use]
    #[track_caller]
    pub fn authorization_url(&self, changes: &[(&str, &str)]) -> Url {
        done(self.request(changes))
    }

    /// Sends a token request with `fields` and the service's authentication; returns the status and the
    /// body.
    #[track_caller]
    pub fn request_tokens(
        &self,
        fields: &[(String, String)],
    ) -> impl Future<Output = (u16, Value)> {
        run(self.token(fields))
    }

    /// Sends a token request exactly as given; returns the status, the headers and the body.
    #[track_caller]
    pub fn request_tokens_as(
        &self,
        authorization: Option<&str>,
        fields: &[(String, String)],
    ) -> impl Future<Output = (u16, BTreeMap<String, String>, Value)> {
        run(self.raw_token(authorization, fields))
    }

    /// Posts `fields` with the service's authentication to `path`; returns the status and the body.
    #[track_caller]
    pub fn post_form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> impl Future<Output = (u16, Value)> {
        run(self.post(path, fields))
    }

    /// Exchanges `access_token` for a token of `resource` (RFC 8693), with `changes` to the request.
    #[track_caller]
    pub fn exchange_token(
        &self,
        access_token: &str,
        resource: &str,
        changes: &[(&str, &str)],
    ) -> impl Future<Output = (u16, Value)> {
        run(self.exchange(access_token, resource, changes))
    }

    /// The fields of a client assertion (RFC 7523), with `changes` to its claims.
    #[must_use]
    #[track_caller]
    pub fn client_assertion(&self, changes: &Value) -> Vec<(String, String)> {
        done(self.assertion(changes))
    }

    /// Redeems `code`; returns the token response and the verified claims of the ID token.
    #[track_caller]
    pub fn redeem_code(&self, code: &str) -> impl Future<Output = (Value, Value)> {
        run(self.redeem(code))
    }

    /// Fetches a public document of the hub.
    #[track_caller]
    pub fn fetch_text(&self, path: &str) -> impl Future<Output = String> {
        run(self.get(path))
    }

    /// Requests userinfo; returns the status, the media type and the body.
    #[track_caller]
    pub fn fetch_userinfo(
        &self,
        access_token: &str,
    ) -> impl Future<Output = (u16, String, String)> {
        run(self.userinfo(access_token))
    }

    /// Requests userinfo; returns its claims, verified if they are signed.
    #[track_caller]
    pub fn fetch_userinfo_claims(&self, access_token: &str) -> impl Future<Output = Value> {
        run(self.claims(access_token))
    }

    /// Redeems the code of the authorization response; returns the claims of the ID token and of userinfo.
    #[track_caller]
    pub fn fetch_claims(&self, response: &Url) -> impl Future<Output = (Value, Value)> {
        run(self.learn(response))
    }
}

impl DataProvider {
    /// Sends an introspection request about `token`.
    #[track_caller]
    pub fn request_introspection(&self, token: &str) -> impl Future<Output = Answered> {
        run(self.ask(token))
    }

    /// Sends an introspection request to `path`, with `headers`.
    #[track_caller]
    pub fn request_introspection_at(
        &self,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
    ) -> impl Future<Output = Answered> {
        run(self.ask_at(path, token, headers))
    }

    /// Sends an introspection request about `token`; returns its claims.
    #[track_caller]
    pub fn introspect(&self, token: &str) -> impl Future<Output = Value> {
        run(self.told(token))
    }

    /// The fields of the data provider's client authentication.
    #[must_use]
    #[track_caller]
    pub fn client_authentication(&self, audience: &str) -> Vec<(String, String)> {
        done(self.proof(audience))
    }

    /// Posts `fields` to `path` exactly as given.
    #[track_caller]
    pub fn post_fields(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(String, String)],
    ) -> impl Future<Output = Answered> {
        run(self.raw(path, headers, fields))
    }
}

impl Answered {
    /// The claims of the introspection response; its signature is not verified.
    #[must_use]
    #[track_caller]
    pub fn introspection(&self) -> Value {
        done(self.told())
    }

    /// The signed token of the response, decrypted if it was encrypted.
    #[must_use]
    #[track_caller]
    pub fn signed_token(&self) -> String {
        done(self.signed())
    }
}
