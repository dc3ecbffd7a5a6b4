//! The client's address: what a client says of itself is not believed.

use hub_tests::{AuditFile, Browser, World, WorldOptions};
use serde_json::Value;

const WITH_PROXY: &str = "[proxy]\ntrusted = [\"127.0.0.1\"]\nheader = \"x-real-ip\"\n\
                          port_header = \"x-real-port\"\n\n[audit]\naddresses = true\n";
const FOREIGN_PROXY: &str = "[proxy]\ntrusted = [\"192.0.2.0/24\"]\nheader = \"x-real-ip\"\n\n\
                             [audit]\naddresses = true\n";

/// What the audit stream says of a request that was sent with these headers.
async fn recorded(section: &'static str, headers: &[(&str, &str)]) -> (Value, Value) {
    let audit = AuditFile::new();
    let world = World::open_with(WorldOptions {
        audit: Some(audit.path()),
        edits: vec![("hub.toml", "[audit]", section)],
        ..WorldOptions::default()
    });
    let world = world.unwrap();
    let start = world.sp("town-hall").authorization_url(&[]);
    let mut browser = Browser::open();
    browser.visit_with(&start, headers).await;
    let line = audit.last_event();
    (line["address"].clone(), line["port"].clone())
}

#[actix_web::test]
async fn a_forged_client_address_is_not_believed() {
    let long = "9".repeat(60_000);
    let real = [("x-real-ip", "203.0.113.9"), ("x-real-port", "55")];

    assert_eq!(
        recorded(WITH_PROXY, &real).await,
        (Value::from("203.0.113.9"), Value::from(55)),
        "from a proxy of the operator's"
    );
    for (section, headers) in [
        ("[audit]\naddresses = true\n", real),
        (FOREIGN_PROXY, real),
        (
            WITH_PROXY,
            [("x-real-ip", long.as_str()), ("x-real-port", "x")],
        ),
        (
            WITH_PROXY,
            [("x-real-ip", "a\"},{"), ("x-forwarded-for", "192.0.2.1")],
        ),
    ] {
        let (address, _) = recorded(section, &headers).await;
        assert_eq!(address, "127.0.0.1", "{section}");
    }
}
