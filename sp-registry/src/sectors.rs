//! Services that share a sector.
//!
//! Services in one sector receive the same `sub` for one person, so two organisations in one sector
//! could combine their data about the person. Called by `lib.rs`.

use std::collections::BTreeSet;

use hub_core::localised::{Localised, plain};
use hub_document::ConfigProblem;

use crate::ServiceProvider;

/// Returns the problems of shared sectors.
///
/// There is one for each service that shares a sector with a service of another organisation without
/// naming it, and one for each named service that is not in the sector.
pub(crate) fn shared_in_error(services: &[(String, ServiceProvider)]) -> Vec<ConfigProblem> {
    let pairs = services.iter().flat_map(|(file, service)| {
        let others = services.iter();
        let others = others.filter(|(_, other)| other.client_id != service.client_id);
        others.map(move |(_, other)| (file, service, other))
    });
    let unnamed = pairs.filter(|(_, service, other)| {
        service.sector == other.sector
            && !is_one_organisation(&service.organisation, &other.organisation)
            && !service.shares_sector_with.contains(&other.client_id)
    });
    let unnamed = unnamed.map(|(file, service, other)| {
        let message = format!(
            "the sector `{}` is also the sector of `{}`, which is of another organisation: both would receive \
             the same `sub` for one person. Choose another sector, or accept this and add \
             shares_sector_with = [\"{}\"] to both files",
            service.sector.as_str(),
            other.client_id,
            other.client_id
        );
        ConfigProblem::of_file(file, message)
    });
    unnamed.chain(named_in_error(services)).collect()
}

fn named_in_error(services: &[(String, ServiceProvider)]) -> impl Iterator<Item = ConfigProblem> {
    services.iter().flat_map(|(file, service)| {
        let in_sector = services.iter();
        let in_sector = in_sector.filter(|(_, other)| other.sector == service.sector);
        let in_sector: BTreeSet<_> = in_sector.map(|(_, other)| &other.client_id).collect();
        let named = service.shares_sector_with.iter();
        let wrong = named.filter(move |id| !in_sector.contains(id) || **id == service.client_id);
        wrong.map(move |id| {
            let message = format!(
                "`shares_sector_with` names `{id}`, which is not another service with the sector `{}`: remove it",
                service.sector.as_str()
            );
            ConfigProblem::of_file(file, message)
        })
    })
}

/// Whether two names belong to one organisation: equal in every language, ignoring case and accents.
fn is_one_organisation(one: &Localised, other: &Localised) -> bool {
    let names =
        |name: &Localised| -> Vec<String> { name.all().map(|text| plain(text.trim())).collect() };
    names(one) == names(other)
}

#[cfg(test)]
mod tests {
    use crate::Registry;

    fn service(id: &str, organisation: &str, own: &str) -> String {
        format!(
            "client_id = \"{id}\"\nname = \"Service {id}\"\norganisation = {organisation}\n\
             eligibility = \"administration\"\nstatus = \"sandbox\"\nkind = \"public\"\n\
             service_url = \"https://{id}.example/\"\nredirect_uris = [\"https://{id}.example/cb\"]\n\
             scopes = [\"openid\"]\n{own}\n[authentication]\nmethod = \"none\"\n"
        )
    }

    fn problems(services: &[(&str, &str, &str)]) -> Vec<String> {
        let read = |(id, organisation, own): &(&str, &str, &str)| {
            let file = format!("{id}.toml");
            let service = Registry::read_service(&file, &service(id, organisation, own), &[]);
            (file, service.unwrap())
        };
        let registry = Registry::new(services.iter().map(read).collect(), vec![]);
        let problems = registry.err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect()
    }

    const CITY: &str = "{ fr = \"Ville de Test\", en = \"City of Test\" }";

    #[test]
    fn services_of_one_organisation_may_share_a_sector() {
        let own = "sector = \"test.example\"";

        assert!(problems(&[("a", CITY, own), ("b", CITY, own)]).is_empty());
        let one = ("a", "\"Ville de Tést\"", own);
        assert!(problems(&[one, ("b", "\"VILLE DE TEST\"", own)]).is_empty());
    }

    #[test]
    fn two_organisations_in_one_sector_are_reported_for_both_files() {
        let own = "sector = \"test.example\"";
        let problems = problems(&[("a", CITY, own), ("b", "\"Mutuelle\"", own)]);

        assert_eq!(problems.len(), 2);
        assert!(
            problems[0].starts_with("a.toml: the sector `test.example` is also the sector of `b`")
        );
        assert!(
            problems[1].ends_with("add shares_sector_with = [\"a\"] to both files"),
            "{problems:?}"
        );
    }

    #[test]
    fn two_organisations_may_share_a_sector_if_each_entry_names_the_other() {
        let own =
            |other: &str| format!("sector = \"test.example\"\nshares_sector_with = [\"{other}\"]");
        let (a, b) = (own("b"), own("a"));

        assert!(problems(&[("a", CITY, &a), ("b", "\"Mutuelle\"", &b)]).is_empty());
        let sector_only = "sector = \"test.example\"";
        assert_eq!(
            problems(&[("a", CITY, &a), ("b", "\"Mutuelle\"", sector_only)]).len(),
            1
        );
        // No entry names the third organisation.
        let third = ("c", "\"Banque\"", sector_only);
        assert_eq!(
            problems(&[("a", CITY, &a), ("b", "\"Mutuelle\"", &b), third]).len(),
            4
        );
    }

    #[test]
    fn a_named_service_outside_the_sector_is_reported() {
        let a = "sector = \"a.example\"\nshares_sector_with = [\"b\", \"gone\", \"a\"]";
        let problems = problems(&[("a", CITY, a), ("b", CITY, "sector = \"b.example\"")]);

        assert_eq!(problems.len(), 3, "{problems:?}");
    }
}
