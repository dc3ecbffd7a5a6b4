//! Step 8: a data provider, shown a token by a service, asks the hub whether it lives and for whom
//! (`/token/introspection`, RFC 7662 and RFC 9701; `/checktoken`, in FranceConnect's form).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ACCEPT},
    web::Data,
};
use serde_json::Value;
use sp_registry::{DataProvider, IntrospectionFormat};

use crate::{
    audit::Event,
    data_token::{self, Introspected},
    http::{
        Parameters, RequestParameters, TokenError, authenticate_data_provider, claimed_id, explain,
        refuse_stranger,
    },
    hub::Hub,
    jwt,
};

const JWT: &str = "application/token-introspection+jwt";

/// `POST /token/introspection`.
///
/// # Errors
/// [`TokenError`], as JSON.
pub async fn introspect(
    hub: Data<Hub>,
    request: HttpRequest,
    sent: RequestParameters,
) -> Result<HttpResponse, TokenError> {
    answer(&hub, &request, sent, "/token/introspection").await
}

/// `POST /checktoken`: the same, and always a JWT.
///
/// # Errors
/// [`TokenError`], as JSON.
pub async fn checktoken(
    hub: Data<Hub>,
    request: HttpRequest,
    sent: RequestParameters,
) -> Result<HttpResponse, TokenError> {
    answer(&hub, &request, sent, "/checktoken").await
}

async fn answer(
    hub: &Hub,
    request: &HttpRequest,
    sent: RequestParameters,
    endpoint: &'static str,
) -> Result<HttpResponse, TokenError> {
    let mut asker = Asker::default();
    let answered = match &sent.0 {
        Ok(sent) => checked(hub, (request, sent), endpoint, &mut asker)
            .await
            .map_err(|error| explain::token_error(hub, (request.headers(), sent), error)),
        Err(unreadable) => Err(TokenError::from(*unreadable)),
    };
    match answered {
        Err(TokenError::Audit(error)) => Err(error.into()),
        Err(error) => {
            let (code, cause) = (error.code().code(), error.cause().to_string());
            count(asker.proven.or(asker.claimed), "refused");
            let Some(provider) = asker.proven else {
                let claimed = asker.claimed.map(|provider| provider.id.as_str());
                refuse_stranger(hub, request, (code, &cause), claimed);
                return Err(error);
            };
            let data_provider = provider.id.as_str();
            tracing::info!(
                data_provider.id = data_provider,
                error = code,
                cause,
                "introspection refused"
            );
            let event = Event::IntrospectionRefused {
                data_provider,
                error: code,
            };
            hub.audit("", event)?;
            Err(error)
        }
        answered => answered,
    }
}

/// Who asks.
#[derive(Default)]
struct Asker<'h> {
    /// As which data provider, if there is one of that id: unproven.
    claimed: Option<&'h DataProvider>,
    /// As soon as that is proven.
    proven: Option<&'h DataProvider>,
}

async fn checked<'h>(
    hub: &'h Hub,
    (request, sent): (&HttpRequest, &Parameters),
    endpoint: &'static str,
    asker: &mut Asker<'h>,
) -> Result<HttpResponse, TokenError> {
    if sent.has_duplicates() {
        return Err(TokenError::Duplicate);
    }
    let claimed = claimed_id(request.headers(), sent);
    asker.claimed = claimed.and_then(|id| hub.shared.config.registry.data_provider(&id));
    let provider = authenticate_data_provider(hub, request, sent, endpoint).await?;
    *asker = Asker {
        claimed: None,
        proven: Some(provider),
    };
    let token = sent.only("token").ok_or(TokenError::Parameter("token"))?;
    let introspected = data_token::introspect(hub, provider, token).await?;
    let (outcome, transaction, active) = match &introspected {
        Introspected::Active(handle, token) => (
            "active",
            token.transaction.as_str(),
            Some((handle, &**token)),
        ),
        Introspected::WrongAudience(transaction) => ("wrong_audience", transaction.as_str(), None),
        Introspected::Unknown => ("unknown", "", None),
    };
    let told = jwt::introspection(hub, provider, active);
    let accept = request.headers().get(ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    let as_jwt = endpoint == "/checktoken"
        || provider.introspection == IntrospectionFormat::Jwt
        || accept.is_some_and(|accept| accept.contains(JWT));
    let jti = told.get("jti").and_then(Value::as_str).map(str::to_owned);
    let (kind, body) = if as_jwt {
        (JWT, sealed(hub, provider, &told).await?)
    } else {
        ("application/json", Value::Object(told).to_string())
    };
    let event = Event::TokenIntrospected {
        data_provider: provider.id.as_str(),
        outcome,
        jti,
    };
    hub.audit(transaction, event)?;
    count(asker.proven, outcome);
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_TYPE, kind))
        .body(body))
}

/// The JWT, encrypted where the data provider registered a key for that.
async fn sealed(
    hub: &Hub,
    provider: &DataProvider,
    told: &serde_json::Map<String, Value>,
) -> Result<String, TokenError> {
    let signed = jwt::signed_introspection(hub, provider, told).map_err(|error| {
        tracing::error!(%error, "an introspection answer could not be signed");
        TokenError::Signing
    })?;
    match hub.shared.sealed_for(provider, &signed).await {
        None => Ok(signed),
        Some(sealed) => sealed.ok_or_else(|| {
            tracing::warn!(data_provider.id = %provider.id, "no key to encrypt with can be had");
            TokenError::Recipient
        }),
    }
}

fn count(provider: Option<&DataProvider>, outcome: &'static str) {
    let provider = provider.map_or("", |provider| provider.id.as_str());
    metrics::counter!("lethe_introspections_total", "data_provider" => provider.to_owned(), "outcome" => outcome)
        .increment(1);
}
