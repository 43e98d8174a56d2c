//! Rounds: in each, every subject is run once on the workload, in an order that turns from round to round.

use std::process::Command;

use crate::peer::Subject;
use crate::peers;
use crate::run::{Outcome, Pools};
use crate::workload::{Measure, Workload};
use crate::workloads::{self, Scale};

/// What was asked for.
pub struct Plan {
    /// The subjects; ours is the first.
    pub subjects: Vec<Subject>,
    /// How many rounds there are, at least 1.
    pub rounds: usize,
    /// How large the large caches are.
    pub scale: Scale,
}

/// What came of one workload.
pub struct Line {
    /// Its name.
    pub workload: &'static str,
    /// What was measured.
    pub measure: Measure,
    /// Of each subject, the figures of the rounds, not a number where it did not come to the end; `None`: it does not
    /// take part.
    pub figures: Vec<Option<Vec<f64>>>,
    /// What is to be said of it beside figures.
    pub remarks: Vec<String>,
}

impl Line {
    /// A subject's figure: the median of the rounds, or for the longest call the least.
    #[must_use]
    pub fn figure(&self, subject: usize) -> Option<f64> {
        let mut figures = self.figures[subject].clone()?;
        figures.retain(|figure| figure.is_finite());
        self.of_rounds(figures)
    }

    /// How many times ours a subject takes: the least, that of the table, and the most of the rounds.
    #[must_use]
    pub fn ratio(&self, subject: usize) -> Option<[f64; 3]> {
        let pairs = self.figures[subject].as_ref()?.iter().zip(self.figures[0].as_ref()?);
        let mut ratios: Vec<f64> = pairs.map(|(figure, ours)| figure / ours).filter(|r| r.is_finite()).collect();
        ratios.sort_by(f64::total_cmp);
        let shown = match self.measure {
            Measure::Longest => self.figure(subject)? / self.figure(0)?,
            _ => self.of_rounds(ratios.clone())?,
        };
        Some([*ratios.first()?, shown, *ratios.last()?])
    }

    fn of_rounds(&self, mut figures: Vec<f64>) -> Option<f64> {
        figures.sort_by(f64::total_cmp);
        let at = if self.measure == Measure::Longest { 0 } else { figures.len() / 2 };
        figures.get(at).copied()
    }
}

