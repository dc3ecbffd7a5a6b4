//! The claims that one service receives: the granted ones that the identity has.
//!
//! Called by `login/agreed.rs` and `data.rs` when a grant is made, and by the review page.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    identity::{Country, DateForm, PivotIdentity},
    scope::Claim,
    written,
};

/// Returns the claims of `granted` that `identity` has, by name, each in the form of [`written`].
///
/// Attributes that the IdP did not send are absent, except the birth place of a person born abroad,
/// which is an empty text.
#[must_use]
pub fn release(
    identity: &PivotIdentity,
    granted: &BTreeSet<Claim>,
    dates: DateForm,
) -> Map<String, Value> {
    granted
        .iter()
        .filter_map(|claim| {
            Some((
                claim.name().to_owned(),
                claim_value(identity, *claim, dates)?,
            ))
        })
        .collect()
}

/// Returns the claims of `granted` that the identity has.
///
/// The review page lists them, because they are what is sent.
#[must_use]
pub fn held(identity: &PivotIdentity, granted: &BTreeSet<Claim>) -> BTreeSet<Claim> {
    granted
        .iter()
        .copied()
        .filter(|claim| claim_value(identity, *claim, DateForm::Zero).is_some())
        .collect()
}

/// Those of `claims` that pages and receipts name, in order.
///
/// `given_name_array` is not named beside `given_name`, nor `email_verified` beside `email`: they say the same as
/// the other. Each is named where it stands alone.
pub fn named_on_pages(claims: &BTreeSet<Claim>) -> impl Iterator<Item = Claim> {
    let said_with = [
        (Claim::GivenNameArray, Claim::GivenName),
        (Claim::EmailVerified, Claim::Email),
    ];
    let is_named = move |claim: &Claim| {
        let mut said_with = said_with.iter();
        !said_with.any(|(one, other)| one == claim && claims.contains(other))
    };
    claims.iter().copied().filter(is_named)
}

fn claim_value(identity: &PivotIdentity, claim: Claim, dates: DateForm) -> Option<Value> {
    let contact = &identity.contact;
    Some(match claim {
        Claim::GivenName => given_names(identity)?.into(),
        // Some IdPs know the parts of a compound given name, others do not. One word in each entry hides
        // this from the service.
        Claim::GivenNameArray => given_names(identity)?
            .split(' ')
            .map(Value::from)
            .collect::<Vec<_>>()
            .into(),
        Claim::FamilyName => written::family_name(identity.family_name.as_ref()?.as_str()).into(),
        Claim::PreferredUsername => {
            written::family_name(identity.usage_name.as_ref()?.as_str()).into()
        }
        Claim::Birthdate => identity.birthdate?.write(dates).into(),
        Claim::Gender => identity.gender?.as_str().into(),
        Claim::Birthplace => birthplace(identity)?.into(),
        Claim::Birthcountry => identity.birthcountry.as_ref()?.insee().into(),
        Claim::Email => written::email(contact.email.as_deref()?).into(),
        // Always present with an e-mail address: its absence would tell the service which IdP was used.
        Claim::EmailVerified => {
            contact.email.as_deref()?;
            contact.email_verified.unwrap_or(false).into()
        }
        Claim::PhoneNumber => contact.phone_number.as_deref()?.into(),
        Claim::Address => written::address(contact.address.as_ref()?)?.into(),
        Claim::Login => contact.login.as_deref()?.into(),
        Claim::GivenNameOriginal => {
            written::given_names(&identity.given_names_original.as_ref()?.joined()).into()
        }
        Claim::FamilyNameOriginal => {
            written::family_name(identity.family_name_original.as_ref()?.as_str()).into()
        }
    })
}

fn given_names(identity: &PivotIdentity) -> Option<String> {
    let names = identity.given_names.as_ref()?;
    Some(written::given_names(&names.joined()))
}

fn birthplace(identity: &PivotIdentity) -> Option<&str> {
    let abroad = |country: &Country| !country.is_france();
    match &identity.birthplace {
        Some(place) => Some(place.as_str()),
        None => identity
            .birthcountry
            .as_ref()
            .is_some_and(abroad)
            .then_some(""),
    }
}
