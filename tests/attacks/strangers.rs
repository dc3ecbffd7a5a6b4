//! Requests of strangers: what they cost the audit stream.

use hub_tests::{AuditFile, Browser, World, WorldOptions};

#[actix_web::test]
async fn strangers_write_nothing_into_the_audit_stream() {
    let audit = AuditFile::new();
    let world = World::open_with(WorldOptions {
        audit: Some(audit.path()),
        ..WorldOptions::default()
    });
    let world = world.unwrap();
    let sp = world.sp("canteen");
    let taxes = world.dp("taxes");
    let before = audit.contents();
    let mut browser = Browser::open();
    let wrong = [
        ("client_id", "canteen"),
        ("client_secret", "wrong"),
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("token", "x"),
    ];
    let wrong = wrong.map(|(name, value)| (name.to_owned(), value.to_owned()));

    for _ in 0..5 {
        for endpoint in [
            "/token",
            "/token/revocation",
            "/token/introspection",
            "/checktoken",
        ] {
            for fields in [&wrong[..], &[]] {
                let refused = taxes.post_fields(endpoint, &[], fields).await;
                assert!([400, 401].contains(&refused.status), "{endpoint}");
            }
        }
        assert_eq!(sp.fetch_userinfo(&"A".repeat(43)).await.0, 401);
        for path in [
            "/callback/boussole?state=x&code=y",
            "/callback/boussole",
            "/authorize?client_id=nobody",
            "/login/x/",
            "/login/x/review",
            "/nowhere",
        ] {
            browser.visit(&world.hub_url(path)).await;
        }
    }

    assert_eq!(audit.contents(), before);
}
