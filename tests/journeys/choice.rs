//! The choice page: the last account first, a box to look for one, notices for a while.

use hub_tests::{Answer, Browser, Opening, World};
use std::time::Duration;

fn open(edits: Vec<(&'static str, &'static str, &'static str)>) -> World {
    World::open_with(Opening {
        edits,
        ..Opening::default()
    })
    .unwrap()
}

async fn choice(world: &World, browser: &mut Browser) -> Answer {
    let start = world.service("town-hall").unwrap().request(&[]).unwrap();
    let answer = browser.get(&start).await.unwrap();
    browser.follow(answer, "https://").await.unwrap()
}

/// The providers on the page, in order.
fn listed(answer: &Answer) -> Vec<String> {
    let html = answer.page.html();
    let titles = html.split("<b><bdi>").skip(1);
    titles
        .map(|rest| rest.split("</bdi>").next().unwrap().to_owned())
        .collect()
}

/// Looks for `query` on the choice page.
async fn look(browser: &mut Browser, page: &Answer, query: &str) -> Answer {
    let mut url = page.url.clone();
    url.query_pairs_mut().append_pair("q", query);
    browser.get(&url).await.unwrap()
}

#[actix_web::test]
async fn c02_the_last_account_is_offered_first_where_the_citizen_wants_that_and_forgotten_again() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let all = ["Ardoise", "Boussole", "Citadelle", "Corail"];
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();

    world
        .log_in(&mut browser, &start, "citadelle", "angela")
        .await
        .unwrap();
    assert_eq!(listed(&choice(&world, &mut browser).await), all);
    assert!(!browser.cookies().contains("citadelle"));

    let review = world
        .to_review(&mut browser, &start, "citadelle", "angela")
        .await
        .unwrap();
    let form = review.page.form().unwrap().with("remember", "yes");
    browser.submit(&review, &form).await.unwrap();
    let page = choice(&world, &mut browser).await;
    assert_eq!(
        listed(&page),
        ["Citadelle", "Ardoise", "Boussole", "Corail"]
    );
    let cookies = browser.cookies();
    assert!(
        cookies.contains("lethe-idp=citadelle.2026-11-21"),
        "{cookies}"
    );

    let forgotten = browser.click(&page, "forget").await.unwrap();
    let page = browser.follow(forgotten, "https://").await.unwrap();
    assert_eq!(listed(&page), all);
    assert!(!browser.cookies().contains("citadelle"));
}

#[actix_web::test]
async fn c04_above_a_number_of_accounts_there_is_a_box_to_look_for_one() {
    let few = World::open().unwrap();
    let page = choice(&few, &mut Browser::new().unwrap()).await;
    assert!(!page.page.html().contains("name=\"q\""));

    let world = open(vec![
        ("hub.toml", "workers = 2", "workers = 2\nsearch_from = 4"),
        (
            "idps/boussole.toml",
            "title = \"Boussole\"",
            "title = \"Côté Mer\"\nkeywords = [\"phare\", \"Océan\"]",
        ),
    ]);
    let mut browser = Browser::new().unwrap();
    let page = choice(&world, &mut browser).await;
    assert!(page.page.html().contains("name=\"q\""));

    for (query, found) in [
        ("cote", vec!["Côté Mer"]),
        ("COTÉ m", vec!["Côté Mer"]),
        ("ocean", vec!["Côté Mer"]),
        ("Phare ", vec!["Côté Mer"]),
        ("ar", vec!["Ardoise", "Côté Mer"]),
        ("", vec!["Ardoise", "Côté Mer", "Citadelle", "Corail"]),
    ] {
        let answer = look(&mut browser, &page, query).await;
        assert_eq!(listed(&answer), found, "{query}");
    }
    let nothing = look(&mut browser, &page, "<zzz>").await;
    assert_eq!(listed(&nothing).len(), 4);
    assert!(nothing.page.html().contains("role=\"status\""));
    assert!(nothing.page.html().contains("&lt;zzz&gt;"));
    let endless = look(&mut browser, &page, &"x".repeat(5000)).await;
    assert_eq!(endless.status, 200);
}

#[actix_web::test]
async fn c20_a_notice_is_read_from_its_beginning_to_its_end_and_by_those_whom_it_concerns() {
    let world = open(vec![(
        "hub.toml",
        "workers = 2\n",
        "workers = 2\n\
         [[notices]]\ntext = \"Partout\"\nfrom = \"2026-11-21 01:00\"\nuntil = \"2026-11-21 02:00\"\n\
         [[notices]]\ntext = \"Boussole seulement\"\nidp = \"boussole\"\n\
         [[notices]]\ntext = \"Ailleurs\"\nidp = \"elsewhere\"\n",
    )]);
    let mut browser = Browser::new().unwrap();
    let mut shows = async || {
        let page = choice(&world, &mut browser).await;
        ["Partout", "Boussole seulement", "Ailleurs"].map(|text| page.page.html().contains(text))
    };

    assert_eq!(shows().await, [false, true, false]);
    world.clock.pass(Duration::from_secs(3600));
    assert_eq!(shows().await, [true, true, false]);
    world.clock.pass(Duration::from_secs(3599));
    assert_eq!(shows().await, [true, true, false]);
    world.clock.pass(Duration::from_secs(1));
    assert_eq!(shows().await, [false, true, false]);
}

#[actix_web::test]
async fn c05_a_hint_that_the_service_may_give_skips_the_choice_and_another_is_an_error_to_it() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let hinted = |idp: &'static str| {
        let sp = world.service("picky").unwrap();
        sp.request(&[("idp_hint", idp)]).unwrap()
    };

    let sign_in = world.go(&mut browser, &hinted("boussole")).await.unwrap();
    let refused = browser.get(&hinted("citadelle")).await.unwrap();

    assert!(sign_in.url.path().starts_with("/authorize"));
    assert!(sign_in.page.html().contains("<h1>Boussole</h1>"));
    let refused = refused.location().unwrap();
    assert_eq!(refused.host_str(), Some("picky.example"));
    assert!(refused.query().unwrap().contains("error=invalid_idp_hint"));
}

#[actix_web::test]
async fn c05_an_address_at_work_leads_to_its_provider_and_is_in_no_address_line() {
    let world = open(vec![(
        "idps/citadelle.toml",
        "title",
        "email_domains = [\"prefecture.example\"]\ntitle",
    )]);
    let mut browser = Browser::new().unwrap();
    let page = choice(&world, &mut browser).await;
    let post = |address: &str| vec![("email".to_owned(), address.to_owned())];

    for address in ["agent@prefecture.example", " A.B@Prefecture.Example "] {
        let onward = browser.post(&page.url, &post(address)).await.unwrap();
        let next = page.url.join(&onward.page.refresh().unwrap()).unwrap();
        assert!(!next.as_str().contains("agent") && next.query().is_none());
        let answer = browser.get(&next).await.unwrap();
        let sign_in = browser.follow(answer, "https://").await.unwrap();
        assert!(
            sign_in.page.html().contains("<h1>Citadelle</h1>"),
            "{address}"
        );
        assert!(!sign_in.url.as_str().contains("prefecture"));
    }
    for address in [
        "agent@elsewhere.example",
        "agent@sub.prefecture.example",
        "agent",
        "@",
        "",
    ] {
        let again = browser.post(&page.url, &post(address)).await.unwrap();
        assert!(again.page.html().contains("no-such-email"), "{address}");
        assert_eq!(listed(&again).len(), 4);
    }
    let without = World::open().unwrap();
    let page = choice(&without, &mut Browser::new().unwrap()).await;
    assert!(!page.page.html().contains("name=\"email\""));
}
