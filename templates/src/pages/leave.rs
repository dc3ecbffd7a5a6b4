//! The way out: the browser goes on to the service by itself, or by one button.

use serde::Serialize;

use crate::Page;

/// On to the service. This page is the answer to a form, because browsers hold the redirects after a
/// form to the form's own policy: a plain redirect to the service would be stopped there.
#[derive(Debug, Clone, Serialize)]
pub struct Leave {
    /// The service's name.
    pub service: String,
    /// The whole address, for the browsers that go on by themselves; none for a posted answer.
    pub refresh: Option<String>,
    /// The form's target.
    pub action: String,
    /// `get` or `post`.
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
