//! The receipt of what a citizen agreed to hand over: which data, to whom, from where, when and on which
//! footing. Names of data, never a value of the identity, and no `sub`.

use std::collections::BTreeSet;

use hub_core::{clock::Timestamp, login::LegalBasis, scope::Claim};
use hub_jose::Algorithm;
use serde_json::{Value, json};
use sp_registry::{ServiceProvider, type_of};

use crate::jwt::SigningError;
use crate::{
    audit::{AgreedData, Event},
    consent::data_release,
    hub::Hub,
};

/// What a receipt says.
#[derive(Debug)]
pub struct Receipt<'a> {
    /// To whom.
    pub service: &'a ServiceProvider,
    /// On which footing the identity is handed over.
    pub basis: LegalBasis,
    /// Which data of the identity.
    pub data: BTreeSet<Claim>,
    /// What data providers hand over.
    pub providers: Vec<data_release::Handover<'a>>,
    /// When.
    pub at: Timestamp,
    /// Its number: the name of the login on the lines of the audit stream about the service.
    pub number: String,
    /// The language of what the citizen read.
    pub language: &'static str,
    /// What the citizen read: what was asked of data providers in full, no value of the identity.
    pub text: Vec<String>,
    /// Its digest.
    pub text_digest: String,
}

/// The footing as receipts and traces name it.
#[must_use]
pub const fn basis_name(basis: LegalBasis) -> &'static str {
    match basis {
        LegalBasis::Consent => "consent",
        LegalBasis::Information => "information",
    }
}

impl Receipt<'_> {
    /// The receipt as a JWT of type `receipt+jwt`, signed by the hub.
    ///
    /// # Errors
    /// [`SigningError`] if it cannot be signed.
    pub fn signed(&self, hub: &Hub) -> Result<String, SigningError> {
        let keys = &hub.shared.config.keys.signing;
        let algorithm = keys
            .algorithms()
            .first()
            .copied()
            .unwrap_or(Algorithm::Es256);
        let names: Vec<&str> = self.data.iter().map(|claim| claim.name()).collect();
        let providers = self.providers.iter();
        let providers: Vec<Value> = providers
            .map(|handover| handed_over(handover, self.language))
            .collect();
        let claims = json!({
            "iss": hub.issuer(),
            "iat": self.at.unix(),
            "jti": self.number,
            "client_id": self.service.client_id.as_str(),
            "service": self.service.name.get(self.language),
            "organisation": self.service.organisation.get(self.language),
            "basis": basis_name(self.basis),
            "data": names,
            "data_providers": providers,
            "language": self.language,
            "text": self.text,
            "text_digest": self.text_digest,
        });
        Ok(keys.sign(algorithm, "receipt+jwt", &claims)?)
    }

    /// The trace of the same agreement.
    #[must_use]
    pub fn event(&self) -> Event<'_> {
        let data = self.providers.iter().map(|handover| AgreedData {
            data_provider: handover.provider.id.as_str().to_owned(),
            scopes: handover.scopes(),
            types: handover.types(),
            basis: basis_name(handover.basis),
        });
        Event::ConsentRecorded {
            service: self.service.client_id.as_str(),
            basis: basis_name(self.basis),
            claims: self.data.iter().map(|claim| claim.name()).collect(),
            data: data.collect(),
            text_digest: Some(self.text_digest.clone()),
        }
    }
}

/// What one data provider hands over, and what it is told.
fn handed_over(handover: &data_release::Handover<'_>, language: &str) -> Value {
    let provider = handover.provider;
    let claims = handover.request.items();
    let claims: Vec<&str> = claims.flat_map(|item| provider.claims(item)).collect();
    let told: Vec<&str> = handover.told.iter().map(|claim| claim.name()).collect();
    json!({
        "id": provider.id.as_str(),
        "name": provider.name.get(language),
        "scope": handover.scopes().join(" "),
        "basis": basis_name(handover.basis),
        "data": claims,
        "told": told,
        "authorization_details_types": handover.types(),
        "authorization_details": handover.request.details,
    })
}

impl data_release::Handover<'_> {
    fn scopes(&self) -> Vec<String> {
        let scopes = self.request.scopes.iter();
        scopes.map(ToString::to_string).collect()
    }

    fn types(&self) -> Vec<String> {
        let details = self.request.details.iter();
        details.map(|detail| type_of(detail).to_owned()).collect()
    }
}
