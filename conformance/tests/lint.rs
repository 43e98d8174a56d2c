//! Advice on scenarios: each kind where it is due, and none on a scenario in which everything counts.

use std::path::PathBuf;

use sesscheck::lint::advice;
use sesscheck::suite::{self, File};

fn files(texts: &[&str]) -> Vec<File> {
    static TIMES: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let time = TIMES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("sesscheck-lint-{}-{time}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("it can be made");
    let paths: Vec<PathBuf> = (0..texts.len()).map(|n| folder.join(format!("{n}.yaml"))).collect();
    for (path, text) in paths.iter().zip(texts) {
        std::fs::write(path, text).expect("it can be written");
    }
    let files = suite::of_paths(&paths).expect("they are scenarios");
    std::fs::remove_dir_all(&folder).expect("it was just made");
    files
}

const WHOLE: &str = "\
scenario: a flush takes what has expired
clauses: [flush.boundary]
sessions: {a: {id: \"01\", timeout: 300}}
steps:
  - add_session: a
  - flush_sessions: now+300
    members: [a]
";

#[test]
fn a_scenario_in_which_everything_counts_is_left_in_peace() {
    let (advice, covered) = advice(&files(&[WHOLE]));
    assert_eq!((advice, covered), (Vec::new(), 0));
}

#[test]
fn each_kind_of_advice_is_given_where_it_is_due() {
    let told = |text: &str| -> Vec<(usize, String)> {
        let (advice, _) = advice(&files(&[text]));
        advice.into_iter().map(|advice| (advice.place.1, advice.what)).collect()
    };
    // A step that changes nothing, at the end;
    let dead = told(&format!("{WHOLE}  - sess_set_cache_size: 7\n"));
    assert_eq!(dead, [(8, "without this step the claims hold, and the same is killed".to_owned())]);
    // a clause that has nothing to do with it;
    let vain = told(&WHOLE.replace("[flush.boundary]", "[flush.boundary, size.default]"));
    assert!(matches!(vain.as_slice(), [(2, what)] if what.starts_with("does not bite for size.default")), "{vain:?}");
    // a claim on what nothing touches; and with it alone, nothing is killed.
    let idle = told("scenario: s\nclauses: []\nsteps:\n  - advance: 1\n    callbacks: []\n");
    assert_eq!(idle[0], (5, "nothing known breaks this claim: callbacks".to_owned()));
    assert!(idle[1].1.starts_with("nothing known makes it fail"), "{idle:?}");
}

#[test]
fn of_two_that_kill_the_same_both_are_counted() {
    let other = WHOLE.replace("a flush takes", "once more, a flush takes");
    assert_eq!(advice(&files(&[WHOLE, &other])), (Vec::new(), 2));
}
