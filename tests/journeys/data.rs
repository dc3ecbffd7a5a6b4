//! Data providers: what a citizen reads and may refuse, what a token opens where, and its end.

use std::collections::BTreeSet;

use hub_core::encoding::base64url;
use hub_jose::{Algorithm, KeySet, TokenType, verify};
use hub_tests::{Answer, Browser, Opening, RelyingParty, Returned, World, claims_of};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const INCOME: &[(&str, &str)] = &[("scope", "openid fiscal_income")];

fn token(answer: &Value) -> &str {
    answer["access_token"].as_str().unwrap()
}

/// A token for one data provider, made of the service's own.
async fn exchanged(sp: &RelyingParty, tokens: &Value, resource: &str) -> String {
    let (status, answer) = sp.exchange(token(tokens), resource, &[]).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    token(&answer).to_owned()
}

/// The page that the citizen reads for a request of `service` with `changes`.
async fn review(world: &World, service: &'static str, changes: &[(&str, &str)]) -> Answer {
    let start = world.service(service).unwrap().request(changes).unwrap();
    let (_, review) = world.outcome(&start, "boussole", "angela").await.unwrap();
    review
}

#[actix_web::test]
async fn a_token_made_for_a_data_provider_tells_it_what_it_is_registered_for_and_nothing_else() {
    let world = World::open().unwrap();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let tokens = world.tokens(&sp, INCOME, &[]).await.unwrap();

    let made = exchanged(&sp, &tokens, &taxes.resource()).await;
    let told = taxes.told(&made).await.unwrap();

    let names: BTreeSet<&str> = told
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        BTreeSet::from([
            "acr",
            "active",
            "aud",
            "birthdate",
            "exp",
            "family_name",
            "given_name",
            "iat",
            "iss",
            "jti",
            "scope",
            "sub",
            "token_type",
        ])
    );
    assert_eq!(told["active"], true);
    assert_eq!(told["scope"], "fiscal_income");
    assert_eq!(told["aud"], taxes.resource());
    assert_eq!(told["iss"], world.issuer);
    assert_eq!(told["acr"], "eidas1");
    assert_eq!(told["family_name"], "DUBOIS");
    assert!(told["exp"].as_i64() > told["iat"].as_i64());
    let id_token = claims_of(tokens["id_token"].as_str().unwrap()).unwrap();
    assert_ne!(told["sub"], id_token["sub"], "the sub is pairwise");
}

#[actix_web::test]
async fn one_person_has_one_sub_at_a_data_provider_whichever_service_and_idp() {
    let world = World::open().unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let mut subs = BTreeSet::new();
    for (service, idp, scope) in [
        ("canteen", "boussole", "openid fiscal_income"),
        ("canteen", "citadelle", "openid profile fiscal_income"),
        ("lender", "boussole", "openid fiscal_income"),
    ] {
        let sp = world.service(service).unwrap();
        let start = sp.request(&[("scope", scope)]).unwrap();
        let mut browser = Browser::new().unwrap();
        let authentication = world
            .log_in(&mut browser, &start, idp, "angela")
            .await
            .unwrap();
        let mut fields = sp.token_fields(Returned::from(&authentication).get("code"));
        fields.push(("resource".into(), taxes.resource()));
        let (_, tokens) = sp.token(&fields).await.unwrap();
        let told = taxes.told(token(&tokens)).await.unwrap();
        subs.insert(told["sub"].to_string());
    }

    assert_eq!(subs.len(), 1);
}

#[actix_web::test]
async fn a_services_own_token_is_none_for_data_providers_unless_its_tokens_are_shared() {
    let world = World::open().unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    for (service, active) in [("canteen", false), ("fc-canteen", true)] {
        let sp = world.service(service).unwrap();
        let tokens = world.tokens(&sp, INCOME, &[]).await.unwrap();

        let told = taxes.told(token(&tokens)).await.unwrap();

        assert_eq!(told["active"], active, "{service}");
        if !active {
            assert_eq!(told, json!({"active": false}));
        }
    }
}

