//! A service or a data provider that asks for one unusual claim alone: the page and the receipt name it.

use hub_core::scope::{Claim, Scope};
use hub_templates::{Language, Pages};
use hub_tests::{Answer, Browser, JsonExt, Opening, World, WorldOptions, unverified_claims};
use serde_json::{Value, json};

/// A person whose identity has every claim.
fn every_claim() -> String {
    json!({
        "given_name": "Angela Claire", "given_name_array": ["Angela", "Claire"],
        "family_name": "DUBOIS", "preferred_username": "Martin", "birthdate": "1962-08-24",
        "gender": "female", "birthplace": "75107", "birthcountry": "99100",
        "email": "angela@test.example", "email_verified": true, "phone_number": "+33123456789",
        "address": {"street_address": "1 rue de Test", "postal_code": "75001", "locality": "Paris"},
        "login": "angela", "given_name_original": "Αντζελα", "family_name_original": "Ντυμπουα",
    })
    .to_string()
}

/// Logs that person in at `service`, up to the review page.
async fn review_page(
    world: &World,
    browser: &mut Browser,
    (service, request): (&'static str, &[(&str, &str)]),
) -> Answer {
    let start = world.sp(service).authorization_url(request);
    let answer = browser.visit(&start).await;
    let choice = browser.follow_redirects(answer, "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    let form = sign_in.page.first_form().with("describe", "yes");
    let form = form.with("claims", &every_claim());
    let back = browser.submit_form(&sign_in, &form).await;
    browser.follow_redirects(back, "https://").await
}

/// Agrees on the page `review`; returns the receipt page and the claims of the signed receipt.
async fn receipt(browser: &mut Browser, review: &Answer) -> (Answer, Value) {
    let form = review.page.first_form().with("receipt", "yes");
    let agreed = browser.submit_form(review, &form).await;
    let shown = browser.follow_redirects(agreed, "https://").await;
    let link = shown.page.links();
    let mut signed = link
        .iter()
        .filter_map(|link| link.strip_prefix("data:application/jwt,"));
    let claims = unverified_claims(signed.next().unwrap());
    (shown, claims)
}

/// What a reader sees of the page: without the elements that isolate foreign text.
fn text_of(page: &Answer) -> String {
    let html = page.page.html().replace("<bdi>", "");
    html.replace("</bdi>", "").replace("&#x27;", "'")
}

#[actix_web::test]
async fn every_claim_is_named_on_the_page_and_in_the_receipt_even_alone() {
    let world = World::start();
    let pages = Pages::new("Lethe", "").unwrap();
    let scope = Scope::Openid.name();
    for claim in Claim::ALL {
        for language in Language::ALL {
            let name = claim.name();
            let label = pages.text(&format!("claim.{name}"), language);
            assert!(!label.is_empty(), "{name} has no name in {language:?}");
            let claims = json!({"userinfo": {name: null}}).to_string();
            let mut browser = Browser::open().speaking(language.tag());
            let request = [("scope", scope), ("claims", &*claims)];
            let review = review_page(&world, &mut browser, ("registry", &request)).await;

            let no_data = pages.text("review.title.anonymous", language);
            let no_data = no_data.replace("{{service}}", "Service registry");
            let page = text_of(&review);
            assert!(!page.contains(&no_data), "{name}: {page}");
            assert!(
                page.contains(&format!("<dt>{label}</dt>")),
                "{name}: {page}"
            );
            let (shown, signed) = receipt(&mut browser, &review).await;
            assert_eq!(signed["data"], json!([name]));
            assert!(signed["text"].items().contains(&label.into()), "{signed}");
            let page = text_of(&shown);
            assert!(page.contains(&format!("<dd>{label}</dd>")), "{page}");
            let left = browser
                .submit_form(&shown, &shown.page.first_form())
                .await
                .refresh_url();
            assert!(left.as_str().contains("code="), "{left}");
        }
    }
}

#[actix_web::test]
async fn every_claim_that_a_data_provider_is_told_is_named_even_alone() {
    let pages = Pages::new("Lethe", "").unwrap();
    for claim in Claim::ALL {
        let name = claim.name();
        let identity = format!("identity = [\"{name}\"]");
        let usual = "identity = [\"given_name\", \"family_name\", \"birthdate\"]";
        let world = World::start_with(WorldOptions {
            edits: vec![("data-providers/taxes.toml", usual, &*identity.leak())],
            ..Opening::default()
        });
        for language in Language::ALL {
            let label = pages.text(&format!("claim.{name}"), language);
            let mut browser = Browser::open().speaking(language.tag());
            let request = [("scope", "openid fiscal_income")];
            let review = review_page(&world, &mut browser, ("canteen", &request)).await;

            let told = pages.text("review.data.identity", language);
            let told = told.rsplit("{{name}}").next().unwrap();
            let page = text_of(&review);
            let sentence = format!("{told} {label}.");
            assert!(page.contains(&sentence), "{name}: {sentence}: {page}");
            let (shown, signed) = receipt(&mut browser, &review).await;
            assert_eq!(signed["data_providers"][0]["told"], json!([name]));
            let text = signed["text"].items();
            assert!(text.contains(&label.into()), "{name}: {signed}");
            let told = pages.text("receipt.told", language);
            let page = text_of(&shown);
            assert!(page.contains(&format!("{told} {label}.")), "{page}");
        }
    }
}
