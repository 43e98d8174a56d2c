//! What one transcript shows about sizes, ids and counters, whatever the trace was.

use std::collections::{BTreeMap, BTreeSet};

use session_model::{ContextRef, SessionId, SessionRef};

use super::walk::{numbered, steps};
use crate::op::Op;
use crate::trace::Trace;
use crate::transcript::{Answer, Counter, Counters, Event, Seen, Transcript};

/// The counters of all contexts, as the changes tell them.
#[derive(Default)]
struct Counts(BTreeMap<ContextRef, Counters>);

impl Counts {
    fn of(&self, context: ContextRef) -> Counters {
        self.0.get(&context).copied().unwrap_or_default()
    }

    fn follow(&mut self, seen: &Seen<'_>) {
        for change in seen.counters {
            self.0.entry(change.context).or_default()[change.counter as usize] = change.value;
        }
    }
}

/// A step that added a session leaves no more than the size, unless that is 0 or not known.
pub(super) fn fits_its_size(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    let mut sizes: Vec<Option<u32>> = trace.setup.contexts.iter().map(|context| context.size).collect();
    let mut counts = Counts::default();
    for (place, op, seen) in steps(trace, transcript) {
        let added = match (&*op, seen.answer) {
            (Op::SessSetCacheSize(context, size), Answer::Returns(_)) => {
                sizes[usize::from(context.0)] = Some(*size);
                None
            }
            (Op::AddSession { context, .. }, Answer::Returns(1)) => Some(*context),
            _ => None,
        };
        let before = |context| counts.of(context)[Counter::Number as usize];
        let rose = seen.counters.iter().filter(|c| c.counter == Counter::Number && c.value > before(c.context));
        let after: Vec<ContextRef> = rose.map(|change| change.context).chain(added).collect();
        counts.follow(&seen);
        for context in after {
            let number = counts.of(context)[Counter::Number as usize];
            if let Some(size @ 1..) = sizes[usize::from(context.0)].filter(|size| number > i64::from(*size)) {
                return Err(format!("{place}, {op:?}: context {} of size {size} holds {number}", context.0));
            }
        }
    }
    Ok(())
}

/// Wherever all members are shown, the counter says how many.
pub(super) fn number_is_members(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    let mut counts = Counts::default();
    let mut freed = BTreeSet::new();
    for (place, op, seen) in steps(trace, transcript) {
        counts.follow(&seen);
        if let (Op::CtxFree(context), Answer::Nothing) = (&*op, seen.answer) {
            freed.insert(*context);
        }
        let contexts = (0..trace.setup.contexts.len()).map(|n| ContextRef(n as u8));
        for context in contexts.filter(|context| seen.probed && !freed.contains(context)) {
            let members = seen.members.iter().filter(|m| m.context == Some(context)).count();
            let number = counts.of(context)[Counter::Number as usize];
            if i64::try_from(members) != Ok(number) {
                return Err(format!(
                    "{place}, {op:?}: context {} counts {number} and shows {members} members",
                    context.0
                ));
            }
        }
    }
    Ok(())
}

/// No two members of a cache have one id. What comes out of a stateless ticket has that of another object.
pub(super) fn one_session_an_id(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    let mut ids: BTreeMap<SessionRef, SessionId> =
        (0..).map(SessionRef).zip(trace.setup.sessions.iter().map(|spec| spec.id)).collect();
    for (place, op, seen, numbered) in numbered(trace, transcript) {
        if let (Some(c), Op::Session(_, spec)) = (numbered.session, &*op) {
            ids.insert(c, spec.id);
        }
        ids.extend(numbered.began.into_iter().flat_map(|(_, handshake)| handshake.sessions()));
        let members = seen.members.iter().filter_map(|m| Some((m.context?, ids.get(&m.session)?)));
        let mut cached = BTreeSet::new();
        for (context, id) in members {
            if !cached.insert((context, id)) {
                return Err(format!("{place}, {op:?}: context {} holds two sessions with the id {id:?}", context.0));
            }
        }
    }
    Ok(())
}

/// Counters say how often something happened; only the number of members can fall.
pub(super) fn counters_rise(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    let mut counts = Counts::default();
    for (place, op, seen) in steps(trace, transcript) {
        for change in seen.counters {
            let before = counts.of(change.context)[change.counter as usize];
            let least = if change.counter == Counter::Number { 0 } else { before + 1 };
            if change.value < least {
                let name = change.counter.name();
                return Err(format!("{place}, {op:?}: {name} goes from {before} to {}", change.value));
            }
        }
        counts.follow(&seen);
    }
    Ok(())
}

/// A client proposes one id a handshake, so a server's lookup counts one miss, one time-out and one external hit at
/// most; nothing is finished that was not started, at first or again; nothing is renegotiated unless that is the op.
pub(super) fn counters_are_bounded(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    use Counter::{Accept, AcceptGood, AcceptRenegotiate, CbHits, Connect, ConnectGood};
    use Counter::{ConnectRenegotiate, Misses, Timeouts};
    let server = [AcceptGood, Misses, CbHits, Timeouts].map(|few| (few, [Accept, AcceptRenegotiate]));
    let client = (ConnectGood, [Connect, ConnectRenegotiate]);
    let mut counts = Counts::default();
    for (place, op, seen) in steps(trace, transcript) {
        counts.follow(&seen);
        for change in seen.counters {
            let counters = counts.of(change.context);
            let value = |counter: Counter| counters[counter as usize];
            let exceeds = |(few, started): &(Counter, [Counter; 2])| value(*few) > started.map(value).iter().sum();
            if let Some((few, started)) = server.into_iter().chain([client]).find(exceeds) {
                let (few, [first, again]) = (few.name(), started.map(Counter::name));
                return Err(format!("{place}, {op:?}: {few} is more than {first} and {again}: {counters:?}"));
            }
            let renegotiates = matches!(*op, Op::Renegotiate(..));
            if matches!(change.counter, AcceptRenegotiate | ConnectRenegotiate) && !renegotiates {
                return Err(format!("{place}, {op:?}: nothing renegotiates: {counters:?}"));
            }
        }
    }
    Ok(())
}

/// What was not carried out has no effect to show.
pub(super) fn absent_shows_nothing(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    let shows = |seen: &Seen<'_>| !(seen.events.is_empty() && seen.destroyed.is_empty() && seen.counters.is_empty());
    match steps(trace, transcript).find(|(.., seen)| seen.answer == Answer::Absent && shows(seen)) {
        Some((place, op, seen)) => Err(format!("{place}, {op:?}: absent, {seen:?}")),
        None => Ok(()),
    }
}

/// No object goes twice; none that is gone is called back with or shown.
pub(super) fn destroyed_once(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    let mut gone = BTreeSet::new();
    for (place, op, seen) in steps(trace, transcript) {
        let named = |event: &Event| match *event {
            Event::New(_, c, _) | Event::Remove(_, c) | Event::Get(_, _, Some(c)) => Some(c),
            Event::Get(_, _, None) => None,
        };
        if let Some(c) = seen.events.iter().filter_map(named).find(|c| gone.contains(c)) {
            return Err(format!("{place}, {op:?}: a callback is called with #{}, which is destroyed", c.0));
        }
        if let Some(c) = seen.destroyed.iter().find(|c| !gone.insert(**c)) {
            return Err(format!("{place}, {op:?}: #{} is destroyed a second time", c.0));
        }
        if let Some(m) = seen.members.iter().find(|m| gone.contains(&m.session)) {
            return Err(format!("{place}, {op:?}: #{} is shown, and is destroyed", m.session.0));
        }
    }
    Ok(())
}
