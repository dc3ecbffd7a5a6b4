//! The page that returns the browser to the service, by itself or by a button.
//!
//! Filled by the server's HTTP layer.

use serde::Serialize;

use crate::Page;

/// The page that sends the authorization response to the service.
///
/// It answers a form: browsers apply the `form-action` policy of the form's page to redirects, so a
/// redirect to the service would be blocked.
#[derive(Debug, Clone, Serialize)]
pub struct Leave {
    /// The name of the service.
    pub service: String,
    /// The complete URL for an automatic refresh; `None` for a posted response.
    pub refresh: Option<String>,
    /// The target URL of the form.
    pub action: String,
    /// The method of the form, `get` or `post`.
    pub method: &'static str,
    /// The form's hidden fields.
    pub fields: Vec<(String, String)>,
}

impl Page for Leave {
    const NAME: &'static str = "leave";

    fn samples() -> Vec<Self> {
        let query = Self {
            service: "Mairie de Nouméa".into(),
            refresh: Some("https://town-hall.example/cb?code=x&state=%22%3E".into()),
            action: "https://town-hall.example/cb".into(),
            method: "get",
            fields: vec![("code".into(), "x".into()), ("state".into(), "\">".into())],
        };
        let posted = Self {
            refresh: None,
            method: "post",
            ..query.clone()
        };
        vec![query, posted]
    }
}
