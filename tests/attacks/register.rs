//! A register of persons that is broken, slow or hostile.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::StatusCode,
    web::{self, Bytes, Data},
};
use hub_tests::{World, WorldOptions};

/// What the register answers: a status and a body; a status of 0 never answers.
type Said = Arc<Mutex<(u16, String)>>;
/// What it was asked, with the authorization it came with.
type Asked = Arc<Mutex<Vec<String>>>;

pub(crate) struct Register {
    pub(crate) world: World,
    pub(crate) said: Said,
    asked: Asked,
}

impl Register {
    /// A world whose register is this one.
    fn open() -> Self {
        Self::open_with("")
    }

    /// The same, with more lines in `[register]`.
    fn open_with(lines: &str) -> Self {
        Self::open_with_edits(lines, vec![])
    }

    /// The same, with `edits` as of [`WorldOptions::edits`].
    pub(crate) fn open_with_edits(
        lines: &str,
        mut edits: Vec<(&'static str, &'static str, &'static str)>,
    ) -> Self {
        // A silent service has one kind of IdP where sessions are checked (ADR 39).
        edits.push(("services/canteen.toml", "allow_prompt_none = true\n", ""));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let section = format!(
            "\n[register]\n{lines}url = \"http://{}/\"\n#",
            listener.local_addr().unwrap()
        );
        let section: &'static str = Box::leak(section.into_boxed_str());
        let (said, asked) = (Said::default(), Asked::default());
        let state = Data::new((Arc::clone(&said), Arc::clone(&asked)));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .default_service(web::to(answer))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        actix_web::rt::spawn(server);
        edits.push(("hub.toml", "\n[register]\n", section));
        let world = World::open_with(WorldOptions {
            sessions: true,
            edits,
            ..WorldOptions::default()
        });
        Self {
            world: world.unwrap(),
            said,
            asked,
        }
    }

    /// The code that a citizen meets, if any, and the page.
    async fn met(&self, status: u16, body: &str) -> (Option<String>, String) {
        *self.said.lock().unwrap() = (status, body.to_owned());
        // A register that failed five times is left alone: not in these tests.
        self.world.clock.pass(Duration::from_secs(30));
        let start = self.world.sp("curious").authorization_url(&[]);
        let (_, page) = self
            .world
            .login_in_new_browser(&start, "corail", "angela")
            .await;
        (page.page.code(), page.page.html().to_owned())
    }
}

async fn answer(state: Data<(Said, Asked)>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let authorization = request.headers().get("authorization");
    let authorization = authorization.map_or("", |value| value.to_str().unwrap());
    let text = String::from_utf8_lossy(&body);
    let line = format!(
        "{} {} {authorization} {text}",
        request.method(),
        request.uri()
    );
    state.1.lock().unwrap().push(line);
    let (status, body) = state.0.lock().unwrap().clone();
    if status == 0 {
        std::future::pending::<()>().await;
    }
    HttpResponse::build(StatusCode::from_u16(status).unwrap())
        .insert_header(("location", "/elsewhere"))
        .body(body)
}

#[actix_web::test]
async fn a_broken_or_hostile_register_makes_nobody_known() {
    let register = Register::open();
    let giant = "x".repeat(100_000);
    for (status, body) in [
        (200, "found"),
        (200, "{}"),
        (200, "{\"outcome\":\"FOUND\"}"),
        (200, "{\"outcome\":[\"found\"]}"),
        (200, "{\"outcome\":\"corrected\"}"),
        (200, "{\"outcome\":\"corrected\",\"identity\":{}}"),
        (
            200,
            "{\"outcome\":\"corrected\",\"identity\":{\"birthdate\":\"1962-99-99\"}}",
        ),
        (
            200,
            "{\"outcome\":\"found\",\"identity\":{\"birthplace\":\"98800\"}}",
        ),
        (
            200,
            "{\"outcome\":\"found\",\"former\":[{\"gender\":\"F\"}]}",
        ),
        (200, "{\"outcome\":\"refused\"}"),
        (200, "{\"outcome\":\"refused\",\"reason\":\"<script>\"}"),
        (200, giant.as_str()),
        (201, "{\"outcome\":\"found\"}"),
        (307, "{\"outcome\":\"found\"}"),
        (404, "{\"outcome\":\"found\"}"),
        (500, "{\"outcome\":\"found\"}"),
    ] {
        let (code, html) = register.met(status, body).await;

        assert_eq!(code.as_deref(), Some("L5006"), "{status} {body:.80}");
        assert!(!html.contains("<script>") && !html.contains("1962"));
    }
    let asked = register.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|line| line.starts_with("POST / Bearer ")));
    assert!(
        asked
            .iter()
            .all(|line| !line.contains("account-of") && !line.contains('@'))
    );
}

