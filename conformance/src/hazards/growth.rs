//! Whether a trace leaks: what it leaves behind, and what rounds of it do to the memory of the process.

use crate::naming::Naming;
use crate::op::Op;
use crate::subject::Subject;
use crate::trace::Trace;
use crate::transcript::{Ending, Transcript};
use crate::worker::resident;

/// How many rounds are run, in four quarters.
pub const ROUNDS: u32 = 600;

/// By how much memory each quarter after the first has to grow, in kibibytes: less than half of what one session object
/// a round is in any library that was looked at.
pub const QUARTER: u64 = 48;

/// A trace that leaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leak {
    /// By how much resident memory grew in each quarter after the first, in kibibytes.
    pub quarters: [u64; 3],
}

impl std::fmt::Display for Leak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c] = self.quarters;
        write!(f, "{a}, {b} and {c} KiB more after each {} rounds", ROUNDS / 4)
    }
}

/// Whether an object of this name is left at the end, with every reference of the trace and of its application given
/// up and every context freed.
#[must_use]
pub fn leaves_behind(trace: &Trace, transcript: &Transcript) -> bool {
    if transcript.ending != Ending::Completed {
        return false;
    }
    let naming = Naming::of(trace, transcript);
    let mut named = trace.executed().filter_map(|(_, op)| match *op {
        Op::Release(name) => naming.object(name),
        _ => None,
    });
    named.any(|object| !transcript.destroyed.contains(&object))
}

/// Runs the rounds; `alive` is told now and then. `None`: memory does not grow with them, or the system does not tell.
pub fn leak(subject: &mut dyn Subject, trace: &Trace, alive: &mut dyn FnMut()) -> Option<Leak> {
    let mut transcript = Transcript::default();
    let mut marks = [0; 4];
    for mark in &mut marks {
        for round in 0..ROUNDS / 4 {
            if round % 16 == 0 {
                alive();
            }
            subject.run(trace, &mut transcript);
        }
        *mark = resident()?;
    }
    let grown = |n: usize| marks[n + 1].saturating_sub(marks[n]) / 1024;
    let quarters = [grown(0), grown(1), grown(2)];
    quarters.iter().all(|grown| *grown >= QUARTER).then_some(Leak { quarters })
}
