//! What other contexts do is left out, and a context shows the same.

use session_model::ContextRef;

use super::alike::{Pair, Run, compare, pairs, unrolled};
use super::reach::{Contexts, Reach};
use super::translation::Translation;
use crate::subject::Subject;
use crate::trace::Trace;

/// Looks at each context alone; returns how many ops were left out over all.
pub(super) fn hold(subject: &mut dyn Subject, trace: &Trace) -> Result<u32, String> {
    let trace = unrolled(trace);
    let contexts = trace.setup.contexts.len();
    if contexts == 1 {
        return Ok(0);
    }
    let reach = Reach::of(&trace);
    let all = (0..contexts).map(|n| ContextRef(u8::try_from(n).expect("at most 8 contexts")));
    all.map(|context| alone(subject, &trace, &reach, context)).sum()
}

fn alone(subject: &mut dyn Subject, trace: &Trace, reach: &Reach, context: ContextRef) -> Result<u32, String> {
    // Ops that join it with another context are in neither run.
    let joins = |contexts: Contexts| contexts.contains(context) && contexts != Contexts::one(context);
    let of_both = trace.ops.iter().filter(|op| !joins(reach.op(op))).cloned().collect();
    let first = Run::of(subject, Trace { ops: of_both, ..trace.clone() });
    if !first.completed() {
        return Ok(0);
    }
    let own = |contexts: Contexts| contexts.is_empty() || contexts == Contexts::one(context);
    let ops = &first.trace.ops;
    let kept: Vec<usize> = (0..ops.len()).filter(|n| own(reach.op(&ops[*n]))).collect();
    let left_out = ops.len() - kept.len();
    let altered = Trace { ops: kept.iter().map(|n| ops[*n].clone()).collect(), ..first.trace.clone() };
    let second = Run::of(subject, altered);
    let last_phase = second.trace.last_phase();
    let of_context = |pair: &Pair| {
        let last = pair.second.checked_sub(second.trace.ops.len());
        last.is_none_or(|n| own(reach.op(&last_phase[n])))
    };
    let pairs: Vec<Pair> = pairs(&first.trace, &second.trace, &kept).into_iter().filter(of_context).collect();
    let translation = Translation { only: Some(context), removals_in_any_order: true, ..Translation::default() };
    compare(&first, &second, &pairs, translation).map_err(|what| format!("for context {}, {what}", context.0))?;
    Ok(left_out as u32)
}
