//! Stage 4: the citizen agreed to share the data that the review page listed.
//!
//! The server makes [`Agreed`] when it sends the authorization response; its consent module turns it into a
//! [`Granted`] and an authorization code.

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

/// The legal basis on which the data is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegalBasis {
    /// The citizen must tick a box (private services).
    Consent,
    /// The citizen is informed and continues (public services).
    Information,
}

/// Proof that the citizen agreed.
///
/// Only [`LegalBasis::agreement`] and the sealed record of an earlier agreement can produce one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Agreement(());

impl LegalBasis {
    /// Returns the agreement that a submitted form expresses.
    ///
    /// Returns `None` for [`LegalBasis::Consent`] without the ticked box.
    #[must_use]
    pub fn agreement(self, consent_box: Option<&str>) -> Option<Agreement> {
        match (self, consent_box) {
            (Self::Information, _) | (Self::Consent, Some("yes")) => Some(Agreement(())),
            (Self::Consent, _) => None,
        }
    }
}

/// The record of a login whose citizen agreed and now reads the receipt.
///
/// The choice of IdP cannot be repeated after this stage, because the receipt states that the citizen
/// agreed.
#[derive(Debug, Serialize, Deserialize)]
pub struct AgreedLogin {
    /// What the review page showed.
    pub shown: Identified,
    /// What the citizen agreed to: `shown` without the optional data that they refused.
    pub chosen: Identified,
    /// When the citizen agreed.
    pub agreed_at: Timestamp,
    /// The signed consent receipt (a JWT).
    pub receipt: String,
    /// The anti-forgery token of the form that the citizen submitted.
    pub form: String,
    /// Whether the browser stores the chosen IdP in a cookie.
    pub remembers: bool,
    agreement: Agreement,
}

impl AgreedLogin {
    /// Creates the record of an agreement to `chosen`, a part of `shown`.
    ///
    /// `form` is the anti-forgery token of the submitted form.
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

    /// Returns the citizen's agreement.
    #[must_use]
    pub const fn agreement(&self) -> Agreement {
        self.agreement
    }
}

/// The citizen agreed: the authorization response can be sent.
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

    /// Returns the checked authorization request.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// Returns what the IdP and the register of persons stated about the citizen.
    #[must_use]
    pub const fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// Derives the `sub` for `sector` and reduces the identity to the requested claims.
    ///
    /// Each data provider in `audiences` gets a `sub` of its own sector and the claims that it is
    /// registered for. All other attributes are dropped here.
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
        let is_requested = |claim| request.id_token.contains(&claim);
        let previous_subs = if is_requested(AskedClaim::PreviousSubs) {
            previous_subs(&authentication, &subject, keys, sector)
        } else {
            Vec::new()
        };
        Granted {
            basis: is_requested(AskedClaim::SubBasis).then(|| basis.name()),
            previous_subs,
            sid: None,
            end_mark: None,
            receipt: None,
            data: request.data.into_iter().filter_map(audience).collect(),
            transaction: request.transaction,
            warnings: request.warnings,
            subject,
            claims,
            // The requested level and not the IdP's highest one: that would tell the service which IdP
            // was used.
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

/// Returns the subjects of the identities that the person had before, as the register of persons states
/// them.
///
/// Differences between the IdP's and the register's spelling are not included: the IdP's spelling may be
/// the name of another person.
fn previous_subs(
    authentication: &Authentication,
    current: &Subject,
    keys: &SubjectKeys,
    sector: &Sector,
) -> Vec<Subject> {
    let former_keys = authentication
        .former
        .iter()
        .filter_map(PivotKey::of_registered);
    let mut subjects: Vec<Subject> = former_keys
        .map(|key| keys.subject(&keys.person(&Basis::RegisterCheck(key)), sector))
        .filter(|subject| subject != current)
        .collect();
    subjects.dedup();
    subjects
}
