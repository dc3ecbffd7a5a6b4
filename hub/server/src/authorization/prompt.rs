//! `prompt` (OpenID Connect Core 3.1.2.1).

use hub_core::oauth_error::OAuthError;

use super::Refusal;

/// What `prompt` changes here. `consent` and `select_account` change nothing: the review and the
/// choice are always shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prompt {
    /// No page may be shown.
    pub(super) is_silent: bool,
    /// The citizen has to authenticate now.
    pub(super) is_fresh: bool,
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
        })
    }
}
