use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Choice, EndIdpSession, Entry, ErrorPage, GoOn, Language, Leave, Page, Pages, Review, Wait,
    asset,
};

fn pages() -> Pages {
    Pages::new("Lethe", "/api/v2").unwrap()
}

fn all_samples() -> Vec<(String, String)> {
    fn of<P: Page>(pages: &Pages) -> Vec<(String, String)> {
        let in_each_language = |page: P| {
            Language::ALL.map(|language| {
                let name = format!("{} in {}", P::NAME, language.tag());
                let html = pages.render(&page, language);
                (
                    name.clone(),
                    html.unwrap_or_else(|error| panic!("{name}: {error}")),
                )
            })
        };
        P::samples()
            .into_iter()
            .flat_map(in_each_language)
            .collect()
    }
    let pages = pages();
    [
        of::<Choice>(&pages),
        of::<ErrorPage>(&pages),
        of::<Leave>(&pages),
        of::<Review>(&pages),
        of::<Wait>(&pages),
        of::<EndIdpSession>(&pages),
        of::<GoOn>(&pages),
    ]
    .concat()
}

#[test]
fn every_page_renders_in_every_language() {
    for (name, html) in all_samples() {
        assert!(html.starts_with("<!doctype html>"), "{name}");
        assert!(html.ends_with("</html>\n"), "{name}");
        assert!(!html.contains("{{"), "{name}: {html}");
    }
}

#[test]
fn no_page_has_script_or_inline_style_or_a_remote_asset() {
    // The exceptions: the button back to the service, and the script that posts a form.
    let allowed = [
        "class=\"primary\" href=\"http",
        "<script src=\"/api/v2/assets/",
    ];
    let forbidden = [
        "<script",
        "style=",
        "<style",
        " onclick",
        " onload",
        "src=",
        "href=\"http",
        "url(",
    ];
    for (name, html) in all_samples() {
        let html = allowed
            .iter()
            .fold(html, |html, allowed| html.replace(allowed, ""));
        for word in forbidden {
            assert!(!html.contains(word), "{name} has {word}");
        }
    }
}

#[test]
fn every_value_is_escaped() {
    let hostile: Vec<String> = all_samples().into_iter().map(|(_, html)| html).collect();
    let all = hostile.concat();

    assert!(all.contains("&lt;b&gt;D’AUBIGNÉ&lt;/b&gt;"));
    assert!(!all.contains("<b>D"));
    assert!(!all.contains("value=\"\">\""));
}

#[test]
fn a_list_replaces_its_marker_with_escaped_values() {
    let pages = pages();
    let entry = |href: Option<&str>| {
        let entry = Entry {
            title: "Banque <Z>".into(),
            href: href.map(str::to_owned),
            level: "Niveau <faible>".into(),
            reason: href.is_none().then(|| "Fermé <!--list-->".into()),
        };
        pages.entry(&entry).unwrap()
    };
    let page = Choice {
        service: "<!--list-->".into(),
        empty: false,
        idps: vec![entry(Some("idp/z")), entry(None)],
        notices: vec![],
        filter: None,
        by_email: false,
        no_such_email: false,
        remembered: None,
        notice: None,
        cancel: "cancel".into(),
    };
    let html = pages.render(&page, Language::Fr).unwrap();

    assert!(
        html.contains("<ul class=\"idps\">\n<li><a class=\"idp\" href=\"idp/z\">"),
        "{html}"
    );
    assert!(html.contains("Banque &lt;Z&gt;") && html.contains("Fermé &lt;!--list--&gt;"));
    assert!(!html.contains("<Z>") && !html.contains("<faible>") && !html.contains("<!--list-->"));
}

#[test]
fn no_template_disables_escaping() {
    let sources = crate::pages::TEMPLATES
        .map(|(_, template)| template)
        .concat();
    let locales = [
        include_str!("../locales/fr.json"),
        include_str!("../locales/en.json"),
    ]
    .concat();
    let partials = [
        include_str!("../partials/layout.hbs"),
        include_str!("../partials/entry.hbs"),
    ];

    for text in [sources.as_str(), locales.as_str(), &partials.concat()] {
        assert!(!text.contains("{{{") && !text.contains("{{&"));
    }
}

#[test]
fn both_languages_have_the_same_messages() {
    let keys = |json: &str| -> BTreeSet<String> {
        serde_json::from_str::<BTreeMap<String, String>>(json)
            .unwrap()
            .into_keys()
            .collect()
    };

    assert_eq!(
        keys(include_str!("../locales/fr.json")),
        keys(include_str!("../locales/en.json"))
    );
}

#[test]
fn every_message_is_used() {
    let sources = crate::pages::TEMPLATES
        .map(|(_, template)| template)
        .concat()
        + include_str!("../partials/layout.hbs");
    let messages: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../locales/en.json")).unwrap();
    // The messages that the hub looks up by name.
    let looked_up = [
        "error.L",
        "claim.",
        "value.",
        "level.",
        "month.",
        "signin.",
        "receipt.read",
        "receipt.signed",
        "kit.",
        "mail.",
        "choice.low",
        "choice.off",
        "choice.undated",
        "error.onward",
        "error.choose",
        "error.sent",
        "error.registered",
    ];

    for key in messages
        .keys()
        .filter(|key| !looked_up.iter().any(|start| key.starts_with(start)))
    {
        assert!(
            sources.contains(&format!("{{{{t \"{key}\"}}}}")),
            "{key} is not used"
        );
    }
}

#[test]
fn the_first_supported_language_is_used() {
    assert_eq!(Language::from_ui_locales("de fr-NC en"), Some(Language::Fr));
    assert_eq!(Language::from_ui_locales("EN-gb"), Some(Language::En));
    assert_eq!(Language::from_ui_locales("de"), None);
    assert_eq!(
        Language::from_accept_language("de, en;q=0.8, fr;q=0.9"),
        Some(Language::Fr)
    );
    assert_eq!(
        Language::from_accept_language("fr;q=0, en"),
        Some(Language::En)
    );
    assert_eq!(
        Language::from_accept_language("en-GB,en;q=0.9"),
        Some(Language::En)
    );
    assert_eq!(Language::from_accept_language(";;q=,,=x"), None);
}

#[test]
fn every_asset_exists_and_is_small() {
    let style = asset("lethe.css").unwrap();

    assert!(style.body.len() < 9_000, "{} bytes", style.body.len());
    assert!(asset("icon.svg").is_some());
    assert!(asset("../Cargo.toml").is_none());
}

#[test]
fn c26_no_word_of_a_page_is_outside_the_messages() {
    let layout = ("layout", include_str!("../partials/layout.hbs"));
    let entry = ("entry", include_str!("../partials/entry.hbs"));
    for (name, template) in crate::pages::TEMPLATES.into_iter().chain([layout, entry]) {
        let mut left = String::new();
        let mut depth = (0_u32, 0_u32);
        for c in template.chars() {
            match c {
                '{' => depth.0 += 1,
                '}' => depth.0 -= 1,
                '<' if depth.0 == 0 => depth.1 += 1,
                '>' if depth.0 == 0 => depth.1 -= 1,
                _ if depth == (0, 0) => left.push(c),
                _ => {}
            }
        }
        let words: String = left.chars().filter(|c| c.is_alphabetic()).collect();

        assert_eq!(words, "", "{name}");
    }
}
