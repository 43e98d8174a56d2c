//! Whether a simulation counts right: services so simple that a formula says what share of their connections is
//! resumed, run as any other, and held against the formula.
//!
//! In all of them clients come by Poisson's law or think by a law of their own, handshakes take no time, and connections
//! are closed at once, so that a session is made at the moment when its client comes. Clocks show whole seconds: a
//! session made at `s` is good until the last microsecond of second `⌊s⌋ + timeout`, which is a part of a second longer
//! than its timeout, and the formulas have that part in them.
//!
//! Each case carries mistakes that were planted in its prediction, such as a timeout that is a second longer. A page on
//! which those could not be told from what is simulated would say nothing. Not here: how it is printed, and what no
//! formula says ([`mod@super::shipped`]).

mod cases;
mod formulas;

pub use cases::cases;

use serde::Serialize;

use super::answers::{Answers, Facts, Stretch};
use super::part::Part;
use super::read::parse;
use super::run::run;
use super::service::Against;
use super::traffic::Traffic;
use super::watched::Watched;
use super::workload::{SECOND, Workload};
use crate::subjects::{CannotOpen, Spec};

/// The version of the JSON form; fields are added, never changed.
pub const SCHEMA: &str = "sesscheck-calibration-1";

/// So many standard errors are allowed for chance: 1 run in 16,000 is further off.
pub const SIGMAS: f64 = 4.0;

/// What is measured is cut into about so many batches, whose spread gives the standard error: what is resumed now and
/// what was just before have to do with each other, so that connections cannot be counted as if they had not.
const BATCHES: usize = 32;

/// A service, and what its hit rate should be.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// What it is called.
    pub name: &'static str,
    /// What is run, in a sentence.
    pub about: &'static str,
    /// The formula.
    pub formula: &'static str,
    /// Whose it is, or what it follows from.
    pub source: &'static str,
    /// The workload, as it can be run by itself.
    pub workload: String,
    /// What share is meant.
    pub of: Of,
    /// How many seconds are left out at the start, until where it began does not show any more.
    pub warm: u64,
    /// What the formula says.
    pub predicted: f64,
    /// By how much the formula itself may be wrong; 0: it is exact.
    pub bound: f64,
    /// Predictions with a mistake in them.
    pub planted: Vec<Planted>,
}

/// What a hit rate is a share of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// Of all connections.
    All,
    /// Of those in which something was proposed: of clients who are known, where attackers come as well.
    Proposed,
}

/// A prediction with a mistake in it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Planted {
    /// The mistake.
    pub what: &'static str,
    /// What would be predicted.
    pub predicted: f64,
    /// Whether that is too far from what is simulated; without a run it is not.
    pub noticed: bool,
}

/// A case that was run.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Calibrated {
    /// What it is called.
    pub name: &'static str,
    /// What is run, in a sentence.
    pub about: &'static str,
    /// The formula.
    pub formula: &'static str,
    /// Whose it is, or what it follows from.
    pub source: &'static str,
    /// The workload, as it can be run by itself.
    pub workload: String,
    /// Connections that count.
    pub connections: u64,
    /// What the formula says.
    pub predicted: f64,
    /// What was simulated.
    pub simulated: f64,
    /// The standard error of that, by batches.
    pub standard_error: f64,
    /// By how much the formula itself may be wrong.
    pub bound: f64,
    /// How far the two may be from each other.
    pub allowed: f64,
    /// Whether they are no further.
    pub holds: bool,
    /// Predictions with a mistake in them.
    pub planted: Vec<Planted>,
}

/// All cases that were run.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Calibration {
    /// The version of this form.
    pub schema: &'static str,
    /// The command that runs it again.
    pub again: String,
    /// The seed.
    pub seed: u64,
    /// How many times as long as in a short run.
    pub times: u32,
    /// The cases.
    pub cases: Vec<Calibrated>,
}

impl Calibration {
    /// The exit status: 0 when each case holds and each planted mistake was noticed, 1 otherwise.
    #[must_use]
    pub fn status(&self) -> u8 {
        u8::from(!self.cases.iter().all(Calibrated::is_well))
    }
}

impl Calibrated {
    /// Whether it holds, and would not, were there a mistake.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.holds && self.planted.iter().all(|planted| planted.noticed)
    }

    /// How far what was simulated is from the prediction.
    #[must_use]
    pub fn difference(&self) -> f64 {
        self.simulated - self.predicted
    }
}

impl Case {
    /// Its workload, read.
    ///
    /// # Panics
    ///
    /// Never: a test reads them all.
    #[must_use]
    pub fn read(&self) -> Workload {
        let read = parse(self.name, &self.workload);
        read.unwrap_or_else(|wrong| panic!("{} is tested: {}", self.name, wrong[0].render(false)))
    }

