//! `prompt` (OpenID Connect Core 3.1.2.1).

use hub_core::oauth_error::OAuthError;

use super::Refusal;

/// What `prompt` changes here. `consent` changes nothing: the review is always shown, but to a service
/// that is registered to be answered in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompt {
    /// No page may be shown.
    pub is_silent: bool,
    /// The citizen has to authenticate now.
    pub is_fresh: bool,
    /// The citizen has to choose, whoever is signed in.
    pub is_choice: bool,
}

impl Prompt {
    pub(super) fn read(sent: Option<&str>) -> Result<Self, Refusal> {
        let words: Vec<&str> = sent.unwrap_or_default().split_ascii_whitespace().collect();
        let known = ["none", "login", "consent", "select_account"];
        if !words.iter().all(|word| known.contains(word)) {
            return Err((OAuthError::InvalidRequest, "an unknown value of prompt"));
        }
        let is_silent = words.contains(&"none");
        if is_silent && words.len() > 1 {
            return Err((
                OAuthError::InvalidRequest,
                "prompt=none goes with no other value",
            ));
        }
        Ok(Self {
            is_silent,
            is_fresh: words.contains(&"login"),
            is_choice: words.contains(&"select_account"),
        })
    }
}
