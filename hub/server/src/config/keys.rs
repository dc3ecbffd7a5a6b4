//! The hub's keys, by reference. The hub refuses to start without them; it never invents one.

use std::{collections::BTreeMap, sync::Arc};

use hub_core::{
    encoding::fixed_from_base64url,
    seal::{KeyPair, ServerKey},
    subject::SubjectKeys,
};
use hub_document::{ConfigProblem, Section};
use hub_jose::{Decrypter, DecryptionKey, InvalidKey, Keyring, SigningKey, retired_keys};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Sources, SubjectSettings};

/// Where the keys are: `[keys]` of `hub.toml`. Each has a default under `keys/`, where
/// `lethe keys new` puts them.
#[derive(Debug)]
pub struct KeyFiles {
    signing: Vec<String>,
    retired: Option<String>,
    client: Vec<String>,
    encryption: Option<Vec<String>>,
    pepper: String,
    previous_pepper: Option<String>,
    ticket: String,
    previous_ticket: Option<String>,
    person: String,
    subject: String,
}

impl Default for KeyFiles {
    fn default() -> Self {
        let file = |name: &str| format!("file:keys/{name}");
        Self {
            signing: vec![file("signing-es256.pem"), file("signing-rs256.pem")],
            retired: None,
            client: vec![file("client-es256.pem")],
            encryption: None,
            pepper: file("pepper"),
            previous_pepper: None,
            ticket: file("ticket"),
            previous_ticket: None,
            person: file("person"),
            subject: file("subject"),
        }
    }
}

impl KeyFiles {
    /// Reads `[keys]`.
    pub(super) fn read(section: &Section<'_>) -> Self {
        let default = Self::default();
        let one = |key, default: String| section.optional(key, reference).unwrap_or(default);
        let list = |key, default: Vec<String>| {
            let given = section.list(key, reference);
            if given.is_empty() { default } else { given }
        };
        Self {
            signing: list("signing", default.signing),
            retired: section.optional("retired", reference),
            client: list("client", default.client),
            encryption: Some(section.list("encryption", reference)).filter(|list| !list.is_empty()),
            pepper: one("pepper", default.pepper),
            previous_pepper: section.optional("previous_pepper", reference),
            ticket: one("ticket", default.ticket),
            previous_ticket: section.optional("previous_ticket", reference),
            person: one("person", default.person),
            subject: one("subject", default.subject),
        }
    }
}

/// The hub's keys.
#[derive(Debug)]
pub struct Keys {
    /// Sign tokens for services; the first of each algorithm is in use.
    pub signing: Arc<Keyring>,
    /// Authenticate the hub at IdPs.
    pub client: Arc<Keyring>,
    /// Open what IdPs encrypt for the hub.
    pub decrypter: Arc<Decrypter>,
    /// Seal records.
    pub pepper: KeyPair,
    /// Seal return tickets.
    pub ticket: KeyPair,
    /// Make the `sub`.
    pub subject: SubjectKeys,
    client_jwks: Vec<u8>,
}

impl Keys {
    /// The public keys of the hub as a client of IdPs (`/client/jwks`), in JSON.
    #[must_use]
    pub fn client_jwks(&self) -> &[u8] {
        &self.client_jwks
    }

    /// Reads the keys that `files` names; `subject` may name the secret of a derivation.
    ///
    /// # Errors
    /// A fault for each that is missing or no key.
    pub fn read(
        files: &KeyFiles,
        settings: &SubjectSettings,
        sources: &Sources,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        let signing = signing(files, sources, &mut problems);
        let client = ring(&files.client, sources, &mut problems);
        let decrypter = decrypter(&encryption(files, sources), sources, &mut problems);
        let fc_v1 = settings.fc_v1.as_ref().and_then(|reference| {
            let read = sources.resolve_text(reference);
            let add_problem = |message: String| {
                ConfigProblem::of_file("hub.toml", format!("`subject`: {message}"))
            };
            read.map_err(|message| problems.push(add_problem(message)))
                .ok()
        });
        let pepper = pair(
            &files.pepper,
            files.previous_pepper.as_ref(),
            sources,
            &mut problems,
        );
        let ticket = pair(
            &files.ticket,
            files.previous_ticket.as_ref(),
            sources,
            &mut problems,
        );
        let person = secret(&files.person, sources, &mut problems);
        let subject = secret(&files.subject, sources, &mut problems);
        problems.extend(equal_keys(files, sources));
        match (pepper, ticket, person, subject) {
            (Some(pepper), Some(ticket), Some(person), Some(subject)) if problems.is_empty() => {
                let subject =
                    SubjectKeys::new(person, subject).with_births_abroad(settings.births_abroad);
                let encryption: Vec<&Value> = decrypter.public().collect();
                let client_jwks = client.jwks_with(&encryption);
                Ok(Self {
                    client_jwks,
                    signing,
                    client,
                    decrypter,
                    pepper,
                    ticket,
                    subject: match fc_v1 {
                        Some(secret) => subject.with_fc_v1(secret.into_bytes()),
                        None => subject,
                    },
                })
            }
            _ => Err(problems),
        }
    }
}