#[actix_web::test]
async fn resource_at_the_token_endpoint_gives_a_token_for_that_data_provider_alone() {
    let world = World::open().unwrap();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let family = world.data_provider("family").unwrap();
    let changes = [("scope", "openid profile fiscal_income family_quotient")];
    let code = world.code(&sp, &changes, &[]).await.unwrap();
    let mut fields = sp.token_fields(&code);
    fields.push(("resource".into(), taxes.resource()));

    let (status, tokens) = sp.token(&fields).await.unwrap();

    assert_eq!((status, &tokens["scope"]), (200, &json!("fiscal_income")));
    assert!(tokens["id_token"].is_string());
    assert_eq!(taxes.told(token(&tokens)).await.unwrap()["active"], true);
    assert_eq!(
        family.told(token(&tokens)).await.unwrap(),
        json!({"active": false})
    );
    assert_eq!(sp.userinfo(token(&tokens)).await.unwrap().0, 401);
}

#[actix_web::test]
async fn a_resource_that_nobody_registered_is_refused_before_the_code_is_spent() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let code = world.code(&sp, INCOME, &[]).await.unwrap();
    let mut fields = sp.token_fields(&code);
    fields.push(("resource".into(), "https://nobody.example/".into()));

    let (status, refused) = sp.token(&fields).await.unwrap();
    let (again, _) = sp.token(&sp.token_fields(&code)).await.unwrap();

    assert_eq!((status, &refused["error"]), (400, &json!("invalid_target")));
    assert_eq!(again, 200);
}

#[actix_web::test]
async fn each_fault_of_an_exchange_speaks_its_rfc_code() {
    let world = World::open().unwrap();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let family = world.data_provider("family").unwrap().resource();
    let tokens = world.tokens(&sp, INCOME, &[]).await.unwrap();
    let made = exchanged(&sp, &tokens, &taxes.resource()).await;
    let dead = "A".repeat(43);
    let kind = "urn:ietf:params:oauth:token-type:jwt";
    for (error, changes) in [
        ("invalid_target", vec![("resource", "")]),
        (
            "invalid_target",
            vec![("resource", "https://nobody.example/")],
        ),
        ("invalid_target", vec![("resource", family.as_str())]),
        ("invalid_target", vec![("audience", "family")]),
        (
            "invalid_target",
            vec![("resource", ""), ("audience", "nobody")],
        ),
        ("invalid_request", vec![("subject_token", "")]),
        ("invalid_request", vec![("subject_token", dead.as_str())]),
        ("invalid_request", vec![("subject_token", made.as_str())]),
        ("invalid_request", vec![("subject_token_type", "")]),
        ("invalid_request", vec![("subject_token_type", kind)]),
        ("invalid_request", vec![("requested_token_type", kind)]),
        ("invalid_request", vec![("actor_token", "x")]),
        ("invalid_scope", vec![("scope", "fiscal_household")]),
        ("invalid_scope", vec![("scope", " ")]),
        (
            "invalid_authorization_details",
            vec![(
                "authorization_details",
                "[{\"type\":\"fiscal_notice\",\"year\":2025}]",
            )],
        ),
        (
            "invalid_authorization_details",
            vec![("authorization_details", "[]")],
        ),
        (
            "invalid_authorization_details",
            vec![("authorization_details", "x")],
        ),
        ("invalid_scope", vec![("scope", "fiscal_income x\"y")]),
    ] {
        let (status, answer) = sp
            .exchange(token(&tokens), &taxes.resource(), &changes)
            .await
            .unwrap();

        assert_eq!(
            (status, &answer["error"]),
            (400, &json!(error)),
            "{changes:?} {answer}"
        );
    }
    let by_name = [
        ("resource", ""),
        ("audience", "taxes"),
        ("scope", "fiscal_income"),
    ];
    let both = [("audience", "taxes")];
    for changes in [&by_name[..], &both[..]] {
        let answer = sp
            .exchange(token(&tokens), &taxes.resource(), changes)
            .await;
        let (status, answer) = answer.unwrap();
        assert_eq!((status, &answer["scope"]), (200, &json!("fiscal_income")));
    }
}

