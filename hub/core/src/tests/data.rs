use std::collections::BTreeSet;

use serde_json::json;

use super::TODAY;
use crate::{
    acr::{Level, Vocabulary},
    data::{DataAccess, DataGrant, DataItem, DataRequest, DataScope, Reach, scope_parameter},
    ids::ClientId,
    scope::Scope,
    subject::{Basis, Source, SubjectKeys},
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

fn access(reach: Reach) -> DataAccess {
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
        reach,
        level: Level::Eidas2,
        vocabulary: Vocabulary::Eidas,
        issued_at: TODAY,
        expires_at: TODAY,
        parent: None,
    }
}

#[test]
fn a_scope_is_what_a_request_can_carry() {
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
fn each_thing_is_kept_or_left_out_by_itself() {
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
fn a_token_is_shown_where_it_reaches_and_to_whom_something_was_granted() {
    let [taxes, nobody]: [ClientId; 2] = ["taxes", "nobody"].map(|id| id.parse().unwrap());
    for (reach, shown) in [
        (Reach::Everywhere, true),
        (Reach::Provider, true),
        (Reach::Hub, false),
    ] {
        let access = access(reach);
        assert_eq!(access.shown_to(&taxes).is_some(), shown, "{reach:?}");
        assert!(access.granted_to(&taxes).is_some());
        assert!(access.shown_to(&nobody).is_none() && access.granted_to(&nobody).is_none());
    }
}

#[test]
fn the_scope_of_an_answer_has_the_hubs_first() {
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
