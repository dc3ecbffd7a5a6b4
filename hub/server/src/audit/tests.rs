use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use hub_core::{
    clock::Clock,
    encoding::hex,
    entropy::{SystemEntropy, draw},
};

use super::*;

const NOW: Timestamp = Timestamp::from_unix(1_795_219_200);

fn output(name: &str) -> (PathBuf, Output) {
    let unique = format!("lethe-audit-{name}-{}", hex(&draw::<8>(&SystemEntropy)));
    let path = std::env::temp_dir().join(unique);
    (path.clone(), Output::File(path))
}

fn open(output: &Output) -> io::Result<Audit> {
    let key = AuditKey::new([7; 32]);
    Audit::open(output, (key, None), NOW, &SystemEntropy)
}

const fn bare(at: Timestamp, event: Event<'_>) -> AuditEntry<'_> {
    AuditEntry {
        at,
        transaction: "",
        origin: None,
        event,
    }
}

fn fill(output: &Output, lines: usize) {
    let audit = open(output).unwrap();
    for _ in 0..lines {
        audit.record(&bare(NOW, Event::ChoiceShown)).unwrap();
    }
}

fn report(path: &Path) -> Report {
    verify(io::BufReader::new(File::open(path).unwrap()), None).unwrap()
}

#[test]
fn a_stream_over_two_starts_is_whole() {
    let (path, output) = output("whole");
    fill(&output, 3);
    fill(&output, 2);

    let report = report(&path);
    fs::remove_file(path).unwrap();

    assert_eq!((report.lines, report.chains), (7, 2));
    assert_eq!((report.torn, report.problems), (vec![], vec![]));
}

#[test]
fn a_removed_a_changed_and_a_swapped_line_show() {
    let (path, output) = output("broken");
    fill(&output, 4);
    fill(&output, 1);
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = |place: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != place);
        kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
    };
    let changed = text.replacen("choice_shown", "choice_shewn", 1);
    let mut swapped = lines.clone();
    swapped.swap(2, 3);

    for (what, broken) in [
        ("the first", without(0)),
        ("one in the middle", without(2)),
        ("the last of a chain", without(4)),
        ("the start of the second", without(5)),
        ("changed", changed),
        ("swapped", swapped.join("\n")),
    ] {
        let report = verify(broken.as_bytes(), None).unwrap();
        assert!(!report.problems.is_empty(), "{what}");
    }
}

#[test]
fn what_was_cut_off_when_a_write_failed_is_told_and_breaks_nothing() {
    for (left, torn) in [
        ("{\"time\":\"20", vec![4]),
        ("{\"time\":\"20\n{\"ti", vec![4, 5]),
    ] {
        let (path, output) = output("torn");
        fill(&output, 2);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(left.as_bytes()).unwrap();
        fill(&output, 1);

        let report = report(&path);
        fs::remove_file(path).unwrap();

        assert_eq!((report.torn, report.problems), (torn, vec![]));
    }
}

#[test]
fn a_whole_line_that_lacks_its_end_counts() {
    let (path, output) = output("endless");
    fill(&output, 2);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.trim_end()).unwrap();
    fill(&output, 1);

    let report = report(&path);
    fs::remove_file(path).unwrap();

    assert_eq!(
        (report.lines, report.torn, report.problems),
        (5, vec![], vec![])
    );
}

#[test]
fn a_file_that_is_moved_away_is_begun_anew_and_the_pieces_are_whole_together() {
    let (path, output) = output("moved");
    let moved = path.with_extension("1");
    let audit = open(&output).unwrap();
    audit.record(&bare(NOW, Event::ChoiceShown)).unwrap();
    fs::rename(&path, &moved).unwrap();
    audit.record(&bare(NOW, Event::ChoiceShown)).unwrap();
    let pieces = [fs::read(&moved).unwrap(), fs::read(&path).unwrap()].concat();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    fill(&output, 1);
    let restarted = [fs::read(&moved).unwrap(), fs::read(&path).unwrap()].concat();
    fs::remove_file(&path).unwrap();
    fill(&output, 1);
    let removed = [restarted.clone(), fs::read(&path).unwrap()].concat();
    for path in [path, moved] {
        fs::remove_file(path).unwrap();
    }

    let whole = verify(pieces.as_slice(), None).unwrap();
    assert_eq!((whole.lines, whole.chains, whole.problems), (3, 1, vec![]));
    assert_eq!(mode & 0o777, 0o600);
    let whole = verify(restarted.as_slice(), None).unwrap();
    assert_eq!(
        (whole.lines, whole.begins, whole.problems),
        (5, vec![], vec![])
    );
    let told = verify(removed.as_slice(), None).unwrap();
    assert_eq!((told.begins, told.problems), (vec![6], vec![]));
}