/// A fault for each key that is the same as another one: a secret that leaks from one use would break the
/// other, and a rotation of one would change both.
fn equal_keys(files: &KeyFiles, sources: &Sources) -> Vec<ConfigProblem> {
    let lists = [&files.signing, &files.client];
    let encryption = encryption(files, sources);
    let lists = lists.into_iter().flatten().chain(&encryption);
    let previous = [&files.previous_pepper, &files.previous_ticket];
    let single = [&files.pepper, &files.ticket, &files.person, &files.subject];
    let mut seen: BTreeMap<Vec<u8>, &String> = BTreeMap::new();
    let mut problems = Vec::new();
    for reference in single
        .into_iter()
        .chain(previous.into_iter().flatten())
        .chain(lists)
    {
        let Ok(key) = sources.resolve(reference) else {
            continue;
        };
        let key = Zeroizing::new(key);
        if let Some(other) = seen.insert(Sha256::digest(key.trim_ascii()).to_vec(), reference) {
            let message =
                format!("the same key as {other}: make one for each, `lethe keys new` does");
            problems.push(add_problem(reference, &message));
        }
    }
    problems
}

/// The keys that sign, and the public halves of those that did.
fn signing(files: &KeyFiles, sources: &Sources, problems: &mut Vec<ConfigProblem>) -> Arc<Keyring> {
    let retired = files.retired.as_ref().map(|reference| {
        let read = sources
            .resolve(reference)
            .and_then(|set| retired_keys(&set).map_err(|problem| problem.to_string()));
        read.map_err(|message| problems.push(add_problem(reference, &message)))
            .unwrap_or_default()
    });
    let keys = pems(&files.signing, SigningKey::from_pem, sources, problems);
    Arc::new(Keyring::with_retired(keys, &retired.unwrap_or_default()))
}

fn ring(
    references: &[String],
    sources: &Sources,
    problems: &mut Vec<ConfigProblem>,
) -> Arc<Keyring> {
    Arc::new(Keyring::new(pems(
        references,
        SigningKey::from_pem,
        sources,
        problems,
    )))
}

/// Where `lethe keys new` puts the keys that open what IdPs encrypt. Most deployments need none, so that
/// these are used if they are there.
const ENCRYPTION: [&str; 2] = [
    "file:keys/encryption-p256.pem",
    "file:keys/encryption-rsa.pem",
];

fn encryption(files: &KeyFiles, sources: &Sources) -> Vec<String> {
    let there = || {
        let there = ENCRYPTION.into_iter().filter(|file| sources.has(file));
        there.map(str::to_owned).collect()
    };
    files.encryption.clone().unwrap_or_else(there)
}

fn decrypter(
    references: &[String],
    sources: &Sources,
    problems: &mut Vec<ConfigProblem>,
) -> Arc<Decrypter> {
    Arc::new(Decrypter::new(pems(
        references,
        DecryptionKey::from_pem,
        sources,
        problems,
    )))
}

/// The keys behind references, as far as they are keys.
fn pems<K>(
    references: &[String],
    read: impl Fn(&[u8]) -> Result<K, InvalidKey>,
    sources: &Sources,
    problems: &mut Vec<ConfigProblem>,
) -> Vec<K> {
    let mut keys = Vec::new();
    for reference in references {
        let key = sources
            .resolve(reference)
            .and_then(|pem| read(&pem).map_err(|problem| problem.to_string()));
        match key {
            Ok(key) => keys.push(key),
            Err(message) => problems.push(add_problem(reference, &message)),
        }
    }
    keys
}

fn pair(
    current: &str,
    previous: Option<&String>,
    sources: &Sources,
    problems: &mut Vec<ConfigProblem>,
) -> Option<KeyPair> {
    let previous = previous.and_then(|reference| secret(reference, sources, problems));
    let current = secret(current, sources, problems)?;
    Some(KeyPair::new(
        ServerKey::new(current),
        previous.map(ServerKey::new),
    ))
}

fn secret(
    reference: &str,
    sources: &Sources,
    problems: &mut Vec<ConfigProblem>,
) -> Option<[u8; 32]> {
    let read = sources.resolve_text(reference).and_then(|text| {
        fixed_from_base64url(&text)
            .ok_or_else(|| "expected 32 bytes in base64url, as `lethe keys new` writes".to_owned())
    });
    read.map_err(|message| problems.push(add_problem(reference, &message)))
        .ok()
}

fn add_problem(reference: &str, message: &str) -> ConfigProblem {
    ConfigProblem::of_file("hub.toml", format!("`keys`: {reference}: {message}"))
}

pub(super) fn reference(text: &str) -> Result<String, &'static str> {
    let good = text.starts_with("env:") || text.starts_with("file:");
    good.then(|| text.to_owned())
        .ok_or("expected env:NAME or file:PATH")
}