#[actix_web::test]
async fn c16_data_is_grouped_by_provider_in_plain_words() {
    let world = World::open().unwrap();
    let scope = (
        "scope",
        "openid profile fiscal_income fiscal_household family_quotient",
    );
    let details = (
        "authorization_details",
        r#"[{"type":"fiscal_notice","year":2025}]"#,
    );
    for (language, said) in [
        (
            "fr",
            [
                "Données détenues par Fournisseur taxes",
                "Données détenues par Fournisseur family",
                "votre revenu fiscal",
                "votre avis de 2025",
                "Pour retrouver votre dossier, Fournisseur taxes reçoit :",
                "Prénoms, Nom de naissance, Date de naissance",
                "Fournisseur family apprend que Service canteen en fait la demande",
            ],
        ),
        (
            "en",
            [
                "Data held by Provider taxes",
                "Data held by Provider family",
                "your tax income",
                "your notice of 2025",
                "To find your file, Provider taxes is told:",
                "Given names, Birth name, Date of birth",
                "Provider family is told that Service canteen asks",
            ],
        ),
    ] {
        let page = review(
            &world,
            "canteen",
            &[scope, details, ("ui_locales", language)],
        )
        .await;

        let html = page.page.html().replace("<bdi>", "").replace("</bdi>", "");
        for words in said {
            assert!(html.contains(words), "{words} {html}");
        }
        assert!(!html.contains("taxes apprend") && !html.contains("taxes is told that"));
    }
}

#[actix_web::test]
async fn c17_consent_is_asked_where_the_service_is_private_or_the_provider_wants_it() {
    let world = World::open().unwrap();
    for (service, scope, consent) in [
        ("canteen", "openid fiscal_income", false),
        ("canteen", "openid fiscal_income fiscal_household", false),
        ("canteen", "openid family_quotient", true),
        ("lender", "openid fiscal_income", true),
    ] {
        let page = review(&world, service, &[("scope", scope)]).await;

        let asked = page.page.html().contains("name=\"consent\"");
        assert_eq!(asked, consent, "{service} {scope}");
    }
    let mut browser = Browser::new().unwrap();
    let sp = world.service("canteen").unwrap();
    let start = sp.request(&[("scope", "openid family_quotient")]).unwrap();
    let page = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let unticked = browser
        .submit(&page, &page.page.form().unwrap())
        .await
        .unwrap();
    assert!(
        unticked
            .header("location")
            .unwrap()
            .ends_with("notice=unticked")
    );
}

#[actix_web::test]
async fn what_a_service_can_do_without_is_refused_by_leaving_its_box_unticked() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let details = r#"[{"type":"fiscal_notice","year":2024},{"type":"fiscal_notice","year":2025}]"#;
    let changes = [
        ("scope", "openid fiscal_income fiscal_household"),
        ("authorization_details", details),
    ];
    let household = "data:taxes:fiscal_household";
    let second = "data:taxes:fiscal_notice:1";
    for (ticks, scope, granted) in [
        (vec![], "openid fiscal_income", json!(null)),
        (
            vec![household],
            "openid fiscal_household fiscal_income",
            json!(null),
        ),
        (
            vec![second],
            "openid fiscal_income",
            json!([{"type": "fiscal_notice", "year": 2025}]),
        ),
    ] {
        let tokens = world.tokens(&sp, &changes, &ticks).await.unwrap();
        let made = exchanged(&sp, &tokens, &taxes.resource()).await;
        let told = taxes.told(&made).await.unwrap();

        assert_eq!(tokens["scope"], scope, "{ticks:?}");
        assert_eq!(tokens["authorization_details"], granted, "{ticks:?}");
        assert_eq!(format!("openid {}", told["scope"].as_str().unwrap()), scope);
        assert_eq!(told["authorization_details"], granted);
    }
}

