//! The main job: a service logs a person in, through an identity provider.

use std::collections::BTreeSet;

use hub_tests::{Browser, Opening, Returned, World};
use serde_json::{Value, json};

async fn learn(world: &World, service: &'static str, idp: &str, person: &str) -> (Value, Value) {
    let mut browser = Browser::new().unwrap();
    let sp = world.service(service).unwrap();
    let start = sp.request(&[]).unwrap();
    let arrival = world
        .log_in(&mut browser, &start, idp, person)
        .await
        .unwrap();
    sp.learn(&arrival).await.unwrap()
}

#[actix_web::test]
async fn a_citizen_reaches_the_town_hall() {
    let world = World::open().unwrap();

    let (id_token, userinfo) = learn(&world, "town-hall", "boussole", "angela").await;

    assert_eq!(id_token["iss"], world.issuer);
    assert_eq!(id_token["acr"], "eidas1");
    assert_eq!(id_token["sub"], userinfo["sub"]);
    let mut userinfo = userinfo;
    userinfo.as_object_mut().unwrap().remove("sub");
    assert_eq!(
        userinfo,
        json!({
            "given_name": "Angela Claire Louise",
            "given_name_array": ["Angela", "Claire", "Louise"],
            "family_name": "DUBOIS", "birthdate": "1962-08-24", "gender": "female",
            "birthplace": "75107", "birthcountry": "99100",
            "email": "angela@personne.example", "email_verified": true,
        })
    );
}

#[actix_web::test]
async fn the_id_token_holds_no_identity_and_only_what_was_asked() {
    let world = World::open().unwrap();

    let (id_token, _) = learn(&world, "town-hall", "boussole", "angela").await;

    let names: BTreeSet<&str> = id_token
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        BTreeSet::from(["acr", "aud", "exp", "iat", "iss", "nonce", "sub"])
    );
}

#[actix_web::test]
async fn the_same_person_has_the_same_sub_whichever_idp_vouched() {
    let world = World::open().unwrap();
    for person in ["angela", "sosefo", "helene", "camille"] {
        let (_, one) = learn(&world, "town-hall", "boussole", person).await;
        let (_, two) = learn(&world, "town-hall", "citadelle", person).await;

        assert_eq!(one["sub"], two["sub"], "{person}");
        assert!(one["sub"].as_str().unwrap().starts_with("p1."));
    }
}

#[actix_web::test]
async fn one_person_has_another_sub_at_each_service() {
    let world = World::open().unwrap();

    let (_, one) = learn(&world, "town-hall", "boussole", "angela").await;
    let (_, two) = learn(&world, "library", "boussole", "angela").await;

    assert_ne!(one["sub"], two["sub"]);
}

#[actix_web::test]
async fn a_name_that_cannot_be_folded_is_known_at_each_idp_alone() {
    let world = World::open().unwrap();

    let (_, one) = learn(&world, "town-hall", "boussole", "eleni").await;
    let (_, again) = learn(&world, "town-hall", "boussole", "eleni").await;
    let (_, two) = learn(&world, "town-hall", "citadelle", "eleni").await;

    assert_eq!(one["family_name"], "ΠΑΠΑΔΟΠΟΎΛΟΥ");
    assert_eq!(one["sub"], again["sub"]);
    assert_ne!(one["sub"], two["sub"]);
}

#[actix_web::test]
async fn a_declared_identity_never_gets_the_sub_of_a_verified_one() {
    let world = World::open().unwrap();

    let (_, declared) = learn(&world, "town-hall", "ardoise", "angela").await;
    let (_, verified) = learn(&world, "town-hall", "boussole", "angela").await;

    assert_ne!(declared["sub"], verified["sub"]);
}

#[actix_web::test]
async fn a_written_waiver_lets_a_low_level_feed_the_pivot() {
    let opening = || Opening {
        edits: vec![(
            "idps/ardoise.toml",
            "pivot = \"declared\"",
            "pivot = \"verified\"\npivot_waiver = \"decision 12\"",
        )],
        ..Opening::default()
    };
    let world = World::open_with(opening()).unwrap();

    let (_, low) = learn(&world, "town-hall", "ardoise", "angela").await;
    let (_, substantial) = learn(&world, "town-hall", "boussole", "angela").await;

    assert_eq!(low["sub"], substantial["sub"]);
}

#[actix_web::test]
async fn a_service_that_asks_nothing_learns_nothing_but_a_sub() {
    let world = World::open().unwrap();

    let (_, userinfo) = learn(&world, "anonymous", "boussole", "angela").await;

    assert_eq!(
        userinfo.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["sub"]
    );
}

