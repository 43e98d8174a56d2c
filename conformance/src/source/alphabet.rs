//! The bounds of the core alphabet: what lies beyond is a hazard, which no generator draws.

use session_model::{Time, Timeout};

use crate::numbers::is_of_a_handshake;
use crate::op::{Accept, At, Op, Propose, SessionSpec};
use crate::trace::Trace;

/// The last time of the core alphabet, in seconds since the Epoch.
pub const MAX_TIME: i64 = 1_000_000_000;
/// The longest timeout of the core alphabet, in seconds.
pub const MAX_TIMEOUT: i64 = 1_000_000;

/// Whether every op of the trace is one of the core alphabet: times and timeouts within their bounds, the clock too, no
/// context that is its own client, no proposed id or hand-made session that looks like one of a handshake, no nested
/// block, no op of the last phase but `Probe`.
#[must_use]
pub fn is_core(trace: &Trace) -> bool {
    let setup = &trace.setup;
    let contexts = (1..=8).contains(&setup.contexts.len())
        && setup.contexts.iter().all(|c| c.timeout.is_none_or(is_timeout) && c.calls.is_empty());
    let mut clock = setup.clock;
    !setup.hazards
        && contexts
        && is_time(clock)
        && setup.sessions.iter().all(is_core_session)
        && trace.ops.iter().all(|op| is_core_step(op, &mut clock))
}

/// Leaves out each op that is not of the core alphabet where it stands, and each such session of the setup. The rest of
/// the setup must be core.
pub fn keep_core(trace: &mut Trace) {
    let mut clock = trace.setup.clock;
    trace.setup.sessions.retain(is_core_session);
    trace.ops.retain(|op| {
        let mut after = clock;
        let core = is_core_step(op, &mut after);
        if core {
            clock = after;
        }
        core
    });
}

/// As [`is_core_op`], of a block too.
fn is_core_step(op: &Op, clock: &mut Time) -> bool {
    let Op::Repeat(count, block) = op else { return is_core_op(op, clock) };
    // A block that leaves the clock alone is the same in each round.
    let moves = block.iter().any(|op| matches!(op, Op::Advance(_)));
    let rounds = if moves { *count } else { 1 };
    (0..rounds).all(|_| block.iter().all(|op| is_core_op(op, clock)))
}

/// Whether the op is core at this time; moves the clock.
fn is_core_op(op: &Op, clock: &mut Time) -> bool {
    match op {
        Op::Session(_, spec) => is_core_session(spec),
        Op::SessionSetTime(_, time) => is_time(*time),
        Op::SessionSetTimeout(_, timeout) | Op::SetTimeout(_, timeout) => is_timeout(*timeout),
        Op::FlushSessions { at: At::Absolute(time), .. } => is_time(*time),
        Op::FlushSessions { at: At::Now(later), .. } => is_time(*clock + Timeout((*later).into())),
        Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) => is_core_accept(accept),
        Op::Advance(seconds) => {
            *clock = *clock + Timeout((*seconds).into());
            is_time(*clock)
        }
        Op::SetClock(time) => {
            *clock = *time;
            is_time(*clock)
        }
        Op::Repeat(..) | Op::Release(_) | Op::Hangup(_) | Op::ApplicationRelease(_) | Op::Hazard(_) => false,
        _ => true,
    }
}

fn is_core_session(spec: &SessionSpec) -> bool {
    spec.time.is_none_or(is_time) && is_timeout(spec.timeout) && !is_of_a_handshake(&spec.id)
}

fn is_core_accept(accept: &Accept) -> bool {
    let proposed = match accept.propose {
        Propose::Id(id) => !is_of_a_handshake(&id),
        Propose::Nothing | Propose::Session(_) => true,
    };
    proposed && accept.client != Some(accept.context)
}

fn is_time(time: Time) -> bool {
    (0..=i128::from(MAX_TIME)).contains(&time.0)
}

fn is_timeout(timeout: Timeout) -> bool {
    (0..=i128::from(MAX_TIMEOUT)).contains(&timeout.0)
}

#[cfg(test)]
mod tests {
    use session_model::{ContextRef, Mechanism};

    use super::*;
    use crate::op::Makes;
    use crate::trace::{ContextSetup, Names, Setup, Shown};

    fn trace(clock: i128, ops: Vec<Op>) -> Trace {
        let contexts = vec![ContextSetup::default()];
        let setup = Setup { clock: Time(clock), contexts, sessions: Vec::new(), hazards: false };
        Trace { setup, ops, shown: Shown::Steps, names: Names::default() }
    }

    #[test]
    fn the_clock_stays_within_its_bounds_to_the_second() {
        let end = i128::from(MAX_TIME);
        assert!(is_core(&trace(end - 6, vec![Op::Repeat(3, vec![Op::Advance(2)])])));
        assert!(!is_core(&trace(end - 5, vec![Op::Repeat(3, vec![Op::Advance(2)])])));
        assert!(!is_core(&trace(-1, vec![])));
    }

    #[test]
    fn a_flush_relative_to_now_stays_within_the_bounds() {
        let flush = |later| vec![Op::FlushSessions { context: ContextRef(0), at: At::Now(later), synonym: false }];
        assert!(is_core(&trace(5, flush(-5))));
        assert!(!is_core(&trace(5, flush(-6))));
    }

    #[test]
    fn a_context_is_never_its_own_client() {
        let handshake = |client| {
            let accept = Accept {
                context: ContextRef(0),
                client,
                mechanism: Mechanism::Ids,
                propose: Propose::Nothing,
                id_context: None,
                switch_to: None,
                makes: Makes::UNNAMED,
            };
            vec![Op::Handshake(accept, crate::op::Close::Clean)]
        };
        assert!(is_core(&trace(0, handshake(None))));
        assert!(!is_core(&trace(0, handshake(Some(ContextRef(0))))));
    }
}
