//! The traces of the small scopes by number: all scopes at one length, before the next.
//!
//! A slice is a range of numbers, so that the whole can be split with no coordination. Traces that differ in the names
//! of what is alike have a number each: the walk that leaves those out ([`crate::exhaust`]) goes through all before.

use std::sync::OnceLock;

use session_model::{Edition, Profile};

use super::choices::Choices;
use crate::exhaust::{Scope, Walk, Word};
use crate::trace::{Shown, Trace};

/// How many numbers a seed is apart from the next: what one seed has under these numbers no other seed has.
pub const SLICE: u64 = 4000;

/// The longest trace that is drawn, where there is no number.
const DRAWN: u32 = 6;

/// The trace of this number of this slice.
pub(super) fn trace_of(slice: u64, number: u64) -> Trace {
    // There are more words than that.
    let mut at = (u128::from(slice) * u128::from(SLICE) + u128::from(number)) % (1 << 60);
    for length in 1..=Word::MOST {
        for scope in Scope::all() {
            let letters = scope.letters.len() as u128;
            let words = letters.saturating_pow(length as u32);
            if at < words {
                return trace(
                    scope,
                    (0..length).map(|_| {
                        let letter = (at % letters) as usize;
                        at /= letters;
                        letter
                    }),
                );
            }
            at -= words;
        }
    }
    unreachable!("17 letters alone have more words of 15")
}

/// A trace that these choices make.
pub(super) fn generate(choices: &mut impl Choices) -> Trace {
    let scope = &Scope::all()[choices.below(Scope::all().len() as u32) as usize];
    let length = 1 + choices.below(DRAWN);
    let letters: Vec<usize> = (0..length).map(|_| choices.below(scope.letters.len() as u32) as usize).collect();
    trace(scope, letters.into_iter())
}

/// The trace of these letters; those that are about nothing that there is are left out.
fn trace(scope: &'static Scope, letters: impl Iterator<Item = usize>) -> Trace {
    let mut walk = Walk::new(scope, *manual(), Word::MOST);
    let (mut word, mut trace) = (Word::default(), None);
    for letter in letters {
        if let Some(longer) = walk.trace_of(word.then(letter)) {
            (word, trace) = (word.then(letter), Some(longer));
        }
    }
    let nothing =
        || Trace { setup: scope.setup.clone(), ops: Vec::new(), shown: Shown::Steps, names: scope.names.clone() };
    Trace { shown: Shown::Steps, ..trace.unwrap_or_else(nothing) }
}

/// By which it is told what there is: the same for all subjects, so that a number means the same.
fn manual() -> &'static Profile {
    static MANUAL: OnceLock<Profile> = OnceLock::new();
    MANUAL.get_or_init(|| Profile::manual(Edition::V3_3))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_trace_of_one_letter_has_a_number_and_longer_ones_come_after() {
        let letters: u64 = Scope::all().iter().map(|scope| scope.letters.len() as u64).sum();
        let traces: HashSet<Trace> = (0..letters).map(|number| trace_of(0, number)).collect();
        for scope in Scope::all() {
            let mut walk = Walk::new(scope, Profile::manual(Edition::V3_3), Word::MOST);
            for letter in 0..scope.letters.len() {
                let Some(trace) = walk.trace_of(Word::default().then(letter)) else { continue };
                assert!(traces.contains(&Trace { shown: Shown::Steps, ..trace }), "{} {letter}", scope.name);
            }
        }
        assert!((letters..letters + 200).any(|number| trace_of(0, number).ops.len() == 2));
    }

    #[test]
    fn a_slice_begins_where_the_one_before_ends() {
        assert_eq!(trace_of(3, 5), trace_of(2, SLICE + 5));
        assert_ne!(trace_of(3, 5), trace_of(2, 5));
    }
}
