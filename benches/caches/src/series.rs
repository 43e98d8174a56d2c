//! Lines of the table that belong together, held against the first of them subject by subject: sizes, threads, ids.
//! They are measured in the same rounds, and what is told is the median of the ratios within a round. Where one is
//! added that is drawn from the table: [`ALL`]. Not here: how it is shown.

use crate::peer::Subject;
use crate::rounds::Line;

/// Lines to be compared with the first.
pub struct Series<'a> {
    /// What it is about.
    pub name: &'a str,
    /// The lines, in the order that is told, each with what distinguishes it.
    pub points: Vec<(&'a str, &'a Line)>,
    /// What a cell says beside the figure.
    pub says: Says,
}

/// What a cell says beside the figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    /// How many times the first it is.
    Times,
    /// How much faster than the first it is.
    Faster,
    /// The first, and in a last column how many times as much the figure grew as that of the plain hash map.
    Growth,
}

/// One subject's row of a series.
pub struct Row {
    /// The subject's number.
    pub subject: usize,
    /// For each point the figure, and for all but the first how it stands to that.
    pub cells: Vec<Option<(f64, Option<f64>)>>,
    /// How many times as much it grew as the plain hash map did.
    pub beside: Option<f64>,
}

impl Series<'_> {
    /// A row for each subject that takes part.
    #[must_use]
    pub fn rows(&self, subjects: &[Subject]) -> Vec<Row> {
        let plain = subjects.iter().position(|subject| subject.name == PLAIN).and_then(|plain| self.growth(plain));
        let row = |subject| {
            let cell = |(n, (_, line)): (usize, &(_, &Line))| {
                let times = self.times(subject, line).filter(|_| n > 0).and_then(median);
                let shown = if self.says == Says::Faster { times.map(|times| 1.0 / times) } else { times };
                Some((line.figure(subject)?, shown))
            };
            let grew = self.growth(subject).zip(plain.as_ref()).filter(|_| self.says == Says::Growth);
            let beside =
                grew.and_then(|(own, plain)| median(own.iter().zip(plain).map(|(own, plain)| own / plain).collect()));
            Row { subject, cells: self.points.iter().enumerate().map(cell).collect(), beside }
        };
        (0..subjects.len()).map(row).filter(|row| row.cells.iter().any(Option::is_some)).collect()
    }

    /// What is to be said of its points beside figures.
    pub fn remarks(&self) -> impl Iterator<Item = String> {
        let of = |(caption, line): &(&str, &Line)| {
            line.remarks.iter().map(|remark| format!("{caption}: {remark}")).collect::<Vec<_>>()
        };
        self.points.iter().flat_map(of)
    }

    /// How many times the first it takes, in each round: the lines of a series are measured in the same rounds.
    fn times(&self, subject: usize, line: &Line) -> Option<Vec<f64>> {
        let (_, first) = self.points.first()?;
        let rounds = line.figures[subject].as_ref()?.iter().zip(first.figures[subject].as_ref()?);
        Some(rounds.map(|(figure, first)| figure / first).collect())
    }

    /// From the first to the last in each round, where there are both.
    fn growth(&self, subject: usize) -> Option<Vec<f64>> {
        self.times(subject, self.points.last()?.1)
    }
}

/// Of the rounds that came to the end.
fn median(mut rounds: Vec<f64>) -> Option<f64> {
    rounds.retain(|round| round.is_finite());
    rounds.sort_by(f64::total_cmp);
    rounds.get(rounds.len() / 2).copied()
}

/// Whose growth is that of the machine.
const PLAIN: &str = "hash map";

/// A series that is drawn from the table: its name, what is to be known of it, what it says, and its points.
pub struct Drawn {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    says: Says,
    points: &'static [(&'static str, &'static str)],
}

const ONE: &str = "1 thread";
const TWO: &str = "2 threads";
const APART: &str = "2 threads apart";
const CORES: &str = "How much faster two threads are than one, by the clock on the wall. Apart, each thread has a \
                     cache of its own and nothing is shared: more than that the machine does not give to anybody.";

/// Those that are drawn from the table.
pub const ALL: &[Drawn] = &[
    Drawn {
        name: "threads, lookups",
        about: CORES,
        says: Says::Faster,
        points: &[(ONE, "lookups, 1 thread"), (TWO, "lookups, 2 threads"), (APART, "lookups, 2 threads apart")],
    },
    Drawn {
        name: "threads, mix, equal timeouts",
        about: CORES,
        says: Says::Faster,
        points: &[
            (ONE, "mix, equal timeouts, 1 thread"),
            (TWO, "mix, equal timeouts, 2 threads"),
            (APART, "mix, equal timeouts, 2 threads apart"),
        ],
    },
    Drawn {
        name: "threads, mix, mixed timeouts",
        about: CORES,
        says: Says::Faster,
        points: &[
            (ONE, "mix, mixed timeouts, 1 thread"),
            (TWO, "mix, mixed timeouts, 2 threads"),
            (APART, "mix, mixed timeouts, 2 threads apart"),
        ],
    },
    Drawn {
        name: "ids that somebody chose",
        about: "How many times as long as with ids at random: an add and a lookup each. Those that collide have one \
                hash in ours under a key that was guessed; each cache draws its own.",
        says: Says::Times,
        points: &[
            ("at random", "ids at random, 20,480"),
            ("begin alike", "ids that begin alike, 20,480"),
            ("middle", "ids alike but in the middle, 20,480"),
            ("1-4 bytes", "ids of 1 to 4 bytes, 20,480"),
            ("4 in common", "ids with 4 bytes in common, 20,480"),
            ("collide", "ids that collide for a guessed key"),
        ],
    },
];

