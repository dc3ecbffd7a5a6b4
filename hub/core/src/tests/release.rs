use std::collections::BTreeSet;

use crate::{release::named_on_pages, scope::Claim};

#[test]
fn of_every_set_of_claims_a_page_names_all_but_what_another_name_says() {
    for number in 0..1_usize << Claim::ALL.len() {
        let all = Claim::ALL.into_iter().enumerate();
        let claims: BTreeSet<Claim> = all
            .filter(|(place, _)| number >> place & 1 == 1)
            .map(|(_, claim)| claim)
            .collect();
        let named: BTreeSet<Claim> = named_on_pages(&claims).collect();

        for left_out in claims.difference(&named) {
            let said_with = if *left_out == Claim::GivenNameArray {
                Claim::GivenName
            } else {
                assert_eq!(*left_out, Claim::EmailVerified, "{claims:?}");
                Claim::Email
            };
            assert!(named.contains(&said_with), "{claims:?}");
        }
        assert!(named.is_subset(&claims));
    }
}
