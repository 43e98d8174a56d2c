//! What one transcript shows about sizes, counters and references, whatever the trace was.

use std::collections::{BTreeMap, BTreeSet};

use session_model::{ConnectionRef, ContextRef, SessionId, SessionRef};

use super::walk::{Allotted, steps};
use crate::driver::handshake_id;
use crate::op::{Accept, Op};
use crate::trace::Trace;
use crate::transcript::{Answer, Counter, Counters, Ending, Event, Seen, Transcript};

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

/// No two members of a cache have one id.
pub(super) fn one_session_an_id(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    let mut ids: Vec<SessionId> = trace.setup.sessions.iter().map(|spec| spec.id).collect();
    let mut so_far = Allotted::before(trace);
    for (place, op, seen) in steps(trace, transcript) {
        let allotted = so_far.after(&op, seen.answer);
        let id = match &*op {
            Op::Session(_, spec) => spec.id,
            _ => handshake_id(ConnectionRef(so_far.connections)),
        };
        ids.resize(allotted.objects as usize, id);
        so_far = allotted;
        let members = seen.members.iter().filter_map(|m| Some((m.context?, ids.get(m.session.0 as usize)?)));
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

/// The last phase gives every reference back, so every object that was made is destroyed. An application whose context
/// was freed before that never gives back what it holds for it: that context's objects are left alone.
pub(super) fn nothing_is_left(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    if transcript.ending != Ending::Completed {
        return Ok(());
    }
    let mut made = Made::of_setup(trace);
    let whole = trace.ops.len();
    for (place, op, seen) in steps(trace, transcript) {
        made.step(&op, seen.answer, place.step as usize > whole);
    }
    let Made { mut objects, forgotten, .. } = made;
    for c in &transcript.destroyed {
        objects.remove(c);
    }
    match objects.iter().find(|(_, context)| !forgotten.contains(context)) {
        Some((c, context)) => Err(format!("#{} of context {} is never destroyed", c.0, context.0)),
        None => Ok(()),
    }
}

/// The objects that were made for certain, with their contexts.
struct Made {
    objects: BTreeMap<SessionRef, ContextRef>,
    /// Contexts that were freed before the application could give anything back.
    forgotten: BTreeSet<ContextRef>,
    begun: BTreeMap<u32, (Accept, u32)>,
    so_far: Allotted,
}

impl Made {
    fn of_setup(trace: &Trace) -> Self {
        let objects = (0..).map(SessionRef).zip(trace.setup.sessions.iter().map(|spec| spec.context)).collect();
        Self { objects, forgotten: BTreeSet::new(), begun: BTreeMap::new(), so_far: Allotted::before(trace) }
    }

    fn step(&mut self, op: &Op, answer: Answer, last_phase: bool) {
        let next = self.so_far.objects;
        self.so_far = self.so_far.after(op, answer);
        match (op, answer) {
            (_, Answer::Absent) => {}
            (Op::Session(_, spec), _) => drop(self.objects.insert(SessionRef(next), spec.context)),
            (Op::AcceptBegin(k, accept), _) => drop(self.begun.insert(k.0, (*accept, next))),
            (Op::Handshake(accept, _), Answer::Returns(0)) => self.negotiated(accept, next),
            (Op::AcceptFinish(k), Answer::Returns(0)) => {
                if let Some((accept, at)) = self.begun.get(&k.0).copied() {
                    self.negotiated(&accept, at);
                }
            }
            (Op::Renegotiate(k, _), Answer::Returns(0)) => {
                if let Some((accept, _)) = self.begun.get(&k.0).copied() {
                    self.negotiated(&accept, next);
                }
            }
            (Op::CtxFree(context), _) if !last_phase => drop(self.forgotten.insert(*context)),
            _ => {}
        }
    }

    fn negotiated(&mut self, accept: &Accept, at: u32) {
        self.objects.insert(SessionRef(at), accept.context);
        if let Some(client) = accept.client {
            self.objects.insert(SessionRef(at + 1), client);
        }
    }
}
