//! The responses of an identity provider whose endpoints all fail.
//!
//! Called by `idp/endpoints.rs`.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, MessageBody},
    web::Bytes,
};

use super::{FaultInjection, State};

/// Returns the response of every endpoint if all of them must fail.
pub(super) fn broken(state: &State) -> Option<HttpResponse> {
    match state.fault_injection() {
        Some(FaultInjection::ServerError) => {
            Some(HttpResponse::InternalServerError().body("server error"))
        }
        Some(FaultInjection::BreaksOff) => Some(HttpResponse::Ok().body(BreaksOff)),
        _ => None,
    }
}

/// A body that ends the connection before its declared length.
struct BreaksOff;

impl MessageBody for BreaksOff {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(100)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}
