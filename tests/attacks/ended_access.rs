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
use hub::store::MemoryStore;
use hub_tests::{
    Browser, DataProvider, Page, Returned, TestClock, World, WorldOptions, service_jwks,
};
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
    let sp = world.sp("canteen");
    let start = sp.authorization_url(&[SCOPE]);
    let mut codes = Vec::new();
    for _ in 0..2 {
        let first = world.visit(browser, &start).await;
        let review = if first.url.path().ends_with("/review") {
            first
        } else {
            let review = world.to_review(browser, &start, "boussole", "angela").await;
            review.unwrap()
        };
        let authentication = world.consent(browser, &review).await;
        codes.push(sp.token_fields(Returned::from(&authentication).get("code")));
    }
    let (status, tokens) = sp.request_tokens(&codes[0]).await;
    assert_eq!(status, 200, "{tokens}");
    let own = text(&tokens, "access_token");
    let taxes = world.dp("taxes").resource();
    let (status, made) = sp.exchange_token(&own, &taxes, &[]).await;
    assert_eq!(status, 200, "{made}");
    Held {
        own,
        made: text(&made, "access_token"),
        code: codes.remove(1),
    }
}

/// Which of what is held still opens something: userinfo, the data provider, the exchange, the code.
async fn living(world: &World, held: &Held) -> Vec<&'static str> {
    let sp = world.sp("canteen");
    let taxes: DataProvider = world.dp("taxes");
    let mut living = Vec::new();
    if sp.fetch_userinfo(&held.own).await.0 == 200 {
        living.push("userinfo");
    }
    if taxes.introspect(&held.made).await != json!({"active": false}) {
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
    World::start_with(WorldOptions {
        store: Some(Arc::new(MemoryStore::new(clock.clone()))),
        clock: Some(clock),
        sessions: true,
        ..WorldOptions::default()
    })
}

#[actix_web::test]
async fn tokens_of_a_suspended_service_open_nothing() {
    let mut world = with_sessions();
    let mut browser = Browser::open();
    let held = held(&world, &mut browser).await;
    let start = world.sp("canteen").authorization_url(&[SCOPE]);
    let review = world.visit(&mut browser, &start).await;

    let status = ("services/canteen.toml", "sandbox", "suspended");
    world.restart_hub(&[], &[status]).await;

    assert_eq!(living(&world, &held).await, [""; 0]);
    let page = browser.visit(&review.url).await;
    assert_eq!(page.page.code().as_deref(), Some("L2002"));
    // Another service is not touched.
    world
        .login_for_id_token(&mut browser, "town-hall", "angela")
        .await;

    let status = ("services/canteen.toml", "suspended", "sandbox");
    world.restart_hub(&[], &[status]).await;
    assert_eq!(living(&world, &held).await, ALL);
}

#[actix_web::test]
async fn tokens_of_an_ended_session_open_nothing() {
    for by in ["browser", "idp", "another person"] {
        let world = with_sessions();
        let mut browser = Browser::open();
        let held = held(&world, &mut browser).await;
        match by {
            "browser" => {
                let asked = world.logout_url(&[("client_id", "canteen")]);
                let page = world.visit(&mut browser, &asked).await;
                let form = page.page.first_form();
                let waiting = browser.submit_form(&page, &form).await;
                follow(&world, &mut browser, &waiting.page).await;
            }
            "idp" => {
                let sid = world.sid_at_idp("boussole");
                let idp = world.demo_idp("boussole");
                let token = idp.logout_token(json!({"sid": sid})).unwrap();
                let url = world.hub_url("/backchannel/boussole");
                let body = [("logout_token".to_owned(), token)];
                let answer = Browser::open().post_form(&url, &body).await;
                assert_eq!(answer.status, 200);
            }
            _ => {
                let sp = world.sp("town-hall");
                let start = sp.authorization_url(&[("prompt", "login")]);
                let authentication = world.log_in(&mut browser, &start, "boussole", "jean");
                authentication.await.unwrap();
            }
        }

        assert_eq!(living(&world, &held).await, [""; 0], "{by}");
    }
}

async fn follow(world: &World, browser: &mut Browser, page: &Page) {
    let next = Url::parse(&world.issuer)
        .unwrap()
        .join(&page.refresh().unwrap());
    world.visit(browser, &next.unwrap()).await;
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
    let world = World::start_with(WorldOptions {
        edits: vec![("services/keyed.toml", inline, remote)],
        ..WorldOptions::default()
    });
    let error = async || {
        let sp = world.sp("keyed");
        let (_, answer) = sp.request_tokens(&sp.token_fields("no-code")).await;
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
