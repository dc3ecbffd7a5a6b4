//! The list of endpoints that tests go over is the router's.

use std::{collections::BTreeSet, fs};

use hub_tests::{ENDPOINTS, OPERATIONS};

use crate::architecture::{root, sources};

/// Every path in the router's text: string literals that begin with a slash, below the issuer's path.
fn routed() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("hub/server/src/router.rs")).unwrap();
    let code = text.lines().filter(|line| !line.trim().starts_with("//"));
    let code: String = code.collect::<Vec<_>>().join("\n");
    code.split('"')
        .skip(1)
        .step_by(2)
        .map(|literal| {
            let below = literal.replace("{base}", "");
            below.replace("{{", "{").replace("}}", "}")
        })
        .filter(|literal| literal.starts_with('/'))
        .collect()
}

#[test]
fn every_path_of_the_router_is_in_the_list_of_endpoints() {
    let listed = ENDPOINTS.iter().map(|endpoint| endpoint.path);
    let listed: BTreeSet<String> = listed.chain(OPERATIONS).map(str::to_owned).collect();

    assert_eq!(listed, routed());
}

#[test]
fn no_other_file_adds_a_path() {
    for (file, text) in sources("hub/server/src") {
        let adds = ["web::resource(", "web::scope(", ".route(\""];
        let found = adds.iter().find(|call| text.contains(**call));
        assert!(
            found.is_none() || file.ends_with("src/router.rs"),
            "{file} has {found:?}"
        );
    }
}
