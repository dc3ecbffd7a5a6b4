//! The main job: a service logs a person in, through an identity provider.

use std::collections::BTreeSet;

use hub_tests::{Browser, JsonExt, Returned, World, WorldOptions};
use serde_json::{Value, json};

#[actix_web::test]
async fn a_citizen_reaches_the_town_hall() {
    let world = World::start();

    let (id_token, userinfo) = world.login("town-hall").claims().await;

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
    let world = World::start();

    let (id_token, _) = world.login("town-hall").claims().await;

    let names: BTreeSet<&str> = id_token.members().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        BTreeSet::from(["acr", "aud", "exp", "iat", "iss", "nonce", "sub"])
    );
}

#[actix_web::test]
async fn the_same_person_has_the_same_sub_whichever_idp_vouched() {
    let world = World::start();
    for person in ["angela", "sosefo", "helene", "camille"] {
        let (_, one) = world.login("town-hall").person(person).claims().await;
        let (_, two) = world
            .login("town-hall")
            .at("citadelle")
            .person(person)
            .claims()
            .await;

        assert_eq!(one["sub"], two["sub"], "{person}");
        assert!(one["sub"].text().starts_with("p1."));
    }
}

#[actix_web::test]
async fn one_person_has_another_sub_at_each_service() {
    let world = World::start();

    let (_, one) = world.login("town-hall").claims().await;
    let (_, two) = world.login("library").claims().await;

    assert_ne!(one["sub"], two["sub"]);
}

#[actix_web::test]
async fn a_name_that_cannot_be_folded_is_known_at_each_idp_alone() {
    let world = World::start();

    let (_, one) = world.login("town-hall").person("eleni").claims().await;
    let (_, again) = world.login("town-hall").person("eleni").claims().await;
    let (_, two) = world
        .login("town-hall")
        .at("citadelle")
        .person("eleni")
        .claims()
        .await;

    assert_eq!(one["family_name"], "ΠΑΠΑΔΟΠΟΎΛΟΥ");
    assert_eq!(one["sub"], again["sub"]);
    assert_ne!(one["sub"], two["sub"]);
}

#[actix_web::test]
async fn a_declared_identity_never_gets_the_sub_of_a_verified_one() {
    let world = World::start();

    let (_, declared) = world.login("town-hall").at("ardoise").claims().await;
    let (_, verified) = world.login("town-hall").claims().await;

    assert_ne!(declared["sub"], verified["sub"]);
}

#[actix_web::test]
async fn a_written_waiver_lets_a_low_level_feed_the_pivot() {
    let opening = || WorldOptions {
        edits: vec![(
            "idps/ardoise.toml",
            "pivot = \"declared\"",
            "pivot = \"verified\"\npivot_waiver = \"decision 12\"",
        )],
        ..WorldOptions::default()
    };
    let world = World::start_with(opening());

    let (_, low) = world.login("town-hall").at("ardoise").claims().await;
    let (_, substantial) = world.login("town-hall").claims().await;

    assert_eq!(low["sub"], substantial["sub"]);
}

#[actix_web::test]
async fn a_service_that_asks_nothing_learns_nothing_but_a_sub() {
    let world = World::start();

    let (_, userinfo) = world.login("anonymous").claims().await;

    assert_eq!(userinfo.members().keys().collect::<Vec<_>>(), ["sub"]);
}

#[actix_web::test]
async fn every_way_of_client_authentication_works() {
    let world = World::start();
    for service in ["town-hall", "fc-service", "keyed", "app"] {
        let (id_token, userinfo) = world.login(service).claims().await;

        assert_eq!(id_token["sub"], userinfo["sub"], "{service}");
    }
}

#[actix_web::test]
async fn a_service_moved_from_franceconnect_gets_what_it_expects() {
    let world = World::start_with(WorldOptions {
        base: "/api/v2",
        ..WorldOptions::default()
    });
    let mut browser = Browser::open();
    let sp = world.sp("fc-service");
    let request = sp.authorization_url(&[
        ("code_challenge", ""),
        ("code_challenge_method", ""),
        ("acr_values", "eidas1"),
        ("scope", "openid identite_pivot email"),
    ]);

    let review = world
        .login_to_review(&mut browser, &request, "boussole", "jean")
        .await;
    let authentication = world.consent(&mut browser, &review).await;
    let returned = Returned::from(&authentication);
    let fields: Vec<_> = sp
        .token_fields(returned.get("code"))
        .into_iter()
        .filter(|(name, _)| name != "code_verifier")
        .collect();
    let (status, tokens) = sp.request_tokens(&fields).await;
    let access = tokens["access_token"].text();
    let (_, kind, _) = sp.fetch_userinfo(access).await;
    let claims = sp.fetch_userinfo_claims(access).await;

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
    let world = World::start();

    let (id_token, userinfo) = world.login("modern-library").at("citadelle").claims().await;

    assert_eq!(id_token["amr"], json!(["user"]));
    assert!(id_token["auth_time"].is_i64());
    assert!(id_token["at_hash"].is_string());
    assert_eq!(userinfo["sub"], id_token["sub"]);
}

