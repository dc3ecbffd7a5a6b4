//! What an entry keeps, and for how long.

use super::*;

fn session(n: i64, ends_at: i64) -> IndexedSession {
    IndexedSession {
        session: n.to_string(),
        to_notify: Vec::new(),
        end_mark: None,
        upstream_sid: None,
        ends_at: Some(Timestamp::from_unix(ends_at)),
    }
}

fn names(entry: &Entry) -> Vec<&str> {
    let sessions = entry.sessions.iter();
    sessions.map(|one| one.session.as_str()).collect()
}

#[test]
fn of_more_than_sixteen_sessions_the_one_that_ends_first_makes_room() {
    let now = Timestamp::from_unix(0);
    let mut entry = Entry::default();
    for n in 1..=17 {
        (entry, _) = with(Some(&entry), &session(n, 100 + n), now);
    }

    assert_eq!(entry.sessions.len(), MOST_SESSIONS);
    assert!(!names(&entry).contains(&"1"));
    assert_eq!(life(&entry, now), Duration::from_secs(117));
}

#[test]
fn a_session_is_in_an_entry_once_and_not_after_its_end() {
    let at = Timestamp::from_unix;
    let (entry, _) = with(None, &session(1, 100), at(0));
    let (entry, _) = with(Some(&entry), &session(1, 150), at(50));
    assert_eq!(names(&entry), ["1"]);
    let (entry, life) = with(Some(&entry), &session(2, 300), at(200));
    assert_eq!(names(&entry), ["2"]);
    assert_eq!(life, Duration::from_secs(100));

    let left = keeping(Some(&entry), at(200), |one| one.session != "2");
    assert!(left.is_none());
}
