//! Scenarios with a few random edits: near to what people thought of, and not the same.
//!
//! Not here: what is drawn from nothing ([`super::generate`]).

use std::sync::OnceLock;

use session_model::ContextRef;

use super::alphabet::{is_core, keep_core};
use super::choices::Choices;
use crate::op::Op;
use crate::reduce::places::{each_context, each_op, each_point, each_span};
use crate::trace::{Names, Shown, Trace};

/// At most so many edits in one trace.
const EDITS: u32 = 4;
/// At most so many ops of another scenario at once.
const SPLICED: u32 = 6;

/// A scenario, and up to four edits. What is not of the core alphabet is left out.
pub(super) fn generate(choices: &mut impl Choices) -> Trace {
    let scenarios = scenarios();
    let any = |choices: &mut _| &scenarios[Choices::below(choices, scenarios.len() as u32) as usize];
    let base = any(choices);
    let mut trace = base.clone();
    for _ in 0..=choices.below(EDITS) {
        let other = any(choices);
        edit(&mut trace, other, choices);
    }
    keep_core(&mut trace);
    if !is_core(&trace) {
        // A clock or a timeout of a context went past what the core alphabet has.
        (trace.setup.clock, trace.setup.contexts) = (base.setup.clock, base.setup.contexts.clone());
        keep_core(&mut trace);
    }
    trace
}

/// The scenarios that come with the harness, as far as they are of the core alphabet.
fn scenarios() -> &'static [Trace] {
    static SCENARIOS: OnceLock<Vec<Trace>> = OnceLock::new();
    SCENARIOS.get_or_init(|| {
        let files = crate::suite::embedded().expect("a test reads them all");
        let traces = files.into_iter().map(|file| {
            let mut trace = Trace { shown: Shown::Steps, names: Names::default(), ..file.scenario.trace };
            keep_core(&mut trace);
            trace
        });
        traces.filter(|trace| is_core(trace) && !trace.ops.is_empty()).collect()
    })
}

fn edit(trace: &mut Trace, other: &Trace, choices: &mut impl Choices) {
    let most = trace.ops.len() as u32;
    let (one, two) = (choices.below(most) as usize, choices.below(most) as usize);
    match choices.below(7) {
        // A number one more or one less is what boundaries are about: twice as often.
        0 | 1 => move_a_number(trace, choices),
        _ if most == 0 => splice(trace, other, choices),
        2 => _ = trace.ops.remove(one),
        3 => trace.ops.insert(two, trace.ops[one].clone()),
        4 => trace.ops.swap(one, two),
        5 => splice(trace, other, choices),
        _ => {
            let from = &other.setup.contexts[choices.below(other.setup.contexts.len() as u32) as usize];
            let to = choices.below(trace.setup.contexts.len() as u32) as usize;
            trace.setup.contexts[to] = from.clone();
        }
    }
}

/// Ops of another scenario that stand together; what they are on is what has the same name or place here.
fn splice(trace: &mut Trace, other: &Trace, choices: &mut impl Choices) {
    let from = choices.below(other.ops.len() as u32) as usize;
    let count = 1 + choices.below(SPLICED) as usize;
    let to = choices.below(trace.ops.len() as u32 + 1) as usize;
    let contexts = trace.setup.contexts.len() as u8;
    let mut part = Trace { ops: other.ops.iter().skip(from).take(count).cloned().collect(), ..trace.clone() };
    each_op(&mut part, &mut |op| each_context(op, &mut |context| *context = ContextRef(context.0 % contexts)));
    trace.ops.splice(to..to, part.ops);
}

fn move_a_number(trace: &mut Trace, choices: &mut impl Choices) {
    let mut count = 0;
    each_number(trace, &mut |number| {
        count += 1;
        number
    });
    let (chosen, by) = (choices.below(count), choices.pick(&[1, -1]));
    let mut n = 0;
    each_number(trace, &mut |number| {
        n += 1;
        if n == chosen + 1 { number + by } else { number }
    });
}

/// Points in time, spans, sizes and counts of repeats. A size or count that would have no room stays.
fn each_number(trace: &mut Trace, change: &mut dyn FnMut(i128) -> i128) {
    each_point(trace, &mut |time| time.0 = change(time.0));
    each_span(trace, change);
    let mut small = |number: &mut u32| *number = u32::try_from(change((*number).into())).unwrap_or(*number);
    trace.setup.contexts.iter_mut().filter_map(|context| context.size.as_mut()).for_each(&mut small);
    for op in &mut trace.ops {
        match op {
            Op::SessSetCacheSize(_, number) | Op::Repeat(number, _) => small(number),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Lane, Seed, trace_of};

    #[test]
    fn a_mutated_scenario_is_core_near_to_one_and_another_under_each_number() {
        let traces: Vec<Trace> = (0..3000).map(|number| trace_of(Seed(1), number, Lane::Mutated)).collect();
        assert!(traces.iter().all(is_core));
        let different: std::collections::HashSet<&Trace> = traces.iter().collect();
        assert!(different.len() > 2800, "{} of 3000 differ", different.len());
        let same = traces.iter().filter(|trace| scenarios().contains(trace)).count();
        assert!(same < 300, "{same} of 3000 are scenarios");
        assert_eq!(traces[7], trace_of(Seed(1), 7, Lane::Mutated));
    }

    #[test]
    fn every_kind_of_edit_is_made() {
        let base = &scenarios()[0];
        let numbers = |trace: &Trace| {
            let mut all = Vec::new();
            each_number(&mut trace.clone(), &mut |number| {
                all.push(number);
                number
            });
            all
        };
        let (mut shorter, mut longer, mut moved, mut set) = (0, 0, 0, 0);
        for number in 0..200 {
            let mut trace = base.clone();
            edit(&mut trace, &scenarios()[number as usize], &mut Seed(9).choices(number));
            shorter += usize::from(trace.ops.len() < base.ops.len());
            longer += usize::from(trace.ops.len() > base.ops.len());
            moved += usize::from(trace.ops.len() == base.ops.len() && numbers(&trace) != numbers(base));
            set += usize::from(trace.setup.contexts != base.setup.contexts);
        }
        assert!([shorter, longer, moved, set].iter().all(|times| *times > 5), "{shorter} {longer} {moved} {set}");
    }
}
