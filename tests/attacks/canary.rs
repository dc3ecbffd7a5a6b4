//! The canary: a person's values are searched for everywhere they must not be.

use hub_demo::{FaultInjection, Person};
use hub_tests::{Browser, JsonExt, Log, RedisServer, Returned, World, WorldOptions};

/// What would identify the person, in every form it could take.
fn markers(person: &Person) -> Vec<String> {
    let email = format!("{}@personne.example", person.username);
    let account = format!("account-of-{}", person.username);
    let civil = &person.civil_status;
    let given_names = civil.given_names.join(" ");
    let values = [
        &given_names,
        &civil.family_name,
        &civil.birthdate,
        &email,
        &account,
        &person.usage_name,
        &civil.birthplace,
    ];
    let plain = values.into_iter().filter(|value| value.len() > 4).cloned();
    plain
        // The written form of a name at release has a plain apostrophe.
        .flat_map(|value| [value.replace('\u{2019}', "'"), value])
        .flat_map(|value| [value.to_uppercase(), value.to_lowercase(), value])
        .collect()
}

fn assert_clean(place: &str, bytes: &[u8], markers: &[String]) {
    for marker in markers {
        let found = bytes
            .windows(marker.len())
            .position(|window| window == marker.as_bytes());
        let context = found.map(|at| {
            let near: Vec<u8> = bytes
                .iter()
                .skip(at.saturating_sub(200))
                .take(400)
                .copied()
                .collect();
            String::from_utf8_lossy(&near).into_owned()
        });
        assert_eq!(context, None, "{marker} is in {place}");
    }
}

#[actix_web::test]
async fn a_person_is_found_nowhere_during_a_login_and_nowhere_after() {
    let log = Log::of_everything();
    let recorder = hub::telemetry::count().unwrap();
    let redis = RedisServer::run();
    let opening = WorldOptions {
        redis: Some(redis.url()),
        sessions: true,
        ..WorldOptions::default()
    };
    let world = World::start_with(opening);
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[("scope", "openid identite_pivot email")]);
    let person = Person::named("helene").unwrap();
    let mut markers = markers(&person);
    let look = |moment: &str, markers: &[String]| {
        let dump: Vec<u8> = redis
            .records()
            .into_iter()
            .flat_map(|held| [held.key, held.value, b"\n".to_vec()].concat())
            .collect();
        assert_clean(&format!("Redis {moment}"), &dump, markers);
        for name in [
            "town-hall",
            "boussole",
            "callback",
            "canteen",
            "taxes",
            "fiscal",
        ] {
            assert_clean(&format!("Redis {moment}"), &dump, &[name.to_owned()]);
        }
    };

    // A failure first: its attributes must not be in any log either.
    world
        .demo_idp("boussole")
        .misbehave(Some(FaultInjection::MalformedBirthdate));
    world
        .login_to_review(&mut browser, &start, "boussole", &person.username)
        .await;
    world.demo_idp("boussole").misbehave(None);
    let review = world
        .login_to_review(&mut browser, &start, "boussole", &person.username)
        .await;
    look("while the review page is open", &markers);
    let authentication = world.consent(&mut browser, &review).await;
    let returned = Returned::from(&authentication);
    look("while the code is out", &markers);
    let (tokens, id_token) = sp.redeem_code(returned.get("code")).await;
    let access_token = tokens["access_token"].text();
    let claims = sp.fetch_userinfo_claims(access_token).await;
    assert_eq!(claims["family_name"], "D'AUBIGN\u{c9}");
    let secrets = [
        id_token["sub"].text(),
        returned.get("code"),
        access_token,
        tokens["id_token"].text(),
        browser.cookies().split_once('=').unwrap().1,
        sp.state.as_str(),
        sp.verifier.as_str(),
    ]
    .map(str::to_owned);
    markers.extend(secrets);
    look("while the token lives", &markers);

    // A data provider asks, and the token is ended.
    let canteen = world.sp("canteen");
    let taxes = world.dp("taxes");
    let start = canteen.authorization_url(&[("scope", "openid fiscal_income")]);
    let authentication = world
        .complete_login(&mut Browser::open(), &start, "boussole", "helene")
        .await;
    let mut fields = canteen.token_fields(Returned::from(&authentication).get("code"));
    fields.push(("resource".into(), taxes.resource()));
    let (_, data_tokens) = canteen.request_tokens(&fields).await;
    let shown = data_tokens["access_token"].text();
    let told = taxes.introspect(shown).await;
    assert_eq!(told["family_name"], "D'AUBIGN\u{c9}");
    markers.extend([shown.to_owned(), told["sub"].text().to_owned()]);
    look("while a data provider's token lives", &markers);
    canteen
        .post_form("/token/revocation", &[("token", shown)])
        .await;

    // Refusals, with every secret in hand.
    sp.request_tokens(&sp.token_fields(returned.get("code")))
        .await;
    sp.fetch_userinfo(access_token).await;
    look("afterwards", &markers);
    let logged = log.text().into_bytes();
    assert!(
        logged
            .windows(12)
            .any(|window| window == b"code was pre".as_slice()),
        "the log is read"
    );
    assert_clean("the log", &logged, &markers);
    assert_clean("the metrics", recorder.render().as_bytes(), &markers);
    markers.retain(|marker| !browser.cookies().ends_with(marker.as_str()));
    assert_clean("the cookies", browser.cookies().as_bytes(), &markers);
}
