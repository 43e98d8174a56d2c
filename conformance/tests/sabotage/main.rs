//! The harness, broken on purpose: one named trial a sabotage. Each shows what goes red, and that the very same path
//! unbroken stays green.
//!
//! Not here: faults of subjects; the zoo has those. What is broken here is what looks at subjects: the run, the
//! transcript, the comparison, the worker, the reduction, the scenarios, the profiles and the recordings.

mod comparisons;
mod honest;
mod ledgers;
mod lies;
mod runs;
mod scenarios;
mod transcripts;
mod workers;

use libtest_mimic::{Arguments, Trial};

/// What is sabotaged, in a sentence, and the trial of it.
type Sabotage = (&'static str, fn());

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    // Started as a worker is: then it is one that lies.
    if arguments.get(1).is_some_and(|word| word == "worker") {
        return lies::serve(&arguments);
    }
    let sabotaged = [
        ("run", runs::ALL),
        ("transcript", transcripts::ALL),
        ("comparison", comparisons::ALL),
        ("worker", workers::ALL),
        ("scenario", scenarios::ALL),
        ("ledger", ledgers::ALL),
    ];
    let trials = sabotaged.into_iter().flat_map(|(what, all)| {
        let trial = move |(name, run): &Sabotage| {
            let run = *run;
            Trial::test(format!("{what}: {name}"), move || {
                run();
                Ok(())
            })
        };
        all.iter().map(trial)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit()
}