#[actix_web::test]
async fn a_service_that_is_refused_everything_still_gets_its_citizen() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let changes = [("scope", "openid email fiscal_household")];

    let tokens = world.tokens(&sp, &changes, &[]).await.unwrap();

    assert_eq!(tokens["scope"], "openid email");
    assert_eq!(tokens["consent_receipt"], json!(null));
    assert_eq!(
        sp.claims(token(&tokens)).await.unwrap()["email"],
        "angela@personne.example"
    );
}

#[actix_web::test]
async fn what_is_asked_wrongly_of_data_providers_is_refused_with_its_own_code() {
    let world = World::open().unwrap();
    let taxes = world.data_provider("taxes").unwrap().resource();
    let family = world.data_provider("family").unwrap().resource();
    let both = format!("{taxes}\u{0}{family}");
    let long = format!(
        "[{}]",
        [r#"{"type":"fiscal_notice","year":2025}"#; 11].join(",")
    );
    for (service, error, scope, name, value) in [
        (
            "library",
            "invalid_scope",
            "openid fiscal_income",
            "state",
            "s",
        ),
        (
            "lender",
            "invalid_scope",
            "openid fiscal_household",
            "state",
            "s",
        ),
        (
            "canteen",
            "invalid_target",
            "openid fiscal_income",
            "resource",
            "https://x.example/",
        ),
        (
            "canteen",
            "invalid_target",
            "openid fiscal_income",
            "resource",
            family.as_str(),
        ),
        (
            "canteen",
            "invalid_target",
            "openid",
            "resource",
            taxes.as_str(),
        ),
        (
            "canteen",
            "invalid_target",
            "openid fiscal_income",
            "resource",
            both.as_str(),
        ),
        (
            "canteen",
            "invalid_authorization_details",
            "openid",
            "authorization_details",
            "{}",
        ),
        (
            "canteen",
            "invalid_authorization_details",
            "openid",
            "authorization_details",
            "[]",
        ),
        (
            "canteen",
            "invalid_authorization_details",
            "openid",
            "authorization_details",
            "[1]",
        ),
        (
            "canteen",
            "invalid_authorization_details",
            "openid",
            "authorization_details",
            "[{}]",
        ),
        (
            "canteen",
            "invalid_authorization_details",
            "openid",
            "authorization_details",
            r#"[{"type":"fiscal_notice"}]"#,
        ),
        (
            "canteen",
            "invalid_authorization_details",
            "openid",
            "authorization_details",
            r#"[{"type":"fiscal_notice","year":2025,"also":1}]"#,
        ),
        (
            "lender",
            "invalid_authorization_details",
            "openid",
            "authorization_details",
            r#"[{"type":"fiscal_notice","year":2025}]"#,
        ),
        (
            "canteen",
            "invalid_authorization_details",
            "openid",
            "authorization_details",
            long.as_str(),
        ),
    ] {
        let sp = world.service(service).unwrap();
        let mut url = sp.request(&[("scope", scope), (name, "")]).unwrap();
        for value in value.split('\u{0}') {
            url.query_pairs_mut().append_pair(name, value);
        }
        let refused = Browser::new().unwrap().get(&url).await.unwrap();

        let location = refused.header("location").unwrap();
        let returned = Returned::from(&url::Url::parse(location).unwrap());
        assert_eq!(
            returned.get("error"),
            error,
            "{service} {scope} {name} {value}"
        );
    }
}

#[actix_web::test]
async fn resources_that_name_exactly_what_is_asked_are_taken() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let mut url = sp
        .request(&[("scope", "openid fiscal_income family_quotient")])
        .unwrap();
    for id in ["family", "taxes"] {
        let resource = world.data_provider(id).unwrap().resource();
        url.query_pairs_mut().append_pair("resource", &resource);
    }

    let (_, page) = world.outcome(&url, "boussole", "angela").await.unwrap();

    assert!(page.page.html().contains("votre revenu fiscal"));
}