    /// Runs it on our cache.
    ///
    /// # Errors
    ///
    /// When the cache cannot be run.
    pub fn run(&self, seed: u64, checked: Part) -> Result<Calibrated, CannotOpen> {
        let workload = self.read();
        let against = Against { subject: Spec::Optimised, checked, profile: None, victim: None };
        let mut service = Watched::open(&workload.setting, &against, seed, workload.lasts)?;
        let facts = Facts::of(&workload, &workload.setting);
        let answers = run(facts, &mut Traffic::new(&workload, seed), &mut service, &mut |_, _| {});
        Ok(self.held_against(&answers))
    }

    fn held_against(&self, answers: &Answers) -> Calibrated {
        let measured = Measured::of(answers, self);
        let allowed = self.bound + SIGMAS * measured.standard_error;
        let is_near = |predicted: f64| (measured.rate - predicted).abs() <= allowed;
        let noticed = |planted: &Planted| Planted { noticed: !is_near(planted.predicted), ..planted.clone() };
        Calibrated {
            name: self.name,
            about: self.about,
            formula: self.formula,
            source: self.source,
            workload: self.workload.clone(),
            connections: measured.connections,
            predicted: self.predicted,
            simulated: measured.rate,
            standard_error: measured.standard_error,
            bound: self.bound,
            allowed,
            holds: answers.status() == 0 && is_near(self.predicted),
            planted: self.planted.iter().map(noticed).collect(),
        }
    }
}

/// What a run came to.
struct Measured {
    connections: u64,
    rate: f64,
    standard_error: f64,
}

impl Measured {
    fn of(answers: &Answers, case: &Case) -> Self {
        let warm = |stretch: &&Stretch| stretch.from >= case.warm * SECOND;
        let counts = answers.series.iter().filter(warm).map(|stretch| {
            let of = stretch.counts().handshakes;
            (of.hits(), if case.of == Of::All { of.connections } else { of.proposed })
        });
        let counts: Vec<(u64, u64)> = counts.collect();
        let add = |all: (u64, u64), one: &(u64, u64)| (all.0 + one.0, all.1 + one.1);
        let (hits, connections) = counts.iter().fold((0, 0), add);
        let rate = hits as f64 / connections as f64;
        let batches = counts.chunks(counts.len().div_ceil(BATCHES).max(1)).map(|batch| batch.iter().fold((0, 0), add));
        let residuals: Vec<f64> = batches.map(|(hits, of)| hits as f64 - rate * of as f64).collect();
        let number = residuals.len() as f64;
        let squares: f64 = residuals.iter().map(|residual| residual * residual).sum();
        // The error of a ratio of two sums, whose numbers of connections are not fixed either.
        let standard_error = (squares * number / (number - 1.0)).sqrt() / connections as f64;
        Self { connections, rate, standard_error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::sweep::side_by_side;

    #[test]
    fn each_case_comes_out_as_its_formula_says_and_would_not_with_a_mistake_in_it() {
        let cases = cases(1);
        let ran = side_by_side(&cases, 2, |case| case.run(1, Part::Never).expect("our cache opens"));
        for case in &ran {
            assert!(case.holds, "{}: {} and not {}", case.name, case.simulated, case.predicted);
            assert!(!case.planted.is_empty(), "{} could not fail", case.name);
            for planted in &case.planted {
                assert!(planted.noticed, "{}, {}: {}", case.name, planted.what, planted.predicted);
            }
        }
    }

    #[test]
    fn a_prediction_that_is_wrong_does_not_hold() {
        let all = cases(1);
        let case = all.iter().find(|case| case.name == "fixed-timeout").expect("it is there");
        let wrong = Case { predicted: case.planted[0].predicted, ..case.clone() };
        let ran = wrong.run(1, Part::Never).expect("our cache opens");
        assert!(!ran.holds && !ran.is_well(), "{ran:?}");
    }

    #[test]
    fn a_service_that_is_set_wrong_does_not_hold() {
        let all = cases(1);
        let case = all.iter().find(|case| case.name == "fixed-timeout").expect("it is there");
        let (right, wrong) = ("timeout: 10s", "timeout: 11s");
        assert!(case.workload.contains(right));
        let wrong = Case { workload: case.workload.replace(right, wrong), ..case.clone() };
        assert!(!wrong.run(1, Part::Never).expect("our cache opens").holds);
    }

    #[test]
    fn a_case_is_the_same_with_the_model_in_step() {
        let mut case = cases(1).swap_remove(0);
        case.workload = case.workload.replace("lasts: 10400s", "lasts: 900s");
        let [free, checked] = [Part::Never, Part::Every].map(|checked| case.run(3, checked).expect("it opens"));
        assert_eq!(free, checked);
    }
}
