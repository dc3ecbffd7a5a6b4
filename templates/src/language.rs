//! The language of the pages: the service's `ui_locales`, then the browser's preference, then the
//! default.
//!
//! Called by the server's `http` module.

/// A language in which every page exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// French.
    Fr,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// Returns the BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// Returns the writing direction, the value of the `dir` attribute.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Fr | Self::En => "ltr",
        }
    }

    /// Parses a BCP 47 tag by its primary subtag: `fr-NC` is French.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Returns the first supported language of `ui_locales`, which are in the order of preference
    /// (OpenID Connect Core 3.1.2.1).
    #[must_use]
    pub fn from_ui_locales(locales: &str) -> Option<Self> {
        locales.split_ascii_whitespace().find_map(Self::from_tag)
    }

    /// Returns the best supported language of an `Accept-Language` header (RFC 9110 section 12.5.4).
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let wish = |entry: &str| {
            let (tag, parameters) = entry.split_once(';').unwrap_or((entry, "q=1"));
            let weight: f32 = parameters.trim().strip_prefix("q=")?.parse().ok()?;
            (weight > 0.0).then_some((Self::from_tag(tag)?, weight))
        };
        let wishes = header.split(',').take(20).filter_map(wish);
        let best = wishes.fold(None, |best: Option<(Self, f32)>, wish| match best {
            Some(best) if best.1 >= wish.1 => Some(best),
            _ => Some(wish),
        });
        best.map(|(language, _)| language)
    }
}
