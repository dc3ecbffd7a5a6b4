//! The register of persons: what an authority that knows everybody says of an identity.

use crate::{identity::PivotIdentity, login::RegisterRefusal};

/// The register's answer about one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterAnswer {
    /// It knows the person.
    Known(Box<Known>),
    /// It does not vouch for the identity.
    Refused(RegisterRefusal),
}

/// A person whom the register knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// How far the identity that was asked about is the register's.
    pub finding: Finding,
    /// Identities that the register itself states the same person had before.
    pub former: Vec<PivotIdentity>,
}

/// How an identity was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// As it is; what the IdP left out is completed with these attributes.
    Found(PivotIdentity),
    /// With differences: the civil status is this.
    Corrected(PivotIdentity),
}

impl Finding {
    /// The identity to go on with: the civil status by the register, the rest as the IdP gave it.
    #[must_use]
    pub fn settle(self, said: PivotIdentity) -> PivotIdentity {
        match self {
            Self::Found(known) => PivotIdentity {
                given_names: said.given_names.or(known.given_names),
                family_name: said.family_name.or(known.family_name),
                gender: said.gender.or(known.gender),
                birthdate: said.birthdate.or(known.birthdate),
                birthplace: said.birthplace.or(known.birthplace),
                birthcountry: said.birthcountry.or(known.birthcountry),
                ..said
            },
            // What the register leaves out of a correction is not there, save the sex, which some
            // registers do not say.
            Self::Corrected(known) => PivotIdentity {
                given_names: known.given_names,
                family_name: known.family_name,
                gender: known.gender.or(said.gender),
                birthdate: known.birthdate,
                birthplace: known.birthplace,
                birthcountry: known.birthcountry,
                ..said
            },
        }
    }
}
