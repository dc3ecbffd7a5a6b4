use std::{collections::BTreeSet, time::Duration};

use serde_json::json;

use super::{Counting, TODAY, evidence};
use crate::{
    acr::{Level, Vocabulary},
    clock::Timestamp,
    identity::{DateForm, PivotIdentity},
    login::{
        AgreedLogin, Answered, Attempt, Authentication, AuthorizationResponse, FailureCause,
        Identified, LegalBasis, Login, Request, Requested, ResponseMode, StageError, Upstream,
    },
    oauth_error::OAuthError,
    proof::Verified,
    redirect_uri::{RedirectUri, VerifiedRedirect},
    scope::Scope,
    subject::{PivotTrust, SubjectKeys},
};

const END: Timestamp = Timestamp::from_unix(TODAY.unix() + 1800);

fn redirect() -> VerifiedRedirect {
    let registered = [RedirectUri::parse("https://town-hall.example/cb").unwrap()];
    VerifiedRedirect::among(&registered, "https://town-hall.example/cb", false).unwrap()
}

fn request(level: Level, max_age: Option<u32>) -> Request {
    let scopes = BTreeSet::from([Scope::Openid, Scope::FamilyName]);
    Request {
        client: "town-hall".parse().unwrap(),
        redirect: redirect(),
        mode: ResponseMode::Query,
        state: Some("s t".into()),
        nonce: Some("n".into()),
        challenge: None,
        single_claims: BTreeSet::new(),
        warnings: Vec::new(),
        scopes,
        id_token: BTreeSet::new(),
        level,
        vocabulary: Vocabulary::Eidas,
        max_age,
        expected_sub: None,
        locale: "fr".into(),
        data: Vec::new(),
        transaction: String::new(),
    }
}

fn upstream(level: Level, max_age: Option<u32>) -> Upstream {
    let attempt = Attempt::draw("post".parse().unwrap(), TODAY, &Counting::default());
    Requested::new(request(level, max_age), END)
        .start_attempt(attempt, TODAY)
        .unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test plays the adapter that checked"
)]
fn authentication(
    level: Level,
    auth_time: impl Into<Option<Timestamp>>,
) -> Verified<Authentication> {
    let claims = json!({
        "given_name": "Angela", "family_name": "DUBOIS", "birthdate": "1962-08-24",
        "gender": "female", "birthplace": "75107", "birthcountry": "99100", "email": "a@example.org",
    });
    Verified::assert_verified(Authentication {
        identity: PivotIdentity::read(claims.as_object().unwrap(), TODAY).identity,
        evidence: evidence(PivotTrust::Verified, true),
        former: Vec::new(),
        upstream: None,
        level,
        auth_time: auth_time.into(),
    })
}

fn identified() -> Identified {
    upstream(Level::Eidas1, None)
        .identify(authentication(Level::Eidas2, TODAY), TODAY)
        .unwrap()
}

#[test]
fn an_expired_login_refuses_every_transition() {
    let attempt = Attempt::draw("post".parse().unwrap(), TODAY, &Counting::default());
    let departed = Requested::new(request(Level::Eidas1, None), END).start_attempt(attempt, END);
    let waiting = upstream(Level::Eidas1, None);
    let returned = waiting.expects(&"post".parse().unwrap(), &waiting.attempt().id, END);
    let agreed = identified().agree(LegalBasis::Information.agreement(None).unwrap(), END);

    assert_eq!(departed.unwrap_err(), StageError::Expired);
    assert_eq!(returned, Err(StageError::Expired));
    assert_eq!(agreed.unwrap_err(), StageError::Expired);
}

#[test]
fn an_answer_belongs_to_the_last_attempt_and_its_idp() {
    let waiting = upstream(Level::Eidas1, None);
    let id = waiting.attempt().id;

    assert_eq!(
        waiting.expects(&"post".parse().unwrap(), &id, TODAY),
        Ok(())
    );
    assert_eq!(
        waiting.expects(&"bank".parse().unwrap(), &id, TODAY),
        Err(StageError::OtherAttempt)
    );
    assert_eq!(
        waiting.expects(&"post".parse().unwrap(), &[0; 16], TODAY),
        Err(StageError::OtherAttempt)
    );
}

#[test]
fn a_level_below_the_requested_one_is_refused() {
    for asked in Level::ALL {
        for given in Level::ALL {
            let outcome = upstream(asked, None).identify(authentication(given, TODAY), TODAY);

            assert_eq!(outcome.is_ok(), given >= asked, "{given:?} for {asked:?}");
            if let Err(cause) = outcome {
                assert_eq!(cause, FailureCause::LevelTooLow);
            }
        }
    }
}

