//! What a login hands over beside the identity: data of data providers, and on which footing.

use std::collections::BTreeSet;

use hub_core::{
    data::{DataAudience, DataItem, DataRequest},
    ids::ClientId,
    login::{Identified, LegalBasis, Request},
    release::held,
    scope::Claim,
};
use sp_registry::{DataProvider, ServiceProvider, type_of};

use crate::hub::Hub;

/// The data providers that `request` asks, each with what it asks of it.
pub fn providers<'h>(
    hub: &'h Hub,
    request: &'h Request,
) -> impl Iterator<Item = (&'h DataProvider, &'h DataRequest)> {
    let registry = &hub.shared.config.registry;
    let asked = request.data.iter();
    asked.filter_map(|asked| Some((registry.data_provider(&asked.provider)?, asked)))
}

/// Whether `service` can do without `item`, so that the citizen may refuse it.
#[must_use]
pub fn is_optional(service: &ServiceProvider, item: DataItem<'_>) -> bool {
    service.optional.contains(match item {
        DataItem::Scope(scope) => scope.as_str(),
        DataItem::Detail(_, detail) => type_of(detail),
    })
}

/// The name of the box that says yes to an optional `item`.
#[must_use]
pub fn field(provider: &ClientId, item: DataItem<'_>) -> String {
    match item {
        DataItem::Scope(scope) => format!("data:{}:{scope}", provider.as_str()),
        DataItem::Detail(place, detail) => {
            format!("data:{}:{}:{place}", provider.as_str(), type_of(detail))
        }
    }
}

/// `identified` without the optional data whose box was not `ticked`.
#[must_use]
pub fn chosen(
    service: &ServiceProvider,
    identified: Identified,
    ticked: impl Fn(&str) -> bool,
) -> Identified {
    identified
        .keeping(|provider, item| !is_optional(service, item) || ticked(&field(provider, item)))
}

/// On which footing `service` gets `item` of `provider`'s: what can be refused is consented to.
#[must_use]
pub fn legal_basis_of(
    service: &ServiceProvider,
    provider: &DataProvider,
    item: DataItem<'_>,
) -> LegalBasis {
    if provider.consent || is_optional(service, item) {
        LegalBasis::Consent
    } else {
        service.legal_basis()
    }
}

/// On which footing the login as a whole goes on: consent where the service is private, or where data
/// that it cannot do without needs it.
#[must_use]
pub fn legal_basis(hub: &Hub, service: &ServiceProvider, request: &Request) -> LegalBasis {
    let needed = |provider: &DataProvider, asked: &DataRequest| {
        provider.consent && asked.items().any(|item| !is_optional(service, item))
    };
    if providers(hub, request).any(|(provider, asked)| needed(provider, asked)) {
        LegalBasis::Consent
    } else {
        service.legal_basis()
    }
}

/// What the data providers of `request` are registered to be told.
#[must_use]
pub fn audiences(hub: &Hub, request: &Request) -> Vec<DataAudience> {
    providers(hub, request)
        .map(|(provider, _)| provider.audience())
        .collect()
}

/// What one data provider hands over, what it is told, and on which footing.
#[derive(Debug)]
pub struct Handover<'h> {
    /// The data provider.
    pub provider: &'h DataProvider,
    /// What the citizen agreed to.
    pub request: &'h DataRequest,
    /// The claims by which it finds the citizen, as far as the identity holds them.
    pub told: BTreeSet<Claim>,
    /// On which footing: consent, if any of it needs that.
    pub basis: LegalBasis,
}

/// What the data providers of `identified` hand over.
#[must_use]
pub fn handovers<'h>(
    hub: &'h Hub,
    service: &ServiceProvider,
    identified: &'h Identified,
) -> Vec<Handover<'h>> {
    let identity = &identified.authentication().identity;
    let handover = |(provider, request): (&'h DataProvider, &'h DataRequest)| {
        let consented = |item| legal_basis_of(service, provider, item) == LegalBasis::Consent;
        Handover {
            provider,
            request,
            told: held(identity, &provider.identity),
            basis: if request.items().any(consented) {
                LegalBasis::Consent
            } else {
                LegalBasis::Information
            },
        }
    };
    providers(hub, identified.request()).map(handover).collect()
}
