//! How long a token counts at a data provider, and what ends it earlier.

use std::time::Duration;

use hub_tests::{Opening, World};
use serde_json::{Value, json};

const INCOME: &[(&str, &str)] = &[("scope", "openid fiscal_income")];
const DEAD: &str = r#"{"active":false}"#;

fn token(answer: &Value) -> &str {
    answer["access_token"].as_str().unwrap()
}

#[actix_web::test]
async fn a_token_for_a_data_provider_counts_as_long_as_the_data_providers_entry_says() {
    for (entry, lifetime) in [
        ("identity = [", 300),
        ("token_lifetime = 45\nidentity = [", 45),
    ] {
        let edits = vec![("data-providers/taxes.toml", "identity = [", entry)];
        let world = World::open_with(Opening {
            edits,
            ..Opening::default()
        })
        .unwrap();
        let sp = world.service("canteen").unwrap();
        let taxes = world.data_provider("taxes").unwrap();
        let tokens = world.tokens(&sp, INCOME, &[]).await.unwrap();
        world.clock.pass(Duration::from_secs(599));

        let answer = sp.exchange(token(&tokens), &taxes.resource(), &[]).await;
        let answer = answer.unwrap().1;

        assert_eq!(answer["expires_in"], lifetime);
        world.clock.pass(Duration::from_secs(lifetime - 1));
        assert_eq!(taxes.told(token(&answer)).await.unwrap()["active"], true);
        world.clock.pass(Duration::from_secs(1));
        assert_eq!(taxes.ask(token(&answer)).await.unwrap().body, DEAD);
        let refused = sp.exchange(token(&tokens), &taxes.resource(), &[]).await;
        let (status, refused) = refused.unwrap();
        assert_eq!(
            (status, &refused["error"]),
            (400, &json!("invalid_request"))
        );
    }
}

#[actix_web::test]
async fn a_shared_token_opens_userinfo_for_the_services_lifetime_and_data_for_the_data_providers() {
    let world = World::open().unwrap();
    let sp = world.service("fc-canteen").unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let tokens = world.tokens(&sp, INCOME, &[]).await.unwrap();
    let revoked = world.tokens(&sp, INCOME, &[]).await.unwrap();
    assert_eq!(tokens["expires_in"], 60);
    world.clock.pass(Duration::from_secs(60));

    assert_eq!(sp.userinfo(token(&tokens)).await.unwrap().0, 401);
    let (status, _) = sp
        .exchange(token(&tokens), &taxes.resource(), &[])
        .await
        .unwrap();
    assert_eq!(status, 400);
    assert_eq!(taxes.told(token(&tokens)).await.unwrap()["active"], true);
    sp.post("/token/revocation", &[("token", token(&revoked))])
        .await
        .unwrap();
    assert_eq!(taxes.ask(token(&revoked)).await.unwrap().body, DEAD);
    world.clock.pass(Duration::from_secs(240));
    assert_eq!(taxes.ask(token(&tokens)).await.unwrap().body, DEAD);
}

#[actix_web::test]
async fn a_revocation_and_a_replayed_code_end_tokens_that_outlive_the_services_own() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    for by_replay in [false, true] {
        let code = world.code(&sp, INCOME, &[]).await.unwrap();
        let (_, tokens) = sp.token(&sp.token_fields(&code)).await.unwrap();
        world.clock.pass(Duration::from_secs(599));
        let answer = sp.exchange(token(&tokens), &taxes.resource(), &[]).await;
        let answer = answer.unwrap().1;
        if by_replay {
            world.clock.pass(Duration::from_secs(200));
            assert_eq!(taxes.told(token(&answer)).await.unwrap()["active"], true);
            sp.token(&sp.token_fields(&code)).await.unwrap();
        } else {
            sp.post("/token/revocation", &[("token", token(&tokens))])
                .await
                .unwrap();
            world.clock.pass(Duration::from_secs(200));
        }

        assert_eq!(taxes.ask(token(&answer)).await.unwrap().body, DEAD);
    }
}