#[actix_web::test]
async fn a_slow_register_is_given_up_in_time() {
    let register = Register::open();
    let begun = Instant::now();

    let (code, _) = register.met(0, "").await;

    assert_eq!(code.as_deref(), Some("L5006"));
    assert!(
        begun.elapsed() < Duration::from_secs(6),
        "{:?}",
        begun.elapsed()
    );
}

#[actix_web::test]
async fn a_correction_replaces_what_the_provider_said_everywhere() {
    let register = Register::open();
    let corrected = "{\"outcome\":\"corrected\",\"identity\":{\"given_name\":\"Angèle\",\
                     \"family_name\":\"DUBOYS\",\"birthdate\":\"1962-08-25\",\
                     \"birthplace\":\"75108\",\"birthcountry\":\"99100\"}}";

    let (code, html) = register.met(200, corrected).await;

    assert_eq!(code, None);
    assert!(html.contains("DUBOYS") && html.contains("75108"));
    assert!(
        !html.contains("DUBOIS") && !html.contains("Claire"),
        "{html}"
    );
}

#[actix_web::test]
async fn a_session_does_not_outlive_the_registers_word_where_it_is_asked_again() {
    let found = "{\"outcome\":\"found\"}".to_owned();
    let refused = "{\"outcome\":\"refused\",\"reason\":\"deceased\"}".to_owned();
    for (lines, ends) in [("", "/review"), ("check_sessions = true\n", "/")] {
        let register = Register::open_with(lines);
        let world = &register.world;
        let start = world.sp("curious").authorization_url(&[]);
        *register.said.lock().unwrap() = (200, found.clone());
        let (mut browser, review) = world.login_in_new_browser(&start, "corail", "angela").await;
        world.consent(&mut browser, &review).await;
        *register.said.lock().unwrap() = (200, refused.clone());

        let next = world.sp("insurer").authorization_url(&[]);
        let page = world.visit(&mut browser, &next).await;

        assert!(page.url.path().ends_with(ends), "{lines:?}: {}", page.url);
        assert_eq!(page.page.html().contains("DUBOIS"), lines.is_empty());
    }
}

#[actix_web::test]
async fn prompt_none_is_not_answered_for_whom_the_register_no_longer_vouches() {
    let found = "{\"outcome\":\"found\"}".to_owned();
    let refused = "{\"outcome\":\"refused\",\"reason\":\"deceased\"}".to_owned();
    let corrected = "{\"outcome\":\"corrected\",\"identity\":{\"given_name\":\"Angèle\",\
                     \"family_name\":\"DUBOYS\",\"birthdate\":\"1962-08-25\",\
                     \"birthplace\":\"75108\",\"birthcountry\":\"99100\"}}"
        .to_owned();
    for (lines, said, error) in [
        ("", &refused, ""),
        ("check_sessions = true\n", &found, ""),
        ("check_sessions = true\n", &refused, "login_required"),
        ("check_sessions = true\n", &corrected, "consent_required"),
    ] {
        let silent = (
            "services/curious.toml",
            "client_id",
            "allow_prompt_none = true\nidps = { allow = [\"corail\"] }\nclient_id",
        );
        let register = Register::open_with_edits(lines, vec![silent]);
        let world = &register.world;
        let sp = world.sp("curious");
        *register.said.lock().unwrap() = (200, found.clone());
        let start = sp.authorization_url(&[]);
        let (mut browser, review) = world.login_in_new_browser(&start, "corail", "angela").await;
        world.consent(&mut browser, &review).await;
        *register.said.lock().unwrap() = (200, said.clone());

        let silent = sp.authorization_url(&[("prompt", "none")]);
        let answer = browser.visit(&silent).await;

        let returned = hub_tests::Returned::from(&answer.redirect_url());
        assert_eq!(returned.get("error"), error, "{lines:?} {said}");
    }
}
