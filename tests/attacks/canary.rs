//! The canary: a person's values are searched for everywhere they must not be.

use std::{
    io::Write,
    sync::{Arc, Mutex, OnceLock},
};

use hub_demo::{Mischief, Person};
use hub_tests::{Browser, Opening, RedisServer, Returned, World};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Everything that was logged, at trace level, by this process.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Its text until now.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// The log of this process from the first call on.
pub(crate) fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let filter = EnvFilter::try_new(hub::telemetry::filter("trace")).unwrap();
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(log.clone())
            .init();
        log
    })
}

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
    let log = log();
    let recorder = hub::telemetry::count().unwrap();
    let redis = RedisServer::start().unwrap();
    let opening = Opening {
        store: Some(redis.url()),
        sessions: true,
        ..Opening::default()
    };
    let world = World::open_with(opening).unwrap();
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let start = sp
        .request(&[("scope", "openid identite_pivot email")])
        .unwrap();
    let person = Person::named("helene").unwrap();
    let mut markers = markers(&person);
    let look = |moment: &str, markers: &[String]| {
        let dump: Vec<u8> = redis
            .dump()
            .unwrap()
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
        .idp("boussole")
        .unwrap()
        .misbehave(Some(Mischief::MalformedBirthdate));
    world
        .to_review(&mut browser, &start, "boussole", &person.username)
        .await
        .unwrap();
    world.idp("boussole").unwrap().misbehave(None);
    let review = world
        .to_review(&mut browser, &start, "boussole", &person.username)
        .await
        .unwrap();
    look("while the review page is open", &markers);
    let arrival = world.agree(&mut browser, &review).await.unwrap();
    let returned = Returned::from(&arrival);
    look("while the code is out", &markers);
    let (tokens, id_token) = sp.redeem(returned.get("code")).await.unwrap();
    let access_token = tokens["access_token"].as_str().unwrap();
    let claims = sp.claims(access_token).await.unwrap();
    assert_eq!(claims["family_name"], "D'AUBIGN\u{c9}");
    let secrets = [
        id_token["sub"].as_str().unwrap(),
        returned.get("code"),
        access_token,
        tokens["id_token"].as_str().unwrap(),
        browser.cookies().split_once('=').unwrap().1,
        sp.state.as_str(),
        sp.verifier.as_str(),
    ]
    .map(str::to_owned);
    markers.extend(secrets);
    look("while the token lives", &markers);

    // A data provider asks, and the token is ended.
    let canteen = world.service("canteen").unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let start = canteen
        .request(&[("scope", "openid fiscal_income")])
        .unwrap();
    let arrival = world
        .log_in(&mut Browser::new().unwrap(), &start, "boussole", "helene")
        .await
        .unwrap();
    let mut fields = canteen.token_fields(Returned::from(&arrival).get("code"));
    fields.push(("resource".into(), taxes.resource()));
    let (_, data_tokens) = canteen.token(&fields).await.unwrap();
    let shown = data_tokens["access_token"].as_str().unwrap();
    let told = taxes.told(shown).await.unwrap();
    assert_eq!(told["family_name"], "D'AUBIGN\u{c9}");
    markers.extend([shown.to_owned(), told["sub"].as_str().unwrap().to_owned()]);
    look("while a data provider's token lives", &markers);
    canteen
        .post("/token/revocation", &[("token", shown)])
        .await
        .unwrap();

    // Refusals, with every secret in hand.
    sp.token(&sp.token_fields(returned.get("code")))
        .await
        .unwrap();
    sp.userinfo(access_token).await.unwrap();
    look("afterwards", &markers);
    let logged = log.0.lock().unwrap().clone();
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
