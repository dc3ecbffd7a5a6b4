//! The register of persons: an authority's answer about an identity.
//!
//! The `person-register` crate reads it, and the server's `person` module applies it to the login.

use crate::{identity::PivotIdentity, login::RegisterRefusal};

/// The register's answer about one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterAnswer {
    /// The register knows the person.
    Known(Box<Known>),
    /// The register does not confirm the identity.
    Refused(RegisterRefusal),
}

/// A person whom the register knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// How the identity of the request differs from the register's.
    pub finding: Finding,
    /// The identities that the person had before, according to the register.
    pub former: Vec<PivotIdentity>,
}

/// How the register found an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The identity matches. These attributes complete what the IdP did not send.
    Found(PivotIdentity),
    /// The identity matches with differences. This is the civil status.
    Corrected(PivotIdentity),
}

impl Finding {
    /// Returns the identity to continue with: the civil status of the register, the rest of the IdP.
    #[must_use]
    pub fn settle(self, from_idp: PivotIdentity) -> PivotIdentity {
        match self {
            Self::Found(known) => PivotIdentity {
                given_names: from_idp.given_names.or(known.given_names),
                family_name: from_idp.family_name.or(known.family_name),
                gender: from_idp.gender.or(known.gender),
                birthdate: from_idp.birthdate.or(known.birthdate),
                birthplace: from_idp.birthplace.or(known.birthplace),
                birthcountry: from_idp.birthcountry.or(known.birthcountry),
                ..from_idp
            },
            // A correction is complete: an attribute that it omits is removed. The sex is kept, because
            // some registers do not send it.
            Self::Corrected(known) => PivotIdentity {
                given_names: known.given_names,
                family_name: known.family_name,
                gender: known.gender.or(from_idp.gender),
                birthdate: known.birthdate,
                birthplace: known.birthplace,
                birthcountry: known.birthcountry,
                ..from_idp
            },
        }
    }
}
