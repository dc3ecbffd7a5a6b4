//! The HTTP client of the OAuth library, on top of the hub's own client and its limits.
//!
//! Called by `receive.rs`; calls `hub-outbound`.

use std::{future::Future, pin::Pin, sync::OnceLock};

use hub_core::clock::Timestamp;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::Method;
use url::Url;

use super::OidcProvider;
use hub_outbound::{Cause, Endpoint, Failure, OutboundError, fetch};

/// Sends requests to one provider's token endpoint.
pub(super) struct OutboundHttpClient<'a> {
    /// The provider.
    pub(super) provider: &'a OidcProvider,
    /// The present time.
    pub(super) now: Timestamp,
    /// The status of the response, which the errors of the library do not contain.
    pub(super) status: OnceLock<u16>,
}

impl<'c> AsyncHttpClient<'c> for OutboundHttpClient<'_> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl OutboundHttpClient<'_> {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let settings = &self.provider.settings;
        let (parts, body) = request.into_parts();
        let failure = |error: OutboundError| Failure::new(Endpoint::Token, error);
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|_syntax| failure(OutboundError::Forbidden))?;
        let request = self
            .provider
            .outbound
            .request(
                settings.network_policy,
                (Method::POST, &url),
                settings.timeout,
            )
            .map_err(failure)?
            .headers(parts.headers)
            .body(body);
        let breaker = &self.provider.breakers.token;
        let answer = breaker.call(self.now, fetch(request)).await;
        let answer = answer.map_err(failure)?;
        // A server error is not a violation of the protocol: a later attempt may succeed.
        if answer.status >= 500 {
            let failure = Failure::new(Endpoint::Token, Cause::Status);
            return Err(failure
                .with_status(answer.status)
                .with_error_of(&answer.body));
        }
        let _is_first = self.status.set(answer.status).is_ok();
        http::Response::builder()
            .status(answer.status)
            .header("content-type", answer.content_type)
            .body(answer.body)
            .map_err(|_head| Failure::new(Endpoint::Token, Cause::Unreadable))
    }
}
