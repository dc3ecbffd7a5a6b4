//! The type of a client: on a server, on the citizen's device, or in the pages of a browser.
//!
//! Called by `file.rs`; the origins are used for CORS.

use std::collections::BTreeSet;

use hub_core::redirect_uri::RedirectUri;
use hub_document::Section;
use url::Url;

use crate::ClientAuthentication;

/// Where a client runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Application {
    /// In the pages of a browser, without a server of its own (a single-page application).
    Browser,
    /// An application on the citizen's device (RFC 8252).
    Native,
    /// On a server.
    Web,
}

impl Application {
    /// Reads the key `application`.
    pub(crate) fn read(root: &Section<'_>) -> Self {
        root.optional("application", parse).unwrap_or(Self::Web)
    }

    /// Returns the origins whose scripts may read the responses for this client: those of its redirect
    /// URIs.
    ///
    /// A page cannot keep a secret, so a browser client must not have one.
    pub(crate) fn origins(
        self,
        root: &Section<'_>,
        redirect_uris: &[RedirectUri],
        authentication: Option<&ClientAuthentication>,
    ) -> BTreeSet<String> {
        if self != Self::Browser {
            return BTreeSet::new();
        }
        if authentication.is_some_and(|found| *found != ClientAuthentication::None) {
            root.add_problem(
                "application",
                "a browser client cannot keep a secret or a key: set authentication.method to \"none\"",
            );
        }
        let parsed = redirect_uris.iter().map(|uri| Url::parse(uri.as_str()));
        let origins: Vec<_> = parsed.flatten().map(|url| url.origin()).collect();
        if origins.iter().any(|origin| !origin.is_tuple()) {
            root.add_problem(
                "redirect_uris",
                "a browser client has https:// redirect URIs: register no other",
            );
        }
        origins
            .iter()
            .map(url::Origin::ascii_serialization)
            .collect()
    }
}

/// Whether `origin` is one of `registered` on the loopback, with any port (RFC 8252 section 7.3).
pub(crate) fn is_loopback_of(registered: &BTreeSet<String>, origin: &str) -> bool {
    let Some(host) = loopback_host(origin) else {
        return false;
    };
    registered
        .iter()
        .any(|known| loopback_host(known).as_ref() == Some(&host))
}

/// Returns the host of a plain http origin on the loopback.
///
/// Returns `None` for any other origin, and for a text that a browser does not send in `Origin`.
fn loopback_host(origin: &str) -> Option<String> {
    let url = Url::parse(origin).ok()?;
    let host = url.host_str()?;
    let loopback = matches!(host, "127.0.0.1" | "[::1]" | "localhost");
    let clean = url.origin().ascii_serialization() == origin;
    (url.scheme() == "http" && loopback && clean).then(|| host.to_owned())
}

fn parse(text: &str) -> Result<Application, &'static str> {
    Ok(match text {
        "browser" => Application::Browser,
        "native" => Application::Native,
        "web" => Application::Web,
        _ => return Err("expected web, native or browser"),
    })
}
