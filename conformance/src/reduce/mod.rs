//! Makes a trace as short and as plain as it can be while it still shows the same.
//!
//! What "the same" is, the caller decides: mostly, that a subject still diverges in the same clause and kind. The
//! reducer knows no subject and no rule; it proposes smaller traces, by one small pass a kind of change, until no
//! pass has a proposal that holds.
//!
//! It ends, since whatever is taken is smaller by [`Measure`], which cannot fall for ever. With budget left, no op of
//! the result can go alone, and reducing it again changes nothing.

mod attempt;
mod by_hand;
mod clock;
mod contexts;
mod fuse;
mod hazards;
mod id_contexts;
mod ids;
mod measure;
mod names;
mod ops;
pub(crate) mod places;
mod repeats;
mod runs;
mod simpler;
mod together;
mod values;

#[cfg(test)]
mod tests;

pub use measure::Measure;

use crate::trace::Trace;
use attempt::Attempt;

/// A trace that was reduced.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reduced {
    /// The smallest trace found.
    pub trace: Trace,
    /// How often `same` was asked.
    pub runs: usize,
}

/// In this order: what takes most away with fewest runs comes first, and what names make readable comes last.
const PASSES: &[fn(&mut Attempt)] = &[
    ops::drop_chunks,
    runs::over_and_over,
    ops::drop_ops,
    ops::drop_names,
    contexts::drop_contexts,
    repeats::unroll,
    repeats::roll,
    repeats::drop_block_ops,
    repeats::split,
    repeats::shorten,
    repeats::join,
    together::limits,
    hazards::calls,
    fuse::handshakes,
    fuse::advances,
    ops::drop_sessions,
    ops::drop_pairs,
    ops::hoist_sessions,
    by_hand::set_in_setup,
    by_hand::made_sessions,
    contexts::set_in_setup,
    simpler::contexts,
    simpler::sessions,
    simpler::ops,
    hazards::ids,
    clock::relative,
    clock::made_now,
    clock::flush_ahead,
    clock::start_later,
    clock::shift_points,
    clock::shift_spans,
    ids::short,
    ids::columns,
    id_contexts::plain,
    names::compress,
    names::sorted,
    ids::sorted,
];

/// Reduces a trace of which `same` holds, asking at most `budget` times. A trace of the core alphabet stays one.
///
/// ```
/// use sesscheck::op::Op;
/// use sesscheck::reduce::reduce;
/// use sesscheck::source::{Lane, Seed, trace_of};
///
/// let trace = trace_of(Seed(1), 3, Lane::Mixed);
/// let adds = |op: &Op| matches!(op, Op::AddSession { .. });
/// assert!(trace.ops.iter().any(adds));
/// let reduced = reduce(&trace, &mut |t| t.ops.iter().any(adds), 10_000);
/// assert_eq!(reduced.trace.ops.len(), 1);
/// ```
pub fn reduce(trace: &Trace, same: &mut dyn FnMut(&Trace) -> bool, budget: usize) -> Reduced {
    let mut attempt = Attempt::new(trace.clone(), same, budget);
    loop {
        let before = attempt.taken();
        PASSES.iter().for_each(|pass| pass(&mut attempt));
        if attempt.taken() == before || attempt.is_over() {
            return attempt.end();
        }
    }
}