impl Plan {
    /// Runs workloads in all rounds. Those that are to be held against each other are given together: in a round each
    /// subject is run on one after the other.
    #[must_use]
    pub fn run(&self, workloads: &[(&'static str, Workload)]) -> Vec<Line> {
        let mut pools: Vec<Pools> = workloads.iter().map(|_| Pools::default()).collect();
        let mut outcomes: Vec<Vec<Vec<Outcome>>> = vec![vec![Vec::new(); self.subjects.len()]; workloads.len()];
        for round in 0..self.rounds {
            for turn in 0..self.subjects.len() {
                let n = (turn + round) % self.subjects.len();
                let subject = &self.subjects[n];
                for (((name, workload), pools), outcomes) in workloads.iter().zip(&mut pools).zip(&mut outcomes) {
                    if subject.takes_part(workload) {
                        outcomes[n].push(self.once(subject, workload, name, pools));
                    }
                }
            }
        }
        workloads
            .iter()
            .zip(outcomes)
            .map(|((name, workload), outcomes)| self.line(name, workload, &outcomes))
            .collect()
    }

    fn line(&self, workload: &'static str, of: &Workload, outcomes: &[Vec<Outcome>]) -> Line {
        let remarks = (0..self.subjects.len()).filter_map(|n| self.remark(n, outcomes)).collect();
        let figures = |(subject, outcomes): (&Subject, &Vec<Outcome>)| {
            subject.takes_part(of).then(|| outcomes.iter().map(|outcome| outcome.figure).collect())
        };
        let figures = self.subjects.iter().zip(outcomes).map(figures).collect();
        Line { workload, measure: of.measure, figures, remarks }
    }

    fn remark(&self, n: usize, outcomes: &[Vec<Outcome>]) -> Option<String> {
        let name = self.subjects[n].name;
        let lost = outcomes[n].iter().filter(|outcome| !outcome.figure.is_finite()).count();
        if lost > 0 {
            return Some(format!("{name} did not come to the end in {lost} of {} rounds", self.rounds));
        }
        let least_done = outcomes[n].iter().map(|outcome| outcome.done).fold(1.0, f64::min);
        if least_done < 1.0 {
            return Some(format!(
                "{name} was stopped when time was up: the first {:.0} % of the steps",
                percent(least_done)
            ));
        }
        let ours = outcomes[0].first().and_then(|outcome| outcome.found);
        let other = |outcome: &Outcome| ours.zip(outcome.found).is_some_and(|(ours, found)| ours != found);
        if self.subjects[n].is_exact() && outcomes[n].iter().any(other) {
            return Some(format!("{name} did not find as many as ours did"));
        }
        let [ours, hits] = [0, n].map(|n| mean(&outcomes[n]));
        let differs = (hits - ours).abs() > HITS;
        differs.then(|| format!("{name}: {:.0} % of the lookups hit, of ours {:.0} %", percent(hits), percent(ours)))
    }

    fn once(&self, subject: &Subject, workload: &Workload, name: &str, pools: &mut Pools) -> Outcome {
        let alone = match workload.measure {
            Measure::Bytes | Measure::MostBytes => true,
            Measure::Together(_) => subject.may_break(),
            _ => false,
        };
        if !alone {
            return subject.run(workload, pools);
        }
        let program = std::env::current_exe().expect("the system knows what runs");
        let size = if self.scale.large == Scale::FULL.large { "full" } else { "quick" };
        let said = Command::new(program).args([ALONE, subject.name, name, size]).output();
        let said = said.expect("what runs can be run again");
        let said = String::from_utf8_lossy(&said.stdout);
        let mut said = said.split_whitespace().map(|figure| figure.parse().unwrap_or(f64::NAN));
        let mut next = || said.next().unwrap_or(f64::NAN);
        let (figure, hits) = (next(), next());
        Outcome { hits, ..Outcome::of(figure) }
    }
}

/// From which difference on it is told what share of the lookups hit: who finds less has less to do, or more.
const HITS: f64 = 0.03;

/// The share of hits in all rounds.
fn mean(outcomes: &[Outcome]) -> f64 {
    outcomes.iter().map(|outcome| outcome.hits).sum::<f64>() / outcomes.len() as f64
}

fn percent(share: f64) -> f64 {
    share * 100.0
}

/// The argument by which this program runs itself: one subject, one workload, in a process that has done nothing else.
pub const ALONE: &str = "--alone";

/// What it says then: the figure, and the share of lookups that hit.
#[must_use]
pub fn alone(subject: &str, workload: &str, size: &str) -> Option<[f64; 2]> {
    let subject = peers::here().0.into_iter().find(|other| other.name == subject)?;
    let (_, make) = workloads::ALL.iter().find(|(name, _)| *name == workload)?;
    let scale = if size == "full" { Scale::FULL } else { Scale::QUICK };
    let Outcome { figure, hits, .. } = subject.run(&make(scale), &mut Pools::default());
    Some([figure, hits])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(measure: Measure, figures: [&[f64]; 2]) -> Line {
        let figures = figures.iter().map(|figures| Some(figures.to_vec())).collect();
        Line { workload: "hit", measure, figures, remarks: Vec::new() }
    }

    #[test]
    fn a_ratio_is_within_a_round() {
        // Somebody else had the machine in the second round: both took ten times as long.
        let line = line(Measure::Mean, [&[10.0, 100.0, 11.0], &[20.0, 200.0, 23.1]]);
        assert_eq!(line.figure(1), Some(23.1));
        assert_eq!(line.ratio(1).map(|ratio| ratio.map(|r| (r * 100.0).round())), Some([200.0, 200.0, 210.0]));
    }

    #[test]
    fn the_longest_call_is_that_of_the_round_in_which_it_was_the_least() {
        let line = line(Measure::Longest, [&[5000.0, 900.0, 1000.0], &[1800.0, 9000.0, 2000.0]]);
        assert_eq!((line.figure(0), line.figure(1)), (Some(900.0), Some(1800.0)));
        assert_eq!(line.ratio(1).map(|[_, shown, _]| shown), Some(2.0));
    }

    #[test]
    fn it_is_told_who_was_stopped_and_who_hits_more_seldom() {
        let plan = Plan { subjects: crate::series::tests::subjects(), rounds: 1, scale: Scale::QUICK };
        let outcome = |hits, done| vec![Outcome { hits, done, ..Outcome::of(10.0) }];
        let remark = |other| plan.remark(1, &[outcome(0.9, 1.0), other]);
        assert_eq!(remark(outcome(0.88, 1.0)), None);
        assert_eq!(remark(outcome(0.7, 1.0)).as_deref(), Some("hash map: 70 % of the lookups hit, of ours 90 %"));
        let stopped = "hash map was stopped when time was up: the first 18 % of the steps";
        assert_eq!(remark(outcome(0.9, 0.18)).as_deref(), Some(stopped));
    }

    #[test]
    fn workloads_that_are_given_together_have_a_line_each() {
        let plan = Plan { subjects: crate::series::tests::subjects(), rounds: 2, scale: Scale::QUICK };
        let (_, make) = workloads::growth::ALL[0];
        let lines = plan.run(&[("few", make(plan.scale, 100)), ("more", make(plan.scale, 200))]);
        assert_eq!(lines.iter().map(|line| line.workload).collect::<Vec<_>>(), ["few", "more"]);
        let rounds = lines.iter().flat_map(|line| line.figures.iter().flatten());
        assert!(rounds.clone().count() == 4 && rounds.clone().all(|figures| figures.len() == 2));
    }

    #[test]
    fn rounds_without_an_end_do_not_count() {
        let line = line(Measure::Together(2), [&[10.0, 10.0, 10.0], &[f64::NAN, 30.0, f64::NAN]]);
        assert_eq!((line.figure(1), line.ratio(1)), (Some(30.0), Some([3.0; 3])));
    }
}
