//! The response to an HTTP request, read completely and limited in size.
//!
//! Called by the IdP adapters, the register client and `remote_keys.rs`.

use reqwest::{RequestBuilder, Response};

use crate::error::OutboundError;

/// The maximum size of a response, in bytes.
const LARGEST: usize = 64 * 1024;

/// A response: status, media type and the complete body.
#[derive(Debug)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The value of the `content-type` header, or an empty text.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends the request and reads the complete response, up to 64 KiB.
///
/// # Errors
/// [`OutboundError`].
pub async fn fetch(request: RequestBuilder) -> Result<Fetched, OutboundError> {
    let response = request
        .send()
        .await
        .map_err(|error| OutboundError::of(&error))?;
    let status = response.status().as_u16();
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let body = read(response).await?;
    Ok(Fetched {
        status,
        content_type,
        body,
    })
}

async fn read(mut response: Response) -> Result<Vec<u8>, OutboundError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| OutboundError::of(&error))?
    {
        if body.len() + chunk.len() > LARGEST {
            return Err(OutboundError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
