use crate::upstream_sid::UpstreamSid;

#[test]
fn a_sid_of_128_random_bits_is_used() {
    for sid in [
        // The format of Keycloak: a UUID.
        "5f0e6a0c-7a1d-4e7b-9d43-0c2f8b6a1e95",
        "9F86D081884C7D659A2FEAA0C55AD015",
        // 16 and 32 bytes in base64url, and in base64 with padding.
        "q83vEjRWeJCrze8SNFZ4kA",
        "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",
        "q83vEjRWeJCrze8SNFZ4kA==",
    ] {
        assert_eq!(UpstreamSid::parse(sid).unwrap().as_str(), sid);
    }
}

#[test]
fn a_guessable_sid_is_not_used() {
    for sid in [
        "",
        "1",
        "session-17",
        "account-of-angela",
        "angela.claire.louise.dubois.1962@post.example",
        "account-of-angela-claire-louise-dubois",
        // 31 hexadecimal digits, 21 characters of base64.
        "9f86d081884c7d659a2feaa0c55ad01",
        "q83vEjRWeJCrze8SNFZ4k",
        // A padded counter, and a repetition.
        "00000000-0000-0000-0000-000000001234",
        "AaAaAaAaAaAaAaAaAaAaAaAaAa",
        "20261124174608202611241746082026",
    ] {
        assert!(UpstreamSid::parse(sid).is_none(), "{sid}");
    }
    assert!(UpstreamSid::parse(&"aB3dE5gH7j".repeat(30)).is_none());
}

#[test]
fn a_sid_that_contains_the_account_is_not_used() {
    let sid = "AngelaClaireLouiseDubois1962";

    assert!(UpstreamSid::of_account(sid, "other").is_some());
    assert!(UpstreamSid::of_account(sid, "angelaclairelouisedubois").is_none());
    assert!(format!("{:?}", UpstreamSid::parse(sid)).contains("hidden"));
}
