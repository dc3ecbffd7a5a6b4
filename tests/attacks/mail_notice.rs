//! Notices by mail: who gets one, how often, and what a device gives away.

use std::{collections::BTreeSet, time::Duration};

use hub_tests::{Browser, MailServer, World, WorldOptions};

/// A world whose hub sends notices by `server`, for the citizens of Citadelle and, unverified, of Boussole;
/// the entry of Ardoise says nothing of notices.
fn open(server: &MailServer) -> World {
    let mail = format!(
        "\n[mail]\nserver = \"{}\"\nfrom = \"Lethe <no-reply@hub.example>\"\n\n[session]\n",
        server.url
    );
    let allowed = "timeout = 2\nmail_notices = true";
    let unverified = "[mapping]\nemail_verified = \"absent\"\n\n[levels]\n";
    World::start_with(WorldOptions {
        sessions: true,
        edits: vec![
            (
                "hub.toml",
                "\n[session]\n",
                Box::leak(mail.into_boxed_str()),
            ),
            ("idps/boussole.toml", "timeout = 2", allowed),
            ("idps/boussole.toml", "[levels]\n", unverified),
            ("idps/citadelle.toml", "timeout = 2", allowed),
        ],
        ..WorldOptions::default()
    })
}

/// `person` signs in at `idp`, on a device that has seen nobody, and goes on to the town hall.
async fn sign_in(world: &World, idp: &str, person: &str) -> Browser {
    let mut browser = Browser::open();
    let start = world.sp("town-hall").authorization_url(&[]);
    let authentication = world.log_in(&mut browser, &start, idp, person).await;
    authentication.unwrap();
    browser
}

fn recipients(mails: &[String]) -> Vec<&str> {
    let lines = mails.iter().flat_map(|mail| mail.lines());
    lines.filter_map(|line| line.strip_prefix("To: ")).collect()
}

#[actix_web::test]
async fn a_notice_goes_to_a_verified_address_by_the_operators_word_and_to_no_other() {
    let server = MailServer::start();
    let world = open(&server);

    // Not verified; no word of the operator; both.
    sign_in(&world, "boussole", "angela").await;
    sign_in(&world, "ardoise", "angela").await;
    sign_in(&world, "citadelle", "jean").await;

    let mails = server.wait_for_mails(1).await;
    assert_eq!(recipients(&mails), ["jean@personne.example"]);
}

#[actix_web::test]
async fn one_person_gets_three_notices_a_day_at_the_most() {
    let server = MailServer::start();
    let world = open(&server);
    for _ in 0..5 {
        sign_in(&world, "citadelle", "angela").await;
    }
    sign_in(&world, "citadelle", "jean").await;
    let mails = server.wait_for_mails(4).await;
    let angela = recipients(&mails);
    let angela = angela.iter().filter(|to| to.starts_with("angela@"));
    assert_eq!(angela.count(), 3);

    world.clock.pass(Duration::from_secs(86_401));
    sign_in(&world, "citadelle", "angela").await;

    let mails = server.wait_for_mails(5).await;
    assert_eq!(recipients(&mails).len(), 5);
}

#[actix_web::test]
async fn two_devices_of_one_person_have_nothing_in_common() {
    let server = MailServer::start();
    let world = open(&server);
    let mut parts = Vec::new();
    for _ in 0..2 {
        let browser = sign_in(&world, "citadelle", "angela").await;
        let cookies = browser.cookies();
        let device = cookies
            .split("; ")
            .find_map(|cookie| cookie.strip_prefix("lethe-device="));
        parts.extend(device.unwrap().split('.').map(str::to_owned));
    }

    let different: BTreeSet<&String> = parts.iter().collect();
    assert_eq!((parts.len(), different.len()), (4, 4), "{parts:?}");
}
