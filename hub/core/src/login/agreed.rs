//! Stage 4: the citizen agreed to what the page showed.

use serde::{Deserialize, Serialize};

use super::{AskedClaim, Authentication, Granted, Identified, Request};
use crate::{
    clock::Timestamp,
    data::{DataAudience, DataRequest},
    identity::DateForm,
    ids::Sector,
    release,
    subject::{Basis, PivotKey, Subject, SubjectKeys},
};

/// On which footing the data is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegalBasis {
    /// The citizen has to tick a box: private services.
    Consent,
    /// The citizen is told, and goes on: public services.
    Information,
}

/// The citizen's yes. Only [`LegalBasis::answered`] makes one, and the sealed record of one keeps it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Agreement(());

impl LegalBasis {
    /// The agreement that a submitted form expresses: for consent, the ticked box is needed.
    #[must_use]
    pub fn agreement(self, consent_box: Option<&str>) -> Option<Agreement> {
        match (self, consent_box) {
            (Self::Information, _) | (Self::Consent, Some("yes")) => Some(Agreement(())),
            (Self::Consent, _) => None,
        }
    }
}

/// The record of a login whose citizen agreed and reads the receipt before they go on. There is no way back
/// from here: the receipt says that they agreed.
#[derive(Debug, Serialize, Deserialize)]
pub struct AgreedLogin {
    /// What the page showed.
    pub shown: Identified,
    /// What the citizen agreed to: the same without the data that they refused.
    pub chosen: Identified,
    /// When they agreed.
    pub agreed_at: Timestamp,
    /// The signed receipt.
    pub receipt: String,
    /// The token of the form that they submitted.
    pub form: String,
    /// Whether the browser shall remember the IdP.
    pub remembers: bool,
    agreement: Agreement,
}

impl AgreedLogin {
    /// The record for `chosen` out of `shown`, agreed to with the form whose token is `form`.
    #[must_use]
    pub fn new(
        (shown, chosen): (Identified, Identified),
        (agreement, agreed_at): (Agreement, Timestamp),
        receipt: String,
        form: String,
        remembers: bool,
    ) -> Self {
        Self {
            shown,
            chosen,
            agreed_at,
            receipt,
            form,
            remembers,
            agreement,
        }
    }

    /// The citizen's agreement.
    #[must_use]
    pub const fn agreement(&self) -> Agreement {
        self.agreement
    }
}

/// The citizen agreed; the service can be answered.
#[derive(Debug)]
pub struct Agreed {
    request: Request,
    authentication: Authentication,
}

impl Agreed {
    pub(super) const fn new(request: Request, authentication: Authentication) -> Self {
        Self {
            request,
            authentication,
        }
    }

    /// What was asked.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// What the citizen is known by.
    #[must_use]
    pub const fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// Derives the `sub` for `sector` and reduces the identity to what was asked; for each of
    /// `audiences`, which are data providers, by its own sector to what it is registered for. The rest
    /// of it is forgotten here.
    #[must_use]
    pub fn grant(
        self,
        keys: &SubjectKeys,
        (sector, dates): (&Sector, DateForm),
        audiences: &[DataAudience],
    ) -> Granted {
        let Self {
            request,
            authentication,
        } = self;
        let claims = release::release(&authentication.identity, &request.claims(), dates);
        let basis = Basis::choose(
            &authentication.identity,
            &authentication.evidence,
            keys.rules(),
        );
        let person = keys.person(&basis);
        let subject = keys.subject(&person, sector);
        let audience = |request: DataRequest| {
            let mut known = audiences.iter();
            let audience = known.find(|known| known.provider == request.provider)?;
            Some(audience.grant(request, keys, &person, &authentication.identity))
        };
        let tells = |claim| request.id_token.contains(&claim);
        let previous_subs = if tells(AskedClaim::PreviousSubs) {
            previous_subs(&authentication, &subject, keys, sector)
        } else {
            Vec::new()
        };
        Granted {
            basis: tells(AskedClaim::SubBasis).then(|| basis.name()),
            previous_subs,
            sid: None,
            end_mark: None,
            receipt: None,
            data: request.data.into_iter().filter_map(audience).collect(),
            transaction: request.transaction,
            warnings: request.warnings,
            subject,
            claims,
            // The level asked, not the highest that this IdP has.
            level: request.level,
            auth_time: authentication.auth_time,
            client: request.client,
            redirect: request.redirect.as_str().to_owned(),
            challenge: request.challenge,
            nonce: request.nonce,
            scopes: request.scopes,
            id_token: request.id_token,
            vocabulary: request.vocabulary,
        }
    }
}

/// The subjects of the identities that the register of persons says the citizen had before. What the
/// IdP wrote otherwise than the register counts for nothing here: it may be somebody else's name.
fn previous_subs(
    authentication: &Authentication,
    current: &Subject,
    keys: &SubjectKeys,
    sector: &Sector,
) -> Vec<Subject> {
    let formerly = authentication
        .former
        .iter()
        .filter_map(PivotKey::of_registered);
    let mut subjects: Vec<Subject> = formerly
        .map(|key| keys.subject(&keys.person(&Basis::RegisterCheck(key)), sector))
        .filter(|subject| subject != current)
        .collect();
    subjects.dedup();
    subjects
}
