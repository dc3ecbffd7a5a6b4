use hub_document::Document;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// 2026-11-21T00:00:00Z.
const TODAY: Timestamp = Timestamp::from_unix(1_795_219_200);

fn mapping(rules: &str) -> Mapping {
    try_mapping(rules).unwrap()
}

fn try_mapping(rules: &str) -> Result<Mapping, Vec<String>> {
    let text = format!("[mapping]\n{rules}\n");
    Document::read("idps/a.toml", &text, |root| {
        root.section("mapping", Mapping::read)
    })
    .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn apply(rules: &str, claims: &Value) -> Value {
    Value::Object(mapping(rules).apply(claims.as_object().unwrap(), TODAY))
}

#[test]
fn an_attribute_without_a_rule_is_the_claim_of_the_same_name() {
    let claims = json!({"family_name": "DUBOIS", "nickname": "x"});

    assert_eq!(apply("", &claims), claims);
}

#[test]
fn a_rule_renames_reads_nested_objects_and_takes_the_first_present_claim() {
    let claims = json!({
        "nom": "DUBOIS", "family_name": "usage", "place_of_birth": {"country": "FR"},
        "urn:x.y": "in the name", "empty": " ", "null": null,
    });

    let mapped = apply(
        "family_name = \"nom\"\nbirthcountry = \"place_of_birth.country\"\nlogin = \"urn:x.y\"\n\
         email = [\"empty\", \"null\", \"missing\", \"nom\"]\ngender = \"place_of_birth.sex\"",
        &claims,
    );

    assert_eq!(mapped["family_name"], "DUBOIS");
    assert_eq!(mapped["birthcountry"], "FR");
    assert_eq!(mapped["login"], "in the name");
    assert_eq!(mapped["email"], "DUBOIS");
    assert_eq!(mapped.get("gender"), None);
}

#[test]
fn a_constant_applies_to_every_person_and_an_absent_attribute_to_none() {
    let mapped = apply(
        "birthcountry = { constant = \"FR\" }\npreferred_username = { absent = true }",
        &json!({"birthcountry": "99352", "preferred_username": "account"}),
    );

    assert_eq!(mapped, json!({"birthcountry": "FR"}));
}

#[test]
fn given_names_are_split_or_taken_from_a_list() {
    let split = "given_name = { from = \"prenoms\", split = \",\" }";
    let list = "given_name = \"prenoms\"";

    assert_eq!(
        apply(
            split,
            &json!({"prenoms": "Anne Marie, Jean-Paul,,", "given_name_array": ["X"]})
        ),
        json!({"prenoms": "Anne Marie, Jean-Paul,,", "given_name_array": ["Anne Marie", "Jean-Paul"]})
    );
    assert_eq!(
        apply(
            list,
            &json!({"prenoms": ["Anne Marie", "Paul"], "given_name": "X"})
        )["given_name_array"],
        json!(["Anne Marie", "Paul"])
    );
}

#[test]
fn dates_are_read_by_their_form_and_reduced_to_the_known_parts() {
    let form = |form: &str, sent: &str| {
        let rule = format!("birthdate = {{ from = \"dob\", form = \"{form}\" }}");
        apply(&rule, &json!({"dob": sent}))["birthdate"].clone()
    };
    assert_eq!(form("DD/MM/YYYY", "24/08/1962"), "1962-08-24");
    assert_eq!(form("YYYYMMDD", " 19620824 "), "1962-08-24");
    assert_eq!(form("MM.DD.YYYY", "08.24.1962"), "1962-08-24");
    // A value of another form is kept for the reader to refuse.
    for wrong in [
        "24-08-1962",
        "24/08/62",
        "24/08/1962x",
        "é4/08/1962",
        "24/O8/1962",
        "24/08/19b2",
    ] {
        assert_eq!(form("DD/MM/YYYY", wrong), wrong);
    }

    let precise = |precision: Value| {
        let rule = "birthdate = { from = \"dob\", form = \"DD/MM/YYYY\", precision = \"known\" }";
        apply(rule, &json!({"dob": "31/12/1958", "known": precision}))["birthdate"].clone()
    };
    assert_eq!(precise(json!("year")), "1958-00-00");
    assert_eq!(precise(json!("month")), "1958-12-00");
    // Without a declaration of unknown parts, 31 December is an ordinary date.
    for all in [json!("day"), json!(null), json!("perhaps")] {
        assert_eq!(precise(all), "1958-12-31");
    }
    assert_eq!(
        apply("birthdate = \"dob\"", &json!({"dob": 1958}))["birthdate"],
        1958
    );
}

#[test]
fn a_pattern_has_each_part_exactly_once() {
    for wrong in [
        "YYMMDDYY",
        "YYYYMM",
        "DD/MM/YYYY MM",
        "YYYY-MM-DD whenever it was",
        "",
    ] {
        assert!(Pattern::parse(wrong).is_err(), "{wrong}");
    }
    for good in ["YYYY-MM-DD", "DD.MM.YYYY", "YYYYMMDD"] {
        assert!(Pattern::parse(good).is_ok(), "{good}");
    }
}

#[test]
fn a_rule_for_one_attribute_does_not_change_the_others() {
    let claims =
        json!({"nom": "DUBOIS", "given_name_array": ["Angela"], "prenoms": "Angela Claire"});

    let mapped = apply("family_name = \"nom\"", &claims);
    assert_eq!(mapped["given_name_array"], json!(["Angela"]));
    let mapped = apply(
        "given_name = \"prenoms\"\naddress = \"given_name_array\"",
        &claims,
    );
    assert_eq!(mapped["given_name"], "Angela Claire");
    assert_eq!(mapped.get("given_name_array"), None);
    assert_eq!(mapped["address"], json!(["Angela"]));
}

#[test]
fn codes_are_translated_and_an_unknown_code_is_refused_by_the_reader() {
    let rule = "gender = { from = \"sex\", codes = { 1 = \"male\", 2 = \"female\" } }";
    let read = |sent: Value| {
        let mapped = mapping(rule).apply(json!({"sex": sent}).as_object().unwrap(), TODAY);
        let reading = PivotIdentity::read(&mapped, TODAY);
        (
            reading
                .identity
                .gender
                .map(hub_core::identity::Gender::as_str),
            reading.errors.len(),
        )
    };

    assert_eq!(read(json!("1")), (Some("male"), 0));
    assert_eq!(read(json!(2)), (Some("female"), 0));
    assert_eq!(read(json!("9")), (None, 1));
    assert_eq!(read(json!([1])), (None, 1));
    assert_eq!(
        apply(
            "email_verified = { from = \"mail_ok\", codes = { yes = \"true\" } }",
            &json!({"mail_ok": "yes"})
        )["email_verified"],
        "true"
    );
}

#[test]
fn a_national_telephone_number_is_read_by_the_regions_of_the_entry() {
    let read = |rule: &str, sent: &str| {
        let rule = format!("phone_number = {rule}");
        let claims = json!({"tel": sent, "phone_number": sent});
        let mapped = mapping(&rule).apply(claims.as_object().unwrap(), TODAY);
        PivotIdentity::read(&mapped, TODAY)
            .identity
            .contact
            .phone_number
    };
    let france = "{ from = \"tel\", region = [\"FR\", \"GP\", \"RE\"] }";
    let caledonia = "{ from = \"tel\", region = \"NC\" }";

    for (rule, sent, written) in [
        (france, "06.12.34.56.78", Some("+33612345678")),
        (france, "0690 12 34 56", Some("+590690123456")),
        (france, "+687 25 12 34", Some("+687251234")),
        (france, "25 12 34", None),
        (caledonia, "25 12 34", Some("+687251234")),
        (caledonia, "+33 6 12 34 56 78", Some("+33612345678")),
        (caledonia, "06.12.34.56.78", None),
        ("\"tel\"", "06.12.34.56.78", None),
        ("\"tel\"", "+33 6.12.34.56.78", Some("+33612345678")),
    ] {
        assert_eq!(read(rule, sent).as_deref(), written, "{rule} {sent}");
    }
}

#[test]
fn a_malformed_value_counts_as_absent_if_the_entry_says_so() {
    let rule = "birthplace = { from = \"birthplace\", otherwise = \"absent\" }";

    assert_eq!(apply(rule, &json!({"birthplace": "NOUMEA"})), json!({}));
    assert_eq!(apply(rule, &json!({"birthplace": "98800"})), json!({}));
    assert_eq!(
        apply(rule, &json!({"birthplace": "98818"})),
        json!({"birthplace": "98818"})
    );
}

#[test]
fn an_invalid_rule_is_reported_with_its_line_and_a_remedy() {
    let errors = try_mapping(
        "given_names = \"x\"\nfamily_name = { from = \"a\", constant = \"b\" }\n\
         gender = { codes = { M = \"male\" } }\nbirthdate = { from = \"d\", form = \"DD/MM\" }\n\
         email = { from = \"m\", form = \"YYYYMMDD\" }\nlogin = \"two words\"\nphone_number = 3\n\
         birthplace = { from = \"p\", otherwise = \"guess\" }",
    )
    .unwrap_err();

    assert_eq!(
        errors,
        [
            "idps/a.toml:2: `mapping.given_names`: unknown key: did you mean `given_name`?",
            "idps/a.toml:3: `mapping.family_name.from`: give one of `from`, `constant` and `absent = true`",
            "idps/a.toml:4: `mapping.gender.from`: give one of `from`, `constant` and `absent = true`",
            "idps/a.toml:5: `mapping.birthdate.form`: expected YYYY, MM and DD once each, \"DD/MM/YYYY\"",
            "idps/a.toml:6: `mapping.email.form`: unknown key: did you mean `from`?",
            "idps/a.toml:7: `mapping.login`: expected a claim name, with a dot before each nested name",
            "idps/a.toml:8: `mapping.phone_number`: expected a text, or a list of texts",
            "idps/a.toml:9: `mapping.birthplace.otherwise`: expected absent",
        ]
    );
}

#[test]
fn a_failed_example_is_reported_by_attribute_and_never_by_value() {
    let text = "[mapping]\nfamily_name = \"nom\"\n[[examples]]\nrefused = [\"gender\", \"email\"]\n\
                [examples.claims]\nnom = \"DUBOIS\"\ngiven_name = \"Angela\"\nbirthdate = \"x\"\n\
                gender = \"F\"\n[examples.identity]\nfamily_name = \"DURAND\"\n\
                birthcountry = \"99100\"\n";
    let differences = Document::read("a.toml", text, |root| {
        let mapping = root.section("mapping", Mapping::read)?;
        let examples = root.sections("examples", Example::read);
        Some(examples[0].differences(&mapping))
    })
    .unwrap();

    assert_eq!(
        differences,
        [
            "birthcountry",
            "family_name",
            "given_name",
            "birthdate (malformed)",
            "email (not refused)"
        ]
    );
}

proptest! {
    #[test]
    fn a_mapping_never_panics(text in "\\PC{0,30}", separator in "\\PC{1,3}") {
        let claims = json!({"a": text, "birthdate": text});
        let rules = [
            "birthdate = { from = \"a\", form = \"DD/MM/YYYY\", precision = \"birthdate\" }".to_owned(),
            format!("given_name = {{ from = \"a\", split = {} }}", json!(separator)),
        ];
        for rule in rules {
            if let Ok(mapping) = try_mapping(&rule) {
                let mapped = mapping.apply(claims.as_object().unwrap(), TODAY);
                prop_assert!(mapped.len() <= 3);
            }
        }
    }
}
