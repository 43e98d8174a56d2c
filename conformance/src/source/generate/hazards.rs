//! Hazards: a short trace of the core alphabet, in which what the pages forbid is then put.
//!
//! Mostly one kind of hazard, so that what goes down is soon explained; sometimes two or three.

use session_model::application::{GetScript, NewScript};
use session_model::{ContextRef, Mechanism, Time, Timeout};

use super::{Lane, Plan};
use crate::hazards::{AnyId, Call, Callback, Hazard, Whom};
use crate::op::{Accept, At, Close, Connection, Makes, Name, Op, Propose};
use crate::source::choices::Choices;
use crate::trace::Trace;

/// A kind of hazard, as it is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawn {
    AnotherContext,
    SetId,
    FarTime,
    CallsBack,
    FreeInUse,
    FreeUnowned,
}

const ALL: [Drawn; 6] =
    [Drawn::CallsBack, Drawn::SetId, Drawn::AnotherContext, Drawn::FarTime, Drawn::FreeInUse, Drawn::FreeUnowned];

/// Seconds near the ends of the types that libraries count in, and just outside of the core alphabet.
const FAR: [i64; 18] = [
    i64::MAX,
    -1,
    i64::MIN,
    i64::MAX - 1,
    i64::MIN + 1,
    i64::MAX - 300,
    i64::MAX / 2 + 1,
    1 << 31,
    (1 << 31) - 1,
    1 << 32,
    (1 << 32) - 1,
    -(1 << 31) - 1,
    -(1 << 31),
    -300,
    1_000_000_001,
    // The last second that fits when it is counted in milli-, micro- or nanoseconds, and one more.
    i64::MAX / 1_000 + 1,
    i64::MAX / 1_000_000 + 1,
    i64::MAX / 1_000_000_000 + 1,
];

pub(super) fn generate(choices: &mut impl Choices) -> Trace {
    let lane = choices.pick(&[Lane::Direct, Lane::Mixed, Lane::Direct, Lane::Handshakes, Lane::Tickets]);
    let mut plan = Plan::draw(choices, lane);
    // Short, for hazards need little room; few ids, so that ops meet.
    plan.length = choices.pick(&[8, 12, 20, 32, 48]);
    plan.hot = 1 + choices.below(3);
    plan.bursts.clear();
    plan.context_free = plan.context_free.and(choices.one_in(4).then_some(plan.length * 3 / 4));
    let kinds: Vec<Drawn> = (0..choices.pick(&[1, 1, 1, 2, 3])).map(|_| choices.pick(&ALL)).collect();
    if kinds.contains(&Drawn::AnotherContext) {
        plan.contexts = plan.contexts.max(2);
    }
    let mut trace = plan.follow(choices);
    trace.setup.hazards = true;
    for kind in kinds {
        put(choices, &mut trace, kind);
    }
    trace
}

fn put(choices: &mut impl Choices, trace: &mut Trace, kind: Drawn) {
    let times = 1 + choices.below(3);
    for _ in 0..times {
        match kind {
            Drawn::AnotherContext => another_context(choices, trace),
            Drawn::SetId => {
                let op = Op::Hazard(Hazard::SetId(a_name(choices, trace), an_id(choices, trace)));
                insert(choices, trace, op);
            }
            Drawn::FarTime => far_time(choices, trace),
            Drawn::CallsBack => call_back(choices, trace),
            Drawn::FreeInUse => return free_in_use(choices, trace),
            Drawn::FreeUnowned => {
                let op = Op::Hazard(Hazard::FreeUnowned(a_name(choices, trace)));
                insert(choices, trace, op);
            }
        }
    }
}

fn insert(choices: &mut impl Choices, trace: &mut Trace, op: Op) {
    let place = choices.below(trace.ops.len() as u32 + 1) as usize;
    trace.ops.insert(place, op);
}

/// A name of the setup, or any that ops mention.
fn a_name(choices: &mut impl Choices, trace: &Trace) -> Name {
    let made = trace.setup.sessions.len() as u32;
    if made > 0 && choices.below(4) > 0 {
        return Name(choices.below(made));
    }
    let mentioned = trace.ops.iter().flat_map(Op::names).map(|name| name.0 + 1).max().unwrap_or(0);
    Name(choices.below(made.max(mentioned)))
}

fn a_context(choices: &mut impl Choices, trace: &Trace) -> ContextRef {
    ContextRef(choices.below(trace.setup.contexts.len() as u32) as u8)
}

