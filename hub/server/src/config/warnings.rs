//! What is allowed and yet likely to be a mistake: said by `lethe check` and at each start.

use super::{Configuration, StoreAddress};

impl Configuration {
    /// One sentence for each doubtful setting, with a remedy.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if let StoreAddress::Redis(address) = &self.hub.store
            && let Some(host) = address.plain_remote_host()
        {
            warnings.push(format!(
                "`store`: records go to {host} without TLS, and so does the password: use rediss:// \
                 (or rediss-cluster://)"
            ));
        }
        if self.hub.limits.enabled && self.hub.secure_cookies && self.hub.proxies.is_none() {
            warnings.push(
                "`proxy`: not set, so that the addresses of clients are unknown, and nobody is limited \
                 by address: name your reverse proxies"
                    .to_owned(),
            );
        }
        warnings
    }
}
