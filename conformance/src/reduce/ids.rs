//! Passes on session ids. Equal ids stay equal, and different ones different.

use std::collections::BTreeSet;

use session_model::SessionId;

use super::attempt::Attempt;
use super::places::each_id;
use super::values::cost_of_byte;
use crate::trace::Trace;

/// The ids that the trace chooses.
pub(super) fn ids(trace: &Trace) -> BTreeSet<SessionId> {
    let mut ids = BTreeSet::new();
    each_id(&mut trace.clone(), &mut |id| _ = ids.insert(*id));
    ids
}

/// Each id becomes one byte, the lowest that no other has; or a shorter beginning of itself.
pub(super) fn short(attempt: &mut Attempt) {
    for id in ids(attempt.best()) {
        let taken = ids(attempt.best());
        let free = (1..=u8::MAX).filter_map(|byte| SessionId::new(&[byte])).find(|id| !taken.contains(id));
        let lengths = (0..5).map(|halved| id.as_bytes().len() >> halved).filter(|length| *length > 0);
        let beginnings = lengths.rev().filter_map(|length| SessionId::new(&id.as_bytes()[..length]));
        for shorter in free.into_iter().chain(beginnings) {
            if replace(attempt, &|other| {
                if other == id { Some(shorter) } else { Some(other) }
            }) {
                break;
            }
        }
    }
}

/// One byte less in every id at the same place, and one byte plainer: what ids have in common they keep.
pub(super) fn columns(attempt: &mut Attempt) {
    for place in (0..SessionId::MAX).rev() {
        replace(attempt, &|id| {
            let mut bytes = id.as_bytes().to_vec();
            if place < bytes.len() {
                bytes.remove(place);
            }
            SessionId::new(&bytes)
        });
        let values: BTreeSet<u8> =
            ids(attempt.best()).iter().filter_map(|id| id.as_bytes().get(place).copied()).collect();
        for value in values {
            for plain in [1, 0, 2, 3].into_iter().filter(|plain| cost_of_byte(*plain) < cost_of_byte(value)) {
                if replace(attempt, &|id| with_byte(id, place, value, plain)) {
                    break;
                }
            }
        }
    }
}

fn with_byte(id: SessionId, place: usize, value: u8, plain: u8) -> Option<SessionId> {
    let mut bytes = id.as_bytes().to_vec();
    if let Some(byte) = bytes.get_mut(place).filter(|byte| **byte == value) {
        *byte = plain;
    }
    SessionId::new(&bytes)
}

/// Ids of one byte go up in the order in which they appear.
pub(super) fn sorted(attempt: &mut Attempt) {
    let appearing = of_one_byte(attempt.best());
    let mut ascending = appearing.clone();
    ascending.sort_unstable();
    replace(attempt, &|id| {
        let place = appearing.iter().position(|other| *other == id);
        Some(place.map_or(id, |place| ascending[place]))
    });
}

/// How often an id of one byte appears before a lower one does.
pub(super) fn disorder(trace: &Trace) -> u64 {
    of_one_byte(trace).windows(2).filter(|two| two[0] > two[1]).count() as u64
}

fn of_one_byte(trace: &Trace) -> Vec<SessionId> {
    let mut appearing = Vec::new();
    each_id(&mut trace.clone(), &mut |id| {
        if id.as_bytes().len() == 1 && !appearing.contains(id) {
            appearing.push(*id);
        }
    });
    appearing
}

/// Proposes other ids, unless one would be empty or two different ones equal.
fn replace(attempt: &mut Attempt, other: &dyn Fn(SessionId) -> Option<SessionId>) -> bool {
    let before = ids(attempt.best());
    let Some(after) = before.iter().map(|id| other(*id)).collect::<Option<BTreeSet<_>>>() else {
        return false;
    };
    if after.len() < before.len() {
        return false;
    }
    attempt.change(|trace| {
        each_id(trace, &mut |id| {
            *id = other(*id).expect("no id becomes empty");
        });
    })
}
