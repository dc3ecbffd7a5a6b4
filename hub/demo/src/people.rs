//! Fictitious people. Their communes and countries are real INSEE codes; nothing else about them is.

use serde_json::{Map, Value, json};

/// Somebody who does not exist, with an account at every demonstration identity provider.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// The account's name.
    pub username: &'static str,
    /// The account's password.
    pub password: &'static str,
    /// All given names.
    pub given_name: &'static str,
    /// Birth name.
    pub family_name: &'static str,
    /// Usage name, or empty.
    pub usage_name: &'static str,
    /// `female`, `male` or `unspecified`.
    pub gender: &'static str,
    /// Date of birth, unknown parts as `00`.
    pub birthdate: &'static str,
    /// INSEE commune, or empty.
    pub birthplace: &'static str,
    /// INSEE country.
    pub birthcountry: &'static str,
}

impl Person {
    /// The person of that name and password.
    #[must_use]
    pub fn with(username: &str, password: &str) -> Option<&'static Self> {
        PEOPLE
            .iter()
            .find(|person| person.username == username && person.password == password)
    }

    /// The person of that name.
    #[must_use]
    pub fn named(username: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.username == username)
    }

    /// What an identity provider says of them.
    #[must_use]
    pub fn claims(&self) -> Map<String, Value> {
        let claims = json!({
            "given_name": self.given_name,
            "family_name": self.family_name,
            "preferred_username": self.usage_name,
            "gender": self.gender,
            "birthdate": self.birthdate,
            "birthplace": self.birthplace,
            "birthcountry": self.birthcountry,
            "email": format!("{}@personne.example", self.username),
            "email_verified": true,
        });
        claims.as_object().cloned().unwrap_or_default()
    }
}

/// Everybody.
pub const PEOPLE: [Person; 8] = [
    Person {
        username: "angela",
        password: "papaye",
        given_name: "Angela Claire Louise",
        family_name: "DUBOIS",
        usage_name: "",
        gender: "female",
        birthdate: "1962-08-24",
        birthplace: "75107",
        birthcountry: "99100",
    },
    Person {
        username: "sosefo",
        password: "corail",
        given_name: "Sosefo Jean-Marie",
        family_name: "TAUHAVILI",
        usage_name: "",
        gender: "male",
        birthdate: "1988-03-02",
        birthplace: "98818",
        birthcountry: "99100",
    },
    Person {
        username: "helene",
        password: "niaouli",
        given_name: "Hélène",
        family_name: "D’AUBIGNÉ",
        usage_name: "LE ROY",
        gender: "female",
        birthdate: "1975-12-31",
        birthplace: "2A004",
        birthcountry: "99100",
    },
    Person {
        username: "jean",
        password: "sakura",
        given_name: "Jean",
        family_name: "FLEURET",
        usage_name: "",
        gender: "male",
        birthdate: "1992-11-00",
        birthplace: "",
        birthcountry: "99217",
    },
    Person {
        username: "eleni",
        password: "olive",
        given_name: "Ελένη",
        family_name: "ΠΑΠΑΔΟΠΟΎΛΟΥ",
        usage_name: "",
        gender: "female",
        birthdate: "1990-01-15",
        birthplace: "",
        birthcountry: "99126",
    },
    Person {
        username: "minh",
        password: "lotus",
        given_name: "Thị Minh Khai",
        family_name: "NGUYỄN",
        usage_name: "",
        gender: "female",
        birthdate: "1958-00-00",
        birthplace: "",
        birthcountry: "99243",
    },
    Person {
        username: "camille",
        password: "cagou",
        given_name: "Camille",
        family_name: "DUPONT--DURAND",
        usage_name: "DUPONT",
        gender: "unspecified",
        birthdate: "2001-02-28",
        birthplace: "97411",
        birthcountry: "99100",
    },
    Person {
        username: "karim",
        password: "jasmin",
        given_name: "Karim Mohamed",
        family_name: "BEN SALAH",
        usage_name: "",
        gender: "male",
        birthdate: "1959-06-18",
        birthplace: "",
        birthcountry: "99352",
    },
];
