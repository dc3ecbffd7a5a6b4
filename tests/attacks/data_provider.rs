//! Data providers: strangers who ask about tokens, data providers that want more than their part.

use hub_jose::{Algorithm, Keyring, SigningKey, generate};
use hub_tests::{
    Answered, AuditFile, Browser, DataProvider, Opening, RelyingParty, Returned, World,
};
use serde_json::{Map, Value, json};

const INCOME: &[(&str, &str)] = &[("scope", "openid fiscal_income")];

fn token(answer: &Value) -> &str {
    answer["access_token"].as_str().unwrap()
}

/// A world whose traces are written to a file.
fn traced() -> (World, AuditFile) {
    let audit = AuditFile::new();
    let opening = Opening {
        audit: Some(audit.path()),
        ..Opening::default()
    };
    (World::open_with(opening).unwrap(), audit)
}

/// A token for `provider`, made of a fresh login's.
async fn made_for(world: &World, sp: &RelyingParty, provider: &DataProvider) -> (Value, String) {
    let scope = match provider.id {
        "taxes" => "openid fiscal_income",
        "family" => "openid family_quotient",
        _ => "openid school_place",
    };
    let tokens = world.tokens(sp, &[("scope", scope)], &[]).await.unwrap();
    let resource = provider.resource();
    let (status, made) = sp.exchange(token(&tokens), &resource, &[]).await.unwrap();
    assert_eq!(status, 200, "{made}");
    let made = token(&made).to_owned();
    (tokens, made)
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn said(answered: &Answered) -> (u16, Value) {
    (answered.status, answered.json()["error"].clone())
}

#[actix_web::test]
async fn nobody_asks_about_a_token_without_proving_who_they_are() {
    let (world, audit) = traced();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let (_, made) = made_for(&world, &sp, &taxes).await;
    let service = "a-secret-of-the-tests-with-a-hyphen%and+more";
    let before = audit.text().unwrap();
    for proof in [
        vec![],
        vec![("client_id", "taxes")],
        vec![
            ("client_id", "nobody"),
            ("client_secret", "a-secret-of-a-data-provider"),
        ],
        vec![("client_id", "taxes"), ("client_secret", "wrong")],
        vec![
            ("client_id", "family"),
            ("client_secret", "a-secret-of-a-data-provider"),
        ],
        vec![("client_id", "canteen"), ("client_secret", service)],
        vec![("client_id", "app")],
    ] {
        for path in ["/token/introspection", "/checktoken"] {
            let mut sent = fields(&proof);
            sent.push(("token".into(), made.clone()));
            let answered = taxes.raw(path, &[], &sent).await.unwrap();

            assert_eq!(said(&answered), (401, json!("invalid_client")), "{proof:?}");
            assert_eq!(answered.kind, "application/json");
            assert_eq!(audit.text().unwrap(), before, "{proof:?}");
        }
    }
    assert_eq!(taxes.told(&made).await.unwrap()["active"], true);
}

#[actix_web::test]
async fn a_token_that_is_not_a_living_one_for_it_is_dead_to_a_data_provider() {
    let (world, audit) = traced();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let school = world.data_provider("school").unwrap();
    let (tokens, made) = made_for(&world, &sp, &taxes).await;
    let (_, jwt) = made_for(&world, &sp, &school).await;
    let code = world.code(&sp, INCOME, &[]).await.unwrap();
    let (_, revoked) = made_for(&world, &sp, &taxes).await;
    sp.post("/token/revocation", &[("token", &revoked)])
        .await
        .unwrap();
    let stranger = SigningKey::from_pem(&generate(Algorithm::Es256).unwrap()).unwrap();
    let claims = json!({"iss": world.issuer, "aud": taxes.resource(), "jti": made});
    let forged = Keyring::new(vec![stranger])
        .sign(Algorithm::Es256, "at+jwt", &claims)
        .unwrap();
    let truncated: String = made.chars().take(42).collect();
    let id_token = tokens["id_token"].as_str().unwrap();
    let table = [
        ("the service's own", token(&tokens), "wrong_audience"),
        ("another data provider's", jwt.as_str(), "wrong_audience"),
        ("revoked", revoked.as_str(), "unknown"),
        ("another hub's", forged.as_str(), "unknown"),
        ("truncated", truncated.as_str(), "unknown"),
        ("padded", &format!("{made}="), "unknown"),
        ("an id token", id_token, "unknown"),
        ("a code", code.as_str(), "unknown"),
        ("nobody's", &"A".repeat(43), "unknown"),
    ];
    for (what, token, outcome) in table {
        let answered = taxes.ask(token).await.unwrap();

        assert_eq!(answered.status, 200, "{what}");
        assert_eq!(answered.json(), json!({"active": false}), "{what}");
        let trace = audit.last().unwrap();
        assert_eq!(trace["event"], "token_introspected", "{what}");
        assert_eq!(
            (&trace["data_provider"], &trace["outcome"]),
            (&json!("taxes"), &json!(outcome)),
            "{what}"
        );
    }
    assert_eq!(taxes.told(&made).await.unwrap()["active"], true);
    world.clock.pass(std::time::Duration::from_secs(601));
    assert_eq!(
        taxes.told(&made).await.unwrap(),
        json!({"active": false}),
        "expired"
    );
    assert_eq!(audit.last().unwrap()["outcome"], "unknown");
}

#[actix_web::test]
async fn a_data_provider_reads_nothing_at_userinfo_with_the_token_it_was_shown() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    for id in ["taxes", "family", "school"] {
        let provider = world.data_provider(id).unwrap();
        let (tokens, made) = made_for(&world, &sp, &provider).await;

        assert_eq!(sp.userinfo(&made).await.unwrap().0, 401, "{id}");
        assert_eq!(sp.userinfo(token(&tokens)).await.unwrap().0, 200, "{id}");
        if let Some(jti) = hub_tests::claims_of(&made)
            .ok()
            .and_then(|claims| claims["jti"].as_str().map(str::to_owned))
        {
            assert_eq!(sp.userinfo(&jti).await.unwrap().0, 401, "{id}");
        }
    }
}

