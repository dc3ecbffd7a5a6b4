//! The receipt: made once, after the agreement, and never for one that is withdrawn.

use hub_demo::{Dialect, IdpPlan};
use hub_jose::Algorithm;
use hub_tests::{Answer, AuditFile, Opening, World, claims_of};

/// An IdP that names accounts.
const KEYCLOAK: IdpPlan = IdpPlan {
    id: "other",
    title: "Porphyre",
    colour: "#333",
    level: "eidas1",
    pivot: "declared",
    algorithm: Algorithm::Rs256,
    userinfo: "json",
    dialect: Dialect::Keycloak,
    register_check: false,
};

const DATA: &[(&str, &str)] = &[("scope", "openid email fiscal_income")];

/// The signed receipt on the page.
fn receipt(page: &Answer) -> String {
    let links = page.page.links();
    let mut signed = links
        .iter()
        .filter_map(|link| link.strip_prefix("data:application/jwt,"));
    signed.next().unwrap().to_owned()
}

#[actix_web::test]
async fn a_receipt_is_signed_once_after_the_agreement_was_written_down() {
    for (service, changes) in [("canteen", DATA), ("insurer", &[][..])] {
        let audit = AuditFile::new();
        let world = World::open_with(Opening {
            audit: Some(audit.path()),
            ..Opening::default()
        })
        .unwrap();
        let agreements = || {
            let lines = audit.lines().unwrap();
            lines
                .iter()
                .filter(|line| line["event"] == "consent_recorded")
                .count()
        };
        let sp = world.service(service).unwrap();
        let start = sp.request(changes).unwrap();
        let (mut browser, page) = world.outcome(&start, "boussole", "angela").await.unwrap();
        let form = page.page.form().unwrap().with("consent", "yes");
        let asked = form.with("receipt", "yes");
        assert_eq!(agreements(), 0);

        let mut receipts = Vec::new();
        for _ in 0..3 {
            let first = browser.submit(&page, &asked).await.unwrap();
            let shown = browser.follow(first, "https://").await.unwrap();
            assert_eq!(agreements(), 1, "the trace comes first");
            receipts.push(receipt(&shown));
            world.clock.pass(std::time::Duration::from_secs(61));
            let again = browser.get(&page.url).await.unwrap();
            receipts.push(receipt(&browser.follow(again, "https://").await.unwrap()));
        }
        let review = page.page.form().unwrap().action;
        let shown = browser.get(&world.url(&review).unwrap()).await.unwrap();

        // There is no way back from a receipt that says that the citizen agreed.
        for name in ["cancel", "", "idp/citadelle"] {
            let path = review.replace("review", name);
            let back = browser.get(&world.url(&path).unwrap()).await.unwrap();
            let location = back.header("location").unwrap();
            assert!(location.ends_with("/review"), "{name}: {location}");
        }
        let left = browser.submit(&shown, &shown.page.form().unwrap()).await;
        let authentication = left.unwrap().page.refresh().unwrap();
        let (tokens, _) = sp
            .redeem(hub_tests::Returned::from(&authentication.parse().unwrap()).get("code"))
            .await
            .unwrap();

        assert_eq!(agreements(), 1);
        receipts.dedup();
        assert_eq!(receipts.len(), 1, "{service}: one receipt");
        let of_service = tokens["consent_receipt"].as_str();
        assert_eq!(
            of_service,
            (service == "canteen").then_some(receipts[0].as_str())
        );
        let text = shown.page.html();
        assert!(text.contains("download=\"receipt.txt\""));
        assert!(
            text.contains("data:text/plain;charset&#x3D;utf-8,")
                || text.contains("data:text/plain;charset=utf-8,")
        );
        assert!(claims_of(&receipts[0]).unwrap()["jti"].is_string());
    }
}

#[actix_web::test]
async fn a_receipt_holds_the_warning_of_the_page_without_the_idp() {
    let scope = [("scope", "openid login")];
    for (language, warns, account, rest) in [
        (
            "fr",
            "permet au service de reconnaître",
            "[le compte que vous avez choisi]",
            "Rien d’autre ne sera transmis.",
        ),
        (
            "en",
            "lets the service recognise",
            "[the account that you chose]",
            "Nothing else will be passed on.",
        ),
    ] {
        let world = World::open_with(Opening {
            idps: vec![KEYCLOAK],
            ..Opening::default()
        })
        .unwrap();
        let sp = world.service("curious").unwrap();
        let mut texts = Vec::new();
        for scope in [&scope[..], &[("scope", "openid")]] {
            let start = sp.request(scope).unwrap();
            let mut browser = hub_tests::Browser::new().unwrap().speaking(language);
            let page = world.to_review(&mut browser, &start, "other", "angela");
            let page = page.await.unwrap();
            let form = page.page.form().unwrap().with("receipt", "yes");
            let left = browser.submit(&page, &form).await.unwrap();
            let shown = browser.follow(left, "https://").await.unwrap();
            let claims = claims_of(&receipt(&shown)).unwrap();
            assert_eq!(claims["language"], language);
            texts.push(claims["text"].to_string());
        }

        let (warning, without) = (&texts[0], &texts[1]);
        assert!(
            warning.contains(warns) && warning.contains(account),
            "{warning}"
        );
        assert!(!without.contains(warns), "{without}");
        for text in &texts {
            assert!(text.contains(rest), "{text}");
            assert!(!text.to_lowercase().contains("porphyre"), "{text}");
        }
    }
}
