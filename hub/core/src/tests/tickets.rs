//! State tickets and path tickets.

use std::time::Duration;

use super::{Counting, TODAY};
use crate::{
    ids::{ClientId, IdpId, LoginId},
    seal::{KeyPair, ServerKey},
    ticket::{Opened, PathTicket, StateTicket, TicketSealer},
};

const LIFETIME: Duration = Duration::from_secs(1800);

fn sealer(byte: u8) -> TicketSealer {
    TicketSealer::new(KeyPair::new(ServerKey::new([byte; 32]), None), LIFETIME)
}

fn state(idp: &str) -> StateTicket {
    let idp: IdpId = idp.parse().unwrap();
    StateTicket {
        login: LoginId::from_bytes([3; 16]),
        attempt: [4; 16],
        idp: idp.fingerprint(),
        made_at: TODAY,
    }
}

fn path(client: &str) -> PathTicket {
    let client: ClientId = client.parse().unwrap();
    PathTicket {
        login: LoginId::from_bytes([3; 16]),
        client: client.fingerprint(),
        made_at: TODAY,
    }
}

#[test]
fn a_ticket_is_decrypted_to_what_was_sealed() {
    let (sealer, entropy) = (sealer(1), Counting::default());
    let state_text = sealer.seal_state(&state("post"), &entropy).unwrap();
    let path_text = sealer.seal_path(&path("town-hall"), &entropy).unwrap();

    let opened = sealer.open_state(&state_text, TODAY);
    assert_eq!(opened, Some(Opened::Live(state("post"))));
    let opened = sealer.open_path(&path_text, TODAY);
    assert_eq!(opened, Some(Opened::Live(path("town-hall"))));
}

#[test]
fn a_ticket_of_one_kind_is_not_accepted_as_the_other() {
    let (sealer, entropy) = (sealer(1), Counting::default());
    let state_text = sealer.seal_state(&state("post"), &entropy).unwrap();
    let path_text = sealer.seal_path(&path("town-hall"), &entropy).unwrap();

    assert_eq!(sealer.open_path(&state_text, TODAY), None);
    assert_eq!(sealer.open_state(&path_text, TODAY), None);
}

#[test]
fn each_kind_of_ticket_has_a_constant_length() {
    let (sealer, entropy) = (sealer(1), Counting::default());
    for name in ["a", "town-hall", &"x".repeat(60)] {
        let state_text = sealer.seal_state(&state(name), &entropy).unwrap();
        let path_text = sealer.seal_path(&path(name), &entropy).unwrap();

        assert_eq!((state_text.len(), path_text.len()), (119, 98), "{name}");
    }
}

#[test]
fn a_ticket_expires_at_the_end_of_its_lifetime() {
    let (sealer, entropy) = (sealer(1), Counting::default());
    let state_text = sealer.seal_state(&state("post"), &entropy).unwrap();
    let path_text = sealer.seal_path(&path("town-hall"), &entropy).unwrap();
    let last = TODAY.plus(Duration::from_secs(1799));
    let over = TODAY.plus(LIFETIME);

    let opened = sealer.open_state(&state_text, last);
    assert_eq!(opened, Some(Opened::Live(state("post"))));
    let opened = sealer.open_state(&state_text, over);
    assert_eq!(opened, Some(Opened::Expired(state("post"))));
    let opened = sealer.open_path(&path_text, over);
    assert_eq!(opened, Some(Opened::Expired(path("town-hall"))));
}

#[test]
fn a_foreign_or_changed_ticket_is_refused() {
    let (own, foreign) = (sealer(1), sealer(2));
    let text = own.seal_state(&state("b"), &Counting::default()).unwrap();

    assert_eq!(foreign.open_state(&text, TODAY), None);
    for at in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(own.open_state(&changed, TODAY), None, "at {at}");
    }
}
