//! Listening: connections with limits in time, size and number.

mod stream;

use std::{fmt, io, net::TcpListener, time::Duration};

use actix_http::{HttpService, KeepAlive, Protocol, Request, Response, body::MessageBody};
use actix_server::ServerBuilder;
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_web::{dev::AppConfig, rt::net::TcpStream};

use stream::BoundedStream;

/// How long an idle connection is kept for another request.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// How long the head of the first request may take.
const HEAD: Duration = Duration::from_secs(5);
/// How long a connection that is closed waits for the peer to close it too.
const CLOSING: Duration = Duration::from_secs(1);

/// Answers on `listener` with the application that `application` makes, once for each worker.
///
/// This takes the place of `actix_web::HttpServer::listen`, which knows no other stream than a plain
/// connection, and has no limit for an answer that nobody reads.
///
/// # Errors
/// When `listener` cannot be used.
pub fn listen<F, A, S, B>(
    server: ServerBuilder,
    listener: TcpListener,
    application: F,
) -> io::Result<ServerBuilder>
where
    F: Fn() -> A + Send + Clone + 'static,
    A: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error>,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>>,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let stopping = server.graceful_shutdown_signal();
    let address = listener.local_addr()?;
    server.listen(format!("lethe-{address}"), listener, move || {
        let stopping = stopping.clone();
        let application = application().into_factory();
        let application = application.map_err(|error| error.into().error_response());
        let http = HttpService::build()
            .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
            .client_request_timeout(HEAD)
            .client_disconnect_timeout(CLOSING)
            // An idle connection must not delay a stop.
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .local_addr(address)
            .finish(map_config(application, |()| AppConfig::default()));
        fn_service(move |io: TcpStream| async move {
            let peer = io.peer_addr().ok();
            Ok((BoundedStream::new(io), Protocol::Http1, peer))
        })
        .and_then(http)
    })
}
