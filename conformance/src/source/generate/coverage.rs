//! What some thousand traces hold: a generator that has lost a bias finds nothing, and says nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use session_model::{CacheMode, Mechanism, Protocol, SessionId};

use super::{Lane, generate};
use crate::op::{At, Close, Name, Op, Propose, Renegotiation};
use crate::source::choices::Choices;
use crate::source::{Seed, is_core, plan_of, trace_of};
use crate::trace::Trace;

const LANES: [Lane; 3] = [Lane::Direct, Lane::Handshakes, Lane::Mixed];

fn traces(lane: Lane, count: u64) -> impl Iterator<Item = Trace> {
    (0..count).map(move |number| trace_of(Seed(1), number, lane))
}

fn ops(trace: &Trace) -> impl Iterator<Item = &Op> {
    trace.ops.iter().flat_map(|op| match op {
        Op::Repeat(_, block) => block.as_slice(),
        _ => std::slice::from_ref(op),
    })
}

/// How often each of the things occurs, by what it is called here.
#[derive(Default)]
struct Count(BTreeMap<&'static str, u32>);

impl Count {
    fn saw(&mut self, what: &'static str, holds: bool) {
        *self.0.entry(what).or_default() += u32::from(holds);
    }

    /// Whether the moment is on a boundary, one second after, one before.
    fn beside(&mut self, boundaries: &BTreeSet<i128>, moment: i128, what: [&'static str; 3]) {
        for (what, beside) in what.into_iter().zip([0, 1, -1]) {
            self.saw(what, boundaries.contains(&(moment - beside)));
        }
    }

    fn expect(&self, least: u32) {
        for (what, times) in &self.0 {
            assert!(*times >= least, "{what}: {times} times, at least {least} wanted");
        }
    }
}

#[test]
fn every_trace_is_core() {
    for lane in LANES {
        for (number, trace) in traces(lane, 1500).enumerate() {
            assert!(is_core(&trace), "{lane} trace {number}");
        }
    }
}

#[test]
fn a_trace_is_the_same_each_time_and_its_plan_is_the_one_it_follows() {
    for lane in LANES {
        for number in 0..50 {
            let trace = trace_of(Seed(3), number, lane);
            assert_eq!(trace, trace_of(Seed(3), number, lane));
            let plan = plan_of(Seed(3), number, lane);
            assert_eq!(trace.setup.contexts.len(), plan.contexts as usize);
        }
    }
}

#[test]
fn the_direct_lane_has_no_handshake_and_no_lane_has_a_synonym_unasked() {
    let of_connections = |op: &Op| {
        matches!(
            op,
            Op::Handshake(..)
                | Op::AcceptBegin(..)
                | Op::AcceptFinish(_)
                | Op::Renegotiate(..)
                | Op::AcceptAbort(_)
                | Op::Close(..)
        )
    };
    assert!(!traces(Lane::Direct, 500).any(|trace| ops(&trace).any(of_connections)));
    let synonyms = |op: &Op| {
        matches!(
            op,
            Op::AddSession { synonym: true, .. }
                | Op::RemoveSession { synonym: true, .. }
                | Op::FlushSessions { synonym: true, .. }
        )
    };
    assert!(!traces(Lane::Mixed, 500).any(|trace| ops(&trace).any(synonyms)));
    let mut choices = Seed(1).choices(1);
    let mut plan = super::Plan::draw(&mut choices, Lane::Direct);
    (plan.synonyms, plan.length) = (true, 1000);
    assert!(ops(&plan.follow(&mut choices)).any(synonyms));
}

#[test]
fn lengths_go_from_five_to_thousands() {
    let lengths: Vec<_> = traces(Lane::Direct, 2000).map(|trace| trace.ops.len()).collect();
    let between = |least, most| lengths.iter().filter(|l| (least..most).contains(*l)).count();
    for (least, most) in [(5, 12), (12, 50), (50, 200), (200, 1000), (1000, 2500), (2500, 4500)] {
        assert!(between(least, most) >= 50, "{least} to {most}: {}", between(least, most));
    }
}

/// What ops do to names and ids, as far as ops alone tell.
#[test]
fn adds_and_removes_meet() {
    let mut count = Count::default();
    for trace in traces(Lane::Direct, 1000) {
        let mut ids: BTreeMap<Name, (SessionId, u8)> = BTreeMap::new();
        let mut added: BTreeMap<(u8, SessionId), Name> = BTreeMap::new();
        for (spec, n) in trace.setup.sessions.iter().zip(0..) {
            ids.insert(Name(n), (spec.id, spec.context.0));
        }
        let mut most = BTreeSet::new();
        for op in ops(&trace) {
            match op {
                Op::Session(name, spec) => {
                    count.saw("a name made twice", ids.contains_key(name));
                    count.saw("an id of two names", ids.values().any(|(id, _)| *id == spec.id));
                    ids.entry(*name).or_insert((spec.id, spec.context.0));
                }
                Op::AddSession { context, session, .. } => {
                    let Some((id, own)) = ids.get(session) else {
                        count.saw("an add of a name that was never made", true);
                        continue;
                    };
                    count.saw("an add to another context", *own != context.0);
                    let cached = added.insert((context.0, *id), *session);
                    count.saw("the same session again", cached == Some(*session));
                    count.saw("a twin in its place", cached.is_some_and(|other| other != *session));
                    most.insert(added.len());
                }
                Op::RemoveSession { context, session, .. } => {
                    let Some((id, _)) = ids.get(session) else {
                        continue;
                    };
                    let cached = added.get(&(context.0, *id)).copied();
                    count.saw("a removal of what is cached", cached == Some(*session));
                    count.saw("a removal of a twin", cached.is_some_and(|other| other != *session));
                    count.saw("a removal of what is not cached", cached.is_none());
                    added.remove(&(context.0, *id));
                }
                _ => {}
            }
        }
        let sizes: Vec<_> = trace.setup.contexts.iter().filter_map(|c| c.size).collect();
        count.saw("more ids than the size", sizes.iter().any(|s| *s > 0 && most.contains(&(*s as usize + 1))));
        count.saw("255 ids and more", most.contains(&255));
        count.saw("the same ids in two contexts", same_ids_in_two_contexts(&trace));
        let equal = |a: &SessionId, b: &SessionId| {
            a != b && a.as_bytes().get(..4).is_some_and(|a| b.as_bytes().get(..4) == Some(a))
        };
        let setup = &trace.setup.sessions;
        count.saw("ids with equal first bytes", setup.iter().any(|a| setup.iter().any(|b| equal(&a.id, &b.id))));
    }
    count.expect(40);
}

fn same_ids_in_two_contexts(trace: &Trace) -> bool {
    let sessions = &trace.setup.sessions;
    sessions.iter().any(|a| sessions.iter().any(|b| a.id == b.id && a.context != b.context))
}

/// Times beside the boundaries of sessions that the setup made, before anything changes them.
#[test]
fn times_are_on_boundaries_and_beside_them() {
    let mut count = Count::default();
    for trace in traces(Lane::Mixed, 1000) {
        let mut clock = trace.setup.clock.0;
        let mut boundaries: BTreeSet<i128> = BTreeSet::new();
        let end = |clock, spec: &crate::op::SessionSpec| spec.time.map_or(clock, |t| t.0) + spec.timeout.0;
        boundaries.extend(trace.setup.sessions.iter().map(|spec| end(clock, spec)));
        for op in &trace.ops {
            match op {
                Op::Session(_, spec) => _ = boundaries.insert(end(clock, spec)),
                Op::Advance(seconds) => {
                    clock += i128::from(*seconds);
                    count.beside(&boundaries, clock, ["clock on", "clock one after", "clock one before"]);
                }
                Op::SetClock(time) => {
                    count.saw("clock backwards", time.0 < clock);
                    clock = time.0;
                }
                Op::FlushSessions { at: when, .. } => {
                    let moment = match when {
                        At::Absolute(time) => time.0,
                        At::Now(later) => clock + i128::from(*later),
                    };
                    count.saw("flush at 0", moment == 0);
                    count.saw("flush before now", moment < clock);
                    count.saw("flush after now", moment > clock);
                    count.beside(&boundaries, moment, ["flush on", "flush one after", "flush one before"]);
                }
                Op::Repeat(times, block) => {
                    let seconds = |op: &Op| {
                        if let Op::Advance(s) = op { i128::from(*s) } else { 0 }
                    };
                    clock += i128::from(*times) * block.iter().map(seconds).sum::<i128>();
                }
                _ => {}
            }
        }
    }
    count.expect(200);
}

#[test]
fn handshakes_meet_what_they_can() {
    let mut count = Count::default();
    let mut near: BTreeMap<u32, u32> = BTreeMap::new();
    for trace in traces(Lane::Handshakes, 2000) {
        let mut open = BTreeMap::new();
        let (mut connections, mut most_open) = ([0; 8], 0);
        for (_, op) in trace.executed() {
            if let Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) = op.as_ref() {
                connections[usize::from(accept.context.0)] += 1;
                count.saw("an observed client", accept.client.is_some());
                count.saw("an id context of its own", accept.id_context.is_some());
                count.saw("a switch", accept.switch_to.is_some());
                count.saw("a switch beside a client", accept.switch_to.is_some() && accept.client.is_some());
                count.saw("nothing proposed", accept.propose == Propose::Nothing);
                count.saw("an id proposed", matches!(accept.propose, Propose::Id(_)));
                count.saw(
                    "a client's own session proposed",
                    accept.client.is_some() && accept.propose != Propose::Nothing,
                );
                count.saw("both sessions named", accept.makes.server[0].is_some() && accept.makes.client[0].is_some());
            }
            match op.as_ref() {
                Op::AcceptBegin(k, _) => _ = open.insert(*k, false),
                Op::AcceptFinish(k) => _ = open.insert(*k, true),
                Op::AcceptAbort(k) => count.saw("abort", open.remove(k).is_some()),
                Op::Close(k, how) => {
                    count.saw("close unclean", *how == Close::Unclean);
                    count.saw("close", open.remove(k).is_some());
                }
                Op::Renegotiate(k, again) => {
                    count.saw("a renegotiation", open.get(k) == Some(&true));
                    count.saw("a renegotiation that names both sessions", again.makes.names().count() == 2);
                    count.saw("a renegotiation that the server asks for", again.kind == Renegotiation::Requested);
                }
                Op::CtxFree(_) => count.saw("a context freed while connections are open", !open.is_empty()),
                _ => count.saw("an op between begin and finish", open.values().any(|finished| !finished)),
            }
            most_open = most_open.max(open.len());
        }
        count.saw("three connections open", most_open >= 3);
        for n in connections {
            *near.entry(n).or_default() += 1;
        }
        let mut modes = trace.setup.contexts.iter().filter_map(|c| c.mode);
        count.saw("UPDATE_TIME", modes.any(|mode| mode.contains(CacheMode::UPDATE_TIME)));
        count.saw(
            "all callbacks",
            trace
                .setup
                .contexts
                .iter()
                .any(|c| c.callbacks.new.is_some() && c.callbacks.get.is_some() && c.callbacks.remove),
        );
    }
    count.expect(20);
    let over = |n: u32| near.range(n..).map(|(_, times)| times).sum::<u32>();
    for n in [254, 255, 256, 511, 766] {
        assert!(over(n) >= 20, "{n} connections: {} times", over(n));
    }
}

#[test]
fn ids_of_tls13_are_of_the_usual_length_and_of_others() {
    let mut count = Count::default();
    for trace in traces(Lane::Tickets, 500) {
        let is_short = |id: &SessionId| id.as_bytes().len() < SessionId::MAX;
        let mut saw = |id: &SessionId, short, usual| {
            count.saw(short, is_short(id));
            count.saw(usual, !is_short(id));
        };
        let made = ops(&trace).filter_map(|op| if let Op::Session(_, spec) = op { Some(spec) } else { None });
        for spec in trace.setup.sessions.iter().chain(made).filter(|spec| spec.protocol == Protocol::Tls13) {
            saw(&spec.id, "a session of a short id", "a session of an id of 32 bytes");
        }
        for op in ops(&trace) {
            if let Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) = op
                && let (Mechanism::Stateful(_), Propose::Id(id)) = (accept.mechanism, accept.propose)
            {
                saw(&id, "a short id proposed", "an id of 32 bytes proposed");
            }
        }
    }
    count.expect(40);
}

