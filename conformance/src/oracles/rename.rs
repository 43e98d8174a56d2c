//! Every hand-made id has another's place, of the same length: everything happens as before.

use std::collections::BTreeMap;

use session_model::SessionId;

use super::alike::{Run, compare, pairs, unrolled};
use super::translation::Translation;
use crate::op::{Op, Propose};
use crate::source::is_core;
use crate::subject::Subject;
use crate::trace::Trace;
use crate::transcript::id_digest;

/// Renames by a bijection that `choice` makes; returns how many ids there are.
pub(super) fn hold(subject: &mut dyn Subject, trace: &Trace, choice: u64) -> Result<u32, String> {
    let trace = unrolled(trace);
    let from = choice as u8;
    // Some mask makes no id look like one of a handshake, as long as the trace had none that did.
    let masks = (0..=u8::MAX).map(|n| from.wrapping_add(n));
    let Some((altered, digests)) = masks.map(|mask| renamed(&trace, mask)).find(|(altered, _)| is_core(altered)) else {
        return Ok(0);
    };
    let Some(digests) = digests else { return Ok(0) };
    let ids = digests.len();
    let first = Run::of(subject, trace);
    if !first.completed() {
        return Ok(0);
    }
    let second = Run::of(subject, altered);
    let kept: Vec<usize> = (0..first.trace.ops.len()).collect();
    let translation = Translation { digests, removals_in_any_order: true, ..Translation::default() };
    compare(&first, &second, &pairs(&first.trace, &second.trace, &kept), translation)?;
    Ok(ids as u32)
}

/// The trace with its ids renamed, and the digests of all of them; none when two ids, by chance, have one digest, so
/// that a callback does not tell which of them it was asked for.
fn renamed(trace: &Trace, mask: u8) -> (Trace, Option<BTreeMap<u32, u32>>) {
    let mut digests = BTreeMap::new();
    let mut one_each = true;
    let mut rename = |id: &mut SessionId| {
        let new = renamed_id(id, mask);
        let digest = id_digest(new.as_bytes());
        one_each &= digests.insert(id_digest(id.as_bytes()), digest).is_none_or(|other| other == digest);
        *id = new;
    };
    let mut trace = trace.clone();
    for spec in &mut trace.setup.sessions {
        rename(&mut spec.id);
    }
    for op in &mut trace.ops {
        match op {
            Op::Session(_, spec) => rename(&mut spec.id),
            Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) => {
                if let Propose::Id(id) = &mut accept.propose {
                    rename(id);
                }
            }
            _ => {}
        }
    }
    (trace, one_each.then_some(digests))
}

/// Backwards, so that ids that began alike end alike, and masked; what is done twice gives the id back.
fn renamed_id(id: &SessionId, mask: u8) -> SessionId {
    let bytes: Vec<u8> = id.as_bytes().iter().rev().map(|byte| byte ^ mask).collect();
    SessionId::new(&bytes).expect("as long as the id that it has the place of")
}
