//! What a citizen's device keeps of whom it has seen: a salt of its own, and a keyed digest for each of the
//! last people.
//!
//! The digests depend on the salt: two devices of one person have nothing in common, and whoever knows
//! the digest of a person on one device does not find it on another.

use hub_core::{
    encoding::{base64url, fixed_from_base64url},
    entropy::{Entropy, draw},
    secret::Locator,
    subject::Person,
};

use crate::store::Records;

/// How many people one device is remembered for.
const MOST_PEOPLE: usize = 3;
/// The bytes of a digest.
const DIGEST: usize = 12;

/// The people that a device has seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    salt: [u8; 16],
    digests: Vec<String>,
}

impl Device {
    /// A device that has seen nobody.
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        Self {
            salt: draw(entropy),
            digests: Vec::new(),
        }
    }

    /// Reads the value of the cookie; `None` if it is in another form, as that of earlier versions was.
    #[must_use]
    pub fn parse(cookie: &str) -> Option<Self> {
        let mut parts = cookie.split('.');
        let salt = fixed_from_base64url(parts.next()?)?;
        let digests = parts.take(MOST_PEOPLE).map(str::to_owned).collect();
        Some(Self { salt, digests })
    }

    /// The value of the cookie.
    #[must_use]
    pub fn cookie(&self) -> String {
        let digests = self.digests.iter().map(String::as_str);
        let salt = base64url(&self.salt);
        let parts: Vec<&str> = [salt.as_str()].into_iter().chain(digests).collect();
        parts.join(".")
    }

    /// Whether it has seen `person`.
    #[must_use]
    pub fn knows(&self, records: &Records, person: &Person) -> bool {
        let mut digests = self.digests_of(records, person);
        digests.any(|digest| self.digests.contains(&digest))
    }

    /// The same device after it has seen `person`, who comes first.
    #[must_use]
    pub fn seeing(&self, records: &Records, person: &Person) -> Self {
        // The first is under the current pepper; one under the previous pepper is replaced by it.
        let own: Vec<String> = self.digests_of(records, person).collect();
        let others = self.digests.iter().filter(|other| !own.contains(other));
        let digests = own.iter().take(1).chain(others).take(MOST_PEOPLE);
        Self {
            salt: self.salt,
            digests: digests.cloned().collect(),
        }
    }

    fn digests_of(
        &self,
        records: &Records,
        person: &Person,
    ) -> impl Iterator<Item = String> + use<> {
        let (salt, person) = (base64url(&self.salt), base64url(person.as_bytes()));
        let marks = records.keyed_locators("device", &[&salt, &person]);
        marks.map(|mark: Locator| {
            base64url(
                &mark
                    .as_bytes()
                    .iter()
                    .copied()
                    .take(DIGEST)
                    .collect::<Vec<_>>(),
            )
        })
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({} people, hidden)", self.digests.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hub_core::{
        clock::SystemClock,
        entropy::SystemEntropy,
        seal::{KeyPair, Sealer, ServerKey},
        subject::{Basis, Source, SubjectKeys},
    };

    use super::*;
    use crate::store::MemoryStore;

    fn records(current: u8, previous: Option<u8>) -> Records {
        let key = |byte| ServerKey::new([byte; 32]);
        let sealer = Sealer::new(KeyPair::new(key(current), previous.map(key)));
        let store = Arc::new(MemoryStore::new(Arc::new(SystemClock)));
        Records::new(store, sealer, Arc::new(SystemEntropy))
    }

    fn person(n: u8) -> Person {
        let source = Source {
            issuer: "https://idp.example".to_owned(),
            sub: n.to_string(),
        };
        SubjectKeys::new([1; 32], [2; 32]).person(&Basis::IdpAccount(source))
    }

    #[test]
    fn a_device_remembers_three_people_the_last_first() {
        let records = records(1, None);
        let mut device = Device::new(&SystemEntropy);
        for n in [1, 2, 3, 1, 4] {
            device = device.seeing(&records, &person(n));
        }

        assert_eq!(Device::parse(&device.cookie()), Some(device.clone()));
        let known = [1, 2, 3, 4, 5].map(|n| device.knows(&records, &person(n)));
        assert_eq!(known, [true, false, true, true, false]);
    }

    #[test]
    fn two_devices_of_one_person_have_nothing_in_common() {
        let records = records(1, None);
        let [one, other] = [(), ()].map(|()| {
            Device::new(&SystemEntropy)
                .seeing(&records, &person(1))
                .cookie()
        });

        let parts: Vec<&str> = one.split('.').chain(other.split('.')).collect();
        let different: std::collections::BTreeSet<&str> = parts.iter().copied().collect();
        assert_eq!(different.len(), 4, "{parts:?}");
    }

    #[test]
    fn a_device_is_known_over_a_change_of_pepper_and_its_cookie_is_renewed() {
        let device = Device::new(&SystemEntropy).seeing(&records(1, None), &person(1));
        let during = records(2, Some(1));
        assert!(device.knows(&during, &person(1)));

        let device = device.seeing(&during, &person(1));

        assert_eq!(device.cookie().split('.').count(), 2);
        assert!(device.knows(&records(2, None), &person(1)));
    }

    #[test]
    fn the_cookie_of_an_earlier_version_is_a_device_that_is_not_known() {
        for cookie in [
            "",
            "AAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBB",
            ".",
        ] {
            assert_eq!(Device::parse(cookie), None, "{cookie}");
        }
    }
}
