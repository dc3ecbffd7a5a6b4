//! The log beside the audit stream, read by an attacker who has both.

use hub_demo::FaultInjection;
use hub_tests::{AuditFile, Browser, Log, MailServer, World, WorldOptions};
use serde_json::Value;

fn open(audit: &AuditFile, server: &MailServer) -> World {
    let hub = format!(
        "[mail]\nserver = \"{}\"\nfrom = \"Lethe <no-reply@hub.example>\"\n\n[audit]\n",
        server.url
    );
    World::start_with(WorldOptions {
        audit: Some(audit.path()),
        sessions: true,
        edits: vec![
            ("hub.toml", "[audit]", Box::leak(hub.into_boxed_str())),
            (
                "idps/boussole.toml",
                "timeout = 2",
                "timeout = 2\nmail_notices = true",
            ),
        ],
        ..WorldOptions::default()
    })
}

/// A failed attempt, a sign-in with a notice and a guessable `sid`, an error page, a second service from
/// the session, and a logout.
async fn walk(world: &World, server: &MailServer) {
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let idp = world.demo_idp("boussole");
    let start = sp.authorization_url(&[]);
    idp.misbehave(Some(FaultInjection::MalformedBirthdate));
    world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;
    idp.misbehave(Some(FaultInjection::GuessableSid));
    let review = world
        .login_to_review(&mut browser, &start, "boussole", "angela")
        .await;
    world.consent(&mut browser, &review).await;
    assert_eq!(server.wait_for_mails(1).await.len(), 1);
    // The address of the page that was submitted, which is about the service.
    let submitted = review.page.first_form().action;
    let reloaded = browser.get(&review.resolve(&submitted)).await;
    assert_eq!(reloaded.unwrap().page.code().as_deref(), Some("L1005"));
    let (raw, _) = world
        .login_for_id_token(&mut browser, "library", "angela")
        .await;
    let end = world.logout_url(&[("id_token_hint", &raw)]);
    world.visit(&mut browser, &end).await;
}

/// The names and incident ids on `lines`.
fn names(lines: &[Value]) -> Vec<&str> {
    let members = ["login", "incident", "service", "idp"];
    let texts = lines
        .iter()
        .flat_map(|line| members.map(|member| line[member].as_str()));
    texts.flatten().collect()
}

#[actix_web::test]
async fn no_line_of_the_log_joins_an_idp_with_a_line_about_a_service() {
    let server = MailServer::start();
    let audit = AuditFile::in_folder();
    let world = open(&audit, &server);
    let log = Log::of_everything();
    walk(&world, &server).await;

    let text = log.text();
    let logged = |field: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains(field));
        lines.map(str::to_owned).collect()
    };
    let about_idps = logged("idp.id");
    for said in ["an attempt to sign in failed", "will not end"] {
        let is_said = about_idps.iter().any(|line| line.contains(said));
        assert!(is_said, "{said}: the log is read");
    }
    let service_side = audit.events_of("service");
    let idp_side = audit.events_of("idp");
    for (about, other) in [
        (about_idps, names(&service_side)),
        (logged("service.id"), names(&idp_side)),
    ] {
        for name in other {
            let joins = about.iter().find(|line| line.contains(name));
            assert_eq!(joins, None, "{name}");
        }
    }

    // Which providers allow notices is no fact about a service.
    let person_side = audit.events_of("person");
    let notices = person_side.iter().filter(|l| l["event"] == "notice_sent");
    let notices: Vec<&Value> = notices.collect();
    assert_eq!(notices.len(), 1);
    for notice in notices {
        assert_eq!(
            (&notice["login"], &notice["incident"]),
            (&Value::Null, &Value::Null)
        );
    }
    assert!(service_side.iter().all(|l| l["event"] != "notice_sent"));
    let shown = service_side.iter().any(|line| line["incident"].is_string());
    assert!(shown, "an error page within the login");
}
