//! What is passed on is what the citizen read and agreed to, once.

use std::collections::BTreeSet;

use hub_tests::{Answer, Browser, Opening, RedisServer, Returned, World};
use url::Url;

/// Chooses `idp` again from `page` in another tab, and signs in there as `person`; the review page.
async fn choose_again(
    world: &World,
    browser: &mut Browser,
    page: &Answer,
    (idp, person): (&str, &str),
) -> Answer {
    let choice = page.page.form().unwrap().action.replace("review", "");
    let departure = browser.click(page, &choice).await.unwrap();
    let departure = browser
        .click(&departure, &format!("idp/{idp}"))
        .await
        .unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world.sign_in(browser, &sign_in, person).await.unwrap();
    browser.follow(back, "https://").await.unwrap()
}

/// Where the page that a submit was answered leads in the end.
async fn destination(browser: &mut Browser, answer: Answer) -> Url {
    let mut answer = answer;
    for _ in 0..1000 {
        let answered = browser.follow(answer, "https://").await.unwrap();
        if let Some(location) = answered.header("location") {
            return Url::parse(location).unwrap();
        }
        let next = answered.page.refresh().unwrap();
        let next = answered.url.join(&next).unwrap();
        if next.scheme() == "https" {
            return next;
        }
        answer = browser.get(&next).await.unwrap();
    }
    panic!("no answer to the service");
}

#[actix_web::test]
async fn what_is_passed_on_is_who_and_what_the_page_showed() {
    for service in ["town-hall", "anonymous", "insurer"] {
        let world = World::open().unwrap();
        let sp = world.service(service).unwrap();
        let start = sp.request(&[]).unwrap();
        let (mut browser, angela) = world.outcome(&start, "boussole", "angela").await.unwrap();
        let first = angela.page.form().unwrap().with("consent", "yes");
        let jean = choose_again(&world, &mut browser, &angela, ("citadelle", "jean")).await;

        let void = browser.submit(&angela, &first).await.unwrap();
        let shown = browser.follow(void.clone(), "https://").await.unwrap();

        assert_eq!(void.status, 303, "{service}");
        assert!(shown.page.html().contains("n’était plus à jour"));
        assert!(!shown.page.html().contains("DUBOIS"));
        assert_eq!(
            shown.page.form().unwrap().fields,
            jean.page.form().unwrap().fields,
            "{service}: the page of the last choice, as it was"
        );
        let authentication = world.agree(&mut browser, &shown).await.unwrap();
        let (id_token, _) = sp.learn(&authentication).await.unwrap();
        let other = world.service(service).unwrap();
        let mut elsewhere = Browser::new().unwrap();
        let alone = world
            .log_in(
                &mut elsewhere,
                &other.request(&[]).unwrap(),
                "citadelle",
                "jean",
            )
            .await
            .unwrap();
        assert_eq!(
            id_token["sub"],
            other.learn(&alone).await.unwrap().0["sub"],
            "{service}"
        );

        // The service is answered: the other tab does not send it the answer a second time.
        let late = browser.submit(&angela, &first).await.unwrap();
        assert_eq!(late.page.code().as_deref(), Some("L1005"), "{service}");
    }
}

#[actix_web::test]
async fn a_page_of_an_earlier_answer_of_the_same_provider_is_void() {
    let world = World::open().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();
    let (mut browser, first) = world.outcome(&start, "boussole", "angela").await.unwrap();
    let second = choose_again(&world, &mut browser, &first, ("boussole", "angela")).await;

    let void = browser
        .submit(&first, &first.page.form().unwrap())
        .await
        .unwrap();
    let went_on = world.agree(&mut browser, &second).await;

    assert!(
        void.location()
            .unwrap()
            .as_str()
            .ends_with("?notice=changed")
    );
    assert!(went_on.is_ok());
}

#[actix_web::test]
async fn a_form_submitted_while_another_tab_is_at_a_provider_changes_nothing() {
    let world = World::open().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();
    let (mut browser, first) = world.outcome(&start, "boussole", "angela").await.unwrap();
    let choice = first.page.form().unwrap().action.replace("review", "");
    let choice = browser.click(&first, &choice).await.unwrap();
    let departure = browser.click(&choice, "idp/citadelle").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();

    let void = browser
        .submit(&first, &first.page.form().unwrap())
        .await
        .unwrap();
    let back = world.sign_in(&mut browser, &sign_in, "jean").await.unwrap();
    let review = browser.follow(back, "https://").await.unwrap();

    assert!(void.location().unwrap().path().ends_with('/'));
    assert!(review.page.html().contains("FLEURET"));
}

/// Submits one form `times` at once; where each submission leads, and how many records it made.
async fn submit_at_once(
    world: &World,
    redis: Option<&RedisServer>,
    times: usize,
) -> (BTreeSet<String>, usize) {
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();
    let (browser, review) = world.outcome(&start, "boussole", "angela").await.unwrap();
    let form = review.page.form().unwrap();
    let records = || redis.map_or(0, |redis| redis.dump().unwrap().len());
    let before = records();
    let clicks: Vec<_> = (0..times)
        .map(|_| {
            let (mut tab, review, form) = (browser.clone(), review.clone(), form.clone());
            actix_web::rt::spawn(async move {
                let answer = tab.submit(&review, &form).await.unwrap();
                let authentication = destination(&mut tab, answer).await;
                assert!(tab.cookies().contains("session"), "{}", tab.cookies());
                authentication
            })
        })
        .collect();
    let mut codes = BTreeSet::new();
    for click in clicks {
        let authentication = click.await.unwrap();
        assert!(Returned::from(&authentication).get("error").is_empty());
        codes.insert(Returned::from(&authentication).get("code").to_owned());
    }
    let made = records() - before;
    let code = codes.first().unwrap();
    assert!(sp.redeem(code).await.is_ok());
    (codes, made)
}

#[actix_web::test]
async fn of_many_simultaneous_submits_one_makes_a_code_and_a_session() {
    let memory = World::open_with(Opening {
        sessions: true,
        ..Opening::default()
    })
    .unwrap();
    let redis = RedisServer::start().unwrap();
    let world = World::open_with(Opening {
        redis: Some(redis.url()),
        sessions: true,
        ..Opening::default()
    })
    .unwrap();

    // The first login of a person at a provider leaves a record that later ones share.
    submit_at_once(&world, Some(&redis), 1).await;
    let (_, made_by_one) = submit_at_once(&world, Some(&redis), 1).await;
    for _ in 0..5 {
        let (codes, _) = submit_at_once(&memory, None, 12).await;
        assert_eq!(codes.len(), 1, "in memory");
        let (codes, made) = submit_at_once(&world, Some(&redis), 12).await;
        assert_eq!(codes.len(), 1, "in Redis");
        assert_eq!(made, made_by_one);
    }
}