#[test]
fn an_authentication_older_than_allowed_is_refused() {
    let hour_ago = Timestamp::from_unix(TODAY.unix() - 3600);
    let outcome = |max_age| {
        upstream(Level::Eidas1, max_age).identify(authentication(Level::Eidas1, hour_ago), TODAY)
    };

    assert_eq!(outcome(Some(600)).unwrap_err(), FailureCause::Stale);
    assert_eq!(outcome(Some(0)).unwrap_err(), FailureCause::Stale);
    assert!(outcome(Some(3600)).is_ok());
    assert!(outcome(None).is_ok());
}

#[test]
fn an_authentication_made_during_the_attempt_is_fresh() {
    let ten_minutes_on = Timestamp::from_unix(TODAY.unix() + 600);
    let outcome = upstream(Level::Eidas1, Some(0))
        .identify(authentication(Level::Eidas1, TODAY), ten_minutes_on);

    assert!(outcome.is_ok());
}

#[test]
fn an_authentication_of_unknown_age_fails_a_max_age_request() {
    let outcome = |max_age| {
        upstream(Level::Eidas1, max_age).identify(authentication(Level::Eidas1, None), TODAY)
    };

    assert_eq!(outcome(Some(3600)).unwrap_err(), FailureCause::Stale);
    assert!(outcome(None).is_ok());
}

#[test]
fn consent_needs_the_ticked_box_and_information_does_not() {
    assert!(LegalBasis::Information.agreement(None).is_some());
    assert!(LegalBasis::Consent.agreement(Some("yes")).is_some());
    for unticked in [None, Some(""), Some("no"), Some("on")] {
        assert!(LegalBasis::Consent.agreement(unticked).is_none());
    }
}

#[test]
fn a_grant_holds_only_the_requested_claims() {
    let agreed = identified()
        .agree(LegalBasis::Information.agreement(None).unwrap(), TODAY)
        .unwrap();
    let keys = SubjectKeys::new([1; 32], [2; 32]);

    let granted = agreed.grant(
        &keys,
        (&"town-hall.example".parse().unwrap(), DateForm::Zero),
        &[],
    );

    let record = serde_json::to_string(&granted).unwrap();
    assert_eq!(json!(granted.claims), json!({"family_name": "DUBOIS"}));
    for forgotten in [
        "Angela",
        "1962",
        "75107",
        "a@example.org",
        "idp.example",
        "post",
    ] {
        assert!(!record.contains(forgotten), "{forgotten} in {record}");
    }
}

#[test]
fn going_back_to_the_choice_drops_the_identity() {
    let again = identified().back_to_choice();

    let record = serde_json::to_string(&again).unwrap();
    assert!(!record.contains("DUBOIS"), "{record}");
}

#[test]
fn a_response_carries_state_and_issuer_to_the_redirect_uri() {
    let request = request(Level::Eidas1, None);
    let refusal = request.refuse(OAuthError::AccessDenied, "no", Some("https://hub.example"));
    let code = AuthorizationResponse::code((redirect(), ResponseMode::Query), None, "c", None);

    assert_eq!(
        refusal.location(),
        "https://town-hall.example/cb?error=access_denied&error_description=no&state=s+t\
         &iss=https%3A%2F%2Fhub.example"
    );
    assert_eq!(code.location(), "https://town-hall.example/cb?code=c");
}

#[test]
fn every_stage_survives_serialisation() {
    let waiting = upstream(Level::Eidas1, None);
    let stages = [
        Login::Requested(waiting.clone().fail(FailureCause::Declined, "incident")),
        Login::Upstream(waiting),
        Login::Verifying,
        Login::Identified(Box::new(identified())),
        Login::Agreed(Box::new(AgreedLogin::new(
            (identified(), identified()),
            (LegalBasis::Information.agreement(None).unwrap(), TODAY),
            "the receipt".into(),
            "the form".into(),
            true,
        ))),
        Login::Answered(Answered::new(
            request(Level::Eidas1, None).refuse(OAuthError::ServerError, "x", None),
            "the form",
            None,
            None,
        )),
    ];
    for stage in stages {
        let record = serde_json::to_string(&stage).unwrap();
        let again: Login = serde_json::from_str(&record).unwrap();

        assert_eq!(serde_json::to_string(&again).unwrap(), record);
    }
}

#[test]
fn the_time_since_a_later_instant_is_zero() {
    assert_eq!(TODAY.since(END), Duration::ZERO);
    assert_eq!(END.since(TODAY), Duration::from_secs(1800));
    assert_eq!(TODAY.plus(Duration::from_secs(1800)), END);
    assert_eq!(TODAY.date(), (2026, 11, 21));
    assert_eq!(
        TODAY.plus(Duration::from_secs(49_020)).to_string(),
        "2026-11-21 13:37 UTC"
    );
}
