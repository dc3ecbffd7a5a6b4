//! What one side holds makes the hub say nothing of the other side, at any endpoint.

use std::collections::{BTreeMap, BTreeSet};

use hub_tests::{Browser, Listener, Presenter, Returned, World, requests_of};
use url::form_urlencoded;

/// Named values that a party holds after a login and a logout.
type Held = Vec<(String, String)>;

/// Every value in requests as the demonstration's IdP notes them.
fn values(requests: &[String]) -> Held {
    requests_of(requests).into_iter().flatten().collect()
}

/// What Boussole holds after a login at `service` and a logout from there.
async fn held_by_the_idp(world: &World, service: &'static str) -> Held {
    let idp = world.idp("boussole").unwrap();
    let before = idp.seen().len();
    let mut browser = Browser::new().unwrap();
    let signed_in = world.id_token(&mut browser, service, "helene").await;
    let (hint, _) = signed_in.unwrap();
    let back = format!("https://{service}.example/bye?from=hub");
    let end = world.end(&[
        ("id_token_hint", &hint),
        ("post_logout_redirect_uri", &back),
    ]);
    world.go(&mut browser, &end.unwrap()).await.unwrap();
    values(&idp.seen()[before..])
}

/// The cookies of a browser with a login under way and a session, both of a third service.
async fn foreign_cookies(world: &World) -> String {
    let mut browser = Browser::new().unwrap();
    let signed_in = world.id_token(&mut browser, "insurer", "angela").await;
    signed_in.unwrap();
    let start = world
        .service("insurer")
        .unwrap()
        .request(&[("prompt", "login")]);
    let choice = browser.get(&start.unwrap()).await.unwrap();
    let choice = browser.follow(choice, "https://").await.unwrap();
    browser.click(&choice, "idp/boussole").await.unwrap();
    browser.cookies()
}

/// Presents every value that differs between `one` and `two` to every endpoint: the answers must not
/// differ.
async fn assert_nothing_tells_them_apart(
    presenters: &[(Presenter, Presenter)],
    one: &Held,
    two: &Held,
) {
    let names =
        |held: &Held| -> Vec<String> { held.iter().map(|(name, _)| name.clone()).collect() };
    assert_eq!(names(one), names(two));
    let mut presented = BTreeSet::new();
    for (first, second) in presenters {
        for ((name, left), (_, right)) in one.iter().zip(two) {
            // The same value is the same request.
            if left == right {
                continue;
            }
            presented.insert(left.clone());
            let answers = (first.present(left).await, second.present(right).await);
            assert_same(name, &answers.0.unwrap(), &answers.1.unwrap());
        }
        let together = (
            first.present_together(one).await,
            second.present_together(two).await,
        );
        assert_same("everything", &together.0.unwrap(), &together.1.unwrap());
    }
    assert!(presented.len() > 5, "{presented:?}");
}

fn assert_same(name: &str, one: &BTreeMap<String, String>, two: &BTreeMap<String, String>) {
    assert!(one.len() > 25, "{} answers", one.len());
    assert_eq!(one.len(), two.len());
    for (what, answer) in one {
        assert_eq!(answer, &two[what], "{name} tells in {what}");
    }
}

#[actix_web::test]
async fn nothing_that_the_idp_holds_makes_the_hub_name_the_service() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    // The first login alone reads discovery and keys.
    held_by_the_idp(&world, "town-hall").await;
    let one = held_by_the_idp(&world, "town-hall").await;
    let two = held_by_the_idp(&world, "library").await;
    for name in ["state", "nonce", "code", "code_challenge", "id_token_hint"] {
        assert!(one.iter().any(|(known, _)| known == name), "{name}");
    }
    let cookies = foreign_cookies(&world).await;
    let presenter = |cookies: &str| {
        let one = Presenter::new(&world.issuer, "insurer", "boussole", cookies).unwrap();
        (one.clone(), one)
    };

    let presenters = [presenter(""), presenter(&cookies)];
    assert_nothing_tells_them_apart(&presenters, &one, &two).await;
}

/// What the library holds after a login by `idp`, and after the session ended at another service.
async fn held_by_the_service(world: &World, told: &Listener, idp: &str) -> Held {
    let mut browser = Browser::new().unwrap();
    let sp = world.service("library").unwrap();
    let start = sp.request(&[]).unwrap();
    let authentication = world.log_in(&mut browser, &start, idp, "helene").await;
    let authentication = authentication.unwrap();
    let returned = Returned::from(&authentication);
    let (_, tokens) = sp
        .token(&sp.token_fields(returned.get("code")))
        .await
        .unwrap();
    let userinfo = sp.claims(tokens["access_token"].as_str().unwrap()).await;
    let mut other = Browser::new().unwrap();
    let unused = world.log_in(&mut other, &start, idp, "helene").await;
    let before = told.received().len();
    let (hint, _) = world
        .id_token(&mut browser, "town-hall", "helene")
        .await
        .unwrap();
    let end = world.end(&[("id_token_hint", &hint)]).unwrap();
    world.go(&mut browser, &end).await.unwrap();
    let message = told.hear(before + 1).await.unwrap().pop().unwrap();

    let mut held: Held = authentication.query_pairs().into_owned().collect();
    held.extend(unused.unwrap().query_pairs().into_owned());
    for answer in [tokens, userinfo.unwrap()] {
        let members = answer.as_object().unwrap().iter();
        held.extend(
            members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))),
        );
    }
    held.extend(form_urlencoded::parse(message.as_bytes()).into_owned());
    held
}

#[actix_web::test]
async fn nothing_that_the_service_holds_makes_the_hub_name_the_idp() {
    let told = Listener::open(&[]).unwrap();
    let edits = vec![(
        "idps/citadelle.toml",
        "ceiling = \"eidas3\"",
        "ceiling = \"eidas2\"",
    )];
    let world = World::with_sessions(&told, edits).unwrap();
    let one = held_by_the_service(&world, &told, "boussole").await;
    let two = held_by_the_service(&world, &told, "citadelle").await;
    for name in ["code", "access_token", "id_token", "logout_token"] {
        assert!(one.iter().any(|(known, _)| known == name), "{name}");
    }
    let cookies = foreign_cookies(&world).await;
    let presenter = |cookies: &str| {
        let one = Presenter::new(&world.issuer, "library", "boussole", cookies).unwrap();
        (one.clone(), one)
    };

    let presenters = [presenter(""), presenter(&cookies)];
    assert_nothing_tells_them_apart(&presenters, &one, &two).await;
}