/// No bytes, those of another session, one byte changed, or too many.
fn an_id(choices: &mut impl Choices, trace: &Trace) -> AnyId {
    let other = (!trace.setup.sessions.is_empty()).then(|| choices.pick(&trace.setup.sessions).id);
    let bytes = match (choices.below(8), other) {
        (0..=2, Some(id)) => id.as_bytes().to_vec(),
        (3 | 4, _) => Vec::new(),
        (5, Some(id)) => [&[id.as_bytes()[0] ^ 1], &id.as_bytes()[1..]].concat(),
        (6, _) => vec![7; choices.pick(&[31, 32, 33, 40])],
        _ => vec![choices.below(256) as u8],
    };
    AnyId::new(&bytes).expect("at most 40 bytes are drawn")
}

fn another_context(choices: &mut impl Choices, trace: &mut Trace) {
    let (context, session) = (a_context(choices, trace), a_name(choices, trace));
    let op = match choices.below(8) {
        0..=4 => Op::AddSession { context, session, synonym: false },
        5 | 6 => Op::RemoveSession { context, session, synonym: false },
        _ => Op::ExternalStore(context, session),
    };
    insert(choices, trace, op);
}

fn far_time(choices: &mut impl Choices, trace: &mut Trace) {
    let (name, context) = (a_name(choices, trace), a_context(choices, trace));
    let far = i128::from(choices.pick(&FAR));
    let sessions = trace.setup.sessions.len() as u32;
    let op = match choices.below(9) {
        0 | 1 => Op::SessionSetTime(name, Time(far)),
        2 | 3 => Op::SessionSetTimeout(name, Timeout(far)),
        4 => Op::SetTimeout(context, Timeout(far)),
        5 => Op::FlushSessions { context, at: At::Absolute(Time(far)), synonym: false },
        6 => Op::SetClock(Time(far)),
        7 if sessions > 0 => {
            trace.setup.sessions[choices.below(sessions) as usize].time = Some(Time(far));
            return;
        }
        _ => Op::Advance(u32::MAX),
    };
    insert(choices, trace, op);
}

/// A callback of a context calls once more.
fn call_back(choices: &mut impl Choices, trace: &mut Trace) {
    let callback = choices.pick(&[Callback::Remove, Callback::New, Callback::Get, Callback::Remove]);
    let whom = if choices.below(2) == 0 { Whom::This } else { Whom::Named(a_name(choices, trace)) };
    let call = match choices.below(16) {
        0..=3 => Call::Flush(choices.pick(&[At::Now(0), At::Now(1_000_000), At::Absolute(Time(0)), At::Now(0)])),
        4..=7 => Call::Remove(whom),
        8..=11 => Call::Add(whom),
        12..=14 => Call::ReadCounters,
        _ => Call::FreeUnowned(whom),
    };
    let context = a_context(choices, trace);
    let setup = &mut trace.setup.contexts[usize::from(context.0)];
    match callback {
        Callback::New => _ = setup.callbacks.new.get_or_insert_with(NewScript::default),
        Callback::Get => _ = setup.callbacks.get.get_or_insert_with(GetScript::default),
        Callback::Remove => setup.callbacks.remove = true,
    }
    setup.calls.of_mut(callback).push(call);
}

/// A context is freed while a connection is open on it, which then goes on.
fn free_in_use(choices: &mut impl Choices, trace: &mut Trace) {
    let named = |op: &Op| matches!(op, Op::AcceptBegin(..));
    let connection = Connection(trace.ops.iter().filter(|op| named(op)).count() as u32 + 16);
    let context = a_context(choices, trace);
    let session = a_name(choices, trace);
    let propose = if choices.below(2) == 0 { Propose::Nothing } else { Propose::Session(session) };
    let accept = Accept {
        context,
        client: None,
        mechanism: Mechanism::Ids,
        propose,
        id_context: None,
        switch_to: None,
        makes: Makes::UNNAMED,
    };
    let begin = choices.below(trace.ops.len() as u32 + 1) as usize;
    trace.ops.insert(begin, Op::AcceptBegin(connection, accept));
    let mut after = vec![Op::CtxFree(context)];
    let finish = Op::AcceptFinish(connection);
    match choices.below(4) {
        0 => after.insert(0, finish),
        1 => after.push(finish),
        2 => after.push(Op::AcceptAbort(connection)),
        _ => {}
    }
    after.push(Op::Close(connection, choices.pick(&[Close::Unclean, Close::Clean])));
    let mut place = begin + 1;
    for op in after {
        place += choices.below((trace.ops.len() - place) as u32 + 1) as usize;
        trace.ops.insert(place, op);
        place += 1;
    }
}
