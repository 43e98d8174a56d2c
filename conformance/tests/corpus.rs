//! The committed seeds of every fuzz target, replayed without an engine; and that those which are made are current, as
//! is the dictionary. With `RENEW` in the environment they are made anew instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sesscheck::check::Verdict;
use sesscheck::fuzzing::{OF_YAML, TARGETS, dictionary_text, seeds, verdict_on};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn replay(target: &str) {
    let (_, run) = TARGETS.into_iter().find(|(name, _)| *name == target).expect("a target of this name");
    if renews() {
        // The seeds come and go.
        return;
    }
    let mut seeds = 0;
    for seed in fs::read_dir(fuzz().join("seeds").join(target)).expect("every target has seeds") {
        let path = seed.expect("a folder of seeds can be read").path();
        // Shown when a panic follows.
        eprintln!("{}", path.display());
        run(&fs::read(&path).expect("a seed is a file"));
        seeds += 1;
    }
    assert!(seeds > 0, "{target} has no seed");
}

#[test]
fn the_cache_is_the_models_on_the_seeds() {
    replay("optimised_against_model");
}

#[test]
fn the_cache_keeps_laws_and_promises_on_the_seeds() {
    replay("trace_on_cache");
}

#[test]
fn scenarios_among_the_seeds_print_and_read_back() {
    replay("scenario_parser");
}

#[test]
fn the_reducer_keeps_what_diverges_on_the_seeds() {
    replay("reducer");
}

#[test]
fn profiles_among_the_seeds_print_and_read_back() {
    replay("profile_parser");
}

#[test]
fn requests_and_replies_among_the_seeds_print_and_read_back() {
    replay("protocol_parser");
}

#[test]
fn pages_among_the_seeds_are_read_to_the_last_sentence() {
    replay("pages_reader");
}

#[test]
fn projects_and_ledgers_among_the_seeds_are_read_or_told_by_place() {
    replay("project_parser");
}

#[test]
fn whatever_a_program_says_among_the_seeds_is_held_against_the_manual() {
    replay("subject_parser");
}

#[test]
fn an_honest_program_conforms_and_one_that_lies_does_not() {
    for (seed, counter) in [("add-remove-add", "number"), ("new-callback-feeds-the-external-cache", "cb_hits")] {
        let honest = fs::read(fuzz().join("seeds/subject_parser").join(seed)).expect("it is a seed");
        assert_eq!(verdict_on(&honest), Some(Verdict::Conforms), "{seed}");
        let text = String::from_utf8(honest).expect("it is text");
        let lies = text.replacen(&format!(r#""{counter}": 1"#), &format!(r#""{counter}": 2"#), 1);
        assert!(lies != text && matches!(verdict_on(lies.as_bytes()), Some(Verdict::Diverges(_))), "{seed}");
    }
}

#[test]
fn every_target_has_a_binary_and_every_binary_a_target() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("the targets have a manifest");
    let binaries = manifest.split("[[bin]]").skip(1).map(|bin| bin.split('"').nth(1).expect("a binary has a name"));
    assert!(binaries.eq(TARGETS.map(|(target, _)| target)));
    for (target, _) in TARGETS {
        let path = fuzz().join("fuzz_targets").join(target).with_extension("rs");
        let text = fs::read_to_string(path).expect("every target has a file");
        assert!(text.contains(&format!("sesscheck::fuzzing::{target}(")), "{target} runs something else");
    }
}

/// How to renew what is committed.
const RENEW: &str = "RENEW=1 cargo test -p sesscheck --test corpus";

fn renews() -> bool {
    std::env::var_os("RENEW").is_some()
}

/// The seeds that are committed and were made, by path below the folder of seeds.
fn committed() -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for (target, _) in TARGETS {
        for seed in fs::read_dir(fuzz().join("seeds").join(target)).expect("every target has seeds") {
            let path = seed.expect("a folder of seeds can be read").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a seed has a plain name");
            if name.starts_with("from-") {
                all.insert(format!("{target}/{name}"), fs::read(&path).expect("a seed is a file"));
            }
        }
    }
    all
}

#[test]
fn the_seeds_that_are_made_are_those_that_would_be_made_now() {
    let now: BTreeMap<_, _> = seeds().into_iter().map(|s| (format!("{}/{}", s.target, s.name), s.bytes)).collect();
    let folder = fuzz().join("seeds");
    if renews() {
        for path in committed().keys() {
            fs::remove_file(folder.join(path)).expect("a seed can be removed");
        }
        for (path, bytes) in &now {
            fs::create_dir_all(folder.join(path).parent().expect("a seed is in a folder")).expect("a folder is made");
            fs::write(folder.join(path), bytes).expect("a seed can be written");
        }
    }
    let committed = committed();
    let differ = |path: &&String| committed.get(*path) != now.get(*path);
    let paths: BTreeSet<&String> = committed.keys().chain(now.keys()).collect();
    let other: Vec<_> = paths.into_iter().filter(differ).collect();
    assert!(other.is_empty(), "not current: {other:?}; {RENEW}");
}

#[test]
fn the_dictionary_has_the_words_of_the_vocabulary() {
    let path = fuzz().join("yaml.dict");
    if renews() {
        fs::write(&path, dictionary_text()).expect("the dictionary can be written");
    }
    let committed = fs::read_to_string(&path).expect("there is a dictionary");
    assert!(committed == dictionary_text(), "not current; {RENEW}");
    let words: BTreeSet<&str> =
        committed.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"')).collect();
    for word in ["steps", "add_session", "SERVER", "add.identical-is-noop", "victim", "identical-add-moves", "3.3"] {
        assert!(words.contains(word), "{word}");
    }
    assert!(OF_YAML.iter().all(|target| TARGETS.iter().any(|(name, _)| name == target)));
}

#[test]
fn the_seeds_are_few_and_small() {
    if renews() {
        return;
    }
    let mut bytes = 0;
    for (target, _) in TARGETS {
        for seed in fs::read_dir(fuzz().join("seeds").join(target)).expect("every target has seeds") {
            bytes += seed.expect("a folder of seeds can be read").metadata().expect("a seed is a file").len();
        }
    }
    assert!(bytes < 300_000, "{bytes} bytes");
}
