//! The requests in which a party presents what it holds: one for each place where a value could matter.

use reqwest::Method;
use url::{Url, form_urlencoded};

use super::Presenter;
use crate::{Endpoint, services::SECRET};

/// Parameters that every endpoint is tried with, beside its own.
const EVERYWHERE: [&str; 4] = ["state", "code", "id_token_hint", "token"];
/// The names of the hub's cookies where there is no TLS.
const COOKIES: [&str; 6] = [
    "lethe",
    "lethe-session",
    "lethe-authenticated",
    "lethe-waiting",
    "lethe-idp",
    "lethe-device",
];

/// One request, by what is done in it; the value itself is not in `what`.
#[derive(Debug, Clone)]
pub struct Presentation {
    /// The endpoint's path, as the router has it.
    pub endpoint: &'static str,
    pub(super) what: String,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) form: Option<String>,
}

impl Presenter {
    /// The value in each position of the path.
    pub(super) fn in_path(
        &self,
        endpoint: &Endpoint,
        value: &str,
        all: &mut Vec<Presentation>,
    ) -> Result<(), anyhow::Error> {
        for name in ["ticket", "idp", "name", "fingerprint"] {
            let place = format!("{{{name}}}");
            if endpoint.path.contains(&place) {
                let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
                let path = self.filled(&endpoint.path.replace(&place, &encoded), "x");
                let url = Url::parse(&format!("{}{path}", self.issuer))?;
                all.extend(both(endpoint, &format!("{name} in the path"), &url, &[]));
                let state = [("state".to_owned(), value.to_owned())];
                all.extend(both(endpoint, &format!("{name} and state"), &url, &state));
            }
        }
        Ok(())
    }

    /// The value in each parameter: alone, and with the others filled in.
    pub(super) fn in_parameters(
        &self,
        endpoint: &Endpoint,
        value: &str,
        all: &mut Vec<Presentation>,
    ) -> Result<(), anyhow::Error> {
        let url = self.address(endpoint, "x")?;
        let others = EVERYWHERE
            .into_iter()
            .filter(|name| !endpoint.parameters.contains(name));
        for name in endpoint.parameters.iter().copied().chain(others) {
            let alone = [(name.to_owned(), value.to_owned())];
            all.extend(both(endpoint, &format!("{name} alone"), &url, &alone));
        }
        for name in endpoint.parameters {
            let filled: Vec<(String, String)> = endpoint
                .parameters
                .iter()
                .map(|other| {
                    let text = if other == name {
                        value
                    } else {
                        self.usual(other)
                    };
                    ((*other).to_owned(), text.to_owned())
                })
                .filter(|(_, text)| !text.is_empty())
                .collect();
            all.extend(both(endpoint, &format!("{name} of all"), &url, &filled));
        }
        Ok(())
    }

    /// The value as credentials, as each cookie, and in the query of every other method.
    pub(super) fn in_headers(
        &self,
        endpoint: &Endpoint,
        value: &str,
        all: &mut Vec<Presentation>,
    ) -> Result<(), anyhow::Error> {
        let url = self.address(endpoint, "x")?;
        let headers = ["Bearer", "Basic", "DPoP"]
            .map(|scheme| ("authorization", format!("{scheme} {value}")))
            .into_iter()
            .chain(COOKIES.map(|name| ("cookie", format!("{name}={value}"))));
        for (name, text) in headers {
            let place = text.replace(value, "VALUE");
            all.push(Presentation {
                endpoint: endpoint.path,
                what: format!("GET {} {name}: {place}", endpoint.path),
                method: Method::GET,
                url: url.clone(),
                headers: vec![(name, text)],
                form: None,
            });
        }
        let mut query = url.clone();
        query.query_pairs_mut().append_pair("state", value);
        for method in ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            all.push(Presentation {
                endpoint: endpoint.path,
                what: format!("{method} {}", endpoint.path),
                method: Method::from_bytes(method.as_bytes())?,
                url: query.clone(),
                headers: vec![],
                form: None,
            });
        }
        Ok(())
    }

    pub(super) fn address(&self, endpoint: &Endpoint, ticket: &str) -> Result<Url, anyhow::Error> {
        let path = self.filled(endpoint.path, ticket);
        Ok(Url::parse(&format!("{}{path}", self.issuer))?)
    }

    fn filled(&self, path: &str, ticket: &str) -> String {
        path.replace("{idp}", &self.idp)
            .replace("{ticket}", ticket)
            .replace("{name}", "oauth-authorization-server")
            .replace("{fingerprint}", "x")
    }

    /// What the other parameters of a request hold.
    fn usual(&self, name: &str) -> &str {
        match name {
            "grant_type" => "authorization_code",
            "client_id" => &self.client_id,
            "client_secret" => SECRET,
            "response_type" | "code" => "code",
            "redirect_uri" => "http://127.0.0.1/native",
            "scope" => "openid",
            "state" | "nonce" => "a-state-or-nonce-of-the-tests",
            "code_challenge" => "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method" => "S256",
            "consent" => "yes",
            _ => "",
        }
    }
}

/// The same parameters in the query of a GET and in the form of a POST.
pub(super) fn both(
    endpoint: &Endpoint,
    what: &str,
    url: &Url,
    parameters: &[(String, String)],
) -> [Presentation; 2] {
    let mut query = url.clone();
    if !parameters.is_empty() {
        query.query_pairs_mut().extend_pairs(parameters);
    }
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let of = |method: Method, url: Url, form| Presentation {
        endpoint: endpoint.path,
        what: format!("{method} {} with {what}", endpoint.path),
        method,
        url,
        headers: vec![],
        form,
    };
    [
        of(Method::GET, query, None),
        of(Method::POST, url.clone(), Some(form)),
    ]
}
