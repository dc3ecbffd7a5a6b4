use hub_core::entropy::SystemEntropy;

use super::*;

const NOW: Timestamp = Timestamp::from_unix(1_795_219_200);

fn sink(name: &str) -> (PathBuf, Sink) {
    let unique = format!("lethe-audit-{name}-{}", hex(&draw::<8>(&SystemEntropy)));
    let path = std::env::temp_dir().join(unique);
    (path.clone(), Sink::File(path))
}

fn fill(sink: &Sink, lines: usize) {
    let audit = Audit::open(sink, NOW, &SystemEntropy).unwrap();
    for _ in 0..lines {
        audit.record(&bare(NOW, Event::ChoiceShown)).unwrap();
    }
}

fn report(path: &Path) -> Report {
    verify(io::BufReader::new(File::open(path).unwrap())).unwrap()
}

#[test]
fn a_stream_over_two_starts_is_whole() {
    let (path, sink) = sink("whole");
    fill(&sink, 3);
    fill(&sink, 2);

    let report = report(&path);
    fs::remove_file(path).unwrap();

    assert_eq!((report.lines, report.chains), (7, 2));
    assert_eq!((report.torn, report.faults), (vec![], vec![]));
}

#[test]
fn a_removed_a_changed_and_a_swapped_line_show() {
    let (path, sink) = sink("broken");
    fill(&sink, 4);
    fill(&sink, 1);
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
        let report = verify(broken.as_bytes()).unwrap();
        assert!(!report.faults.is_empty(), "{what}");
    }
}

#[test]
fn half_a_line_of_a_killed_process_is_told_and_breaks_nothing() {
    let (path, sink) = sink("torn");
    fill(&sink, 2);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"time\":\"20").unwrap();
    fill(&sink, 1);

    let report = report(&path);
    fs::remove_file(path).unwrap();

    assert_eq!((report.torn, report.faults), (vec![4], vec![]));
}

#[test]
fn a_full_disk_is_a_fault_at_once_and_not_at_the_next_line() {
    let full = Sink::File("/dev/full".into());

    assert!(Audit::open(&full, NOW, &SystemEntropy).is_err());
}