#[test]
fn every_mode_is_set_somewhere() {
    let mut modes: BTreeMap<CacheMode, u32> = BTreeMap::new();
    for trace in traces(Lane::Handshakes, 2000) {
        let set =
            ops(&trace).filter_map(|op| if let Op::SetSessionCacheMode(_, mode) = op { Some(*mode) } else { None });
        for mode in trace.setup.contexts.iter().filter_map(|c| c.mode).chain(set) {
            *modes.entry(mode).or_default() += 1;
        }
    }
    assert_eq!(modes.len(), 64);
    assert!(modes.values().all(|times| *times >= 5), "{modes:?}");
}

#[test]
fn bytes_make_traces_too() {
    let mut lengths = BTreeSet::new();
    for seed in 0..300u64 {
        let mut prng = Seed(9).choices(seed);
        let bytes: Vec<u8> = (0..prng.below(600)).map(|_| prng.below(256) as u8).collect();
        let trace = generate(&mut arbitrary::Unstructured::new(&bytes), Lane::Mixed);
        assert!(is_core(&trace));
        // No bytes, no ops: the length of a trace is that of its bytes.
        assert!(trace.ops.len() <= bytes.len() * 8 + 4100, "{} from {}", trace.ops.len(), bytes.len());
        lengths.insert(trace.ops.len());
    }
    assert!(lengths.len() > 50);
    assert!(generate(&mut arbitrary::Unstructured::new(&[]), Lane::Mixed).ops.is_empty());
}
