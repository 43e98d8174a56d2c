//! Passes on time: what is said from now on rather than from the Epoch, and what only moves together.

use session_model::{Time, Timeout};

use super::attempt::Attempt;
use super::places::{each_op, each_point, each_span};
use super::values::towards;
use crate::op::{At, Op, SessionSpec};
use crate::trace::Trace;

/// Where the clock and the spans beside a boundary are best to be.
const PLAIN_CLOCK: i128 = 1000;
const PLAIN_SPANS: [i128; 3] = [300, 10, 1];

/// Spans this far from each other are on one boundary and beside it.
const BESIDE: u128 = 2;

/// The clock when this step begins.
pub(super) fn clock_before(trace: &Trace, step: usize) -> Time {
    let mut clock = trace.setup.clock;
    for op in &trace.ops[..step] {
        match op {
            Op::Repeat(0, _) => {}
            // A clock set in the block makes each round the same; else the rounds add up.
            Op::Repeat(count, block) if !block.iter().any(|op| matches!(op, Op::SetClock(_))) => {
                let mut passed = Time(0);
                block.iter().for_each(|op| pass(op, &mut passed));
                clock.0 += i128::from(*count) * passed.0;
            }
            Op::Repeat(_, block) => block.iter().for_each(|op| pass(op, &mut clock)),
            op => pass(op, &mut clock),
        }
    }
    clock
}

fn pass(op: &Op, clock: &mut Time) {
    match op {
        Op::Advance(seconds) => clock.0 += i128::from(*seconds),
        Op::SetClock(time) => *clock = *time,
        _ => {}
    }
}

/// A clock set forwards is an advance, and a flush at a time is one relative to now.
pub(super) fn relative(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let now = clock_before(attempt.best(), step);
        let from_now = match attempt.best().ops[step] {
            Op::SetClock(time) => u32::try_from(time.0 - now.0).ok().map(Op::Advance),
            Op::FlushSessions { context, at: At::Absolute(time), synonym } => i64::try_from(time.0 - now.0)
                .ok()
                .map(|later| Op::FlushSessions { context, at: At::Now(later), synonym }),
            _ => None,
        };
        if let Some(op) = from_now {
            attempt.change(|trace| trace.ops[step] = op);
        }
    }
}

/// A session's time is that of its making: it ends when it did, or flushes move along with its end. Or at least its
/// timeout is a plain one.
pub(super) fn made_now(attempt: &mut Attempt) {
    for n in 0..attempt.best().setup.sessions.len() {
        let SessionSpec { time: Some(time), timeout, .. } = attempt.best().setup.sessions[n] else {
            continue;
        };
        let later = attempt.best().setup.clock - time;
        let ends_as_before = attempt.change(|trace| {
            let spec = &mut trace.setup.sessions[n];
            (spec.time, spec.timeout) = (None, Timeout(timeout.0 - later.0));
        });
        let flushes_move = |trace: &mut Trace| {
            trace.setup.sessions[n].time = None;
            each_op(trace, &mut |op| flush_later(op, later));
        };
        if ends_as_before || attempt.change(flushes_move) {
            continue;
        }
        attempt.change(|trace| {
            let spec = &mut trace.setup.sessions[n];
            let usual = Timeout(PLAIN_SPANS[0]);
            (spec.time, spec.timeout) = (Some(Time(time.0 + timeout.0 - usual.0)), usual);
        });
    }
}

fn flush_later(op: &mut Op, later: Timeout) {
    let Op::FlushSessions { at, .. } = op else {
        return;
    };
    *at = match *at {
        At::Absolute(time) => At::Absolute(time + later),
        At::Now(from_now) => At::Now(i64::try_from(i128::from(from_now) + later.0).unwrap_or(from_now)),
    };
}

/// By how much a step moves the clock, if it does.
fn passed_in(trace: &Trace, step: usize) -> Option<Timeout> {
    let passed = clock_before(trace, step + 1) - clock_before(trace, step);
    Some(passed).filter(|passed| *passed != Timeout(0))
}

/// A step of the clock goes, and later flushes are at the time at which they were.
pub(super) fn flush_ahead(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let Some(passed) = passed_in(attempt.best(), step) else { continue };
        attempt.change(|trace| {
            trace.ops.remove(step);
            let until_set = |op: &&mut Op| !matches!(op, Op::SetClock(_));
            for op in trace.ops[step..].iter_mut().take_while(until_set) {
                if matches!(op, Op::FlushSessions { at: At::Now(_), .. }) {
                    flush_later(op, passed);
                }
            }
        });
    }
}

/// A step of the clock goes, and the trace starts as much later: the setup's sessions are as old as they were.
pub(super) fn start_later(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let Some(passed) = passed_in(attempt.best(), step) else { continue };
        attempt.change(|trace| {
            trace.ops.remove(step);
            let start = trace.setup.clock;
            trace.setup.sessions.iter_mut().for_each(|spec| spec.time = spec.time.or(Some(start)));
            trace.setup.clock = start + passed;
        });
    }
}

/// The clock starts at a plainer time, and all points in time move with it; or it moves alone.
pub(super) fn shift_points(attempt: &mut Attempt) {
    let clock = attempt.best().setup.clock.0;
    for plain in towards(clock, PLAIN_CLOCK) {
        let together = |trace: &mut Trace| each_point(trace, &mut |time| time.0 += plain - clock);
        if attempt.change(together) || attempt.change(|trace| trace.setup.clock = Time(plain)) {
            return;
        }
    }
}

/// Spans that are on one boundary, or beside it, move together.
pub(super) fn shift_spans(attempt: &mut Attempt) {
    let mut spans = std::collections::BTreeSet::new();
    each_span(&mut attempt.best().clone(), &mut |span| {
        spans.insert(span);
        span
    });
    for from in spans.into_iter().rev() {
        let to = PLAIN_SPANS.into_iter().chain(PLAIN_SPANS.into_iter().flat_map(|plain| towards(from, plain)));
        for to in to {
            let moved = |span: i128| {
                if span.abs_diff(from) <= BESIDE { span + to - from } else { span }
            };
            if attempt.change(|trace| each_span(trace, &mut |span| moved(span))) {
                break;
            }
        }
    }
}
