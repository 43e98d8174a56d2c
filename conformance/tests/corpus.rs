//! The committed seeds of every fuzz target, replayed without an engine.

use std::fs;
use std::path::{Path, PathBuf};

use sesscheck::fuzzing::TARGETS;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn replay(target: &str) {
    let (_, run) = TARGETS.into_iter().find(|(name, _)| *name == target).expect("a target of this name");
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
fn pages_among_the_seeds_are_read_to_the_last_sentence() {
    replay("pages_reader");
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