#[actix_web::test]
async fn a_data_provider_is_no_service() {
    let world = World::open().unwrap();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let (_, made) = made_for(&world, &sp, &taxes).await;
    let proof = taxes.proof("").unwrap();
    let with = |more: &[(&str, &str)]| [proof.clone(), fields(more)].concat();
    let exchange = [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token", made.as_str()),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("audience", "family"),
    ];
    for (path, sent) in [
        ("/token", with(&exchange)),
        ("/token/revocation", with(&[("token", &made)])),
    ] {
        let answered = taxes.raw(path, &[], &sent).await.unwrap();
        assert_eq!(said(&answered), (401, json!("invalid_client")), "{path}");
    }
    let start = format!("{}/authorize?client_id=taxes&redirect_uri=x", world.issuer);
    let page = Browser::new()
        .unwrap()
        .get(&url::Url::parse(&start).unwrap())
        .await
        .unwrap();
    assert_eq!(page.page.code().as_deref(), Some("L2001"));
    assert_eq!(taxes.told(&made).await.unwrap()["active"], true);
}

#[actix_web::test]
async fn an_assertion_of_a_data_provider_is_used_once_and_for_us_alone() {
    let (world, audit) = traced();
    let (sp, family) = (
        world.service("canteen").unwrap(),
        world.data_provider("family").unwrap(),
    );
    let (_, made) = made_for(&world, &sp, &family).await;
    let ask = async |proof: Vec<(String, String)>| {
        let sent = [proof, fields(&[("token", made.as_str())])].concat();
        family
            .raw("/token/introspection", &[], &sent)
            .await
            .unwrap()
    };
    let endpoint = format!("{}/token/introspection", world.issuer);
    for audience in [world.issuer.as_str(), &endpoint] {
        let proof = family.proof(audience).unwrap();
        assert_eq!(ask(proof.clone()).await.status, 200);

        assert_eq!(said(&ask(proof).await), (401, json!("invalid_client")));
        assert_eq!(
            audit.last().unwrap()["event"],
            "token_introspected",
            "a stranger leaves no trace"
        );
    }
    for audience in ["https://evil.example", "https://family.example/api", ""] {
        let proof = family.proof(audience).unwrap();
        assert_eq!(
            said(&ask(proof).await),
            (401, json!("invalid_client")),
            "{audience}"
        );
    }
}

#[actix_web::test]
async fn huge_doubled_and_empty_questions_are_refused_and_written_down() {
    let (world, audit) = traced();
    let taxes = world.data_provider("taxes").unwrap();
    let proof = taxes.proof("").unwrap();
    let with = |more: &[(&str, &str)]| [proof.clone(), fields(more)].concat();
    let (kilobytes, megabyte) = ("A".repeat(9_000), "A".repeat(1_000_000));
    for (status, provider, sent) in [
        (413, Value::Null, with(&[("token", &kilobytes)])),
        (413, Value::Null, with(&[("token", &megabyte)])),
        (400, Value::Null, with(&[("token", "a"), ("token", "b")])),
        (
            400,
            Value::Null,
            with(&[("token", "a"), ("client_id", "family")]),
        ),
        (400, json!("taxes"), with(&[])),
        (400, json!("taxes"), with(&[("token", "")])),
    ] {
        for path in ["/token/introspection", "/checktoken"] {
            let answered = taxes.raw(path, &[], &sent).await.unwrap();

            assert_eq!(said(&answered), (status, json!("invalid_request")));
            let trace = audit.last().unwrap();
            if provider.is_null() {
                assert_eq!(
                    trace["event"], "stream_opened",
                    "a stranger leaves no trace"
                );
                continue;
            }
            assert_eq!(trace["event"], "introspection_refused");
            assert_eq!(
                (&trace["error"], &trace["data_provider"]),
                (&json!("invalid_request"), &provider)
            );
        }
    }
}

