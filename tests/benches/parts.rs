//! What the parts of a login cost.
#![expect(
    clippy::expect_used,
    reason = "a measurement that cannot be set up has nothing to say"
)]
#![expect(missing_docs, reason = "Criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hub_core::{
    clock::Timestamp,
    entropy::SystemEntropy,
    identity::PivotIdentity,
    ids::{IdpId, LoginId},
    seal::{KeyPair, Sealer, ServerKey},
    secret::{BearerSecret, Handle},
    subject::{Basis, Evidence, PivotTrust, Source, SubjectKeys},
    ticket::{StateTicket, TicketSealer},
};
use hub_jose::{Algorithm, Keyring, SigningKey, TokenType, generate, verify};
use hub_templates::{Choice, Entry, Item, Language, Pages, Review};
use serde_json::json;

const NOW: Timestamp = Timestamp::from_unix(1_795_219_200);

fn keys() -> KeyPair {
    KeyPair::new(ServerKey::new([7; 32]), None)
}

fn sealing(c: &mut Criterion) {
    let (sealer, record) = (Sealer::new(keys()), vec![b'x'; 500]);
    let browser = BearerSecret::draw(&SystemEntropy);
    let handle = Handle::login(&browser, &LoginId::draw(&SystemEntropy));
    let stored = sealer
        .seal(&handle, &record, &SystemEntropy)
        .expect("seals");
    c.bench_function("seal a record of 500 bytes", |b| {
        b.iter(|| sealer.seal(black_box(&handle), &record, &SystemEntropy));
    });
    c.bench_function("open a record of 500 bytes", |b| {
        b.iter(|| sealer.open(black_box(&handle), &stored));
    });
}

fn tickets(c: &mut Criterion) {
    let office = TicketSealer::new(keys(), std::time::Duration::from_secs(1800));
    let idp: IdpId = "post".parse().expect("an IdP id");
    let ticket = StateTicket {
        login: LoginId::draw(&SystemEntropy),
        idp: idp.fingerprint(),
        attempt: [1; 16],
        made_at: NOW,
    };
    let text = office.seal_state(&ticket, &SystemEntropy).expect("issues");
    c.bench_function("seal a state ticket", |b| {
        b.iter(|| office.seal_state(&ticket, &SystemEntropy));
    });
    c.bench_function("open a state ticket", |b| {
        b.iter(|| office.open_state(black_box(&text), NOW));
    });
}

fn subjects(c: &mut Criterion) {
    let claims = json!({
        "given_name": "Angela Claire Louise", "family_name": "D’AUBIGNÉ", "gender": "female",
        "birthdate": "1962-08-24", "birthplace": "75107", "birthcountry": "99100",
    });
    let claims = claims.as_object().expect("an object");
    let keys = SubjectKeys::new([1; 32], [2; 32]);
    let sector = "sp.example".parse().expect("a sector");
    let evidence = Evidence {
        source: Source {
            issuer: String::new(),
            sub: String::new(),
        },
        trust: PivotTrust::Verified,
        pivot_counts: true,
        register_found: false,
        register_number: None,
        eidas: None,
    };
    c.bench_function("read an identity and derive its sub", |b| {
        b.iter(|| {
            let identity = PivotIdentity::read(black_box(claims), NOW).identity;
            let basis = Basis::choose(&identity, &evidence, keys.rules());
            keys.subject(&keys.person(&basis), &sector)
        });
    });
}

fn tokens(c: &mut Criterion) {
    let claims = json!({
        "iss": "https://hub.example", "sub": "p1.bw2yXNK7hZZ8nN3BN2OZtro0vf6r8WYpg2UYhgPagvI",
        "aud": "town-hall", "exp": 1, "iat": 1, "acr": "eidas2", "nonce": "asFBvsavo7kdAR-adicfaQ",
    });
    for algorithm in Algorithm::ALL {
        let pem = generate(algorithm).expect("a key");
        let ring = Keyring::new(vec![
            SigningKey::with_algorithm(&pem, algorithm).expect("a key"),
        ]);
        let token = ring.sign(algorithm, "JWT", &claims).expect("signs");
        let name = algorithm.name();
        c.bench_function(&format!("sign an id token, {name}"), |b| {
            b.iter(|| ring.sign(algorithm, "JWT", black_box(&claims)));
        });
        c.bench_function(&format!("verify an id token, {name}"), |b| {
            b.iter(|| verify(black_box(&token), ring.own(), &[algorithm], TokenType::Jwt));
        });
    }
}

fn pages(c: &mut Criterion) {
    let pages = Pages::new("Lethe", "").expect("good templates");
    for count in [1, 8, 200] {
        let entry = Entry {
            title: "Fournisseur d’exemple".into(),
            href: Some("idp/example".into()),
            level: "Niveau substantiel".into(),
            reason: None,
        };
        let page = Choice {
            service: "Mairie".into(),
            empty: false,
            idps: vec![pages.entry(&entry).expect("a good template"); count],
            notices: vec![],
            filter: None,
            by_email: false,
            no_such_email: false,
            remembered: None,
            notice: None,
            cancel: "cancel".into(),
        };
        c.bench_function(&format!("render the choice of {count}"), |b| {
            b.iter(|| pages.render(black_box(&page), Language::Fr));
        });
    }
    let item = Item {
        label: "Nom de naissance".into(),
        value: "DUBOIS".into(),
    };
    let review = Review {
        tells: String::new(),
        shares: true,
        providers: Vec::new(),
        service: "Mairie".into(),
        organisation: None,
        verified: true,
        idp: "Fournisseur".into(),
        items: vec![item; 8],
        sign_in: "identifiant, niveau".into(),
        consent: false,
        unticked: false,
        changed: false,
        warnings: vec![],
        action: "/login/x/review".into(),
        token: "x".into(),
        read: String::new(),
        again: "/login/x/".into(),
        cancel: "/login/x/cancel".into(),
    };
    c.bench_function("render the review", |b| {
        b.iter(|| pages.render(black_box(&review), Language::Fr));
    });
}

criterion_group!(parts, sealing, tickets, subjects, tokens, pages);
criterion_main!(parts);