#[actix_web::test]
async fn an_answer_is_json_or_a_jwt_as_the_data_provider_wants() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let changes = [("scope", "openid fiscal_income family_quotient")];
    let tokens = world.tokens(&sp, &changes, &[]).await.unwrap();
    let jwt = "application/token-introspection+jwt";
    let jwks = sp.get("/jwks").await.unwrap();
    let keys = KeySet::from_jwks(jwks.as_bytes()).unwrap();
    for (id, path, accept, kind, parts, algorithm) in [
        (
            "taxes",
            "/token/introspection",
            "*/*",
            "application/json",
            1,
            Algorithm::Rs256,
        ),
        (
            "taxes",
            "/token/introspection",
            jwt,
            jwt,
            3,
            Algorithm::Rs256,
        ),
        (
            "taxes",
            "/checktoken",
            "application/json",
            jwt,
            3,
            Algorithm::Rs256,
        ),
        (
            "family",
            "/token/introspection",
            "*/*",
            jwt,
            5,
            Algorithm::Es256,
        ),
        ("family", "/checktoken", "*/*", jwt, 5, Algorithm::Es256),
    ] {
        let provider = world.data_provider(id).unwrap();
        let made = exchanged(&sp, &tokens, &provider.resource()).await;

        let answer = provider
            .ask_at(path, &made, &[("accept", accept)])
            .await
            .unwrap();

        assert_eq!(
            (answer.status, answer.kind.as_str()),
            (200, kind),
            "{id} {path}"
        );
        assert_eq!(answer.told().unwrap()["active"], true, "{id} {path}");
        if parts == 1 {
            continue;
        }
        assert_eq!(answer.body.split('.').count(), parts, "{id} {path}");
        let signed = answer.signed().unwrap();
        let typ = TokenType::Exactly("token-introspection+jwt");
        let claims = Value::Object(verify(&signed, &keys, &[algorithm], typ).unwrap());
        assert_eq!(claims["iss"], world.issuer);
        assert_eq!(claims["aud"], id);
        assert!(
            claims["iat"].is_i64() && claims.get("sub").is_none() && claims.get("exp").is_none()
        );
    }
}

#[actix_web::test]
async fn only_a_data_provider_that_is_registered_so_is_told_of_the_service() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let changes = [("scope", "openid fiscal_income family_quotient")];
    let tokens = world.tokens(&sp, &changes, &[]).await.unwrap();
    for (id, client) in [("taxes", json!(null)), ("family", json!("canteen"))] {
        let provider = world.data_provider(id).unwrap();
        let made = exchanged(&sp, &tokens, &provider.resource()).await;

        let told = provider.told(&made).await.unwrap();

        assert_eq!(told["client_id"], client, "{id}");
    }
}

#[actix_web::test]
async fn a_data_provider_that_must_not_call_back_gets_a_jwt_without_personal_data() {
    let world = World::open().unwrap();
    let (sp, school) = (
        world.service("canteen").unwrap(),
        world.data_provider("school").unwrap(),
    );
    let changes = [("scope", "openid profile school_place")];
    let tokens = world.tokens(&sp, &changes, &[]).await.unwrap();
    let made = exchanged(&sp, &tokens, &school.resource()).await;

    let jwks = sp.get("/jwks").await.unwrap();
    let keys = KeySet::from_jwks(jwks.as_bytes()).unwrap();
    let claims = verify(
        &made,
        &keys,
        &[Algorithm::Rs256],
        TokenType::Exactly("at+jwt"),
    )
    .unwrap();
    let claims = Value::Object(claims);
    let told = school.told(&made).await.unwrap();

    let names: BTreeSet<&str> = claims
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        BTreeSet::from([
            "acr",
            "aud",
            "client_id",
            "exp",
            "iat",
            "iss",
            "jti",
            "ref",
            "scope",
            "sub",
        ])
    );
    assert_eq!(claims["aud"], school.resource());
    assert_eq!(
        claims["client_id"], world.issuer,
        "the service is not named"
    );
    assert_eq!(
        (&claims["sub"], &claims["exp"]),
        (&told["sub"], &told["exp"])
    );
    assert_eq!(told["active"], true, "it may ask all the same");
    assert_eq!(claims["jti"], told["jti"], "one number for both");
    for part in ["jti", "ref"] {
        let bare = school.told(claims[part].as_str().unwrap()).await.unwrap();
        assert_eq!(bare, json!({"active": false}), "{part} alone is no token");
    }
    assert!(
        token(&tokens).len() == 43,
        "the service's own token says nothing"
    );
    sp.post("/token/revocation", &[("token", &made)])
        .await
        .unwrap();
    assert_eq!(school.told(&made).await.unwrap()["active"], false);
}

