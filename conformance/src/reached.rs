//! Which clauses the model executes while traces run, and which two of them in one trace.
//!
//! A rule that no trace executes is held by nothing; two rules that never meet in one trace are held one by one only. A
//! clause is executed where the ruling of an op cites it. Three rules decide outside of any ruling: two when a context is
//! made, and one in the driver.
//! Not here: what a clause rests on besides ([`crate::evidence`]), and how often each decided in a check
//! ([`crate::tally`]).

use std::fmt;

use serde::{Deserialize, Serialize};
use session_model::clause::{Kind, NUMBER_COUNTS_MEMBERS, SIZE_DEFAULT, SYNONYMS};
use session_model::{Clause, Profile};

use crate::driver::{Driver, Library};
use crate::evidence::cited;
use crate::op::Op;
use crate::profiles;
use crate::source::{Lane, Seed, trace_of};
use crate::subjects::model::Model;
use crate::suite::File;
use crate::trace::{Setup, Shown, Trace};
use crate::transcript::Transcript;

/// The version of the JSON form; fields are added, never changed.
pub const SCHEMA: &str = "sesscheck-reached-1";

/// The random traces, unless others are asked for.
pub const LANES: [(Lane, u64); 4] =
    [(Lane::Direct, 250), (Lane::Handshakes, 1000), (Lane::Mixed, 250), (Lane::Tickets, 1000)];

/// A set of clauses, by [`Clause::index`].
type Set = [u64; Clause::COUNT.div_ceil(64)];

fn has(set: &Set, clause: Clause) -> bool {
    set[clause.index() / 64] >> (clause.index() % 64) & 1 == 1
}

fn put(set: &mut Set, clause: Clause) {
    set[clause.index() / 64] |= 1 << (clause.index() % 64);
}

/// What is executed with the setup, before the first op: the number is shown of every context.
fn of_setup(setup: &Setup, set: &mut Set) {
    if !setup.contexts.is_empty() {
        put(set, NUMBER_COUNTS_MEMBERS);
    }
    if setup.contexts.iter().any(|context| context.size.is_none()) {
        put(set, SIZE_DEFAULT);
    }
}

fn is_synonym(op: &Op) -> bool {
    matches!(
        op,
        Op::AddSession { synonym: true, .. }
            | Op::RemoveSession { synonym: true, .. }
            | Op::FlushSessions { synonym: true, .. }
    )
}

/// What some traces executed. Further ones add to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reached {
    /// By clause, those that were executed in a trace with it, itself among them.
    with: Vec<Set>,
}

impl Default for Reached {
    fn default() -> Self {
        Self { with: vec![[0; _]; Clause::COUNT] }
    }
}

impl Reached {
    /// Runs the model over a trace, up to what it refuses.
    pub fn trace(&mut self, trace: &Trace, profile: &Profile) {
        let (mut set, mut seen): (Set, _) = ([0; _], Transcript::default());
        of_setup(&trace.setup, &mut set);
        let mut driver = Driver::new(Model::new(*profile), &trace.setup, Shown::Steps);
        for (_, op) in trace.executed() {
            if driver.library().refuses(&op).is_some() {
                break;
            }
            seen.clear();
            driver.step(&op, &mut seen);
            driver.library().ruling.decided.iter().for_each(|(clause, _)| put(&mut set, *clause));
            if is_synonym(&op) {
                put(&mut set, SYNONYMS);
            }
        }
        for clause in Clause::all().filter(|clause| has(&set, *clause)) {
            for (all, of_it) in self.with[clause.index()].iter_mut().zip(set) {
                *all |= of_it;
            }
        }
    }

    /// Whether a trace has executed the clause.
    #[must_use]
    pub fn executed(&self, clause: Clause) -> bool {
        self.together(clause, clause)
    }

    /// Whether one trace has executed both clauses.
    #[must_use]
    pub fn together(&self, one: Clause, other: Clause) -> bool {
        has(&self.with[one.index()], other)
    }

