//! Hazards on one subject: its scenarios, the random lane, and what goes down made short, each cause once.
//!
//! A finding is told apart by how it ends, the op that it ends in, and the hazards that its shortest trace has.

use std::collections::BTreeSet;

use crate::finding::{Came, Parted};
use crate::reduce::reduce;
use crate::report::{Found, HazardReport, NotRun, Origin};
use crate::scenario::{self, Header};
use crate::source::{Lane, Seed, trace_of};
use crate::subjects::Spec;
use crate::suite::File;
use crate::trace::{Shown, Trace};
use crate::verify::{quoted, replay_command};
use crate::worker::{Held, Hunted, Random, StartError};

/// How many runs a reduction may take; of a hang, which costs patience each time, and of growth, fewer.
const REDUCTION: usize = 1500;
const SLOW_REDUCTION: usize = 150;

/// How many traces of a round that went down once are named.
const A_FEW: usize = 3;

/// What hazards did to a subject so far.
#[derive(Debug, Default)]
pub struct Campaign {
    /// The report so far.
    pub report: HazardReport,
}

impl Campaign {
    /// Runs the scenarios that ask for hazards, and tells which of them the subject does not survive.
    ///
    /// # Errors
    ///
    /// When a new worker is needed and cannot be started.
    pub fn scenarios(&mut self, held: &mut Held, spec: &Spec, suite: &[File]) -> Result<(), StartError> {
        for file in suite.iter().filter(|file| file.scenario.trace.setup.hazards) {
            // A scenario that goes down with another's damage would be told wrongly.
            held.restart()?;
            match held.endure(&file.scenario.trace)? {
                Came::Completed => self.report.scenarios.completed += 1,
                Came::NotRun(why) => {
                    self.report.scenarios.not_run += 1;
                    self.report.not_run.push(NotRun { what: file.path.clone(), why });
                }
                Came::WentDown(parted) => {
                    self.report.scenarios.went_down(&parted.kind);
                    let steps = file.scenario.trace.ops.len();
                    let replay = replay_command(spec, None, &format!("--hazards {}", quoted(&file.path)));
                    let trace = file.text.clone();
                    self.report.known.push(Found {
                        origin: file.origin(parted.index),
                        parted,
                        statement: String::new(),
                        trace,
                        steps: (steps, steps),
                        replay,
                        course: None,
                        hung: None,
                    });
                }
                other => unreachable!("no outcome of a hazards trace: {other:?}"),
            }
        }
        Ok(())
    }

    /// Runs random traces, and reduces what is new, up to `most` findings in all; `go_on` may end it early. Returns how
    /// many of the findings are of this round.
    ///
    /// # Errors
    ///
    /// When a new worker is needed and cannot be started.
    pub fn random(
        &mut self,
        held: &mut Held,
        spec: &Spec,
        (seed, count): (u64, u64),
        most: usize,
        go_on: &mut dyn FnMut(&Self) -> bool,
    ) -> Result<usize, StartError> {
        let profile = held.profile.clone();
        let document = crate::profiles::Document::of(&profile);
        let random = Random { seed, lane: "hazards".to_owned(), first: 0, count, profile: document };
        let mut hunted = held.hunt(&random, &profile, &mut |_| go_on(self))?;
        self.count(seed, &hunted);
        // Few hazards first: they explain those with more.
        hunted.found.sort_by_key(|(numbers, parted)| (hazards_of(parted).len(), numbers[0]));
        let before = self.report.found.len();
        for (numbers, parted) in &hunted.found {
            // What takes long is not seen again where the same hazards end so already, in whichever op.
            if parted.kind != "crashed" && self.is_explained(parted) {
                continue;
            }
            self.found(held, spec, seed, numbers, most, go_on)?;
        }
        Ok(self.report.found.len() - before)
    }

    fn count(&mut self, seed: u64, hunted: &Hunted) {
        let random = &mut self.report.random;
        random.completed += hunted.tally.traces;
        random.not_run += hunted.not_run.0;
        for (numbers, parted) in &hunted.found {
            (0..numbers.len()).for_each(|_| random.went_down(&parted.kind));
        }
        self.report.ops += hunted.tally.ops;
        if hunted.not_run.0 > 0 {
            self.report.why_not = hunted.not_run.1.clone();
        }
        self.report.unstable += hunted.unstable.len() as u64;
        let unstable = hunted.unstable.iter().take(A_FEW);
        let what = |number: &u64| format!("seed {seed}, hazards trace {number}");
        self.report.not_run.extend(unstable.map(|(n, why)| NotRun { what: what(n), why: why.clone() }));
    }

    /// Whether a finding with no other hazards ends in the same way; of crashes, in the same op.
    fn is_explained(&self, parted: &Parted) -> bool {
        let hazards = hazards_of(parted);
        self.report.found.iter().map(|found| &found.parted).any(|known| {
            known.kind == parted.kind
                && (known.op == parted.op || parted.kind != "crashed")
                && hazards_of(known).is_subset(&hazards)
        })
    }

