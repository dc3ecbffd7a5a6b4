//! How the browser ends the session at the identity provider.

use hub_tests::{Answer, Browser, Listener, World};

const BACK: &str = "https://town-hall.example/bye?from=hub";

/// A world in which Boussole's entry says `end_session`.
fn world(told: &Listener, end_session: &'static str) -> World {
    let edits = match end_session {
        "post" => vec![],
        _ => vec![("idps/boussole.toml", "end_session = \"post\"", end_session)],
    };
    World::with_sessions(told, edits).unwrap()
}

/// Logs out at the town hall with an id token of it; returns the page after the hub's own redirects.
async fn log_out(world: &World, browser: &mut Browser, back: &str) -> Answer {
    let signed_in = world.id_token(browser, "town-hall", "angela").await;
    let (hint, _) = signed_in.unwrap();
    let asked = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", back),
    ];
    let end = world.end(&asked).unwrap();
    let answer = browser.get(&end).await.unwrap();
    browser.follow(answer, "https://").await.unwrap()
}

#[actix_web::test]
async fn the_idp_gets_its_id_token_in_a_form_and_never_in_an_address() {
    let told = Listener::open(&[]).unwrap();
    let world = world(&told, "post");
    let idp = world.idp("boussole").unwrap();
    let mut browser = Browser::new().unwrap();

    let page = log_out(&world, &mut browser, BACK).await;

    let form = page.page.form().unwrap();
    assert_eq!(
        (form.method.as_str(), form.action),
        ("post", format!("{}/logout", idp.issuer()))
    );
    let names: Vec<&str> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "id_token_hint",
        "client_id",
        "post_logout_redirect_uri",
        "state",
    ];
    assert_eq!(names, expected);
    let policy = page.header("content-security-policy").unwrap();
    let origin = idp.issuer();
    assert!(
        policy.ends_with(&format!("form-action 'self' https: {origin}")),
        "{policy}"
    );
    assert!(!page.page.links().iter().any(|link| link.contains("eyJ")));
    let back = browser
        .submit(&page, &page.page.form().unwrap())
        .await
        .unwrap();
    let last = world
        .go(&mut browser, &back.location().unwrap())
        .await
        .unwrap();
    assert_eq!(last.next().unwrap().as_str(), BACK);
    let seen = idp.seen();
    let addresses = seen.iter().filter_map(|seen| seen.lines().next());
    assert!(!addresses.into_iter().any(|line| line.contains("eyJ")));
}

#[actix_web::test]
async fn an_idp_that_takes_no_post_is_visited_by_a_link_without_any_token() {
    let told = Listener::open(&[]).unwrap();
    let world = world(&told, "end_session = \"get\"");
    let idp = world.idp("boussole").unwrap();
    let mut browser = Browser::new().unwrap();

    let page = log_out(&world, &mut browser, BACK).await;

    let next = page.next().unwrap();
    assert!(
        next.as_str()
            .starts_with(&format!("{}/logout?", idp.issuer()))
    );
    let names: Vec<String> = next
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["client_id", "post_logout_redirect_uri", "state"]);
    let last = world.go(&mut browser, &next).await.unwrap();
    assert_eq!(last.next().unwrap().as_str(), BACK);
}

#[actix_web::test]
async fn an_idp_that_is_not_to_be_visited_is_not() {
    let told = Listener::open(&[]).unwrap();
    let world = world(&told, "end_session = \"off\"");
    let mut browser = Browser::new().unwrap();

    let page = log_out(&world, &mut browser, BACK).await;

    assert_eq!(page.next().unwrap().as_str(), BACK);
}

#[actix_web::test]
async fn a_citizen_who_stays_signed_in_at_the_idp_reads_that_the_session_there_is_open() {
    let told = Listener::open(&[]).unwrap();
    let world = world(&told, "post");
    let mut browser = Browser::new().unwrap();
    let page = log_out(&world, &mut browser, "https://unknown.example/").await;
    let skip = page
        .page
        .links()
        .into_iter()
        .find(|link| link.contains("/session/out"));
    let skip = page.url.join(&skip.unwrap()).unwrap();
    let kept = browser.get(&skip).await.unwrap();
    let page = log_out(&world, &mut browser, "https://unknown.example/").await;
    let back = browser
        .submit(&page, &page.page.form().unwrap())
        .await
        .unwrap();
    let ended = world
        .go(&mut browser, &back.location().unwrap())
        .await
        .unwrap();

    let open = kept.page.html().split_once("class=\"notice\"").unwrap().1;
    assert!(open.contains("Boussole"), "{open}");
    let closed = ended.page.html().split_once("class=\"notice\"").unwrap().0;
    assert!(closed.contains("Boussole"), "{closed}");
}
