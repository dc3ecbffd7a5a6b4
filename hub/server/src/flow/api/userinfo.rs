//! Step 7: the service reads the claims that the citizen agreed to (`/userinfo`, OpenID Connect Core
//! 5.3).

use crate::{
    audit::Event,
    http::{
        BearerError, Parameters, RequestParameters, Unreadable, cors, rate_limit, refuse_stranger,
    },
    hub::Hub,
    jwt::{self, Userinfo},
    token,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, AUTHORIZATION},
    web::Data,
};

/// `GET` and `POST /userinfo`.
///
/// # Errors
/// [`BearerError`], as JSON with `WWW-Authenticate`.
pub async fn userinfo(
    hub: Data<Hub>,
    request: HttpRequest,
    sent: RequestParameters,
) -> Result<HttpResponse, BearerError> {
    let mut answered = read(&hub, &request, sent).await;
    if let Err(BearerError::InvalidToken) = &answered
        && let Err(too_many) = rate_limit::wrong_token(&request, &hub)
    {
        answered = Err(too_many.into());
    }
    if let Err(error) = &answered {
        refuse_stranger(&hub, &request, (error.code(), &error.to_string()), None);
    }
    answered
}

async fn read(
    hub: &Hub,
    request: &HttpRequest,
    sent: RequestParameters,
) -> Result<HttpResponse, BearerError> {
    let query = Parameters::parse(request.query_string().as_bytes()).unwrap_or_default();
    // RFC 9700 section 4.3.2: a token in an address ends up in logs.
    if query.has("access_token") {
        return Err(BearerError::WrongPlace);
    }
    let form = if request.method() == actix_web::http::Method::POST {
        match sent.0 {
            Err(Unreadable::Body) => return Err(BearerError::Body),
            read => read.ok(),
        }
    } else {
        None
    };
    let token = bearer(request, form.as_ref())?;
    // A token that was made for a data provider opens nothing here.
    let opened = token::open(hub, &token).await?;
    let (_, grant) = opened.ok_or(BearerError::InvalidToken)?;
    cors::asked_by(request, Some(&grant.client));
    let service = hub
        .service(&grant.client)
        .ok_or(BearerError::InvalidToken)?;
    let event = Event::UserinfoSent {
        service: service.client_id.as_str(),
    };
    hub.audit(&grant.transaction, event)?;
    let answer = jwt::userinfo(hub, service, grant, hub.now()).map_err(|error| {
        tracing::error!(%error, "a userinfo answer could not be signed");
        BearerError::Signing
    })?;
    let (kind, body) = match answer {
        Userinfo::Json(body) => ("application/json", body),
        Userinfo::Jwt(body) => ("application/jwt", body),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_TYPE, kind))
        .body(body))
}

/// The token from the header, or from the form of a POST (RFC 6750 sections 2.1 and 2.2).
fn bearer(request: &HttpRequest, form: Option<&Parameters>) -> Result<String, BearerError> {
    let in_header = match request.headers().get(AUTHORIZATION) {
        None => None,
        Some(value) => {
            let text = value.to_str().unwrap_or_default();
            let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Err(BearerError::Missing);
            }
            Some(token.trim().to_owned())
        }
    };
    let in_form = match form.map(|form| form.one("access_token")) {
        None => None,
        Some(found) => found
            .map_err(|_twice| BearerError::WrongPlace)?
            .map(str::to_owned),
    };
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(BearerError::WrongPlace),
        (Some(token), None) | (None, Some(token)) => Ok(token),
        (None, None) => Err(BearerError::Missing),
    }
}
