use std::collections::BTreeSet;

use serde_json::json;

use super::TODAY;
use crate::{
    acr::Level,
    data::{DataAccess, DataGrant, DataItem, DataRequest, DataScope, scope_parameter},
    ids::ClientId,
    scope::Scope,
    subject::{AuditKey, Basis, Source, SubjectKeys},
};

fn request(provider: &str) -> DataRequest {
    let detail = |year: u16| json!({"type": "notice", "year": year});
    let details = [detail(2024), detail(2025)];
    DataRequest {
        provider: provider.parse().unwrap(),
        scopes: ["income", "household"]
            .map(|name| name.parse().unwrap())
            .into(),
        details: details
            .iter()
            .filter_map(|detail| detail.as_object().cloned())
            .collect(),
    }
}

fn access() -> DataAccess {
    let keys = SubjectKeys::new([1; 32], [2; 32]);
    let account = Basis::IdpAccount(Source {
        issuer: "https://idp.example".into(),
        sub: "1".into(),
    });
    let person = keys.person(&account);
    let grant = |provider: &str| DataGrant {
        request: request(provider),
        subject: keys.subject(&person, &provider.parse().unwrap()),
        claims: serde_json::Map::new(),
    };
    DataAccess {
        grants: vec![grant("taxes"), grant("family")],
        shared: false,
        level: Level::Eidas2,
        issued_at: TODAY,
        expires_at: TODAY,
    }
}

#[test]
fn a_scope_accepts_only_the_characters_of_rfc_6749() {
    for good in [
        "a",
        "tax_income",
        "urn:example:x",
        "!#[]~",
        &"a".repeat(128),
    ] {
        assert!(good.parse::<DataScope>().is_ok(), "{good}");
    }
    for bad in ["", "a b", "a\"b", "a\\b", "é", "a\n", &"a".repeat(129)] {
        assert!(bad.parse::<DataScope>().is_err(), "{bad:?}");
    }
}

#[test]
fn each_requested_item_is_kept_or_removed_separately() {
    let asked = request("taxes");
    assert_eq!(asked.items().count(), 4);

    let one = asked.keeping(|item| matches!(item, DataItem::Detail(1, _)));
    let one = one.unwrap();
    assert!(one.scopes.is_empty());
    assert_eq!(one.details, asked.details[1..]);

    let income: DataScope = "income".parse().unwrap();
    let scope = asked
        .keeping(|item| item == DataItem::Scope(&income))
        .unwrap();
    assert_eq!(scope.scopes, BTreeSet::from([income]));
    assert!(scope.details.is_empty());

    assert_eq!(asked.keeping(|_| true), Some(asked.clone()));
    assert_eq!(asked.keeping(|_| false), None);
}

#[test]
fn a_data_provider_gets_only_its_own_grant() {
    let access = access();
    let of = |id: &str| access.granted_to(&id.parse::<ClientId>().unwrap());

    assert_eq!(of("taxes").unwrap().request, request("taxes"));
    assert_ne!(
        of("taxes").unwrap().subject.as_str(),
        of("family").unwrap().subject.as_str()
    );
    assert!(of("nobody").is_none());
}

#[test]
fn an_alias_depends_on_the_person_and_the_key() {
    let keys = SubjectKeys::new([1; 32], [2; 32]);
    let person = |sub: &str| {
        keys.person(&Basis::IdpAccount(Source {
            issuer: "https://idp.example".into(),
            sub: sub.into(),
        }))
    };
    let (one, other) = (AuditKey::new([3; 32]), AuditKey::new([4; 32]));

    assert_eq!(one.alias(&person("1")), one.alias(&person("1")));
    assert_ne!(one.alias(&person("1")), one.alias(&person("2")));
    assert_ne!(one.alias(&person("1")), other.alias(&person("1")));
    assert_eq!(one.alias(&person("1")).len(), 43);
    assert_eq!(format!("{one:?}"), "AuditKey(hidden)");
}

#[test]
fn a_scope_survives_serialisation() {
    let scope: DataScope = "income".parse().unwrap();
    let kept = serde_json::to_string(&scope).unwrap();

    assert_eq!(kept, "\"income\"");
    assert_eq!(serde_json::from_str::<DataScope>(&kept).unwrap(), scope);
    assert!(serde_json::from_str::<DataScope>("\"a b\"").is_err());
}

#[test]
fn the_scope_parameter_lists_the_hubs_scopes_first() {
    let scopes = BTreeSet::from([Scope::Email, Scope::Openid]);
    let asked = [request("taxes")];

    assert_eq!(
        scope_parameter(&scopes, asked.iter()),
        "openid email household income"
    );
    assert_eq!(
        scope_parameter(&BTreeSet::new(), asked.iter()),
        "household income"
    );
}