#[actix_web::test]
async fn revocation_ends_a_token_and_what_was_made_of_it_at_the_next_call() {
    let world = World::open().unwrap();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let tokens = world.tokens(&sp, INCOME, &[]).await.unwrap();
    let (first, second) = (
        exchanged(&sp, &tokens, &taxes.resource()).await,
        exchanged(&sp, &tokens, &taxes.resource()).await,
    );
    let active = async |token: &str| taxes.told(token).await.unwrap()["active"] == true;
    assert!(active(&first).await && active(&second).await);

    let revoked = sp
        .post("/token/revocation", &[("token", &first)])
        .await
        .unwrap();
    assert_eq!(revoked.0, 200);
    assert!(!active(&first).await && active(&second).await, "it alone");

    sp.post("/token/revocation", &[("token", token(&tokens))])
        .await
        .unwrap();
    assert!(!active(&second).await, "what was made of it");
    assert_eq!(sp.userinfo(token(&tokens)).await.unwrap().0, 401);
}

#[actix_web::test]
async fn revocation_tells_nothing_and_ends_nothing_of_anybody_elses() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let tokens = world.tokens(&sp, INCOME, &[]).await.unwrap();
    for service in ["library", "app"] {
        let other = world.service(service).unwrap();
        for token in [token(&tokens), "nobody's", &"A".repeat(43), "a.b.c"] {
            let answer = other.post("/token/revocation", &[("token", token)]).await;
            assert_eq!(answer.unwrap(), (200, Value::Null), "{service} {token}");
        }
    }
    assert_eq!(sp.userinfo(token(&tokens)).await.unwrap().0, 200);
    let (status, answer) = sp.post("/token/revocation", &[]).await.unwrap();
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_request")));
}