#[actix_web::test]
async fn a_service_may_be_answered_by_a_posted_form() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[("response_mode", "form_post")]);
    let review = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;

    let leave = browser
        .submit_form(&review, &review.page.first_form())
        .await;

    let form = leave.page.first_form();
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
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let fields: Vec<(String, String)> = sp
        .authorization_url(&[])
        .query_pairs()
        .into_owned()
        .collect();

    let answer = browser
        .post_form(&world.hub_url("/authorize"), &fields)
        .await;
    let next = answer.url.join(&answer.page.refresh().unwrap()).unwrap();
    let answer = browser.visit(&next).await;
    let choice = browser.follow_redirects(answer, "https://").await;

    assert!(choice.page.link("idp/boussole").is_ok());
}

#[actix_web::test]
async fn an_idp_may_answer_by_a_posted_form() {
    let edits = vec![(
        "idps/boussole.toml",
        "pivot =",
        "response_mode = \"form_post\"\npivot =",
    )];
    let world = World::start_with(WorldOptions {
        edits,
        ..WorldOptions::default()
    });
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[]);
    let choice = browser.visit(&start).await;
    let choice = browser.follow_redirects(choice, "https://").await;
    let departure = browser.click_link(&choice, "idp/boussole").await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    let back = world
        .submit_credentials(&mut browser, &sign_in, "angela")
        .await
        .redirect_url();

    // The demonstration IdP knows no forms: the test posts what it would, without the cookie, as a
    // cross-site form does.
    let fields: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    let posted = Browser::open()
        .post_form(&world.hub_url("/callback/boussole"), &fields)
        .await;
    let round = posted.url.join(&posted.page.refresh().unwrap()).unwrap();
    let review = browser.visit(&round).await;

    assert!(
        sign_in
            .url
            .query()
            .unwrap()
            .contains("response_mode=form_post")
    );
    assert_eq!(posted.status, 200);
    let authentication = world.consent(&mut browser, &review).await;
    sp.fetch_claims(&authentication).await;
}

#[actix_web::test]
async fn a_private_service_needs_the_ticked_box() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("insurer");
    let start = sp.authorization_url(&[]);
    let review = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;

    let form = review.page.first_form();
    let again = browser.submit_form(&review, &form).await;
    let again = browser.follow_redirects(again, "https://").await;
    let authentication = world.consent(&mut browser, &again).await;

    assert!(review.page.html().contains("type=\"checkbox\""));
    assert!(!review.page.html().contains("checked"));
    assert!(again.page.html().contains("role=\"alert\""));
    assert!(again.page.refresh().is_none());
    sp.fetch_claims(&authentication).await;
}

#[actix_web::test]
async fn a_hint_leaves_for_its_idp_at_once() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("picky");

    let start = sp.authorization_url(&[("idp_hint", "boussole")]);
    let sign_in = world.visit(&mut browser, &start).await;

    assert!(
        sign_in
            .url
            .as_str()
            .starts_with(world.demo_idp("boussole").issuer())
    );
}

#[actix_web::test]
async fn two_tabs_on_two_services_finish_each_on_its_own() {
    let world = World::start();
    let mut browser = Browser::open();
    let (one, two) = (world.sp("town-hall"), world.sp("library"));

    let review_one = world
        .login_to_review(
            &mut browser,
            &one.authorization_url(&[]),
            "boussole",
            "angela",
        )
        .await;
    let review_two = world
        .login_to_review(
            &mut browser,
            &two.authorization_url(&[]),
            "citadelle",
            "sosefo",
        )
        .await;
    let arrival_one = world.consent(&mut browser, &review_one).await;
    let arrival_two = world.consent(&mut browser, &review_two).await;

    assert_eq!(
        one.fetch_claims(&arrival_one).await.1["family_name"],
        "DUBOIS"
    );
    assert_eq!(
        two.fetch_claims(&arrival_two).await.1["family_name"],
        "TAUHAVILI"
    );
}

#[actix_web::test]
async fn a_double_click_has_the_effect_of_one() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[]);
    let review = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;

    let first = world.consent(&mut browser, &review).await;
    let second = world.consent(&mut browser, &review).await;

    assert_eq!(first, second);
    sp.fetch_claims(&second).await;
}

#[actix_web::test]
async fn a_code_and_a_token_live_as_long_as_they_say() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[]);

    let late = world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;
    world.clock.pass(std::time::Duration::from_secs(60));
    let late = sp.learn(&late).await.unwrap_err();
    let timely = world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;
    let (tokens, _) = sp.redeem_code(Returned::from(&timely).get("code")).await;
    let access = tokens["access_token"].text();
    world.clock.pass(std::time::Duration::from_secs(599));
    let alive = sp.fetch_userinfo(access).await.0;
    world.clock.pass(std::time::Duration::from_secs(1));
    let dead = sp.fetch_userinfo(access).await.0;

    assert!(late.to_string().contains("invalid_grant"), "{late}");
    assert_eq!(tokens["expires_in"], 600);
    assert_eq!((alive, dead), (200, 401));
}

#[actix_web::test]
async fn discovery_says_what_we_do() {
    let world = World::start_with(WorldOptions {
        base: "/api/v2",
        ..WorldOptions::default()
    });
    let mut browser = Browser::open();
    let origin = world.issuer.strip_suffix("/api/v2").unwrap();
    let mut documents = Vec::new();
    for path in [
        "/api/v2/.well-known/openid-configuration",
        "/.well-known/openid-configuration/api/v2",
        "/.well-known/oauth-authorization-server/api/v2",
    ] {
        let url = url::Url::parse(&format!("{origin}{path}")).unwrap();
        let answer = browser.visit(&url).await;
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
            document[endpoint].text().starts_with(&world.issuer),
            "{endpoint}"
        );
    }
}
