//! The log beside the audit stream, read by an attacker who has both.

use hub_demo::Mischief;
use hub_tests::{AuditFile, Browser, MailServer, Opening, World};
use serde_json::Value;

use super::canary::log;

fn open(audit: &AuditFile, server: &MailServer) -> World {
    let hub = format!(
        "[mail]\nserver = \"{}\"\nfrom = \"Lethe <no-reply@hub.example>\"\n\n[audit]\n",
        server.url
    );
    World::open_with(Opening {
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
        ..Opening::default()
    })
    .unwrap()
}

/// A failed attempt, a sign-in with a notice and a guessable `sid`, an error page, a second service from
/// the session, and a logout.
async fn walk(world: &World, server: &MailServer) {
    let mut browser = Browser::new().unwrap();
    let sp = world.service("town-hall").unwrap();
    let idp = world.idp("boussole").unwrap();
    let start = sp.request(&[]).unwrap();
    idp.misbehave(Some(Mischief::MalformedBirthdate));
    world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    idp.misbehave(Some(Mischief::GuessableSid));
    let review = world
        .to_review(&mut browser, &start, "boussole", "angela")
        .await
        .unwrap();
    world.agree(&mut browser, &review).await.unwrap();
    assert_eq!(server.wait_for(1).await.unwrap().len(), 1);
    // The address of the page that was submitted, which is about the service.
    let submitted = review.page.form().unwrap().action;
    let reloaded = browser.get(&review.url.join(&submitted).unwrap()).await;
    assert_eq!(reloaded.unwrap().page.code().as_deref(), Some("L1005"));
    let (raw, _) = world
        .id_token(&mut browser, "library", "angela")
        .await
        .unwrap();
    let end = world.end(&[("id_token_hint", &raw)]).unwrap();
    world.go(&mut browser, &end).await.unwrap();
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
    let server = MailServer::open().unwrap();
    let audit = AuditFile::folder().unwrap();
    let world = open(&audit, &server);
    let log = log();
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
    let service_side = audit.side("service").unwrap();
    let idp_side = audit.side("idp").unwrap();
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
    let person_side = audit.side("person").unwrap();
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
