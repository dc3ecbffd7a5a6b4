//! Presets for known providers: default values of an IdP's entry, key by key.
//!
//! Called when the configuration is read.

/// Every preset: its name, and the TOML text of its default values.
pub const PRESETS: [(&str, &str); 6] = [
    ("eidas", include_str!("../presets/eidas.toml")),
    (
        "franceconnect",
        include_str!("../presets/franceconnect.toml"),
    ),
    ("generic", include_str!("../presets/generic.toml")),
    ("keycloak", include_str!("../presets/keycloak.toml")),
    ("nc-connect", include_str!("../presets/nc-connect.toml")),
    ("proconnect", include_str!("../presets/proconnect.toml")),
];

/// Returns the TOML text of the preset `name`.
#[must_use]
pub fn preset(name: &str) -> Option<&'static str> {
    let found = PRESETS.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}
