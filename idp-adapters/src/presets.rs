//! What is known of providers in the field: data that an IdP's entry stands upon, key by key.

/// Every preset: its name, and the TOML of its part of an entry.
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

/// The preset called `name`.
#[must_use]
pub fn preset(name: &str) -> Option<&'static str> {
    let found = PRESETS.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}
