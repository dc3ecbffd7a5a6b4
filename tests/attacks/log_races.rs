//! The log beside the audit stream, where another request changes the login first.

use std::sync::Arc;

use hub::store::MemoryStore;
use hub_tests::{AuditFile, FailingVault, Log, Outage, TestClock, World, WorldOptions};

#[actix_web::test]
async fn a_request_about_an_idp_that_loses_a_race_is_on_no_line_about_the_service() {
    let audit = AuditFile::in_folder();
    let (clock, outage) = (Arc::new(TestClock::default()), Arc::<Outage>::default());
    let store = FailingVault::new(MemoryStore::new(clock.clone()), outage.clone());
    let disabled = "state = \"disabled\"\nclient_id = \"lethe\"";
    let world = World::start_with(WorldOptions {
        store: Some(Arc::new(store)),
        clock: Some(clock),
        audit: Some(audit.path()),
        edits: vec![("idps/citadelle.toml", "client_id = \"lethe\"", disabled)],
        ..WorldOptions::default()
    });
    let log = Log::of_everything();
    for ends in ["answered", "removed"] {
        let (mut browser, review) = world.login("town-hall").review().await;
        let form = review.page.first_form().with("consent", "yes");
        let departure = review.resolve(&form.action.replace("review", "idp/citadelle"));

        if ends == "answered" {
            outage.hold_replacement(1);
        } else {
            outage.remove_before_replacement(1);
        }
        let mut tab = browser.clone();
        let departing = actix_web::rt::spawn(async move { tab.get(&departure).await });
        if ends == "answered" {
            outage.until_held().await;
            browser.submit_form(&review, &form).await;
            outage.release();
        }
        let departed = departing.await.unwrap().unwrap();

        let code = departed.page.code();
        let expected = if ends == "answered" { "L1005" } else { "L1001" };
        assert_eq!(code.as_deref(), Some(expected));
    }

    let text = log.text();
    let about_idps = text.lines().filter(|line| line.contains("idp.id"));
    let about_idps: Vec<&str> = about_idps.collect();
    assert!(about_idps.len() >= 2, "the log is read");
    let lines = audit.events_of("service");
    let incidents = lines.iter().filter_map(|line| line["incident"].as_str());
    for incident in incidents {
        let joins = about_idps.iter().find(|line| line.contains(incident));
        assert_eq!(joins, None);
    }
}
