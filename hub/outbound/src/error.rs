//! Why an outbound request failed, from the errors of the HTTP and TLS libraries.
//!
//! Created by `answer.rs`, `client.rs` and the breaker; logged as part of a [`crate::Failure`].

use std::{error::Error as _, io};

use thiserror::Error;

/// Why an outbound request failed. The error contains no part of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OutboundError {
    /// The caller may not request this address.
    #[error("an address that the entry does not allow")]
    Forbidden,
    /// No call was made, because the endpoint failed too often; see the `breaker` module.
    #[error("no call is made for a while, after failures")]
    Suspended,
    /// The response has over 64 KiB.
    #[error("an answer that is too large")]
    TooLarge,
    /// The hub's own HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Setup,
    /// The host's name has no address.
    #[error("host name not resolved")]
    NameNotResolved,
    /// No server listens at the address.
    #[error("connection refused")]
    ConnectionRefused,
    /// The host did not accept the connection or finish the TLS handshake in time.
    #[error("no connection in time")]
    ConnectionTimeout,
    /// No connection, for another network reason.
    #[error("no connection")]
    NoConnection,
    /// The certificate has expired.
    #[error("certificate expired")]
    CertificateExpired,
    /// The certificate is not valid yet.
    #[error("certificate not yet valid")]
    CertificateNotYetValid,
    /// The certificate is for another host.
    #[error("certificate for another host")]
    CertificateForAnotherHost,
    /// The certificate, or the root of its chain, is self-signed and not trusted.
    #[error("certificate self-signed")]
    CertificateSelfSigned,
    /// The issuer of the certificate is not trusted, or an intermediate certificate is not sent.
    #[error("certificate issuer unknown")]
    CertificateIssuerUnknown,
    /// The certificate is refused for another reason.
    #[error("certificate not accepted")]
    CertificateNotAccepted,
    /// The host does not speak TLS at this port.
    #[error("no TLS at this port")]
    NotTls,
    /// The TLS handshake failed.
    #[error("TLS handshake failed")]
    Tls,
    /// The response did not arrive completely in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection ended before the response, or the response is not HTTP.
    #[error("connection broken")]
    ConnectionBroken,
}

impl OutboundError {
    /// Classifies an error of the HTTP library.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return if error.is_connect() {
                Self::ConnectionTimeout
            } else {
                Self::Timeout
            };
        }
        let mut source = error.source();
        while let Some(error) = source {
            if let Some(error) = Self::of_text(&error.to_string()) {
                return error;
            }
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            if kind == Some(io::ErrorKind::ConnectionRefused) {
                return Self::ConnectionRefused;
            }
            source = error.source();
        }
        if error.is_connect() {
            Self::NoConnection
        } else {
            Self::ConnectionBroken
        }
    }

    /// Classifies an error text of the resolver or of OpenSSL (`X509_verify_cert_error_string`). The
    /// libraries expose the reason only in the text.
    fn of_text(text: &str) -> Option<Self> {
        let has = |part: &str| text.contains(part);
        if has("certificate verify failed") {
            return Some(match () {
                () if has("certificate has expired") => Self::CertificateExpired,
                () if has("not yet valid") => Self::CertificateNotYetValid,
                () if has("ostname mismatch") || has("IP address mismatch") => {
                    Self::CertificateForAnotherHost
                }
                () if has("self-signed") || has("self signed") => Self::CertificateSelfSigned,
                () if has("issuer certificate") || has("verify the first certificate") => {
                    Self::CertificateIssuerUnknown
                }
                () => Self::CertificateNotAccepted,
            });
        }
        match () {
            () if has(NO_PUBLIC_ADDRESS) => Some(Self::Forbidden),
            () if has("failed to lookup address") => Some(Self::NameNotResolved),
            () if has("wrong version number") || has("packet length too long") => {
                Some(Self::NotTls)
            }
            () if has("SSL routines") => Some(Self::Tls),
            () => None,
        }
    }

    /// Whether the endpoint itself failed, which the breaker counts.
    ///
    /// A refused address and an oversized response do not count.
    pub(crate) const fn is_transport(self) -> bool {
        !matches!(self, Self::Forbidden | Self::Suspended | Self::TooLarge)
    }
}

