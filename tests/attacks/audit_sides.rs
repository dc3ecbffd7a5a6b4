//! The audit stream read by an attacker who has all of it, the log, and what the parties hold.

use std::{collections::BTreeSet, fs};

use hub::{
    audit::{link::EscrowKey, verify},
    cli::{Opening as LinkOpening, open_link},
};
use hub_tests::{AuditFile, Browser, JsonExt, World, WorldOptions, generate_escrow_keys};
use serde_json::Value;

const SIDES: [&str; 3] = ["service", "idp", "person"];

fn with_folder(audit: &AuditFile, edits: &str) -> World {
    let section: &'static str = Box::leak(format!("[audit]\n{edits}").into_boxed_str());
    World::start_with(WorldOptions {
        audit: Some(audit.path()),
        sessions: true,
        edits: vec![("hub.toml", "[audit]", section)],
        ..WorldOptions::default()
    })
}

/// A login, a second one from its session, and a logout.
async fn walk(world: &World) {
    let mut browser = Browser::open();
    let sp = world.sp("town-hall");
    let start = sp.authorization_url(&[]);
    let authentication = world
        .complete_login(&mut browser, &start, "boussole", "angela")
        .await;
    sp.fetch_claims(&authentication).await;
    let (raw, _) = world
        .login_for_id_token(&mut browser, "library", "angela")
        .await;
    let end = world.logout_url(&[("id_token_hint", &raw)]);
    world.visit(&mut browser, &end).await;
}

/// Every text value in `line`, but those that say what kind of thing happened.
fn values(line: &Value) -> Vec<String> {
    let common = [
        "event", "time", "acr", "outcome", "basis", "chain", "prev", "version",
    ];
    let members = line.members().iter();
    let texts = members.filter(|(name, _)| !common.contains(&name.as_str()));
    texts
        .filter_map(|(_, value)| value.as_str().map(str::to_owned))
        .collect()
}

#[actix_web::test]
async fn the_sides_of_the_audit_stream_share_no_value() {
    let folder = AuditFile::in_folder();
    let world = with_folder(&folder, "addresses = true\n");
    world.clock.pass(std::time::Duration::from_secs(17));
    walk(&world).await;
    let held: Vec<BTreeSet<String>> = SIDES
        .iter()
        .map(|side| folder.events_of(side).iter().flat_map(values).collect())
        .collect();

    for (at, one) in held.iter().enumerate() {
        for other in held.iter().skip(at + 1) {
            let shared: Vec<_> = one.intersection(other).collect();
            assert!(shared.is_empty(), "{shared:?}");
        }
    }
    for side in SIDES {
        let lines = folder.events_of(side);
        let has = |name: &str| lines.iter().any(|line| line.get(name).is_some());
        assert_eq!(has("idp"), side == "idp", "{side}");
        assert_eq!(has("person"), side == "person", "{side}");
        assert_eq!(has("service"), side == "service", "{side}");
        assert_eq!(has("address"), side == "service", "{side}");
        assert_eq!(has("login"), side != "person", "{side}");
        let events = lines.iter().filter(|line| line["event"] != "stream_opened");
        let exact = |time: &str| !time.ends_with(":00Z");
        for line in events {
            let time = line["time"].text();
            assert_eq!(exact(time), side == "service", "{line}");
        }
    }
}

#[actix_web::test]
async fn one_file_for_all_sides_has_two_names_for_a_login_that_never_meet() {
    let audit = AuditFile::new();
    let world = World::open_with(WorldOptions {
        audit: Some(audit.path()),
        sessions: true,
        ..WorldOptions::default()
    });
    walk(&world.unwrap()).await;

    let lines = audit.events();
    let names = |member: &str| -> BTreeSet<String> {
        let lines = lines.iter().filter(|line| line.get(member).is_some());
        lines
            .filter_map(|line| line["login"].as_str().map(str::to_owned))
            .collect()
    };
    assert!(names("service").is_disjoint(&names("idp")));
    assert!(!names("service").is_empty() && !names("idp").is_empty());
    assert!(names("person").is_empty());
    assert!(
        lines.iter().all(|line| line["event"] != "link_sealed"),
        "none without an escrow"
    );
}

#[actix_web::test]
async fn only_the_escrow_joins_the_sides_of_a_login() {
    let folder = AuditFile::in_folder();
    let (private, public) = generate_escrow_keys();
    let (other, _) = generate_escrow_keys();
    let at = |name: &str| folder.path().join(name);
    for (name, bytes) in [
        ("escrow.pub.pem", &public),
        ("escrow.pem", &private),
        ("other.pem", &other),
    ] {
        fs::write(at(name), bytes).unwrap();
    }
    let world = with_folder(
        &folder,
        &format!("escrow = \"file:{}\"\n", at("escrow.pub.pem").display()),
    );
    walk(&world).await;
    let line = |side: &str, event: &str| {
        let lines = folder.events_of(side);
        lines
            .into_iter()
            .find(|line| line["event"] == event)
            .unwrap()
    };
    let asked = line("service", "login_requested");
    let chosen = line("idp", "idp_chosen");
    let person = line("person", "identity_verified");
    let files = SIDES.map(|side| at(&format!("{side}.jsonl")));
    let open = |key: &str| {
        let (key, record) = (at(key), at("opened.jsonl"));
        let opening = LinkOpening {
            key: &key,
            login: asked["login"].text(),
            case: "2026/17",
            record: &record,
            files: &files,
        };
        let mut out = Vec::new();
        let found = open_link(&opening, &mut out).unwrap();
        (found, String::from_utf8(out).unwrap())
    };

    let sealed = line("person", "link_sealed").to_string();
    assert!(EscrowKey::from_pem(&other).unwrap().open(&sealed).is_none());
    let (found, shown) = open("other.pem");
    assert!(!found && !shown.contains("boussole"), "{shown}");
    let (found, shown) = open("escrow.pem");
    assert!(found);
    let link: Value = serde_json::from_str(shown.lines().next().unwrap()).unwrap();
    assert_eq!(link["service_login"], asked["login"]);
    assert_eq!(link["idp_login"], chosen["login"]);
    assert_eq!(link["person"], person["person"]);
    assert!(shown.contains("\"idp\":\"boussole\"") && shown.contains("\"service\":\"town-hall\""));
    assert!(
        !shown.contains("library"),
        "the lines of no other login: {shown}"
    );
    let record = fs::read(at("opened.jsonl")).unwrap();
    let report = verify(record.as_slice(), None).unwrap();
    assert_eq!(report.problems, vec![]);
    let record = String::from_utf8(record).unwrap();
    let opened = |found: bool| format!("\"case\":\"2026/17\",\"found\":{found}");
    assert!(
        record.contains(&opened(false)) && record.contains(&opened(true)),
        "{record}"
    );
    for side in SIDES {
        let text = fs::read(at(&format!("{side}.jsonl"))).unwrap();
        assert_eq!(
            verify(text.as_slice(), None).unwrap().problems,
            vec![],
            "{side}"
        );
    }
}
