//! Bytes as a trace: choices, from which the generator of the random lanes draws one, or the trace itself.

use arbitrary::Unstructured;

use crate::convert::bytes;
use crate::op::Op;
use crate::source::{Choices, Lane, Plan, Prng};
use crate::trace::Trace;

/// The trace that an engine's bytes make: the first chooses the lane, or says that the trace itself follows, as in
/// [`crate::convert::bytes`].
#[must_use]
pub fn trace_of_bytes(bytes: &[u8]) -> Trace {
    if let Some(trace) = bytes::read(bytes) {
        return trace;
    }
    let mut choices = Unstructured::new(bytes);
    let lane = choices.pick(&LANES);
    Plan::draw(&mut choices, lane).follow(&mut choices)
}

/// The bytes that make the trace of these choices: how a trace that was found in a random lane becomes a seed.
#[must_use]
pub fn bytes_of_trace(choices: Prng, lane: Lane) -> Vec<u8> {
    let chosen = LANES.iter().position(|other| *other == lane).expect("all lanes are listed");
    let mut recording = Recording { choices, bytes: vec![chosen as u8] };
    Plan::draw(&mut recording, lane).follow(&mut recording);
    recording.bytes
}

const LANES: [Lane; 4] = [Lane::Direct, Lane::Handshakes, Lane::Mixed, Lane::Tickets];

/// Choices, written down as the bytes from which [`Unstructured`] makes them again.
struct Recording {
    choices: Prng,
    bytes: Vec<u8>,
}

impl Choices for Recording {
    fn below(&mut self, n: u32) -> u32 {
        let choice = self.choices.below(n);
        // As many bytes as the largest choice has, most significant first.
        let length = (u32::BITS - n.saturating_sub(1).leading_zeros()).div_ceil(8) as usize;
        self.bytes.extend(&choice.to_be_bytes()[4 - length..]);
        choice
    }
}

/// The trace without what would be executed after so many ops, a `repeat` counting each of its rounds and the last
/// phase aside; and how many are left.
pub(super) fn cut(mut trace: Trace, most: u32) -> (Trace, u32) {
    let mut executed = 0;
    trace.ops.retain_mut(|op| {
        let (rounds, each) = match op {
            Op::Repeat(rounds, block) => (rounds, block.len() as u32),
            _ => (&mut 1, 1),
        };
        *rounds = (*rounds).min((most - executed).checked_div(each).unwrap_or(0));
        executed += *rounds * each;
        *rounds > 0
    });
    (trace, executed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Seed, trace_of};

    #[test]
    fn a_trace_is_made_again_from_its_bytes_of_either_kind() {
        for lane in LANES {
            for number in 0..40 {
                let trace = trace_of(Seed(1), number, lane);
                let choices = bytes_of_trace(Seed(1).choices(number), lane);
                assert_eq!(trace_of_bytes(&choices), trace, "{lane} {number}");
                let itself = bytes::write(&trace).expect("a core trace has bytes");
                assert_eq!(trace_of_bytes(&itself), trace, "{lane} {number}");
            }
        }
    }

    #[test]
    fn any_bytes_make_a_trace_of_the_core_alphabet() {
        for byte in 0..=u8::MAX {
            assert!(crate::source::is_core(&trace_of_bytes(&[byte; 600])), "{byte}");
        }
    }

    #[test]
    fn a_trace_is_cut_where_enough_is_executed_and_not_before() {
        let executed = |trace: &Trace| {
            let ops = trace.executed().count() - trace.last_phase().len();
            trace.executed().take(ops).map(|(_, op)| op.into_owned()).collect::<Vec<_>>()
        };
        let numbers = LANES.into_iter().flat_map(|lane| (0..40).map(move |number| (lane, number)));
        for (lane, number) in numbers {
            let whole = trace_of(Seed(3), number, lane);
            let ops = executed(&whole);
            assert_eq!(cut(whole.clone(), u32::MAX), (whole.clone(), ops.len() as u32), "{lane} {number}");
            let (short, counted) = cut(whole.clone(), 50);
            assert_eq!(executed(&short).len(), counted as usize, "{lane} {number}");
            if whole.ops.iter().any(|op| matches!(op, Op::Repeat(..))) {
                assert!(counted <= 50, "{lane} {number}");
            } else {
                assert_eq!(executed(&short), ops[..ops.len().min(50)], "{lane} {number}");
            }
        }
    }
}