    /// How many pairs of two clauses were executed in one trace, the order aside.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        let met = |one: Clause| Clause::all().filter(move |&other| one < other && self.together(one, other)).count();
        Clause::all().map(|one| met(one) as u64).sum()
    }
}

/// The figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// [`SCHEMA`].
    pub schema: String,
    /// How many scenarios were run.
    pub scenarios: u64,
    /// How many random traces were run after them, by lane.
    pub random: Vec<(String, u64)>,
    /// The seed of the random traces.
    pub seed: u64,
    /// How many clauses are rules.
    pub rules: u64,
    /// The rules that no trace executed.
    pub rules_not_executed: Vec<String>,
    /// How many clauses can be executed: the rules, and what else the manual cites.
    pub clauses: u64,
    /// Those of them that no trace executed.
    pub clauses_not_executed: Vec<String>,
    /// How many pairs of two of these clauses there are. Not all can meet: some exclude each other.
    pub pairs: u64,
    /// How many pairs one scenario has executed.
    pub pairs_by_scenarios: u64,
    /// How many pairs one trace has executed, a scenario or a random one.
    pub pairs_reached: u64,
}

impl Figures {
    /// Runs the scenarios, each under all that it is a claim about, and random traces under the manual alone.
    ///
    /// # Panics
    ///
    /// Never: the profile `manual` is shipped.
    #[must_use]
    pub fn gather(files: &[File], seed: u64, lanes: &[(Lane, u64)]) -> Self {
        let mut reached = Reached::default();
        for file in files {
            for profile in file.claims_about() {
                reached.trace(&file.scenario.trace, &profile);
            }
        }
        let pairs_by_scenarios = reached.pairs();
        let manual = profiles::by_name("manual").expect("it is shipped").profile;
        for &(lane, count) in lanes {
            for number in 0..count {
                reached.trace(&trace_of(Seed(seed), number, lane), &manual);
            }
        }
        let not_executed = |clauses: &[Clause]| {
            clauses.iter().filter(|clause| !reached.executed(**clause)).map(|clause| clause.id().to_owned()).collect()
        };
        let is_rule = |clause: &Clause| clause.entry().kind == Kind::Rule;
        let rules: Vec<_> = Clause::all().filter(is_rule).collect();
        let clauses: Vec<_> = Clause::all().filter(|clause| is_rule(clause) || !cited(*clause).is_empty()).collect();
        let count = clauses.len() as u64;
        Self {
            schema: SCHEMA.to_owned(),
            scenarios: files.len() as u64,
            random: lanes.iter().map(|(lane, count)| (lane.to_string(), *count)).collect(),
            seed,
            rules: rules.len() as u64,
            rules_not_executed: not_executed(&rules),
            clauses: count,
            clauses_not_executed: not_executed(&clauses),
            pairs: count * count.saturating_sub(1) / 2,
            pairs_by_scenarios,
            pairs_reached: reached.pairs(),
        }
    }

    /// Versioned JSON.
    ///
    /// # Panics
    ///
    /// Never: it is made of texts and numbers.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers") + "\n"
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let random: Vec<_> = self.random.iter().map(|(lane, count)| format!("{lane}:{count}")).collect();
        let random = if random.is_empty() { "none".to_owned() } else { random.join(" ") };
        writeln!(f, "{} scenarios; random traces: {random}, seed {}", self.scenarios, self.seed)?;
        for (what, all, not) in [
            ("rules", self.rules, &self.rules_not_executed),
            ("clauses, the open ones among them", self.clauses, &self.clauses_not_executed),
        ] {
            let but = if not.is_empty() { String::new() } else { format!("; not: {}", not.join(", ")) };
            writeln!(f, "executed: {} of {all} {what}{but}", all - not.len() as u64)?;
        }
        let Self { pairs, pairs_by_scenarios, pairs_reached, .. } = self;
        writeln!(
            f,
            "pairs of clauses in one trace: {pairs_reached} of {pairs}, {pairs_by_scenarios} by scenarios alone"
        )
    }
}