/// The error text of the resolver for a name that has private addresses only.
pub(crate) const NO_PUBLIC_ADDRESS: &str = "a name with private addresses only";

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
        time::Duration,
    };

    use openssl::{
        asn1::Asn1Time,
        ec::{EcGroup, EcKey},
        hash::MessageDigest,
        nid::Nid,
        pkey::{PKey, Private},
        ssl::{SslAcceptor, SslMethod},
        x509::{X509, X509Name, extension::SubjectAlternativeName},
    };
    use reqwest::Method;
    use url::Url;

    use super::*;
    use crate::{NetworkPolicy, Outbound, fetch};

    async fn error_at(url: &str) -> OutboundError {
        let url = Url::parse(url).unwrap();
        let outbound = Outbound::default();
        let limit = Duration::from_millis(300);
        let request = outbound.request(NetworkPolicy::AllowPrivate, (Method::GET, &url), limit);
        fetch(request.unwrap()).await.unwrap_err()
    }

    /// Starts a server that reads once, writes `answer` and, if `hangs`, keeps the connection open.
    fn server(answer: &'static [u8], hangs: bool) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let _done = connection.read(&mut [0; 4096]).is_ok();
            let _done = connection.write_all(answer).is_ok();
            if hangs {
                // Until the client closes the connection.
                let _done = connection.read(&mut [0; 4096]).is_ok();
            }
        });
        address.to_string()
    }

    #[tokio::test]
    async fn a_port_without_a_server_refuses_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);

        let error = error_at(&format!("http://{address}/")).await;

        assert_eq!(error, OutboundError::ConnectionRefused);
    }

    #[tokio::test]
    async fn a_server_without_tls_is_reported_as_such() {
        let address = server(b"HTTP/1.1 400 Bad Request\r\n\r\n", true);

        let error = error_at(&format!("https://{address}/")).await;

        assert_eq!(error, OutboundError::NotTls);
    }

    fn key() -> PKey<Private> {
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap()
    }

    fn name(common_name: &str) -> X509Name {
        let mut name = X509Name::builder().unwrap();
        name.append_entry_by_text("CN", common_name).unwrap();
        name.build()
    }

    /// A certificate of `subject` for 127.0.0.1, valid now, that `issuer` signed with `signer`.
    fn certificate(
        subject: &str,
        issuer: &str,
        key: &PKey<Private>,
        signer: &PKey<Private>,
    ) -> X509 {
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_subject_name(&name(subject)).unwrap();
        builder.set_issuer_name(&name(issuer)).unwrap();
        let [start, end] = [0, 1].map(|days| Asn1Time::days_from_now(days).unwrap());
        builder.set_not_before(&start).unwrap();
        builder.set_not_after(&end).unwrap();
        builder.set_pubkey(key).unwrap();
        let mut host = SubjectAlternativeName::new();
        let context = builder.x509v3_context(None, None);
        let host = host.ip("127.0.0.1").build(&context).unwrap();
        builder.append_extension(host).unwrap();
        builder.sign(signer, MessageDigest::sha256()).unwrap();
        builder.build()
    }

    /// Starts a TLS server with `certificate`.
    fn tls_server(certificate: &X509, key: &PKey<Private>) -> String {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
        acceptor.set_certificate(certificate).unwrap();
        acceptor.set_private_key(key).unwrap();
        let acceptor = acceptor.build();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (connection, _) = listener.accept().unwrap();
            let _refused = acceptor.accept(connection).is_err();
        });
        address.to_string()
    }

    #[tokio::test]
    async fn a_tls_server_whose_certificate_is_not_trusted_is_reported_with_the_cause() {
        let (key, authority) = (key(), key());
        let self_signed = certificate("hub.example", "hub.example", &key, &key);
        let unknown = certificate("hub.example", "authority.example", &key, &authority);

        for (certificate, expected) in [
            (self_signed, OutboundError::CertificateSelfSigned),
            (unknown, OutboundError::CertificateIssuerUnknown),
        ] {
            let address = tls_server(&certificate, &key);

            assert_eq!(error_at(&format!("https://{address}/")).await, expected);
        }
    }

    #[tokio::test]
    async fn no_response_is_a_timeout_and_a_partial_one_a_broken_connection() {
        let silent = server(b"", true);
        let cut = server(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", false);

        for (address, expected) in [
            (silent, OutboundError::Timeout),
            (cut, OutboundError::ConnectionBroken),
        ] {
            assert_eq!(error_at(&format!("http://{address}/")).await, expected);
        }
    }

    #[tokio::test]
    async fn a_name_without_an_address_is_not_resolved() {
        let error = error_at("http://no-such-host.invalid/").await;

        assert_eq!(error, OutboundError::NameNotResolved);
    }

    #[test]
    fn each_certificate_error_of_openssl_is_classified() {
        for (reason, error) in [
            ("certificate has expired", OutboundError::CertificateExpired),
            (
                "certificate is not yet valid",
                OutboundError::CertificateNotYetValid,
            ),
            (
                "hostname mismatch",
                OutboundError::CertificateForAnotherHost,
            ),
            (
                "IP address mismatch",
                OutboundError::CertificateForAnotherHost,
            ),
            (
                "self-signed certificate",
                OutboundError::CertificateSelfSigned,
            ),
            (
                "self-signed certificate in certificate chain",
                OutboundError::CertificateSelfSigned,
            ),
            (
                "unable to get local issuer certificate",
                OutboundError::CertificateIssuerUnknown,
            ),
            ("certificate revoked", OutboundError::CertificateNotAccepted),
        ] {
            let text = format!(
                "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify \
                 failed:ssl/statem/statem_clnt.c:1889: ({reason})"
            );
            assert_eq!(OutboundError::of_text(&text), Some(error), "{reason}");
        }
        assert_eq!(OutboundError::of_text("tcp connect error"), None);
    }
}