#[actix_web::test]
async fn c33_the_receipt_says_what_data_providers_hand_over_and_its_text_has_its_digest() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let changes = [
        (
            "scope",
            "openid email fiscal_income fiscal_household family_quotient",
        ),
        (
            "authorization_details",
            r#"[{"type":"fiscal_notice","year":2025}]"#,
        ),
    ];
    let start = sp.request(&changes).unwrap();
    let (mut browser, page) = world.outcome(&start, "boussole", "angela").await.unwrap();
    let form = page.page.form().unwrap().with("consent", "yes");
    let household = "data:taxes:fiscal_household";
    let asked = form.with("receipt", "yes").with(household, "yes");
    let shown = browser.submit(&page, &asked).await.unwrap();
    let shown = browser.follow(shown, "https://").await.unwrap();
    let links = shown.page.links();
    let kept = links
        .iter()
        .find_map(|link| link.strip_prefix("data:application/jwt,"));
    let kept = kept.unwrap();
    let leave = browser
        .submit(&shown, &shown.page.form().unwrap())
        .await
        .unwrap();
    let next = url::Url::parse(&leave.page.refresh().unwrap()).unwrap();
    let code = Returned::from(&next);
    let (_, tokens) = sp.token(&sp.token_fields(code.get("code"))).await.unwrap();

    let jwks = sp.get("/jwks").await.unwrap();
    let keys = KeySet::from_jwks(jwks.as_bytes()).unwrap();
    let typ = TokenType::Exactly("receipt+jwt");
    let read =
        |receipt: &str| Value::Object(verify(receipt, &keys, &[Algorithm::Es256], typ).unwrap());
    let citizens = read(kept);
    let services = read(tokens["consent_receipt"].as_str().unwrap());

    assert_eq!(citizens, services, "both keep the same");
    assert_eq!(citizens["basis"], "consent");
    assert_eq!(citizens["data"], json!(["email", "email_verified"]));
    let providers = &citizens["data_providers"];
    assert_eq!(providers[0]["id"], "family");
    assert_eq!(providers[1]["scope"], "fiscal_household fiscal_income");
    assert_eq!(
        providers[1]["data"],
        json!(["shares", "children", "reference_income"])
    );
    assert_eq!(
        providers[1]["told"],
        json!(["given_name", "family_name", "birthdate"])
    );
    assert_eq!(
        providers[1]["basis"], "consent",
        "what could be refused was consented to"
    );
    let text: Vec<&str> = citizens["text"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    let digest = base64url(&Sha256::digest(text.join("\n")));
    assert_eq!(citizens["text_digest"], digest);
    assert!(shown.page.html().contains(&digest));
    let html = page.page.html().replace("<bdi>", "").replace("</bdi>", "");
    for line in &text {
        let plain = line.replace('\'', "&#x27;");
        assert!(html.contains(&plain), "{line}");
    }
    let values = citizens.to_string();
    assert!(text.contains(&"votre avis de 2025"), "{text:?}");
    assert_eq!(citizens["service"], "Service canteen");
    assert_eq!(providers[1]["name"], "Fournisseur taxes", "in one language");
    for value in ["personne.example", "Boussole", "Provider", "{year}"] {
        assert!(!values.contains(value), "{value}");
    }
    assert_eq!(
        tokens["scope"],
        "openid email family_quotient fiscal_household fiscal_income"
    );
}

#[actix_web::test]
async fn data_is_agreed_to_on_a_page_each_time() {
    let world = World::open_with(Opening {
        sessions: true,
        ..Opening::default()
    })
    .unwrap();
    let sp = world.service("canteen").unwrap();
    let mut browser = Browser::new().unwrap();
    world
        .log_in(
            &mut browser,
            &sp.request(&[("scope", "openid email")]).unwrap(),
            "boussole",
            "angela",
        )
        .await
        .unwrap();

    let silent = |scope| sp.request(&[("prompt", "none"), ("scope", scope)]).unwrap();
    let identity = browser.get(&silent("openid email")).await.unwrap();
    let data = browser.get(&silent("openid fiscal_income")).await.unwrap();
    let shown = world
        .go(&mut browser, &sp.request(INCOME).unwrap())
        .await
        .unwrap();

    assert!(identity.header("location").unwrap().contains("code="));
    assert!(
        data.header("location")
            .unwrap()
            .contains("error=consent_required")
    );
    assert!(shown.url.path().ends_with("/review"));
    assert!(shown.page.html().contains("votre revenu fiscal"));
}

#[actix_web::test]
async fn discovery_says_what_there_is_for_data_providers() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let text = sp.get("/.well-known/openid-configuration").await.unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();

    let at = |path: &str| json!(format!("{}{path}", world.issuer));
    assert_eq!(
        document["introspection_endpoint"],
        at("/token/introspection")
    );
    assert_eq!(document["revocation_endpoint"], at("/token/revocation"));
    let listed = |member: &str, entry: &str| {
        let list = document[member].as_array().unwrap();
        assert!(list.contains(&json!(entry)), "{member} {entry}");
    };
    listed("scopes_supported", "fiscal_income");
    listed("scopes_supported", "openid");
    listed("authorization_details_types_supported", "fiscal_notice");
    listed("introspection_signing_alg_values_supported", "ES256");
    listed(
        "grant_types_supported",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    );
}

