//! Rounds: in each, every subject is run once on the workload, in an order that turns from round to round.

use std::process::Command;

use crate::peer::{Less, Outcome, Pools, Subject};
use crate::peers;
use crate::workload::{Measure, Workload};
use crate::workloads::{Named, Scale};

/// What was asked for.
pub struct Plan {
    /// The subjects; ours is the first.
    pub subjects: Vec<Subject>,
    /// The workloads.
    pub workloads: Vec<Named>,
    /// How many rounds there are, at least 1.
    pub rounds: usize,
    /// How large the large caches are.
    pub scale: Scale,
}

/// What came of one workload.
pub struct Line {
    /// Its name.
    pub workload: &'static str,
    /// What figures are divided by to be shown, and their unit then.
    pub unit: (f64, &'static str),
    /// Of each subject, the figures of the rounds; `None`: it does not take part.
    pub figures: Vec<Option<Vec<f64>>>,
    /// Those that are exact and found another number than ours did.
    pub astray: Vec<&'static str>,
}

impl Line {
    /// The median of a subject's figures.
    #[must_use]
    pub fn figure(&self, subject: usize) -> Option<f64> {
        self.figures[subject].as_ref().map(|figures| median(figures.clone()))
    }

    /// How many times ours a subject takes: the least, the median and the most of the rounds.
    #[must_use]
    pub fn ratio(&self, subject: usize) -> Option<[f64; 3]> {
        let (figures, ours) = (self.figures[subject].as_ref()?, self.figures[0].as_ref()?);
        let mut ratios: Vec<f64> = figures.iter().zip(ours).map(|(figure, ours)| figure / ours).collect();
        ratios.sort_by(f64::total_cmp);
        Some([ratios[0], median(ratios.clone()), ratios[ratios.len() - 1]])
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

impl Plan {
    /// Runs a workload in all rounds.
    #[must_use]
    pub fn run(&self, (name, make): Named) -> Line {
        let workload = make(self.scale);
        let mut pools = Pools::default();
        let taking_part: Vec<bool> = self.subjects.iter().map(|subject| subject.takes_part(&workload)).collect();
        let mut outcomes: Vec<Vec<Outcome>> = vec![Vec::new(); self.subjects.len()];
        for round in 0..self.rounds {
            for turn in 0..self.subjects.len() {
                let n = (turn + round) % self.subjects.len();
                if taking_part[n] {
                    outcomes[n].push(self.once(&self.subjects[n], &workload, name, &mut pools));
                }
            }
        }
        let found = outcomes[0].first().and_then(|outcome| outcome.found);
        let is_astray = |n: &usize| {
            let exact = [Less::OtherVictim, Less::NoLimit, Less::NoFlush];
            let exact = !self.subjects[*n].less.iter().any(|less| exact.contains(less));
            let other = |outcome: &Outcome| found.zip(outcome.found).is_some_and(|(ours, found)| ours != found);
            exact && outcomes[*n].iter().any(other)
        };
        let astray = (1..self.subjects.len()).filter(is_astray).map(|n| self.subjects[n].name).collect();
        let figures = |(outcomes, takes_part): (Vec<Outcome>, bool)| {
            takes_part.then(|| outcomes.iter().map(|outcome| outcome.figure).collect())
        };
        let unit = workload.measure.unit();
        let figures = outcomes.into_iter().zip(taking_part).map(figures).collect();
        Line { workload: name, unit, figures, astray }
    }

    fn once(&self, subject: &Subject, workload: &Workload, name: &str, pools: &mut Pools) -> Outcome {
        if workload.measure != Measure::Bytes {
            return subject.run(workload, pools);
        }
        let program = std::env::current_exe().expect("the system knows what runs");
        let large = self.scale.large.to_string();
        let said = Command::new(program).args([ALONE, subject.name, name, &large]).output();
        let said = said.expect("what runs can be run again");
        let figure = String::from_utf8_lossy(&said.stdout).trim().parse().unwrap_or(f64::NAN);
        Outcome { figure, found: Some(0) }
    }
}

/// The argument by which this program runs itself: one subject, one workload, in a process that has done nothing else.
pub const ALONE: &str = "--alone";

/// What it says then.
#[must_use]
pub fn alone(subject: &str, workload: &str, large: &str) -> Option<f64> {
    let subject = peers::here().0.into_iter().find(|other| other.name == subject)?;
    let (_, make) = crate::workloads::ALL.iter().find(|(name, _)| *name == workload)?;
    let scale = Scale { large: large.parse().ok()?, ..Scale::FULL };
    Some(subject.run(&make(scale), &mut Pools::default()).figure)
}
