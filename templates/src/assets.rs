//! The few files that a page needs, built in.

/// A static file.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub body: &'static [u8],
}

/// The style sheet.
pub(crate) const STYLE: &str = include_str!("../assets/lethe.css");
const ICON: &str = include_str!("../assets/icon.svg");
const LEAVE: &str = include_str!("../assets/leave.js");
const BUTTON: &str = include_str!("../kit/button.css");
const MARK: &str = include_str!("../kit/mark.svg");

/// The file of that name in the button kit, for services to keep.
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

/// The file of that name. Its address on a page carries the release, so browsers may keep it for good.
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

/// A short fingerprint of the assets' content (FNV-1a): a changed file has a changed address.
pub(crate) fn fingerprint() -> String {
    let bytes = [STYLE, ICON, LEAVE].concat();
    let hash = bytes.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
