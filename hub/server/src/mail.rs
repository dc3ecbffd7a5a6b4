//! The notice that a citizen gets by mail when they sign in on a device that has not seen them before.
//!
//! Off unless the operator gives a mail server. The address comes from the login in flight and is kept
//! nowhere; which people a device has seen is in that device alone, as keyed digests.

use std::fmt;

use hub_core::{encoding::base64url, subject::Person};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

use crate::store::Records;

/// How many people one device is remembered for.
const MOST_PEOPLE: usize = 3;

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
                Err(_fault) => {
                    // The library's message may hold the address.
                    tracing::warn!("a notice could not be sent by mail");
                    count("failed");
                }
            }
        });
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("lethe_mails_total", "outcome" => outcome).increment(1);
}

/// What a device remembers of `person`: a keyed digest, 16 characters.
#[must_use]
pub fn digest(records: &Records, person: &Person) -> String {
    let mark = records
        .marks("device", &[&base64url(person.as_bytes())])
        .next();
    let mark = mark.map(|mark| mark.as_bytes().iter().copied().take(12).collect::<Vec<_>>());
    base64url(&mark.unwrap_or_default())
}

/// The people that a device has seen, `digest` first.
#[must_use]
pub fn seen_with(digest: &str, seen: &[String]) -> Vec<String> {
    let others = seen.iter().filter(|other| *other != digest).cloned();
    [digest.to_owned()]
        .into_iter()
        .chain(others)
        .take(MOST_PEOPLE)
        .collect()
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
    fn a_device_remembers_three_people_the_last_first() {
        let seen = ["b", "c", "d"].map(str::to_owned);

        assert_eq!(seen_with("a", &seen), ["a", "b", "c"]);
        assert_eq!(seen_with("c", &seen), ["c", "b", "d"]);
    }

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
