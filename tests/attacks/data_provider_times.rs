//! Data providers that try to tell services apart by what the hub answers about their tokens.

use std::time::Duration;

use hub_core::encoding::from_base64url;
use hub_tests::{DataProvider, Opening, RelyingParty, World, claims_of};
use serde_json::{Map, Value, json};

const SCOPE: [(&str, &str); 1] = [("scope", "openid fiscal_income school_place")];

/// A world whose three services differ in everything that an entry can say: profile, sector, kind, form of
/// `birthdate`, and all lifetimes.
fn world() -> World {
    let edits = vec![
        (
            "services/lender.toml",
            "scopes = [\"openid\", \"family_name\", \"fiscal_income\"]",
            "scopes = [\"openid\", \"fiscal_income\", \"school_place\"]\naccess_token_lifetime = 77\n\
             code_lifetime = 44\nbirthdate = \"truncate\"\nsigning_alg = \"ES256\"",
        ),
        (
            "services/fc-canteen.toml",
            "\"family_quotient\"]",
            "\"family_quotient\", \"school_place\"]",
        ),
        (
            "services/canteen.toml",
            "allow_prompt_none = true",
            "allow_prompt_none = true\naccess_token_lifetime = 900",
        ),
    ];
    World::open_with(Opening {
        edits,
        ..Opening::default()
    })
    .unwrap()
}

fn token(answer: &Value) -> String {
    answer["access_token"].as_str().unwrap().to_owned()
}

/// The header of a JWT.
fn header_of(jwt: &str) -> Value {
    let header = from_base64url(jwt.split('.').next().unwrap()).unwrap();
    serde_json::from_slice(&header).unwrap()
}

/// `claims` with random values replaced by their lengths. Times are kept.
fn comparable(claims: &Value) -> Map<String, Value> {
    let mut claims = claims.as_object().unwrap().clone();
    for random in ["jti", "ref"] {
        if let Some(value) = claims.get_mut(random) {
            *value = json!(value.as_str().unwrap().len());
        }
    }
    claims
}

/// Everything that the hub answers `provider` about `token`, in all forms.
async fn answers(provider: &DataProvider, token: &str) -> Vec<Value> {
    let plain = provider.ask(token).await.unwrap();
    let accept = [("accept", "application/token-introspection+jwt")];
    let signed = provider
        .ask_at("/token/introspection", token, &accept)
        .await
        .unwrap();
    let checked = provider.ask_at("/checktoken", token, &[]).await.unwrap();
    let mut all = vec![json!({
        "status": plain.status,
        "length": plain.body.len(),
        "told": comparable(&plain.told().unwrap()),
    })];
    for answered in [signed, checked] {
        let jwt = answered.signed().unwrap();
        let mut claims = claims_of(&jwt).unwrap();
        let told = comparable(&claims["token_introspection"]);
        claims["token_introspection"] = told.into();
        all.push(json!({
            "status": answered.status,
            "length": answered.body.len(),
            "header": header_of(&jwt),
            "claims": claims,
        }));
    }
    all
}

/// A token of each way to get one, by service: exchanged, asked for with the code, shared.
async fn tokens_for(world: &World, provider: &DataProvider, age: u64) -> Vec<(String, String)> {
    let mut tokens = Vec::new();
    for service in ["canteen", "lender"] {
        let sp = world.service(service).unwrap();
        let own = world.tokens(&sp, &SCOPE, &[]).await.unwrap();
        tokens.push((service.to_owned(), (sp, token(&own))));
    }
    world.clock.pass(Duration::from_secs(age));
    let mut made = Vec::new();
    for (service, (sp, own)) in tokens {
        let (status, answer) = sp.exchange(&own, &provider.resource(), &[]).await.unwrap();
        assert_eq!(status, 200, "{service} {answer}");
        made.push((format!("{service}, exchanged"), token(&answer)));
    }
    for service in ["canteen", "lender"] {
        let sp = world.service(service).unwrap();
        let answer = with_code(world, &sp, provider).await;
        made.push((format!("{service}, with the code"), token(&answer)));
    }
    made
}

/// The answer to a code that is spent with the `resource` of `provider`.
async fn with_code(world: &World, sp: &RelyingParty, provider: &DataProvider) -> Value {
    let code = world.code(sp, &SCOPE, &[]).await.unwrap();
    let mut fields = sp.token_fields(&code);
    fields.push(("resource".into(), provider.resource()));
    sp.token(&fields).await.unwrap().1
}

