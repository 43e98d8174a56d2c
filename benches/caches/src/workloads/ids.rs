//! Ids that somebody chose: what each cache takes with them, which is to be held against ids at random.

use session_cache::SessionId;

use super::{SIZE, Scale, adds, ids, mean};
use crate::crafted::Key;
use crate::draws::Draws;
use crate::workload::{Step, Workload};

/// Each is added and looked up.
fn chosen(scale: Scale, mut id: impl FnMut(u32) -> SessionId) -> Workload {
    let mut specs = ids(SIZE);
    specs.iter_mut().zip(0..).for_each(|(spec, n)| spec.id = id(n));
    let mut steps = adds(0, SIZE);
    steps.extend(specs.iter().map(|spec| Step::Lookup(spec.id)));
    mean(scale, specs, 0, 0, steps)
}

fn id(bytes: &[u8]) -> SessionId {
    SessionId::new(bytes).expect("1 to 32 bytes")
}

pub(super) fn at_random(scale: Scale) -> Workload {
    let mut draws = Draws(29);
    chosen(scale, |_| draws.id())
}

/// They differ in the four bytes from here on, and in no others.
pub(super) fn alike_but_at(at: usize, scale: Scale) -> Workload {
    chosen(scale, |n| {
        let mut bytes = [7; 32];
        bytes[at..at + 4].copy_from_slice(&n.to_le_bytes());
        id(&bytes)
    })
}

/// As many as there are of 1 byte, and numbers of 2, 3 and 4.
pub(super) fn short(scale: Scale) -> Workload {
    chosen(scale, |n| match n {
        0..256 => id(&n.to_le_bytes()[..1]),
        _ => id(&(n / 3).to_le_bytes()[..2 + n as usize % 3]),
    })
}

/// The first four bytes are the same, and the others at random: a libssl hashes these four.
pub(super) fn one_beginning(scale: Scale) -> Workload {
    let mut draws = Draws(31);
    chosen(scale, |_| {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(draws.id().as_bytes());
        bytes[..4].fill(7);
        id(&bytes)
    })
}

/// All have one hash under a key that was guessed; what hashes them has another, unless the guess was right.
pub(super) fn crafted(scale: Scale) -> Workload {
    let key = Key::guessed();
    chosen(scale, |n| id(&key.one_of_a_hash(n)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_ids_of_a_workload_are_all_different() {
        let all: [fn(Scale) -> Workload; 6] = [
            at_random,
            |scale| alike_but_at(28, scale),
            |scale| alike_but_at(14, scale),
            short,
            one_beginning,
            crafted,
        ];
        for make in all {
            let workload = make(Scale::QUICK);
            let ids: BTreeSet<SessionId> = workload.specs.iter().map(|spec| spec.id).collect();
            assert_eq!(ids.len(), SIZE);
        }
    }

    #[test]
    fn short_ids_have_one_to_four_bytes() {
        let lengths: BTreeSet<usize> = short(Scale::QUICK).specs.iter().map(|spec| spec.id.as_bytes().len()).collect();
        assert_eq!(lengths, BTreeSet::from([1, 2, 3, 4]));
    }
}