    /// Looks at the first few traces of one kind: each may go down for a cause of its own, and one may only have gone
    /// down with the damage of a trace before it.
    fn found(
        &mut self,
        held: &mut Held,
        spec: &Spec,
        seed: u64,
        numbers: &[u64],
        most: usize,
        go_on: &mut dyn FnMut(&Self) -> bool,
    ) -> Result<(), StartError> {
        for number in numbers.iter().take(A_FEW) {
            if self.report.found.len() >= most || !go_on(self) {
                self.report.unreduced += 1;
                return Ok(());
            }
            let mut trace = trace_of(Seed(seed), *number, Lane::Hazards);
            trace.shown = Shown::Steps;
            let seen = endure(held, &trace)?;
            if matches!(&seen, Came::WentDown(parted) if self.is_explained(parted)) {
                continue;
            }
            let Some((short, parted)) = reduced(held, &trace)? else {
                self.report.unstable += 1;
                let what = format!("seed {seed}, hazards trace {number}");
                let why = "it went down once, and not when it was run again".to_owned();
                self.report.not_run.push(NotRun { what, why });
                continue;
            };
            if !self.report.found.iter().any(|known| known.parted.key() == parted.key()) {
                let replay = format!("--hazards --seed {seed} --lane hazards --number {number}");
                let replay = replay_command(spec, None, &replay);
                self.report.found.push(written(&short, parted, trace.ops.len(), replay));
            }
        }
        Ok(())
    }
}

fn hazards_of(parted: &Parted) -> BTreeSet<&str> {
    parted.clause.trim_start_matches("hazard: ").split(", ").collect()
}

/// What comes of a trace in a worker that has run nothing.
///
/// # Errors
///
/// When a new worker is needed and cannot be started.
pub fn endure(held: &mut Held, trace: &Trace) -> Result<Came, StartError> {
    held.restart()?;
    held.endure(trace)
}

/// The shortest trace that still ends in the same way in the same op; `None`: it does not go down so again.
///
/// # Errors
///
/// When a new worker is needed and cannot be started.
pub fn reduced(held: &mut Held, trace: &Trace) -> Result<Option<(Trace, Parted)>, StartError> {
    let Came::WentDown(first) = endure(held, trace)? else { return Ok(None) };
    let budget = if first.kind == "crashed" { REDUCTION } else { SLOW_REDUCTION };
    let mut broken = None;
    let mut fresh = false;
    let mut same = |candidate: &Trace| {
        if broken.is_some() || !candidate.setup.hazards {
            return false;
        }
        let mut again = || -> Result<bool, StartError> {
            let is_same = |came: &Came| matches!(came, Came::WentDown(other) if same_end(other, &first));
            if !is_same(&held.endure(candidate)?) {
                fresh = false;
                return Ok(false);
            }
            // Going down leaves a fresh worker behind. Only what a worker does first is believed, patience apart.
            let confirmed = fresh || first.kind != "crashed" || is_same(&held.endure(candidate)?);
            fresh = true;
            Ok(confirmed)
        };
        again().unwrap_or_else(|why| {
            broken = Some(why);
            false
        })
    };
    let reduced = reduce(trace, &mut same, budget).trace;
    if let Some(why) = broken {
        return Err(why);
    }
    Ok(match endure(held, &reduced)? {
        Came::WentDown(parted) if same_end(&parted, &first) => Some((reduced, parted)),
        _ => None,
    })
}

fn same_end(one: &Parted, other: &Parted) -> bool {
    // By which signal, and how much it grew, differs with the addresses of the run.
    (&one.kind, &one.op) == (&other.kind, &other.op)
}

/// The clauses of the pages that forbid these hazards.
fn forbidden_by(parted: &Parted) -> Vec<String> {
    let forbids = [("another context", "session.one-context"), ("unowned reference freed", "session.free-only-own")];
    let hazards = hazards_of(parted);
    let listed = forbids.iter().filter(|(hazard, _)| hazards.contains(hazard));
    listed.map(|(_, clause)| (*clause).to_owned()).collect()
}

/// A finding with its trace written as a scenario.
#[must_use]
pub fn written(trace: &Trace, parted: Parted, before: usize, replay: String) -> Found {
    let hazards = parted.clause.trim_start_matches("hazard: ").to_owned();
    let header = Header {
        title: format!("{} in {}: {hazards}", parted.kind, parted.op),
        clauses: forbidden_by(&parted),
        ..Header::default()
    };
    let text = scenario::write(trace, &header, &[], &[]);
    Found {
        parted,
        statement: String::new(),
        trace: text,
        steps: (trace.ops.len(), before),
        replay,
        origin: Origin::Unsaid,
        course: None,
        hung: None,
    }
}
