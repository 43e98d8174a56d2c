//! Passes on what only a hazards trace has: calls from inside callbacks, ids that change.

use super::attempt::Attempt;
use super::places::places;
use super::values::simpler_ats;
use crate::hazards::{AnyId, Call, Callback, Hazard, Whom};
use crate::op::Op;

/// No call, one call less, plainer calls.
pub(super) fn calls(attempt: &mut Attempt) {
    for n in 0..attempt.best().setup.contexts.len() {
        for callback in Callback::ALL {
            attempt.change(|trace| trace.setup.contexts[n].calls.of_mut(callback).clear());
            for at in (0..attempt.best().setup.contexts[n].calls.of(callback).len()).rev() {
                if !attempt.change(|trace| _ = trace.setup.contexts[n].calls.of_mut(callback).remove(at)) {
                    plainer(attempt, n, callback, at);
                }
            }
        }
    }
}

fn plainer(attempt: &mut Attempt, context: usize, callback: Callback, at: usize) {
    let call = attempt.best().setup.contexts[context].calls.of(callback)[at];
    simpler(call)
        .into_iter()
        .any(|simpler| attempt.change(|trace| trace.setup.contexts[context].calls.of_mut(callback)[at] = simpler));
}

fn simpler(call: Call) -> Vec<Call> {
    match call {
        Call::Add(Whom::Named(_)) => vec![Call::Add(Whom::This)],
        Call::Remove(Whom::Named(_)) => vec![Call::Remove(Whom::This)],
        Call::FreeUnowned(Whom::Named(_)) => vec![Call::FreeUnowned(Whom::This)],
        Call::Flush(when) => simpler_ats(when).into_iter().map(Call::Flush).collect(),
        _ => Vec::new(),
    }
}

/// Ids that a session is given: shorter, then of plainer bytes.
pub(super) fn ids(attempt: &mut Attempt) {
    for place in places(attempt.best()) {
        let Op::Hazard(Hazard::SetId(name, id)) = *place.of(attempt.best()) else { continue };
        let bytes = id.as_bytes();
        let mut plain: Vec<Vec<u8>> = vec![vec![2], vec![3], vec![1]];
        plain.extend((1..bytes.len()).map(|len| bytes[..len].to_vec()));
        plain.into_iter().any(|plain| {
            let id = AnyId::new(&plain).expect("it is no longer than the one before");
            attempt.change(|trace| *place.of_mut(trace) = Op::Hazard(Hazard::SetId(name, id)))
        });
    }
}
