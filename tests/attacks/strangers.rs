//! Requests of strangers: what they cost the audit stream.

use hub_tests::{AuditFile, Browser, Opening, World};

#[actix_web::test]
async fn strangers_write_nothing_into_the_audit_stream() {
    let audit = AuditFile::new();
    let world = World::open_with(Opening {
        audit: Some(audit.path()),
        ..Opening::default()
    });
    let world = world.unwrap();
    let sp = world.service("canteen").unwrap();
    let taxes = world.data_provider("taxes").unwrap();
    let before = audit.text().unwrap();
    let mut browser = Browser::new().unwrap();
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
                let refused = taxes.raw(endpoint, &[], fields).await.unwrap();
                assert!([400, 401].contains(&refused.status), "{endpoint}");
            }
        }
        assert_eq!(sp.userinfo(&"A".repeat(43)).await.unwrap().0, 401);
        for path in [
            "/callback/boussole?state=x&code=y",
            "/callback/boussole",
            "/authorize?client_id=nobody",
            "/login/x/",
            "/login/x/review",
            "/nowhere",
        ] {
            browser.get(&world.url(path).unwrap()).await.unwrap();
        }
    }

    assert_eq!(audit.text().unwrap(), before);
}