#[actix_web::test]
async fn every_way_of_client_authentication_works() {
    let world = World::open().unwrap();
    for service in ["town-hall", "fc-service", "keyed", "app"] {
        let (id_token, userinfo) = learn(&world, service, "boussole", "angela").await;

        assert_eq!(id_token["sub"], userinfo["sub"], "{service}");
    }
}

#[actix_web::test]
async fn a_service_moved_from_franceconnect_gets_what_it_expects() {
    let world = World::open_with(Opening {
        base: "/api/v2",
        ..Opening::default()
    })
    .unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("fc-service").unwrap();
    let request = sp
        .request(&[
            ("code_challenge", ""),
            ("code_challenge_method", ""),
            ("acr_values", "eidas1"),
            ("scope", "openid identite_pivot email"),
        ])
        .unwrap();

    let review = world
        .to_review(&mut browser, &request, "boussole", "jean")
        .await
        .unwrap();
    let arrival = world.agree(&mut browser, &review).await.unwrap();
    let returned = Returned::from(&arrival);
    let fields: Vec<_> = sp
        .token_fields(returned.get("code"))
        .into_iter()
        .filter(|(name, _)| name != "code_verifier")
        .collect();
    let (status, tokens) = sp.token(&fields).await.unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    let (_, kind, _) = sp.userinfo(access).await.unwrap();
    let claims = sp.claims(access).await.unwrap();

    assert!(request.path().starts_with("/api/v2/authorize"));
    assert_eq!(
        returned.get("iss"),
        "",
        "FranceConnect's own example service refuses it"
    );
    assert_eq!((status, &tokens["expires_in"]), (200, &json!(60)));
    assert_eq!(kind, "application/jwt");
    assert_eq!(
        claims["birthdate"], "1992-11-01",
        "unknown parts are padded"
    );
    assert_eq!(claims["birthplace"], "");
    assert_eq!(claims["iss"], world.issuer);
    assert_eq!(claims["aud"], "fc-service");
}

#[actix_web::test]
async fn a_service_registered_for_es256_gets_es256_and_any_other_rs256() {
    let world = World::open().unwrap();

    let (id_token, userinfo) = learn(&world, "modern-library", "citadelle", "angela").await;

    assert_eq!(id_token["amr"], json!(["user"]));
    assert!(id_token["auth_time"].is_i64());
    assert!(id_token["at_hash"].is_string());
    assert_eq!(userinfo["sub"], id_token["sub"]);
}

#[actix_web::test]
async fn a_service_may_be_answered_by_a_posted_form() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[("response_mode", "form_post")]).unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();

    let leave = browser
        .submit(&review, &review.page.form().unwrap())
        .await
        .unwrap();

    let form = leave.page.form().unwrap();
    let field = |name: &str| {
        form.fields
            .iter()
            .find(|(n, _)| n == name)
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(
        (form.method.as_str(), form.action),
        ("post", sp.redirect_uri())
    );
    assert_eq!(
        (field("state"), field("iss")),
        (sp.state.clone(), world.issuer.clone())
    );
    assert_eq!(leave.page.refresh(), None);
    assert!(sp.redeem(&field("code")).await.is_ok());
}

#[actix_web::test]
async fn an_authorization_request_may_be_posted() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let fields: Vec<(String, String)> = sp
        .request(&[])
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect();

    let answer = browser
        .post(&world.url("/authorize").unwrap(), &fields)
        .await
        .unwrap();
    let next = answer.url.join(&answer.page.refresh().unwrap()).unwrap();
    let answer = browser.get(&next).await.unwrap();
    let choice = browser.follow(answer, "https://").await.unwrap();

    assert!(choice.page.link("idp/boussole").is_ok());
}

#[actix_web::test]
async fn an_idp_may_answer_by_a_posted_form() {
    let edits = vec![(
        "idps/boussole.toml",
        "pivot =",
        "response_mode = \"form_post\"\npivot =",
    )];
    let world = World::open_with(Opening {
        edits,
        ..Opening::default()
    })
    .unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();
    let choice = browser.get(&start).await.unwrap();
    let choice = browser.follow(choice, "https://").await.unwrap();
    let departure = browser.click(&choice, "idp/boussole").await.unwrap();
    let sign_in = browser.follow(departure, "https://").await.unwrap();
    let back = world
        .sign_in(&mut browser, &sign_in, "angela")
        .await
        .unwrap()
        .location()
        .unwrap();

    // The demonstration IdP knows no forms: the test posts what it would, without the cookie, as a
    // cross-site form does.
    let fields: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    let posted = Browser::new()
        .unwrap()
        .post(&world.url("/callback/boussole").unwrap(), &fields)
        .await
        .unwrap();
    let round = posted.url.join(&posted.page.refresh().unwrap()).unwrap();
    let review = browser.get(&round).await.unwrap();

    assert!(
        sign_in
            .url
            .query()
            .unwrap()
            .contains("response_mode=form_post")
    );
    assert_eq!(posted.status, 200);
    let arrival = world.agree(&mut browser, &review).await.unwrap();
    assert!(sp.learn(&arrival).await.is_ok());
}

