//! A server of the tests' own that writes down what it is sent.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpResponse, HttpServer,
    http::StatusCode,
    web::{self, Bytes, Data},
};
use anyhow::Context;

/// What it received, and what it answers.
#[derive(Debug, Clone, Default)]
struct State {
    received: Arc<Mutex<Vec<String>>>,
    statuses: Arc<Mutex<Vec<u16>>>,
}

/// A listening server. It ends with the test.
#[derive(Debug)]
pub struct Listener {
    /// Its address.
    pub url: String,
    state: State,
}

impl Listener {
    /// A server that answers with each of `statuses` in turn, and then with 200.
    ///
    /// # Errors
    /// When no port is free.
    pub fn open(statuses: &[u16]) -> Result<Self, anyhow::Error> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/told", listener.local_addr()?);
        let state = State::default();
        if let Ok(mut waiting) = state.statuses.lock() {
            waiting.extend(statuses.iter().rev());
        }
        let shared = Data::new(state.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .default_service(web::to(answer))
        });
        let server = server.workers(1).disable_signals().listen(listener)?.run();
        actix_web::rt::spawn(server);
        Ok(Self { url, state })
    }

    /// What it was sent so far.
    #[must_use]
    pub fn received(&self) -> Vec<String> {
        self.state
            .received
            .lock()
            .map_or_else(|_poisoned| Vec::new(), |received| received.clone())
    }

    /// What it was sent, once that is `count` times.
    ///
    /// # Errors
    /// When that does not happen within ten seconds.
    pub async fn hear(&self, count: usize) -> Result<Vec<String>, anyhow::Error> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            let received = self.received();
            if received.len() >= count {
                return Ok(received);
            }

            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        }
        None.with_context(|| format!("{count} messages, and came {:?}", self.received()))
    }
}

async fn answer(state: Data<State>, body: Bytes) -> HttpResponse {
    if let Ok(mut received) = state.received.lock() {
        received.push(String::from_utf8_lossy(&body).into_owned());
    }
    let status = state.statuses.lock().ok().and_then(|mut left| left.pop());
    let status = StatusCode::from_u16(status.unwrap_or(200));
    HttpResponse::build(status.unwrap_or(StatusCode::OK)).finish()
}
