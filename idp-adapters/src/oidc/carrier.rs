//! Carries the requests of the OAuth library through our own HTTP client, with its bounds.

use std::{future::Future, pin::Pin};

use hub_core::clock::Timestamp;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::Method;
use url::Url;

use super::OidcProvider;
use crate::outbound::{OutboundFault, fetch};

/// Carries requests to one provider's token endpoint.
pub(super) struct Carrier<'a> {
    /// The provider.
    pub(super) provider: &'a OidcProvider,
    /// The present.
    pub(super) now: Timestamp,
}

impl<'c> AsyncHttpClient<'c> for Carrier<'_> {
    type Error = OutboundFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.carry(request))
    }
}

impl Carrier<'_> {
    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, OutboundFault> {
        let settings = &self.provider.settings;
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|_syntax| OutboundFault::Forbidden)?;
        let request = self
            .provider
            .outbound
            .request(settings.reach, (Method::POST, &url), settings.timeout)?
            .headers(parts.headers)
            .body(body);
        let breaker = &self.provider.breakers.token;
        let answer = breaker.call(self.now, fetch(request)).await?;
        // A server in trouble is no protocol error: it is worth another try later.
        if answer.status >= 500 {
            return Err(OutboundFault::NoAnswer);
        }
        http::Response::builder()
            .status(answer.status)
            .header("content-type", answer.content_type)
            .body(answer.body)
            .map_err(|_head| OutboundFault::NoAnswer)
    }
}