#[actix_web::test]
async fn a_private_service_needs_the_ticked_box() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("insurer").unwrap();
    let start = sp.request(&[]).unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();

    let form = review.page.form().unwrap();
    let again = browser.submit(&review, &form).await.unwrap();
    let again = browser.follow(again, "https://").await.unwrap();
    let arrival = world.agree(&mut browser, &again).await.unwrap();

    assert!(review.page.html().contains("type=\"checkbox\""));
    assert!(!review.page.html().contains("checked"));
    assert!(again.page.html().contains("role=\"alert\""));
    assert!(again.page.refresh().is_none());
    assert!(sp.learn(&arrival).await.is_ok());
}

#[actix_web::test]
async fn a_hint_leaves_for_its_idp_at_once() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("picky").unwrap();

    let start = sp.request(&[("idp_hint", "boussole")]).unwrap();
    let sign_in = world.go(&mut browser, &start).await.unwrap();

    assert!(
        sign_in
            .url
            .as_str()
            .starts_with(world.idp("boussole").unwrap().issuer())
    );
}

#[actix_web::test]
async fn two_tabs_on_two_services_finish_each_on_its_own() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let (one, two) = (
        world.service("town-hall").unwrap(),
        world.service("library").unwrap(),
    );

    let review_one = world
        .to_review(
            &mut browser,
            &one.request(&[]).unwrap(),
            "boussole",
            "angela",
        )
        .await
        .unwrap();
    let review_two = world
        .to_review(
            &mut browser,
            &two.request(&[]).unwrap(),
            "citadelle",
            "sosefo",
        )
        .await
        .unwrap();
    let arrival_one = world.agree(&mut browser, &review_one).await.unwrap();
    let arrival_two = world.agree(&mut browser, &review_two).await.unwrap();

    assert_eq!(
        one.learn(&arrival_one).await.unwrap().1["family_name"],
        "DUBOIS"
    );
    assert_eq!(
        two.learn(&arrival_two).await.unwrap().1["family_name"],
        "TAUHAVILI"
    );
}

#[actix_web::test]
async fn a_double_click_has_the_effect_of_one() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();

    let first = world.agree(&mut browser, &review).await.unwrap();
    let second = world.agree(&mut browser, &review).await.unwrap();

    assert_eq!(first, second);
    assert!(sp.learn(&second).await.is_ok());
}

#[actix_web::test]
async fn a_code_and_a_token_live_as_long_as_they_say() {
    let world = World::open().unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp.request(&[]).unwrap();

    let late = world
        .log_in(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    world.clock.pass(std::time::Duration::from_secs(60));
    let late = sp.learn(&late).await.unwrap_err();
    let timely = world
        .log_in(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    let (tokens, _) = sp
        .redeem(Returned::from(&timely).get("code"))
        .await
        .unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    world.clock.pass(std::time::Duration::from_secs(599));
    let alive = sp.userinfo(access).await.unwrap().0;
    world.clock.pass(std::time::Duration::from_secs(1));
    let dead = sp.userinfo(access).await.unwrap().0;

    assert!(late.to_string().contains("invalid_grant"), "{late}");
    assert_eq!(tokens["expires_in"], 600);
    assert_eq!((alive, dead), (200, 401));
}

#[actix_web::test]
async fn discovery_says_what_we_do() {
    let world = World::open_with(Opening {
        base: "/api/v2",
        ..Opening::default()
    })
    .unwrap();
    let mut browser = Browser::new().unwrap();
    let origin = world.issuer.strip_suffix("/api/v2").unwrap();
    let mut documents = Vec::new();
    for path in [
        "/api/v2/.well-known/openid-configuration",
        "/.well-known/openid-configuration/api/v2",
        "/.well-known/oauth-authorization-server/api/v2",
    ] {
        let url = url::Url::parse(&format!("{origin}{path}")).unwrap();
        let answer = browser.get(&url).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), Some("public, max-age=600"));
        documents.push(answer.page.html().to_owned());
    }
    let document: Value = serde_json::from_str(&documents[0]).unwrap();

    assert!(documents.iter().all(|one| *one == documents[0]));
    assert_eq!(browser.cookies(), "", "public documents set no cookie");
    assert_eq!(document["issuer"], world.issuer);
    assert_eq!(
        document["id_token_signing_alg_values_supported"],
        json!(["ES256", "RS256"])
    );
    assert_eq!(document["subject_types_supported"], json!(["pairwise"]));
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
    ] {
        assert!(
            document[endpoint]
                .as_str()
                .unwrap()
                .starts_with(&world.issuer),
            "{endpoint}"
        );
    }
}