#[test]
fn lines_put_in_between_show() {
    let (one, first) = output("one");
    let (two, second) = output("two");
    fill(&first, 3);
    fill(&second, 1);
    let (text, forged) = (
        fs::read_to_string(&one).unwrap(),
        fs::read_to_string(&two).unwrap(),
    );
    for path in [one, two] {
        fs::remove_file(path).unwrap();
    }
    let (before, after) = text.split_at(text.match_indices('\n').nth(1).unwrap().0 + 1);

    let report = verify(format!("{before}{forged}{after}").as_bytes(), None).unwrap();

    assert_eq!(
        report.problems,
        [(
            5,
            "its chain goes on after another has begun: lines were put in between".to_owned()
        )]
    );
}

#[test]
fn a_full_disk_is_a_fault_at_once_and_not_at_the_next_line() {
    let full = Output::File("/dev/full".into());

    assert!(open(&full).is_err());
}

#[test]
fn what_is_left_of_a_chain_is_whole_after_the_line_before_it() {
    let (path, output) = output("after");
    fill(&output, 4);
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(path).unwrap();
    let (gone, left) = text.split_at(text.match_indices('\n').nth(1).unwrap().0 + 1);
    let before = verify(gone.as_bytes(), None).unwrap();

    let alone = verify(left.as_bytes(), None).unwrap();
    let after = verify(left.as_bytes(), Some(&before.last)).unwrap();
    let other = verify(left.as_bytes(), Some("another")).unwrap();

    assert!(!alone.problems.is_empty() && !other.problems.is_empty());
    assert_eq!((after.lines, after.problems), (3, vec![]));
}

#[test]
fn a_folder_that_is_gone_for_a_while_leaves_no_empty_line_and_a_word_of_the_gap() {
    let (path, _) = output("folder");
    fs::create_dir(&path).unwrap();
    let file = path.join("audit.jsonl");
    let output = Output::File(file.clone());
    let audit = open(&output).unwrap();
    fs::remove_dir_all(&path).unwrap();
    let event = || bare(NOW, Event::ChoiceShown);
    let refused = [audit.record(&event()), audit.record(&event())];
    fs::create_dir(&path).unwrap();
    audit.record(&event()).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_dir_all(&path).unwrap();

    assert!(refused.iter().all(Result::is_err));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains("stream_resumed") && lines[1].contains("choice_shown"));
    assert!(audit.is_writable(NOW));
}

/// A clock that stands where it is put.
#[derive(Debug)]
struct At(std::sync::atomic::AtomicI64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// The log of this thread.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn refusals_are_logged_within_a_limit_for_each_endpoint_and_the_rest_is_counted() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let clock = Arc::new(At(NOW.unix().into()));
    let refusals = Refusals::new(clock.clone());
    let refuse = |endpoint: &str| {
        refusals.record(&Refused {
            endpoint,
            error: "invalid_client",
            cause: "another secret",
            claimed: None,
            incident: "0123",
        });
    };

    tracing::subscriber::with_default(subscriber, || {
        (0..500).for_each(|_| refuse("/token"));
        refuse("/callback/{idp}");
        (0..500).for_each(|_| refuse("/token"));
        clock
            .0
            .store(NOW.unix() + 1, std::sync::atomic::Ordering::Relaxed);
        refuse("/token");
    });

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines.len(),
        62,
        "60 of /token at once, the other endpoint, one a second later"
    );
    assert!(lines[60].contains("/callback/{idp}") && lines[60].contains("unlogged=440"));
    assert!(
        lines[61].contains("/token") && lines[61].contains("unlogged=500"),
        "{}",
        lines[61]
    );
}