#[actix_web::test]
async fn a_data_provider_reads_no_service_from_times_forms_or_sizes() {
    let world = world();
    let taxes = world.data_provider("taxes").unwrap();
    // The token of the lender ends one second after the exchange.
    let mut tokens = tokens_for(&world, &taxes, 76).await;
    let shared = world.service("fc-canteen").unwrap();
    let own = world.tokens(&shared, &SCOPE, &[]).await.unwrap();
    tokens.push(("fc-canteen, shared".into(), token(&own)));
    for passed in [0, 2, 60, 200] {
        world.clock.pass(Duration::from_secs(passed));
        let mut seen = Vec::new();
        for (how, token) in &tokens {
            seen.push((how, answers(&taxes, token).await));
        }

        for (how, answers) in &seen {
            assert_eq!(answers, &seen[0].1, "{how}, {passed} seconds later");
        }
        assert_eq!(seen[0].1[0]["told"]["active"], true);
    }
    let told = taxes.told(&tokens[0].1).await.unwrap();
    let lifetime = told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 300, "that of the data provider's entry");
    world.clock.pass(Duration::from_secs(37));
    for (how, token) in &tokens {
        assert_eq!(taxes.told(token).await.unwrap()["active"], true, "{how}");
    }
    world.clock.pass(Duration::from_secs(1));
    for (how, token) in &tokens {
        let told = taxes.told(token).await.unwrap();
        assert_eq!(told, json!({"active": false}), "{how}");
    }
}

#[actix_web::test]
async fn a_jwt_access_token_differs_between_services_in_random_values_only() {
    let world = world();
    let school = world.data_provider("school").unwrap();
    let tokens = tokens_for(&world, &school, 76).await;
    let seen: Vec<_> = tokens
        .iter()
        .map(|(how, jwt)| {
            let claims = json!(claims_of(jwt).unwrap());
            (how, jwt.len(), header_of(jwt), comparable(&claims))
        })
        .collect();

    for (how, length, header, claims) in &seen {
        assert_eq!(length, &seen[0].1, "{how}");
        assert_eq!(header, &seen[0].2, "{how}");
        assert_eq!(claims, &seen[0].3, "{how}");
        let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert_eq!(lifetime, 300, "{how}");
    }
    // What is verified without asking and what is answered agree.
    for (how, jwt) in &tokens {
        let told = school.told(jwt).await.unwrap();
        let claims = claims_of(jwt).unwrap();
        for name in ["iat", "exp", "sub", "scope", "acr", "jti", "aud", "iss"] {
            assert_eq!(told[name], claims[name], "{name} {how}");
        }
    }
}

#[actix_web::test]
async fn the_order_in_which_a_service_writes_its_details_is_not_passed_on() {
    let world = World::open().unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let sp = world.service("canteen").unwrap();
    let ticks = ["data:taxes:fiscal_notice:0", "data:taxes:fiscal_notice:1"];
    let mut bodies = Vec::new();
    for details in [
        r#"[{"type":"fiscal_notice","year":2024},{"type":"fiscal_notice","year":2025}]"#,
        r#"[{"year":2025,"type":"fiscal_notice"},{"year":2024, "type":"fiscal_notice"}]"#,
    ] {
        let changes = [("scope", "openid"), ("authorization_details", details)];
        let own = world.tokens(&sp, &changes, &ticks).await.unwrap();
        let answer = sp.exchange(&token(&own), &taxes.resource(), &[]).await;
        let answered = taxes.ask(&token(&answer.unwrap().1)).await.unwrap();
        let (_, told) = answered
            .body
            .split_once("\"authorization_details\":")
            .unwrap();
        bodies.push(told.to_owned());
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[actix_web::test]
async fn an_exchange_tells_no_service_which_data_providers_exist() {
    let world = world();
    let sp = world.service("lender").unwrap();
    let own = world
        .tokens(&sp, &[("scope", "openid fiscal_income")], &[])
        .await
        .unwrap();
    let mut seen = Vec::new();
    // One that the service may not ask anything of, one that it asked nothing of, one that nobody has.
    for id in ["family", "school", "nobody"] {
        let resource = format!("https://{id}.example/api");
        let (status, answer) = sp.exchange(&token(&own), &resource, &[]).await.unwrap();
        seen.push((status, answer.to_string().replace(id, "…")));
    }
    assert_eq!(seen[0].0, 400);
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
}
