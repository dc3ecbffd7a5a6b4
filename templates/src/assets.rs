//! The static files of the pages, compiled into the binary.
//!
//! Called by the server's asset endpoint and by `page.rs`.

/// A static file.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// The media type.
    pub content_type: &'static str,
    /// The content.
    pub body: &'static [u8],
}

/// The style sheet.
pub(crate) const STYLE: &str = include_str!("../assets/lethe.css");
const ICON: &str = include_str!("../assets/icon.svg");
const LEAVE: &str = include_str!("../assets/leave.js");
const BUTTON: &str = include_str!("../kit/button.css");
const MARK: &str = include_str!("../kit/mark.svg");

/// Returns the file of that name in the button kit, which services copy.
#[must_use]
pub fn kit_file(name: &str) -> Option<Asset> {
    let (content_type, body) = match name {
        "button.css" => ("text/css; charset=utf-8", BUTTON),
        "mark.svg" => ("image/svg+xml", MARK),
        _ => return None,
    };
    Some(Asset {
        content_type,
        body: body.as_bytes(),
    })
}

/// Returns the file of that name.
///
/// Its URL on a page contains a fingerprint of the content, so browsers may cache it without limit.
#[must_use]
pub fn asset(name: &str) -> Option<Asset> {
    match name {
        "lethe.css" => Some(Asset {
            content_type: "text/css; charset=utf-8",
            body: STYLE.as_bytes(),
        }),
        "leave.js" => Some(Asset {
            content_type: "text/javascript; charset=utf-8",
            body: LEAVE.as_bytes(),
        }),
        "icon.svg" => Some(Asset {
            content_type: "image/svg+xml",
            body: ICON.as_bytes(),
        }),
        _ => None,
    }
}

/// Returns the media type of a file of an operator's theme.
///
/// Returns `None` if a theme cannot contain a file of that name.
#[must_use]
pub fn media_type(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let (stem, end) = name.rsplit_once('.')?;
    if stem.is_empty() || !name.chars().all(plain) {
        return None;
    }
    Some(match end {
        "css" if stem == "theme" => "text/css; charset=utf-8",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

/// Returns a short fingerprint of the content of the assets and the theme (FNV-1a). A changed file gets
/// a new URL.
pub(crate) fn fingerprint<'f>(theme: impl Iterator<Item = &'f [u8]>) -> String {
    let own = [STYLE, ICON, LEAVE].map(str::as_bytes);
    let bytes = own.into_iter().chain(theme).flatten();
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
