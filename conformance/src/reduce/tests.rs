//! The reducer against predicates made up for it: no subject is run.

use std::collections::BTreeMap;

use session_model::{CacheMode, ContextRef, Mechanism, SessionId, Time};

use super::{Measure, Reduced, reduce};
use crate::op::{Accept, At, Close, Connection, Makes, Name, Op, Propose, Renegotiate, Renegotiation, SessionSpec};
use crate::source::{Choices, Lane, Seed, is_core, trace_of};
use crate::trace::{ContextSetup, Trace};

const ENOUGH: usize = 1_000_000;

type Predicate = Box<dyn Fn(&Trace) -> bool>;

fn executed(trace: &Trace) -> Vec<Op> {
    let count = |op: &Op| match op {
        Op::Repeat(count, block) => *count as usize * block.len(),
        _ => 1,
    };
    let steps = trace.ops.iter().map(count).sum();
    trace.executed().take(steps).map(|(_, op)| op.into_owned()).collect()
}

/// The first traces of the lane of which the predicate holds.
fn traces_with(lane: Lane, count: usize, same: &dyn Fn(&Trace) -> bool) -> Vec<Trace> {
    (0..5000).map(|n| trace_of(Seed(2), n, lane)).filter(same).take(count).collect()
}

fn is_plain_handshake(op: &Op) -> bool {
    let plain = Accept {
        context: ContextRef(0),
        client: None,
        propose: Propose::Nothing,
        mechanism: Mechanism::Ids,
        id_context: None,
        switch_to: None,
        makes: Makes::UNNAMED,
    };
    *op == Op::Handshake(plain, Close::Clean)
}

/// Everything that a result promises, with budget enough.
fn check(trace: &Trace, same: &dyn Fn(&Trace) -> bool) -> Trace {
    let Reduced { trace: reduced, runs } = reduce(trace, &mut |t| same(t), ENOUGH);
    assert!(runs < ENOUGH, "the budget was enough");
    assert!(same(&reduced), "the result shows the same: {reduced:#?}");
    assert!(is_core(&reduced));
    assert!(Measure::of(&reduced) <= Measure::of(trace));
    for smaller in with_one_less(&reduced) {
        assert!(!same(&smaller), "one more can go: {reduced:#?}");
    }
    assert_eq!(reduce(&reduced, &mut |t| same(t), ENOUGH).trace, reduced, "reducing again changes nothing");
    reduced
}

/// The trace without one op, one op of a block, or the last session of the setup.
fn with_one_less(trace: &Trace) -> Vec<Trace> {
    let mut all = Vec::new();
    let mut with = |edit: &dyn Fn(&mut Trace)| {
        let mut changed = trace.clone();
        edit(&mut changed);
        all.push(changed);
    };
    for (step, op) in trace.ops.iter().enumerate() {
        with(&|t| _ = t.ops.remove(step));
        let block = if let Op::Repeat(_, block) = op { block.len() } else { 0 };
        for n in 0..block {
            with(&|t| {
                if let Op::Repeat(_, block) = &mut t.ops[step] {
                    block.remove(n);
                }
            });
        }
    }
    if !trace.setup.sessions.is_empty() {
        with(&|t| _ = t.setup.sessions.pop());
    }
    all
}

fn adds_after_handshakes(trace: &Trace, least: usize) -> bool {
    let handshakes = |ops: &[Op]| ops.iter().filter(|op| matches!(op, Op::Handshake(..))).count();
    let ops = executed(trace);
    let last = ops.iter().rposition(|op| matches!(op, Op::AddSession { .. }));
    last.is_some_and(|last| handshakes(&ops[..last]) >= least)
}

#[test]
fn an_add_after_255_handshakes_is_a_repeat_and_an_add() {
    let same = |trace: &Trace| adds_after_handshakes(trace, 255);
    let traces = traces_with(Lane::Handshakes, 6, &same);
    assert_eq!(traces.len(), 6);
    for trace in traces {
        let reduced = check(&trace, &same);
        let [Op::Repeat(255, block), Op::AddSession { session: Name(0), .. }] = reduced.ops.as_slice() else {
            panic!("{:#?}", reduced.ops)
        };
        assert!(matches!(block.as_slice(), [op] if is_plain_handshake(op)), "{block:?}");
        assert_eq!(reduced.setup.contexts, [ContextSetup::default()]);
        assert!(reduced.setup.sessions.is_empty());
    }
}

