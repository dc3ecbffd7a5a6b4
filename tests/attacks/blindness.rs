//! Neither side learns the other.

use std::collections::{BTreeMap, BTreeSet};

use hub_demo::FaultInjection;
use hub_tests::{Browser, Opening, Returned, World, mask};
use serde_json::Value;
use url::Url;

/// Every request that Boussole sees of one login for `service`, asked with `changes`.
async fn seen_by_the_idp(service: &'static str, changes: &[(&str, &str)]) -> Vec<String> {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service(service).unwrap();
    let start = sp.request(changes).unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    world.agree(&mut browser, &review).await.unwrap();
    let noise = |line: &String| {
        let ports = line
            .replace(&world.issuer.replace("http://", ""), "HUB")
            .replace(
                &world.issuer.replace("http://", "").replace(':', "%3A"),
                "HUB",
            )
            .replace(&world.idp("boussole").unwrap().address().to_string(), "IDP");
        mask(&ports)
    };
    world
        .idp("boussole")
        .unwrap()
        .seen()
        .iter()
        .map(noise)
        .collect()
}

#[actix_web::test]
async fn what_the_idp_receives_does_not_depend_on_the_service() {
    let plain = seen_by_the_idp("town-hall", &[]).await;
    let others = [
        ("library", vec![]),
        ("insurer", vec![("scope", "openid")]),
        ("fc-service", vec![("acr_values", "eidas2")]),
        (
            "town-hall",
            vec![
                ("login_hint", "angela@personne.example"),
                ("ui_locales", "en"),
            ],
        ),
        (
            "town-hall",
            vec![("max_age", "10"), ("prompt", "login consent")],
        ),
        (
            "town-hall",
            vec![
                ("claims", r#"{"userinfo":{"email":null}}"#),
                ("state", "short"),
            ],
        ),
    ];

    assert_eq!(
        plain.len(),
        5,
        "discovery, authorize, token, keys, userinfo: {plain:#?}"
    );
    for (service, changes) in others {
        assert_eq!(
            seen_by_the_idp(service, &changes).await,
            plain,
            "{service} {changes:?}"
        );
    }
    assert!(!plain.concat().contains("town-hall"));
}

/// What a service learns at two IdPs that deliver one level.
async fn learnt(idp: &str) -> (Value, Value, BTreeSet<String>) {
    let edits = vec![(
        "idps/citadelle.toml",
        "ceiling = \"eidas3\"",
        "ceiling = \"eidas2\"",
    )];
    let world = World::open_with(Opening {
        edits,
        ..Opening::default()
    })
    .unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("modern-library").unwrap();
    let start = sp.request(&[]).unwrap();
    let authentication = world
        .log_in(&mut browser, &start, idp, "helene")
        .await
        .unwrap();
    let parameters = authentication
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    let (id_token, userinfo) = sp.learn(&authentication).await.unwrap();
    (id_token, userinfo, parameters)
}

#[actix_web::test]
async fn what_the_service_receives_does_not_depend_on_the_idp() {
    let shape = |value: &Value| -> BTreeMap<String, usize> {
        let members = value.as_object().unwrap().iter();
        members
            .map(|(name, value)| (name.clone(), value.to_string().len()))
            .collect()
    };

    let (one_token, one_info, one_parameters) = learnt("boussole").await;
    let (two_token, two_info, two_parameters) = learnt("citadelle").await;

    assert_eq!(shape(&one_token), shape(&two_token));
    assert_eq!(shape(&one_info), shape(&two_info));
    assert_eq!(one_parameters, two_parameters);
    for text in [one_token.to_string(), one_info.to_string()] {
        for name in ["boussole", "Boussole", "account-of", "pwd"] {
            assert!(!text.contains(name), "{text}");
        }
    }
}

#[actix_web::test]
async fn no_redirect_and_no_page_tells_where_the_browser_came_from() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let redirect = browser.get(&start).await.unwrap();
    let choice = browser.follow(redirect.clone(), "https://").await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let cancel = browser.click(&choice, "cancel").await.unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let error = browser
        .get(&world.url("/authorize").unwrap())
        .await
        .unwrap();
    let refusal = browser
        .get(
            &world
                .service("town-hall")
                .unwrap()
                .request(&[("prompt", "none")])
                .unwrap(),
        )
        .await
        .unwrap();

    for answer in [redirect, choice, departure, cancel, review, error, refusal] {
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{}",
            answer.url
        );
    }
}

#[actix_web::test]
async fn two_services_have_nothing_in_common_to_compare() {
    let world = World::open().unwrap();
    let mut seen: Vec<BTreeSet<String>> = Vec::new();
    for service in ["town-hall", "library"] {
        let mut browser = Browser::new().unwrap();
        let sp = world.service(service).unwrap();
        let start = sp.request(&[("scope", "openid")]).unwrap();
        let authentication = world
            .log_in(&mut browser, &start, "boussole", "angela")
            .await
            .unwrap();
        let (tokens, id_token) = sp
            .redeem(Returned::from(&authentication).get("code"))
            .await
            .unwrap();
        let values = [tokens, id_token];
        let long = values
            .iter()
            .flat_map(|value| value.as_object().unwrap().values());
        let long = long
            .filter_map(Value::as_str)
            .filter(|text| text.len() > 20);
        seen.push(long.map(str::to_owned).collect());
        world.clock.pass(std::time::Duration::from_secs(7));
    }

    let common: Vec<&String> = seen[0].intersection(&seen[1]).collect();
    assert_eq!(common, [&world.issuer]);
}

#[actix_web::test]
async fn what_an_idp_says_in_an_error_stays_with_the_hub() {
    let world = World::open().unwrap();
    world
        .idp("boussole")
        .unwrap()
        .misbehave(Some(FaultInjection::Declines));
    let mut browser = Browser::new().unwrap();
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let page = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let left = browser
        .click(&page, "cancel")
        .await
        .unwrap()
        .location()
        .unwrap();

    assert!(!page.page.html().contains("the person refused"));
    let said = Returned::from(&left);
    assert_eq!(said.get("error"), "access_denied");
    assert!(!left.as_str().contains("boussole") && !left.as_str().contains("person"));
}

#[actix_web::test]
async fn addresses_hold_no_identity_and_tickets_have_one_length() {
    let world = World::open().unwrap();
    let mut lengths = BTreeSet::new();
    for service in ["town-hall", "app", "anonymous"] {
        let mut browser = Browser::new().unwrap();
        let start = world.service(service).unwrap().request(&[]).unwrap();
        let review = world
            .to_review(&mut browser, &start, "boussole", "angela")
            .await
            .unwrap();
        let action = review
            .url
            .join(&review.page.form().unwrap().action)
            .unwrap();
        let segments = |url: &Url| url.path().split('/').map(str::len).max().unwrap();
        lengths.insert(segments(&action));
        for text in [review.url.as_str(), action.as_str()] {
            assert!(
                !text.contains("DUBOIS") && !text.contains(service),
                "{text}"
            );
        }
    }

    assert_eq!(lengths.len(), 1, "{lengths:?}");
}
