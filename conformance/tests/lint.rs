//! Advice on scenarios: each kind where it is due, and none on a scenario in which everything counts.

use std::path::PathBuf;

use sesscheck::lint::{Advised, advice, without_scenario};
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
    assert_eq!(advice(&files(&[WHOLE])), Advised::default());
}

#[test]
fn each_kind_of_advice_is_given_where_it_is_due() {
    let told = |text: &str| -> Vec<(usize, String)> {
        advice(&files(&[text])).advice.into_iter().map(|advice| (advice.place.1, advice.what)).collect()
    };
    // A step that changes nothing, at the end;
    let dead = told(&format!("{WHOLE}  - sess_set_cache_size: 7\n"));
    assert_eq!(dead, [(8, "without this step the claims hold, and the same is killed".to_owned())]);
    // a clause that has nothing to do with it;
    let vain = told(&WHOLE.replace("[flush.boundary]", "[flush.boundary, size.default]"));
    let why = "does not bite for size.default: it holds also where that clause is not kept";
    assert_eq!(vain, [(2, why.to_owned())]);
    let vain = told(&WHOLE.replace("[flush.boundary]", "[flush.boundary, size.zero-unlimited]"));
    assert!(matches!(vain.as_slice(), [(2, what)] if what.ends_with(" known fault of it")), "{vain:?}");
    // a claim on what nothing touches; and with it alone, nothing is killed.
    let idle = told("scenario: s\nclauses: []\nsteps:\n  - advance: 1\n    callbacks: []\n");
    assert_eq!(idle[0], (5, "nothing known breaks this claim: callbacks".to_owned()));
    assert!(idle[1].1.starts_with("nothing known makes it fail"), "{idle:?}");
}

#[test]
fn a_clause_that_only_a_known_fault_breaks_here_is_not_listed_in_vain() {
    // Where nothing is flushed at all this holds as well; where a time in the past is taken for now it does not.
    let past = "scenario: a flush of the past takes nothing\nclauses: [flush.expired]\n\
                sessions: {a: {id: \"01\", timeout: 300}}\n\
                steps:\n  - add_session: a\n  - advance: 400\n  - flush_sessions: 1000\n    members: [a]\n";
    let advice = advice(&files(&[past])).advice;
    assert!(!advice.iter().any(|advice| advice.what.contains("flush.expired")), "{advice:?}");
}

#[test]
fn of_two_that_kill_the_same_both_are_named_and_one_that_kills_more_is_not() {
    let other = WHOLE.replace("a flush takes", "once more, a flush takes");
    let more =
        format!("{WHOLE}  - flush_sessions: now+301\n    members: []\n").replace("a flush takes", "and a flush takes");
    let named = |texts: &[&str]| {
        let files = files(texts);
        let Advised { advice, covered } = advice(&files);
        assert_eq!(advice, []);
        files.iter().map(|file| covered.contains(&file.path)).collect::<Vec<_>>()
    };
    assert_eq!(named(&[WHOLE, &other]), [true, true]);
    assert_eq!(named(&[WHOLE, &more, &other]), [true, false, true]);
}

#[test]
fn a_clause_without_a_scenario_is_named_unless_there_is_nothing_to_show() {
    let unshown: Vec<_> = without_scenario(&files(&[WHOLE])).into_iter().map(|clause| clause.id()).collect();
    assert!(unshown.contains(&"add.adds") && !unshown.contains(&"flush.boundary"), "{unshown:?}");
    let background = session_model::Clause::all().find(|clause| clause.entry().kind.name() == "background");
    assert!(!unshown.contains(&background.expect("there are some").id()));
    let built_in = suite::embedded().expect("the built-in scenarios are read");
    let unshown: Vec<_> = without_scenario(&built_in).into_iter().map(|clause| clause.id()).collect();
    assert_eq!(unshown, ["mode.what-is-use", "leave.frees-reference"], "what nobody has shown yet");
}