/// Whether two workloads are held against each other, and so are to be measured in the same rounds.
#[must_use]
pub fn belong_together(one: &str, other: &str) -> bool {
    let has = |drawn: &Drawn, name| drawn.points.iter().any(|(_, point)| *point == name);
    ALL.iter().any(|drawn| has(drawn, one) && has(drawn, other))
}

impl Drawn {
    /// The series, if all of its lines are there.
    #[must_use]
    pub fn series<'a>(&self, lines: &'a [Line]) -> Option<Series<'a>> {
        let line = |name: &str| lines.iter().find(|line| line.workload == name);
        let points = self.points.iter().map(|(caption, name)| Some((*caption, line(name)?)));
        Some(Series { name: self.name, points: points.collect::<Option<_>>()?, says: self.says })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::peers;
    use crate::workload::Measure;
    use crate::workloads;

    /// Ours, and the plain hash map.
    pub(crate) fn subjects() -> Vec<Subject> {
        let plain = peers::ALL.iter().copied().find(|subject| subject.name == PLAIN).expect("it is one of them");
        vec![peers::OURS, plain]
    }

    /// With one round.
    pub(crate) fn line(workload: &'static str, figures: &[Option<f64>]) -> Line {
        let figures = figures.iter().map(|figure| figure.map(|figure| vec![figure])).collect();
        Line { workload, measure: Measure::Mean, figures, remarks: Vec::new() }
    }

    #[test]
    fn growth_is_held_against_that_of_the_hash_map() {
        let (small, large) = (line("hit", &[Some(10.0), Some(20.0)]), line("hit", &[Some(30.0), Some(120.0)]));
        let series = Series { name: "hit", points: vec![("1 k", &small), ("1 M", &large)], says: Says::Growth };
        let rows = series.rows(&subjects());
        assert_eq!(rows[0].cells, [Some((10.0, None)), Some((30.0, Some(3.0)))]);
        assert_eq!((rows[0].beside, rows[1].beside), (Some(0.5), Some(1.0)));
    }

    #[test]
    fn two_threads_are_so_much_faster() {
        let (one, two) = (line("mix", &[Some(30.0), None]), line("mix", &[Some(20.0), None]));
        let series = Series { name: "mix", points: vec![(ONE, &one), (TWO, &two)], says: Says::Faster };
        let rows = series.rows(&subjects());
        assert_eq!(rows.len(), 1, "the hash map does not take part");
        assert_eq!((rows[0].cells[1], rows[0].beside), (Some((20.0, Some(1.5))), None));
    }

    #[test]
    fn points_are_compared_within_a_round() {
        // The machine was ten times as slow in the second round.
        let of = |rounds: [f64; 3]| Line { figures: vec![Some(rounds.to_vec()), None], ..line("hit", &[None, None]) };
        let (one, two) = (of([10.0, 100.0, 40.0]), of([20.0, 200.0, 20.0]));
        let series = Series { name: "hit", points: vec![(ONE, &one), (TWO, &two)], says: Says::Times };
        assert_eq!(series.rows(&subjects())[0].cells[1], Some((20.0, Some(2.0))));
    }

    #[test]
    fn what_belongs_together_stands_together_in_the_table() {
        let group = |name: &&str| workloads::ALL.iter().position(|(n, _)| n == name);
        for drawn in ALL {
            let at: Vec<usize> = drawn.points.iter().filter_map(|(_, name)| group(name)).collect();
            assert!(at.is_sorted() && at[at.len() - 1] - at[0] == at.len() - 1, "{}", drawn.name);
        }
        assert!(belong_together("lookups, 1 thread", "lookups, 2 threads"));
        assert!(!belong_together("lookups, 1 thread", "mix, equal timeouts, 2 threads"));
    }

    #[test]
    fn who_lacks_the_first_point_has_figures_alone() {
        let (one, two) = (line("mix", &[None, None]), line("mix", &[Some(20.0), None]));
        let series = Series { name: "mix", points: vec![(ONE, &one), (TWO, &two)], says: Says::Times };
        assert_eq!(series.rows(&subjects())[0].cells, [None, Some((20.0, None))]);
    }

    #[test]
    fn what_is_drawn_from_the_table_is_in_it() {
        for (_, workload) in ALL.iter().flat_map(|drawn| drawn.points) {
            assert!(workloads::ALL.iter().any(|(name, _)| name == workload), "{workload}");
        }
        assert!(ALL[0].series(&[]).is_none());
    }
}