#[actix_web::test]
async fn no_data_is_handed_over_that_the_citizen_was_not_asked_for_or_did_not_tick() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let by_hand = [
        "data:taxes:fiscal_household",
        "data:family:family_quotient",
        "data:school:school_place",
        "data:taxes:fiscal_notice:0",
    ];
    let asked = [("scope", "openid email fiscal_income")];
    let tokens = world.tokens(&sp, &asked, &by_hand).await.unwrap();
    assert_eq!(tokens["scope"], "openid email fiscal_income");

    let lender = world.service("lender").unwrap();
    let start = lender.request(INCOME).unwrap();
    let (mut browser, page) = world.outcome(&start, "boussole", "angela").await.unwrap();
    for consent in ["", "no", "on"] {
        let form = page.page.form().unwrap().with("consent", consent);
        let answer = browser.submit(&page, &form).await.unwrap();
        assert!(
            answer
                .header("location")
                .unwrap()
                .ends_with("notice=unticked")
        );
    }
}

/// What is told of a token, without its random number.
fn lasting(told: &Value) -> Map<String, Value> {
    let mut told = told.as_object().unwrap().clone();
    told.remove("jti").unwrap();
    told
}

#[actix_web::test]
async fn a_data_provider_learns_neither_the_idp_nor_the_service() {
    let world = World::open().unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let spid = ("acr_values", "https://www.spid.gov.it/SpidL1");
    let eu = ("acr_values", "http://eidas.europa.eu/LoA/low");
    let mut seen: Vec<(Map<String, Value>, usize)> = Vec::new();
    for (service, idp, asked) in [
        ("canteen", "boussole", None),
        ("canteen", "boussole", Some(spid)),
        ("canteen", "citadelle", None),
        ("lender", "boussole", Some(eu)),
    ] {
        let sp = world.service(service).unwrap();
        let changes: Vec<_> = INCOME.iter().copied().chain(asked).collect();
        let start = sp.request(&changes).unwrap();
        let mut browser = Browser::new().unwrap();
        let authentication = world
            .log_in(&mut browser, &start, idp, "angela")
            .await
            .unwrap();
        let mut fields = sp.token_fields(Returned::from(&authentication).get("code"));
        fields.push(("resource".into(), taxes.resource()));
        let (_, tokens) = sp.token(&fields).await.unwrap();
        let answered = taxes.ask(token(&tokens)).await.unwrap();
        for name in [service, idp, "Boussole", "Citadelle", "spid", "LoA"] {
            assert!(!answered.body.contains(name), "{name}");
        }
        let told = lasting(&answered.json());
        // The level is the one that was asked, always in the same words: not the highest that the IdP has.
        assert_eq!(told["acr"], "eidas1");
        seen.push((told, answered.body.len()));
    }

    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
}

#[actix_web::test]
async fn two_data_providers_and_the_service_have_nothing_in_common_to_compare() {
    let world = World::open().unwrap();
    let sp = world.service("fc-canteen").unwrap();
    let scope = [("scope", "openid profile fiscal_income family_quotient")];
    let tokens = world.tokens(&sp, &scope, &[]).await.unwrap();
    let own = hub_tests::claims_of(tokens["id_token"].as_str().unwrap()).unwrap();
    let mut told = Vec::new();
    for id in ["taxes", "family"] {
        let provider = world.data_provider(id).unwrap();
        told.push(provider.told(token(&tokens)).await.unwrap());
    }

    for name in ["sub", "jti", "aud", "scope"] {
        assert_ne!(told[0][name], told[1][name], "{name}");
    }
    for told in &told {
        assert_eq!(told["active"], true);
        assert_ne!(told["sub"], own["sub"]);
    }
}

#[actix_web::test]
async fn a_code_replayed_ends_the_data_providers_token_as_well() {
    let world = World::open().unwrap();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let code = world.code(&sp, INCOME, &[]).await.unwrap();
    let (_, tokens) = sp.token(&sp.token_fields(&code)).await.unwrap();
    let resource = taxes.resource();
    let (_, made) = sp.exchange(token(&tokens), &resource, &[]).await.unwrap();
    assert_eq!(taxes.told(token(&made)).await.unwrap()["active"], true);

    let (status, _) = sp.token(&sp.token_fields(&code)).await.unwrap();

    assert_eq!(status, 400);
    assert_eq!(
        taxes.told(token(&made)).await.unwrap(),
        json!({"active": false})
    );
    let (status, _) = sp.exchange(token(&tokens), &resource, &[]).await.unwrap();
    assert_eq!(status, 400);
}

#[actix_web::test]
async fn a_token_of_one_service_is_exchanged_by_no_other() {
    let world = World::open().unwrap();
    let (owner, thief) = (
        world.service("canteen").unwrap(),
        world.service("lender").unwrap(),
    );
    let taxes = world.data_provider("taxes").unwrap();
    let tokens = world.tokens(&owner, INCOME, &[]).await.unwrap();

    let (status, answer) = thief
        .exchange(token(&tokens), &taxes.resource(), &[])
        .await
        .unwrap();

    assert_eq!((status, &answer["error"]), (400, &json!("invalid_request")));
}
