//! Odd paths, at every endpoint: each gets an answer that its reader understands.

use hub_tests::{Browser, ENDPOINTS, OPERATIONS, World};

#[actix_web::test]
async fn an_odd_path_segment_gets_a_page_and_never_a_failure() {
    let world = World::start();
    let mut browser = Browser::open();
    let long = "x".repeat(3000);
    let odd = [
        "%0d%0a",
        "%0d%0aset-cookie:%20a=b",
        "x%0dy",
        "%0a",
        "%00",
        "%ff",
        "%c3%28",
        "%2f",
        "%2e%2e",
        "%",
        "%zz",
        "%7f",
        "%e2%80%ae",
        &long,
    ];
    let mut tried = 0;
    for endpoint in ENDPOINTS {
        let mut places = endpoint
            .path
            .split('{')
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap());
        for segment in odd {
            let Some(place) = places.clone().next() else {
                break;
            };
            let mut path = endpoint.path.replace(&format!("{{{place}}}"), segment);
            if let Some(second) = places.clone().nth(1) {
                path = path.replace(&format!("{{{second}}}"), segment);
            }
            let url = world.hub_url(&path);
            for answer in [
                browser.visit(&url).await,
                browser.post_form(&url, &[]).await,
            ] {
                tried += 1;
                assert!(
                    answer.status < 500,
                    "{path}: {} {}",
                    answer.status,
                    answer.page.html()
                );
                let kind = answer.header("content-type").unwrap_or_default();
                let is_plain_text = kind.starts_with("text/plain");
                assert!(!is_plain_text, "{path}: {}", answer.page.html());
                let cookies = answer
                    .headers
                    .iter()
                    .filter(|(name, _)| name == "set-cookie");
                assert!(
                    !cookies.clone().any(|(_, cookie)| cookie.starts_with("a=")),
                    "{path}"
                );
            }
        }
        places.by_ref().for_each(drop);
    }
    assert!(tried > 200, "{tried}");
    assert!(OPERATIONS.iter().all(|path| !path.contains('{')));
}

#[actix_web::test]
async fn every_answer_cuts_the_handle_of_the_window_that_opened_it() {
    let world = World::start();
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let redirect = browser.visit(&start).await;
    let page = browser.follow_redirects(redirect.clone(), "https://").await;
    let mut answers = vec![redirect, page];
    for endpoint in ENDPOINTS {
        let url = world.hub_url(&endpoint.path.replace(['{', '}'], ""));
        answers.push(browser.visit(&url).await);
    }

    for answer in answers {
        let policy = answer.header("cross-origin-opener-policy");
        assert_eq!(policy, Some("same-origin"), "{}", answer.url);
    }
}