#[actix_web::test]
async fn a_citizen_who_refuses_data_is_signed_in_all_the_same_where_its_token_was_asked_for() {
    let world = World::open().unwrap();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let changes = [("scope", "openid email fiscal_household")];
    let code = world.code(&sp, &changes, &[]).await.unwrap();
    let mut fields = sp.token_fields(&code);
    fields.push(("resource".into(), taxes.resource()));

    let (status, tokens) = sp.token(&fields).await.unwrap();

    assert_eq!((status, &tokens["scope"]), (200, &json!("openid email")));
    assert!(tokens["id_token"].is_string());
    assert_eq!(sp.userinfo(token(&tokens)).await.unwrap().0, 200);
    assert_eq!(
        taxes.told(token(&tokens)).await.unwrap(),
        json!({"active": false})
    );
}

#[actix_web::test]
async fn of_two_data_providers_one_is_named_for_each_token() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let changes = [("scope", "openid fiscal_income family_quotient")];
    let code = world.code(&sp, &changes, &[]).await.unwrap();
    let mut fields = sp.token_fields(&code);
    for id in ["taxes", "family"] {
        let resource = world.data_provider(id).unwrap().resource();
        fields.push(("resource".into(), resource));
    }

    let (status, refused) = sp.token(&fields).await.unwrap();

    assert_eq!((status, &refused["error"]), (400, &json!("invalid_target")));
    assert_eq!(sp.token(&sp.token_fields(&code)).await.unwrap().0, 200);
}

#[actix_web::test]
async fn an_exchange_may_ask_for_less_than_was_agreed_to() {
    let world = World::open().unwrap();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let notice = |year: u16| json!({"type": "fiscal_notice", "year": year});
    let details = json!([notice(2024), notice(2025)]).to_string();
    let changes = [
        ("scope", "openid fiscal_income"),
        ("authorization_details", details.as_str()),
    ];
    let ticks = ["data:taxes:fiscal_notice:0", "data:taxes:fiscal_notice:1"];
    let tokens = world.tokens(&sp, &changes, &ticks).await.unwrap();
    let one = json!([notice(2025)]).to_string();

    let less = [("authorization_details", one.as_str())];
    let (status, answer) = sp
        .exchange(token(&tokens), &taxes.resource(), &less)
        .await
        .unwrap();
    let told = taxes.told(token(&answer)).await.unwrap();

    assert_eq!(status, 200);
    assert_eq!(answer["authorization_details"], json!([notice(2025)]));
    assert_eq!(told["authorization_details"], json!([notice(2025)]));
    assert_eq!(
        tokens["authorization_details"],
        json!([notice(2024), notice(2025)])
    );
}

#[actix_web::test]
async fn details_alone_make_a_token_without_a_scope() {
    let world = World::open().unwrap();
    let (sp, taxes) = (
        world.service("canteen").unwrap(),
        world.data_provider("taxes").unwrap(),
    );
    let details = r#"[{"type":"fiscal_notice","year":2025}]"#;
    let changes = [("scope", "openid"), ("authorization_details", details)];
    let ticks = ["data:taxes:fiscal_notice:0"];
    let tokens = world.tokens(&sp, &changes, &ticks).await.unwrap();
    let (_, answer) = sp
        .exchange(token(&tokens), &taxes.resource(), &[])
        .await
        .unwrap();
    let told = taxes.told(token(&answer)).await.unwrap();

    assert_eq!(told["active"], true);
    assert_eq!((answer.get("scope"), told.get("scope")), (None, None));
}

#[actix_web::test]
async fn nobody_agrees_to_what_they_have_not_read() {
    let world = World::open().unwrap();
    let sp = world.service("canteen").unwrap();
    let start = sp.request(INCOME).unwrap();
    let (mut browser, page) = world.outcome(&start, "boussole", "angela").await.unwrap();
    let form = page.page.form().unwrap();
    for read in ["", "the page of another day"] {
        let again = browser
            .submit(&page, &form.clone().with("read", read))
            .await
            .unwrap();
        let location = again.header("location").unwrap();
        assert!(
            location.ends_with("/review?notice=changed"),
            "{read}: {location}"
        );
    }

    let went_on = browser.submit(&page, &form).await.unwrap();
    assert!(went_on.page.refresh().is_some());
}
