//! Seeds that are made, not found: of the scenarios, the shipped profiles and the faults.
//!
//! Few and small: of the scenarios as many as have every word between them that any has. They are committed under
//! `fuzz/seeds`, with `from-` before their names; a test compares, and says how to renew them.

use std::collections::BTreeSet;

use session_model::Profile;

use super::dictionary::words_of_scenarios;
use super::reducer::number_of;
use crate::convert::bytes;
use crate::faults;
use crate::finding::Came;
use crate::profiles::{self, Document};
use crate::recording::write_transcript;
use crate::subject::Subject;
use crate::subjects::model;
use crate::suite::{self, File};
use crate::trace::Trace;
use crate::transcript::Transcript;
use crate::worker::{self, Random, Reply, Request};

/// A seed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Seed {
    /// The target whose it is.
    pub target: &'static str,
    /// The name of its file.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// All seeds that are made, by target and name.
///
/// # Panics
///
/// When a built-in scenario cannot be read: a test reads them all.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let mut files = suite::embedded().expect("the built-in scenarios are read");
    files.extend(suite::embedded_hazards().expect("the built-in scenarios are read"));
    let mut all = Vec::new();
    for file in covering(files.iter()) {
        all.push(of_file("scenario_parser", file, file.text.clone().into_bytes()));
    }
    for file in covering(files.iter().filter(|file| bytes::write(&file.scenario.trace).is_ok())) {
        let bytes = bytes::write(&file.scenario.trace).expect("it was written just now");
        all.push(of_file("optimised_against_model", file, bytes.clone()));
        all.push(of_file("trace_on_cache", file, bytes));
    }
    for named in profiles::shipped() {
        let bytes = profiles::write(&named).into_bytes();
        all.push(Seed { target: "profile_parser", name: format!("from-{}", named.name), bytes });
    }
    all.extend(of_faults());
    all.extend(of_protocol(&files[0].scenario.trace));
    all.sort();
    all
}

fn of_file(target: &'static str, file: &File, bytes: Vec<u8>) -> Seed {
    let path = file.path.trim_start_matches("scenarios/").trim_end_matches(".yaml");
    Seed { target, name: format!("from-{}", path.replace('/', "-")), bytes }
}

/// As few files as have all words that any has: the one with most new words first, then the shortest.
fn covering<'f>(files: impl Iterator<Item = &'f File>) -> Vec<&'f File> {
    let all = words_of_scenarios();
    let mut left: Vec<(&File, BTreeSet<&str>)> = files.map(|file| (file, words(file, &all))).collect();
    let mut chosen = Vec::new();
    loop {
        let most = |(file, words): &&(&'f File, BTreeSet<&str>)| (words.len(), std::cmp::Reverse(file.text.len()));
        // Of equals the last by path, since the files are in that order.
        let Some((file, taken)) = left.iter().max_by_key(most).filter(|(_, words)| !words.is_empty()).cloned() else {
            return chosen;
        };
        chosen.push(file);
        left.iter_mut().for_each(|(_, words)| words.retain(|word| !taken.contains(word)));
    }
}

fn words<'a>(file: &File, all: &'a BTreeSet<String>) -> BTreeSet<&'a str> {
    let text = file.text.lines().filter(|line| !line.starts_with('#'));
    let apart = |c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c));
    text.flat_map(|line| line.split(apart)).filter_map(|word| all.get(word).map(String::as_str)).collect()
}

/// The first fault of each family that has a trace to show it.
fn of_faults() -> Vec<Seed> {
    let mut families = BTreeSet::new();
    let mut seeds = Vec::new();
    for fault in faults::all().iter().filter(|fault| fault.witness_text().is_some()) {
        let trace = fault.witness().and_then(|trace| bytes::write(&trace).ok());
        let Some(trace) = trace.filter(|_| families.insert(fault.family)) else { continue };
        let bytes = [number_of(fault).to_be_bytes().to_vec(), trace].concat();
        seeds.push(Seed { target: "reducer", name: format!("from-{}", fault.name), bytes });
    }
    seeds
}

/// A line of each kind.
fn of_protocol(trace: &Trace) -> [Seed; 2] {
    let named = profiles::by_name("libssl-3.3.1").expect("it is shipped");
    let (profile, text) = (Document::of(&named), worker::text_of_trace(trace));
    let random = Random { seed: 1, lane: "tickets".to_owned(), first: 0, count: 10, profile: profile.clone() };
    let requests = [
        Request::Check { trace: text.clone(), everything: true, careful: false, profile: profile.clone() },
        Request::Show { trace: text, everything: false, careful: true },
        Request::Random(random),
    ];
    let mut shown = Transcript::default();
    model::subject("model", Profile { ..named.profile }).run(trace, &mut shown);
    let replies = [
        Reply::Ready("OpenSSL 3.3.1".to_owned(), profile),
        Reply::CannotOpen("no such file".to_owned()),
        Reply::Step(7),
        Reply::Alive,
        Reply::Checked(Came::Conforms),
        Reply::Checked(Came::NotRun("why".to_owned())),
        Reply::Shown(write_transcript(&shown, false)),
        Reply::Progress(9, worker::Counts::default()),
        Reply::Done,
        Reply::Cannot("why".to_owned()),
    ];
    let lines = |lines: Vec<String>| (lines.join("\n") + "\n").into_bytes();
    let [requests, replies] = [requests.iter().map(Request::line).collect(), replies.iter().map(Reply::line).collect()];
    [("from-requests", lines(requests)), ("from-replies", lines(replies))].map(|(name, bytes)| Seed {
        target: "protocol_parser",
        name: name.to_owned(),
        bytes,
    })
}
