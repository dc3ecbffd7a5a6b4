//! What a service reads from whether the register of persons was asked.

use hub_tests::{World, WorldOptions};

const SILENT: &str = "allow_prompt_none = true\nclient_id";
const SILENT_AT_ONE: &str = "allow_prompt_none = true\nidps = { allow = [\"corail\"] }\nclient_id";
const SILENT_AT_OTHERS: &str =
    "allow_prompt_none = true\nidps = { deny = [\"corail\"] }\nclient_id";

/// The faults of a configuration whose register is asked with `lines`, and whose service `curious` has `entry`.
fn faults(lines: &'static str, entry: &'static str) -> String {
    let options = WorldOptions {
        sessions: true,
        edits: vec![
            ("hub.toml", "\n[register]\n", lines),
            ("services/curious.toml", "client_id", entry),
            ("services/canteen.toml", "allow_prompt_none = true\n", ""),
        ],
        ..WorldOptions::default()
    };
    match World::open_with(options) {
        Ok(_) => String::new(),
        Err(error) => format!("{error:#}"),
    }
}

#[actix_web::test]
async fn prompt_none_does_not_tell_whether_the_register_was_asked() {
    const ASKED_AGAIN: &str = "\n[register]\ncheck_sessions = true\n";
    const ASKED_ONCE: &str = "\n[register]\n";

    // The demonstration's Corail is checked against the register, the others are not.
    let mixed = faults(ASKED_AGAIN, SILENT);

    assert!(mixed.contains("services/curious.toml"), "{mixed}");
    assert!(mixed.contains("`check_sessions`"), "{mixed}");
    for (lines, entry) in [
        (ASKED_ONCE, SILENT),
        (ASKED_AGAIN, SILENT_AT_ONE),
        (ASKED_AGAIN, SILENT_AT_OTHERS),
        (ASKED_AGAIN, "client_id"),
    ] {
        assert_eq!(faults(lines, entry), "", "{lines} {entry}");
    }
}
