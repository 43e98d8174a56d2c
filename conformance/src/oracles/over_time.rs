//! What one transcript shows about times, where all members are shown from step to step.

use std::collections::{BTreeMap, BTreeSet};

use session_model::{CacheMode, ContextRef, Time, Timeout};

use super::shift::flushes_at;
use super::walk::steps;
use crate::op::Op;
use crate::trace::Trace;
use crate::transcript::{Answer, Member, Seen, Transcript};

/// After a flush those members are there that were and have not expired at its time, and they are as they were.
pub(super) fn flush_takes_the_expired(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    flush(trace, transcript, |tm| tm != Time(0))
}

/// The same at 0, which is a word of its own to some libraries.
pub(super) fn flush_at_zero_takes_nothing(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    flush(trace, transcript, |tm| tm == Time(0))
}

fn flush(trace: &Trace, transcript: &Transcript, asked: impl Fn(Time) -> bool) -> Result<(), String> {
    let mut clock = trace.setup.clock;
    let mut before: Option<Seen<'_>> = None;
    for (place, op, seen) in steps(trace, transcript) {
        match &*op {
            Op::Advance(seconds) => clock = clock + Timeout((*seconds).into()),
            Op::SetClock(time) => clock = *time,
            _ => {}
        }
        let tm = flushes_at(&op, clock).filter(|tm| asked(*tm) && seen.probed && seen.answer == Answer::Nothing);
        if let (Some(tm), Some(before), Op::FlushSessions { context, .. }) = (tm, before.filter(|b| b.probed), &*op) {
            let stays = |m: &&Member| i128::from(m.time) + i128::from(m.timeout) >= tm.0;
            let due: Vec<_> = members(&before, *context).filter(stays).collect();
            let left: Vec<_> = members(&seen, *context).collect();
            if due != left {
                return Err(format!("{place}, {op:?} at {}: {left:?} are left instead of {due:?}", tm.0));
            }
        }
        before = Some(seen);
    }
    Ok(())
}

fn members<'t>(seen: &Seen<'t>, context: ContextRef) -> impl Iterator<Item = &'t Member> {
    seen.members.iter().filter(move |m| m.context == Some(context))
}

/// From step to step a member keeps its timeout unless a session's is set, and its time unless a session's is set or
/// its cache updates times.
pub(super) fn times_stay(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    let default = CacheMode::SERVER;
    let mut modes: Vec<_> = trace.setup.contexts.iter().map(|context| context.mode.unwrap_or(default)).collect();
    let mut before = BTreeMap::new();
    for (place, op, seen) in steps(trace, transcript) {
        if let (Op::SetSessionCacheMode(context, mode), Answer::Returns(_)) = (&*op, seen.answer) {
            modes[usize::from(context.0)] = *mode;
        }
        let sets = matches!(&*op, Op::SessionSetTime(..) | Op::SessionSetTimeout(..));
        let updates = |context: ContextRef| modes[usize::from(context.0)].contains(CacheMode::UPDATE_TIME);
        let mut now = BTreeMap::new();
        for (context, m) in seen.members.iter().filter_map(|m| Some((m.context?, m))) {
            let was = before.get(&(context, m.session)).copied().unwrap_or((m.time, m.timeout));
            let is = (if updates(context) { was.0 } else { m.time }, m.timeout);
            if was != is && !sets {
                let (c, now) = (m.session.0, (m.time, m.timeout));
                return Err(format!("{place}, {op:?}: time and timeout of #{c} are {now:?} and were {was:?}"));
            }
            now.insert((context, m.session), (m.time, m.timeout));
        }
        before = now;
    }
    Ok(())
}

/// A session that is not resumable never becomes so again.
pub(super) fn marks_stay(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    let mut marked = BTreeSet::new();
    for (place, op, seen) in steps(trace, transcript) {
        for m in seen.members {
            if !m.resumable {
                marked.insert(m.session);
            } else if marked.contains(&m.session) {
                return Err(format!("{place}, {op:?}: #{} is resumable again", m.session.0));
            }
        }
    }
    Ok(())
}