#[test]
fn handshakes_that_stand_one_after_another_are_rolled_up() {
    let mut trace = trace_of(Seed(2), 0, Lane::Handshakes);
    let plain = Op::Handshake(accept(Propose::Nothing), Close::Clean);
    let add = Op::AddSession { context: ContextRef(0), session: Name(0), synonym: false };
    trace.ops = vec![plain; 300];
    trace.ops.insert(200, Op::Advance(3));
    trace.ops.push(add);
    let reduced = check(&trace, &|trace| adds_after_handshakes(trace, 255));
    assert!(matches!(reduced.ops.as_slice(), [Op::Repeat(255, _), Op::AddSession { .. }]));
}

fn accept(propose: Propose) -> Accept {
    Accept {
        context: ContextRef(0),
        client: None,
        mechanism: Mechanism::Ids,
        propose,
        id_context: None,
        switch_to: None,
        makes: Makes::UNNAMED,
    }
}

/// A session that an op made, is cached, and ends in the very second of a flush.
fn flushes_in_the_last_second(trace: &Trace) -> bool {
    let mut clock = trace.setup.clock;
    let mut ends: BTreeMap<Name, Time> = BTreeMap::new();
    let mut cached = BTreeMap::new();
    let end = |spec: &SessionSpec, clock| spec.time.unwrap_or(clock) + spec.timeout;
    for (spec, n) in trace.setup.sessions.iter().zip(0..) {
        ends.insert(Name(n), end(spec, clock));
    }
    for op in executed(trace) {
        match op {
            Op::Session(name, spec) => _ = ends.entry(name).or_insert(end(&spec, clock)),
            Op::AddSession { session, .. } => {
                _ = ends.get(&session).map(|end| cached.insert(session, *end));
            }
            Op::Advance(seconds) => clock.0 += i128::from(seconds),
            Op::SetClock(time) => clock = time,
            Op::FlushSessions { at, .. } => {
                let tm = match at {
                    At::Absolute(time) => time,
                    At::Now(later) => Time(clock.0 + i128::from(later)),
                };
                if cached.values().any(|end| *end == tm) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[test]
fn a_boundary_is_kept_to_the_second_and_said_plainly() {
    for trace in traces_with(Lane::Direct, 25, &flushes_in_the_last_second) {
        let reduced = check(&trace, &flushes_in_the_last_second);
        assert_eq!(reduced.setup.sessions.len(), 1, "{reduced:#?}");
        assert!(matches!(reduced.ops.as_slice(), [Op::AddSession { .. }, Op::FlushSessions { .. }]), "{reduced:#?}");
        assert_eq!(reduced.setup.clock, Time(1000));
        let spec = &reduced.setup.sessions[0];
        assert_eq!((spec.id, spec.time), (SessionId::new(&[1]).expect("one byte"), None), "{spec:?}");
    }
}

#[test]
fn a_handshake_in_parts_is_fused() {
    let mut trace = trace_of(Seed(2), 0, Lane::Handshakes);
    let k = Connection(4);
    trace.ops = vec![
        Op::AcceptBegin(k, accept(Propose::Nothing)),
        Op::Advance(1),
        Op::AcceptFinish(k),
        Op::Advance(2),
        Op::Close(k, Close::Unclean),
    ];
    let connects = |trace: &Trace| {
        let (mut begun, mut finished) = (false, false);
        for op in executed(trace) {
            begun |= matches!(op, Op::AcceptBegin(..) | Op::Handshake(..));
            finished |= matches!(op, Op::Handshake(..)) || begun && matches!(op, Op::AcceptFinish(_));
        }
        finished
    };
    assert!(matches!(check(&trace, &connects).ops.as_slice(), [op] if is_plain_handshake(op)));
}

#[test]
fn advances_are_added_up_and_clocks_are_said_from_now_on() {
    let mut trace = trace_of(Seed(2), 0, Lane::Direct);
    trace.setup.clock = Time(5000);
    trace.ops = vec![Op::Advance(30), Op::IsResumable(Name(0)), Op::SetClock(Time(5057)), Op::Advance(200)];
    let late = |trace: &Trace| {
        let mut clock = trace.setup.clock;
        executed(trace).iter().for_each(|op| match op {
            Op::Advance(seconds) => clock.0 += i128::from(*seconds),
            Op::SetClock(time) => clock = *time,
            _ => {}
        });
        (clock.0 - trace.setup.clock.0) > 240
    };
    assert_eq!(check(&trace, &late).ops, [Op::Advance(241)]);
}

#[test]
fn ids_keep_what_they_have_in_common() {
    let prefix = |trace: &Trace| {
        let ids: Vec<_> = trace.setup.sessions.iter().map(|spec| spec.id).collect();
        let four = |id: &SessionId| id.as_bytes().get(..4).map(<[u8]>::to_vec);
        ids.iter().any(|a| ids.iter().any(|b| a != b && four(a).is_some() && four(a) == four(b)))
    };
    for trace in traces_with(Lane::Direct, 10, &prefix) {
        let reduced = check(&trace, &prefix);
        assert!(reduced.ops.is_empty());
        let ids: Vec<_> = reduced.setup.sessions.iter().map(|spec| spec.id.as_bytes().to_vec()).collect();
        let [a, b] = ids.as_slice() else { panic!("{ids:?}") };
        assert_eq!(a.len() + b.len(), 9, "{ids:?}");
        assert_eq!((&a[..4], &b[..4]), (&[1; 4][..], &[1; 4][..]));
    }
}

#[test]
fn twins_stay_twins_and_get_one_byte() {
    let twins = |trace: &Trace| {
        let sessions = &trace.setup.sessions;
        sessions.iter().enumerate().any(|(n, a)| sessions[..n].iter().any(|b| a.id == b.id))
    };
    for trace in traces_with(Lane::Mixed, 5, &twins) {
        let reduced = check(&trace, &twins);
        let ids: Vec<_> = reduced.setup.sessions.iter().map(|spec| spec.id.as_bytes().to_vec()).collect();
        assert_eq!(ids, [vec![1], vec![1]]);
    }
}

#[test]
fn modes_lose_the_flags_that_do_not_matter() {
    let flag = |trace: &Trace| {
        let updates = |c: &ContextSetup| c.mode.is_some_and(|mode| mode.contains(CacheMode::UPDATE_TIME));
        trace.setup.contexts.iter().any(updates)
    };
    for trace in traces_with(Lane::Handshakes, 10, &flag) {
        let reduced = check(&trace, &flag);
        let only = ContextSetup { mode: Some(CacheMode::UPDATE_TIME), ..ContextSetup::default() };
        assert_eq!(reduced.setup.contexts, [only]);
    }
}

#[test]
fn a_setting_that_may_come_first_is_part_of_the_setup() {
    let mut trace = trace_of(Seed(2), 0, Lane::Direct);
    let context = ContextRef(0);
    trace.setup.contexts[0].mode = None;
    trace.ops =
        vec![Op::GetTimeout(context), Op::SetSessionCacheMode(context, CacheMode::BOTH), Op::GetTimeout(context)];
    let asks_later = |trace: &Trace| {
        let mut mode = trace.setup.contexts[0].mode;
        executed(trace).into_iter().any(|op| {
            if let Op::SetSessionCacheMode(_, set) = op {
                mode = Some(set);
            }
            mode == Some(CacheMode::BOTH) && op == Op::GetTimeout(context)
        })
    };
    let reduced = check(&trace, &asks_later);
    assert_eq!(reduced.ops, [Op::GetTimeout(context)]);
    assert_eq!(reduced.setup.contexts[0].mode, Some(CacheMode::BOTH));
}

#[test]
fn repeats_of_one_block_are_joined_and_what_need_not_be_repeated_stands_beside() {
    let mut trace = trace_of(Seed(2), 0, Lane::Handshakes);
    let plain = Op::Handshake(accept(Propose::Nothing), Close::Clean);
    let add = Op::AddSession { context: ContextRef(0), session: Name(0), synonym: false };
    trace.ops = vec![
        Op::Repeat(30, vec![plain.clone(), plain.clone()]),
        Op::AcceptBegin(Connection(0), accept(Propose::Nothing)),
        Op::Repeat(196, vec![plain, Op::Advance(1)]),
        add,
    ];
    let begun_and_late = |trace: &Trace| {
        let ops = executed(trace);
        let begun = ops.iter().position(|op| matches!(op, Op::AcceptBegin(..)));
        let late = |op: &Op| matches!(op, Op::Advance(seconds) if *seconds > 100);
        let seconds = |op: &Op| if let Op::Advance(seconds) = op { *seconds } else { 0 };
        let passed = begun.map_or(0, |begun| ops[begun..].iter().map(seconds).sum());
        adds_after_handshakes(trace, 255) && (passed > 100 || ops.iter().any(late))
    };
    let reduced = check(&trace, &begun_and_late);
    let [first, Op::Advance(101), Op::AddSession { .. }] = reduced.ops.as_slice() else { panic!("{:#?}", reduced.ops) };
    assert!(matches!(first, Op::Repeat(255, block) if block.len() == 1), "{first:?}");
}

#[test]
fn a_second_context_that_matters_stays() {
    let client = |trace: &Trace| {
        let observed = |op: &Op| matches!(op, Op::Handshake(Accept { client: Some(_), .. }, _));
        executed(trace).iter().any(observed)
    };
    for trace in traces_with(Lane::Handshakes, 10, &client) {
        let reduced = check(&trace, &client);
        assert_eq!(reduced.ops.len(), 1);
        assert!((2..=3).contains(&reduced.setup.contexts.len()));
    }
}

#[test]
fn people_keep_their_words_for_what_stays() {
    let mut trace = trace_of(Seed(2), 0, Lane::Direct);
    trace.ops = vec![Op::Advance(1), Op::UpRef(Name(9)), Op::IsResumable(Name(7))];
    trace.names.sessions = (0..10).map(|n| format!("name-{n}")).collect();
    let asks = |trace: &Trace| trace.ops.iter().any(|op| matches!(op, Op::IsResumable(_)));
    let reduced = check(&trace, &asks);
    assert_eq!(reduced.ops, [Op::IsResumable(Name(0))]);
    assert_eq!(reduced.names.session(Name(0)), "name-7");
}

#[test]
fn a_spent_budget_ends_it_with_a_trace_that_shows_the_same() {
    let same = |trace: &Trace| adds_after_handshakes(trace, 20);
    let trace = &traces_with(Lane::Mixed, 1, &same)[0];
    for budget in [0, 1, 7, 30] {
        let reduced = reduce(trace, &mut |t| same(t), budget);
        assert!(reduced.runs <= budget);
        assert!(same(&reduced.trace));
        assert!(Measure::of(&reduced.trace) <= Measure::of(trace));
    }
}

/// One of a family of predicates, each of them about what an op does to a name, an order, a count or a time.
fn predicate(choices: &mut impl Choices) -> Predicate {
    let least = choices.below(4) as usize + 1;
    match choices.below(6) {
        0 => Box::new(move |t| executed(t).iter().filter(|op| matches!(op, Op::AddSession { .. })).count() >= least),
        1 => Box::new(|t| {
            let ops = executed(t);
            let added = |name| move |op: &Op| matches!(op, Op::AddSession { session, .. } if *session == name);
            ops.iter().enumerate().any(|(n, op)| match op {
                Op::RemoveSession { session, .. } => {
                    ops[..n].iter().any(added(*session)) && ops[n..].iter().any(added(*session))
                }
                _ => false,
            })
        }),
        2 => Box::new(move |t| t.setup.sessions.iter().filter(|spec| spec.time.is_some()).count() >= least.min(2)),
        3 => Box::new(move |t| {
            let sizes = |op: &Op| matches!(op, Op::SessSetCacheSize(_, 2..=4));
            executed(t).iter().any(sizes) && t.setup.contexts.iter().any(|c| c.callbacks.remove)
        }),
        4 => Box::new(|t| {
            executed(t)
                .windows(2)
                .any(|two| matches!(two, [Op::SessionSetTimeout(a, _), Op::AddSession { session: b, .. }] if a == b))
        }),
        _ => Box::new(move |t| {
            let past = |op: &Op| {
                if let Op::Advance(s) = op { i128::from(*s) } else { 0 }
            };
            executed(t).iter().map(past).sum::<i128>() >= 17 * least as i128
        }),
    }
}

#[test]
fn a_result_shows_the_same_is_minimal_and_is_its_own_result() {
    let mut choices = Seed(8).choices(0);
    let mut reduced = 0;
    for number in 0..120 {
        let lane = choices.pick(&[Lane::Direct, Lane::Mixed, Lane::Handshakes]);
        let trace = trace_of(Seed(4), number, lane);
        let same = predicate(&mut choices);
        if trace.ops.len() < 600 && same(&trace) {
            check(&trace, &same);
            reduced += 1;
        }
    }
    assert!(reduced >= 30, "{reduced} traces were reduced");
}

/// A cache that holds one more than its size, seen by whoever counts: the size at a step, and one more add after it.
fn one_more_than_the_size(trace: &Trace) -> bool {
    let (mut size, mut added) = (0, std::collections::BTreeSet::new());
    executed(trace).iter().any(|op| {
        match op {
            Op::SessSetCacheSize(_, set) => size = *set as usize,
            Op::AddSession { session, .. } if (session.0 as usize) < trace.setup.sessions.len() => {
                added.insert(*session);
            }
            _ => {}
        }
        size > 0 && added.len() == size + 1
    })
}

#[test]
fn a_size_and_the_number_of_adds_go_down_together() {
    let context = ContextRef(0);
    let mut trace = trace_of(Seed(2), 0, Lane::Direct);
    let spec = SessionSpec { context, time: None, ..trace.setup.sessions[0] };
    trace.setup.sessions =
        (1..=60).map(|n| SessionSpec { id: SessionId::new(&[n]).expect("a byte"), ..spec }).collect();
    let add = |n| Op::AddSession { context, session: Name(n), synonym: false };
    trace.ops = std::iter::once(Op::SessSetCacheSize(context, 59)).chain((0..60).map(add)).collect();
    // From one add to the next the number is never that of the size and one, but for the last.
    assert!(one_more_than_the_size(&trace));
    let reduced = check(&trace, &one_more_than_the_size);
    assert_eq!(reduced.ops.len(), 3, "{reduced:#?}");
    assert!(matches!(reduced.ops[0], Op::SessSetCacheSize(_, 1)));
}

#[test]
fn many_of_different_form_become_one_over_and_over() {
    let mut trace = trace_of(Seed(2), 0, Lane::Handshakes);
    let unknown = |n: u32| Propose::Id(SessionId::new(&n.to_be_bytes()).expect("four bytes"));
    trace.ops = (0..600).map(|n| Op::Handshake(accept(unknown(n)), Close::Clean)).collect();
    let missed = |trace: &Trace| {
        let missed = |op: &&Op| matches!(op, Op::Handshake(accept, _) if matches!(accept.propose, Propose::Id(_)));
        executed(trace).iter().filter(missed).count() >= 256
    };
    let Reduced { trace: reduced, runs } = reduce(&trace, &mut |trace| missed(trace), 2000);
    assert!(runs < 2000);
    assert!(matches!(reduced.ops.as_slice(), [Op::Repeat(256, block)] if block.len() == 1), "{:#?}", reduced.ops);
}

#[test]
fn a_session_of_a_handshake_is_made_by_hand_when_that_shows_the_same() {
    let mut trace = trace_of(Seed(2), 0, Lane::Handshakes);
    trace.setup.sessions.clear();
    let (context, k, made) = (ContextRef(0), Connection(3), Name(9));
    let again = Renegotiate { kind: Renegotiation::New, makes: Makes::first(Some(made), None) };
    trace.ops = vec![
        Op::AcceptBegin(k, accept(Propose::Nothing)),
        Op::AcceptFinish(k),
        Op::Renegotiate(k, again),
        Op::SessionSetTime(made, Time(7)),
        Op::AddSession { context, session: made, synonym: false },
    ];
    let made_and_added = |trace: &Trace| {
        let mut made: Vec<Name> = (0..trace.setup.sessions.len() as u32).map(Name).collect();
        let (mut begun, mut finished) = (false, false);
        let mut early: Vec<Name> = made.clone();
        early.retain(|name| trace.setup.sessions[name.0 as usize].time == Some(Time(7)));
        executed(trace).iter().any(|op| {
            match op {
                Op::AcceptBegin(..) => begun = true,
                Op::AcceptFinish(_) => finished |= begun,
                Op::Renegotiate(_, again) if finished => made.extend(again.makes.names()),
                Op::Handshake(accept, _) => made.extend(accept.makes.names()),
                Op::SessionSetTime(name, Time(7)) => early.push(*name),
                _ => {}
            }
            matches!(op, Op::AddSession { session, .. } if made.contains(session) && early.contains(session))
        })
    };
    assert!(made_and_added(&trace));
    let reduced = check(&trace, &made_and_added);
    assert!(matches!(reduced.ops.as_slice(), [Op::AddSession { session: Name(0), .. }]), "{:#?}", reduced.ops);
    assert_eq!(reduced.setup.sessions[0].time, Some(Time(7)));
}

#[test]
fn what_passes_before_the_first_step_has_passed_when_the_trace_starts() {
    let mut trace = trace_of(Seed(2), 0, Lane::Direct);
    trace.setup.clock = Time(5000);
    trace.setup.sessions.truncate(1);
    (trace.setup.sessions[0].time, trace.setup.sessions[0].context) = (None, ContextRef(0));
    let add = Op::AddSession { context: ContextRef(0), session: Name(0), synonym: false };
    trace.ops = vec![Op::Advance(3), add];
    let older = |trace: &Trace| {
        let start = trace.setup.clock;
        let mut clock = start;
        executed(trace).iter().any(|op| match op {
            Op::Advance(seconds) => {
                clock.0 += i128::from(*seconds);
                false
            }
            Op::SetClock(time) => {
                clock = *time;
                false
            }
            Op::AddSession { session: Name(0), .. } => {
                trace.setup.sessions.first().is_some_and(|spec| spec.time.unwrap_or(start) < clock)
            }
            _ => false,
        })
    };
    assert!(older(&trace));
    assert!(matches!(check(&trace, &older).ops.as_slice(), [Op::AddSession { .. }]));
}
