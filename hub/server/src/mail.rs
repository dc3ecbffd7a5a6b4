//! The notice that a citizen gets by mail when they sign in on a device that has not seen them before.
//!
//! Off unless the operator gives a mail server, and says of an IdP that its citizens get notices. The
//! address comes from the login in flight and is kept nowhere; which people a device has seen is in that
//! device alone ([`crate::person::device`]).

use std::{fmt, time::Duration};

use hub_core::{encoding::base64url, subject::Person};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

use crate::store::{Records, StoreError};

/// How many notices one person gets in a day, whatever happens: somebody else may be signing in for them
/// again and again.
const MOST_A_DAY: u8 = 3;
const DAY: Duration = Duration::from_secs(86_400);

/// Sends notices.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// Sends by `server` (`smtps://user:password@host`, `smtp://host?tls=required`), from `from`.
    ///
    /// # Errors
    /// What is wrong with either; a password is never in the message.
    pub fn new(server: &str, from: &str) -> Result<Self, String> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server)
            .map_err(|_url| {
                "expected smtps://user:password@host or smtp://host?tls=required".to_owned()
            })?
            .build();
        let from = from
            .parse()
            .map_err(|_mailbox| "expected a sender, \"Name <address>\"".to_owned())?;
        Ok(Self { transport, from })
    }

    /// Sends `text` to `to` in the background: no login waits for it. A mail that cannot be sent is
    /// logged without its address.
    pub fn send(&self, to: &str, subject: &str, text: String) {
        let message = to.parse().ok().and_then(|to: Mailbox| {
            Message::builder()
                .from(self.from.clone())
                .to(to)
                .subject(subject)
                .header(ContentType::TEXT_PLAIN)
                .body(text)
                .ok()
        });
        let Some(message) = message else {
            count("unaddressable");
            return;
        };
        let transport = self.transport.clone();
        tokio::spawn(async move {
            match transport.send(message).await {
                Ok(_) => count("sent"),
                Err(_error) => {
                    // The library's message may hold the address.
                    tracing::warn!("a notice could not be sent by mail");
                    count("failed");
                }
            }
        });
    }
}

/// Counts one notice to `person`; says whether they have not had `MOST_A_DAY` in the last day. The store
/// holds marks, keyed hashes that live for a day.
///
/// # Errors
/// [`StoreError`].
pub async fn may_notify(records: &Records, person: &Person) -> Result<bool, StoreError> {
    let person = base64url(person.as_bytes());
    for number in 0..MOST_A_DAY {
        let parts = [person.as_str(), &number.to_string()];
        if records.mark_used("mail-notice", &parts, DAY).await? {
            return Ok(true);
        }
    }
    count("too_many");
    Ok(false)
}

fn count(outcome: &'static str) {
    metrics::counter!("lethe_mails_total", "outcome" => outcome).increment(1);
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailer(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_that_cannot_be_one_is_refused_without_its_password() {
        for (server, from) in [
            ("https://user:hunter2@mail.example", "Lethe <a@b.example>"),
            ("smtps://user:hunter2@mail.example", "nobody"),
        ] {
            let refused = Mailer::new(server, from).unwrap_err();
            assert!(!refused.contains("hunter2"), "{refused}");
        }
        assert!(Mailer::new("smtps://user:hunter2@mail.example", "Lethe <a@b.example>").is_ok());
    }
}
