//! Text of others that is more than it looks.

use hub_tests::{Answer, Browser, RelyingParty, World};

/// A citizen who signs in at `idp` as the person that `changes` describe; what the hub shows then.
async fn described(
    sp: &RelyingParty,
    browser: &mut Browser,
    idp: &str,
    changes: &[(&str, &str)],
) -> Answer {
    let answer = browser.visit(&sp.authorization_url(&[])).await;
    let choice = browser.follow_redirects(answer, "https://").await;
    let departure = browser.click_link(&choice, &format!("idp/{idp}")).await;
    let sign_in = browser.follow_redirects(departure, "https://").await;
    let usual = [
        ("describe", "yes"),
        ("given_name", "Angela Claire"),
        ("family_name", "DUBOIS"),
        ("gender", "female"),
        ("birthdate", "1962-08-24"),
        ("birthplace", "75107"),
        ("birthcountry", "99100"),
        ("preferred_username", "ROY"),
        ("email", "angela@personne.example"),
    ];
    let form = sign_in.page.first_form();
    let form = usual
        .iter()
        .chain(changes)
        .fold(form, |form, (name, value)| form.with(name, value));
    let back = browser.submit_form(&sign_in, &form).await;
    browser.follow_redirects(back, "https://").await
}

/// The code of the page that comes of it, if it is an error.
async fn code(idp: &str, changes: &[(&str, &str)]) -> Option<String> {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("curious");
    let answer = described(&sp, &mut browser, idp, changes).await;
    answer.page.code()
}

#[actix_web::test]
async fn a_name_with_a_character_that_nobody_sees_identifies_nobody() {
    assert_eq!(code("boussole", &[]).await, None);
    for name in [
        "Ange\0la\r\nX-Evil: 1",
        "DU\u{202e}BOIS",
        "DU\u{200b}BOIS",
        "\u{200b}",
        "\u{3164}",
        "DU\u{2028}BOIS",
        "-",
    ] {
        let outcome = code("boussole", &[("family_name", name)]).await;
        assert_eq!(outcome.as_deref(), Some("L3005"), "{name:?}");
    }
    let outcome = code("boussole", &[("birthdate", "1849-01-01")]).await;
    assert_eq!(outcome.as_deref(), Some("L3005"));
}

#[actix_web::test]
async fn a_hidden_character_in_any_attribute_reaches_no_page_and_no_token() {
    let world = World::start();
    let hidden = [
        "\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "\u{7}", "\u{2028}",
    ];
    for bad in hidden {
        let mut browser = Browser::open();
        let sp = world.sp("curious");
        let text = format!("EVIL{bad}CODE");
        let email = format!("evil{bad}code@personne.example");
        let changes = [("preferred_username", text.as_str()), ("email", &email)];
        let review = described(&sp, &mut browser, "ardoise", &changes).await;
        assert_eq!(review.page.code(), None);
        let html = review.page.html().to_owned();
        let authentication = world.consent(&mut browser, &review).await;
        let (id_token, userinfo) = sp.fetch_claims(&authentication).await;

        assert_eq!(userinfo.get("preferred_username"), None, "{bad:?}");
        assert_eq!(userinfo.get("email"), None, "{bad:?}");
        for seen in [html, id_token.to_string(), userinfo.to_string()] {
            assert!(
                !seen.contains(bad) && !seen.contains("EVIL"),
                "{bad:?}: {seen}"
            );
        }
    }
}

#[actix_web::test]
async fn an_email_address_that_is_more_than_an_address_is_not_released() {
    let world = World::start();
    for email in [
        "a@x.example>,<b@y.example",
        "\"a\"@x.example",
        "Angela <a@x.example>",
        "a@x.example,b@y.example",
        "a@x.example\r\nBcc: b@y.example",
    ] {
        let mut browser = Browser::open();
        let sp = world.sp("curious");
        let changes = [("email", email)];
        let review = described(&sp, &mut browser, "boussole", &changes).await;
        let authentication = world.consent(&mut browser, &review).await;
        let (_, userinfo) = sp.fetch_claims(&authentication).await;

        assert_eq!(userinfo.get("email"), None, "{email:?}");
        assert_eq!(userinfo.get("email_verified"), None, "{email:?}");
    }
}

#[actix_web::test]
async fn a_text_that_runs_from_right_to_left_moves_nothing_around_it() {
    let world = World::start();
    let mut browser = Browser::open();
    let sp = world.sp("curious");
    let changes = [("preferred_username", "ישראלי")];
    let review = described(&sp, &mut browser, "ardoise", &changes).await;

    let html = review.page.html();
    assert!(html.contains("<bdi>ישראלי</bdi>"), "{html}");
    assert!(html.contains("<bdi>Service curious</bdi>"), "{html}");
    assert!(html.contains("<bdi>Ardoise</bdi>"), "{html}");
}
