//! Tokens, codes and keys whose ground has gone: a suspended service, an ended session, an old copy.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{App, HttpResponse, HttpServer, web, web::Data};
use hub::store::MemoryVault;
use hub_tests::{Browser, DataProvider, Opening, Page, Returned, TestClock, World, service_jwks};
use serde_json::{Value, json};
use url::Url;

const SCOPE: (&str, &str) = ("scope", "openid email fiscal_income");

/// What a service holds after a login: its token, one made of it, and a code not yet redeemed.
struct Held {
    own: String,
    made: String,
    code: Vec<(String, String)>,
}

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_default().to_owned()
}

/// The citizen signs in twice at the canteen in `browser`: once for tokens, once for a code.
async fn held(world: &World, browser: &mut Browser) -> Held {
    let sp = world.service("canteen").unwrap();
    let start = sp.request(&[SCOPE]).unwrap();
    let mut codes = Vec::new();
    for _ in 0..2 {
        let first = world.go(browser, &start).await.unwrap();
        let review = if first.url.path().ends_with("/review") {
            first
        } else {
            let review = world.to_review(browser, &start, "boussole", "angela").await;
            review.unwrap()
        };
        let arrival = world.agree(browser, &review).await.unwrap();
        codes.push(sp.token_fields(Returned::from(&arrival).get("code")));
    }
    let (status, tokens) = sp.token(&codes[0]).await.unwrap();
    assert_eq!(status, 200, "{tokens}");
    let own = text(&tokens, "access_token");
    let taxes = world.data_provider("taxes").unwrap().resource();
    let (status, made) = sp.exchange(&own, &taxes, &[]).await.unwrap();
    assert_eq!(status, 200, "{made}");
    Held {
        own,
        made: text(&made, "access_token"),
        code: codes.remove(1),
    }
}

/// Which of what is held still opens something: userinfo, the data provider, the exchange, the code.
async fn living(world: &World, held: &Held) -> Vec<&'static str> {
    let sp = world.service("canteen").unwrap();
    let taxes: DataProvider = world.data_provider("taxes").unwrap();
    let mut living = Vec::new();
    if sp.userinfo(&held.own).await.unwrap().0 == 200 {
        living.push("userinfo");
    }
    if taxes.told(&held.made).await.unwrap() != json!({"active": false}) {
        living.push("data provider");
    }
    let exchanged = sp.exchange(&held.own, &taxes.resource(), &[]).await;
    if exchanged.unwrap().0 == 200 {
        living.push("exchange");
    }
    let redeemed = sp.token(&held.code).await;
    if redeemed.unwrap().0 == 200 {
        living.push("code");
    }
    living
}

const ALL: [&str; 4] = ["userinfo", "data provider", "exchange", "code"];

fn with_sessions() -> World {
    let clock = Arc::new(TestClock::default());
    World::open_with(Opening {
        vault: Some(Arc::new(MemoryVault::new(clock.clone()))),
        clock: Some(clock),
        sessions: true,
        ..Opening::default()
    })
    .unwrap()
}

#[actix_web::test]
async fn tokens_of_a_suspended_service_open_nothing() {
    let mut world = with_sessions();
    let mut browser = Browser::new().unwrap();
    let held = held(&world, &mut browser).await;
    let start = world.service("canteen").unwrap().request(&[SCOPE]).unwrap();
    let review = world.go(&mut browser, &start).await.unwrap();

    let status = ("services/canteen.toml", "sandbox", "suspended");
    world.restart(&[], &[status]).await.unwrap();

    assert_eq!(living(&world, &held).await, [""; 0]);
    let mut browser = browser.reconnected().unwrap();
    let page = browser.get(&review.url).await.unwrap();
    assert_eq!(page.page.code().as_deref(), Some("L2002"));
    // Another service is not touched.
    world
        .id_token(&mut browser, "town-hall", "angela")
        .await
        .unwrap();

    let status = ("services/canteen.toml", "suspended", "sandbox");
    world.restart(&[], &[status]).await.unwrap();
    assert_eq!(living(&world, &held).await, ALL);
}

#[actix_web::test]
async fn tokens_of_an_ended_session_open_nothing() {
    for by in ["browser", "idp", "another person"] {
        let world = with_sessions();
        let mut browser = Browser::new().unwrap();
        let held = held(&world, &mut browser).await;
        match by {
            "browser" => {
                let asked = world.end(&[("client_id", "canteen")]).unwrap();
                let page = world.go(&mut browser, &asked).await.unwrap();
                let form = page.page.form().unwrap();
                let waiting = browser.submit(&page, &form).await.unwrap();
                follow(&world, &mut browser, &waiting.page).await;
            }
            "idp" => {
                let sid = world.upstream_sid("boussole").unwrap();
                let idp = world.idp("boussole").unwrap();
                let token = idp.logout_token(json!({"sid": sid})).unwrap();
                let url = world.url("/backchannel/boussole").unwrap();
                let body = [("logout_token".to_owned(), token)];
                let answer = Browser::new().unwrap().post(&url, &body).await.unwrap();
                assert_eq!(answer.status, 200);
            }
            _ => {
                let sp = world.service("town-hall").unwrap();
                let start = sp.request(&[("prompt", "login")]).unwrap();
                let arrival = world.log_in(&mut browser, &start, "boussole", "jean");
                arrival.await.unwrap();
            }
        }

        assert_eq!(living(&world, &held).await, [""; 0], "{by}");
    }
}

async fn follow(world: &World, browser: &mut Browser, page: &Page) {
    let next = Url::parse(&world.issuer)
        .unwrap()
        .join(&page.refresh().unwrap());
    world.go(browser, &next.unwrap()).await.unwrap();
}

#[actix_web::test]
async fn keys_that_cannot_be_fetched_again_are_not_used_for_ever() {
    let up = Arc::new(AtomicBool::new(true));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    let shared = Data::from(Arc::clone(&up));
    let server = HttpServer::new(move || {
        App::new().app_data(shared.clone()).default_service(web::to(
            |up: Data<AtomicBool>| async move {
                if up.load(Ordering::SeqCst) {
                    HttpResponse::Ok().body(service_jwks())
                } else {
                    HttpResponse::ServiceUnavailable().finish()
                }
            },
        ))
    });
    actix_web::rt::spawn(
        server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run(),
    );
    let inline: &'static str = Box::leak(format!("jwks = '{}'", service_jwks()).into_boxed_str());
    let remote: &'static str = Box::leak(format!("jwks_uri = \"{url}\"").into_boxed_str());
    let world = World::open_with(Opening {
        edits: vec![("services/keyed.toml", inline, remote)],
        ..Opening::default()
    })
    .unwrap();
    let error = async || {
        let sp = world.service("keyed").unwrap();
        let (_, answer) = sp.token(&sp.token_fields("no-code")).await.unwrap();
        text(&answer, "error")
    };
    assert_eq!(error().await, "invalid_grant", "the client is proven");

    up.store(false, Ordering::SeqCst);
    world.clock.pass(Duration::from_secs(86_000));
    assert_eq!(error().await, "invalid_grant", "by a copy");
    world.clock.pass(Duration::from_secs(1000));
    assert_eq!(error().await, "temporarily_unavailable", "the copy is old");

    up.store(true, Ordering::SeqCst);
    world.clock.pass(Duration::from_secs(60));
    assert_eq!(error().await, "invalid_grant");
}
