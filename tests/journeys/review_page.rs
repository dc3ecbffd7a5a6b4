//! The review page names everything that is passed on, in both languages.

use hub_tests::{Browser, World};

#[actix_web::test]
async fn the_review_page_names_the_identifier_and_the_level_before_it_says_nothing_else() {
    for (language, identifier, levels, nothing_else) in [
        (
            "fr",
            "un identifiant propre à ce service",
            ["Garantie faible", "Garantie substantielle"],
            "Rien d’autre ne sera transmis.",
        ),
        (
            "en",
            "an identifier that exists for this service alone",
            ["Low assurance", "Substantial assurance"],
            "Nothing else will be passed on.",
        ),
    ] {
        let world = World::open().unwrap();
        // Without data, with data, with the warning that the account's name tells the provider, with consent.
        for (service, scope) in [
            ("anonymous", "openid"),
            ("town-hall", "openid profile"),
            ("curious", "openid login"),
            ("insurer", "openid email"),
        ] {
            for (level, acr) in levels.into_iter().zip(["eidas1", "eidas2"]) {
                let sp = world.service(service).unwrap();
                let changes = [("scope", scope), ("acr_values", acr)];
                let start = sp.request(&changes).unwrap();
                let mut browser = Browser::new().unwrap().speaking(language);

                let review = world.to_review(&mut browser, &start, "citadelle", "angela");
                let review = review.await.unwrap();

                let html = review.page.html();
                let place = |text: &str| {
                    let found = html.find(text);
                    found.unwrap_or_else(|| panic!("{service} {language}: no {text} in {html}"))
                };
                assert!(place(identifier) < place(nothing_else), "{service}");
                assert!(place(level) < place(nothing_else), "{service}");
                let authentication = world.agree(&mut browser, &review).await.unwrap();
                let (id_token, _) = sp.learn(&authentication).await.unwrap();
                assert_eq!(id_token["acr"], acr, "{service}");
                assert!(id_token["sub"].is_string(), "{service}");
            }
        }
    }
}
