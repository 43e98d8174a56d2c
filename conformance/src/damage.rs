//! Where a known departure damages the subject's own memory: the trace ends there, since nothing that comes after it
//! means anything, and the subject would carry the damage into the next trace. It ends with that step if that is one of
//! a handshake, which shows the departure, and before it if not: what the subject is asked for shows nothing then, and
//! freeing its contexts in the last phase would end it.
//!
//! Not here: which departures damage, and how a check stops at the same step.

use session_model::{Profile, Protocol};

use crate::driver::{Driver, Library};
use crate::op::{Connection, Op};
use crate::subjects::model::Model;
use crate::trace::{Place, Trace};
use crate::transcript::Transcript;

/// Ends the trace with the step that damages a subject of this profile, or before it. Whether it ends before it.
pub fn until_damage(trace: &mut Trace, profile: &Profile) -> bool {
    let handshakes = |op: &Op| matches!(op, Op::AcceptBegin(..) | Op::Handshake(..) | Op::Repeat(..));
    if !profile.departures.damage() || !trace.ops.iter().any(handshakes) {
        return false;
    }
    let Some((place, before)) = first_damage(trace, profile) else { return false };
    end_with(&mut trace.ops, place);
    if before {
        trace.ops.pop();
    } else {
        stay_there(trace);
    }
    before
}

/// Up to TLS 1.2 the handshake fails at once. In TLS 1.3 it would go on in the damaged cache, so it is only begun.
fn stay_there(trace: &mut Trace) {
    let connections = trace.executed().filter_map(|(_, op)| match op.as_ref() {
        Op::AcceptBegin(k, _) => Some(k.0 + 1),
        _ => None,
    });
    let unused = Connection(connections.max().unwrap_or(0));
    if let Some(last) = trace.ops.last_mut()
        && let Op::Handshake(accept, _) = last
        && accept.mechanism.protocol() == Protocol::Tls13
    {
        *last = Op::AcceptBegin(unused, *accept);
    }
}

/// Where that step is, and whether the trace is to end before it.
fn first_damage(trace: &Trace, profile: &Profile) -> Option<(Place, bool)> {
    let mut driver = Driver::new(Model::new(*profile), &trace.setup, crate::trace::Shown::Steps);
    let mut out = Transcript::default();
    for (place, op) in trace.executed() {
        if driver.library().refuses(&op).is_some() {
            return None;
        }
        out.clear();
        driver.step(&op, &mut out);
        if driver.library().world().is_damaged() {
            let handshakes =
                matches!(*op, Op::AcceptBegin(..) | Op::AcceptFinish(_) | Op::Renegotiate(..) | Op::Handshake(..));
            return Some((place, !handshakes));
        }
    }
    None
}

/// Keeps the ops up to this place. A repeat that goes down on the way becomes its whole rounds, and what the last one
/// came to.
fn end_with(ops: &mut Vec<Op>, place: Place) {
    let step = place.step as usize;
    ops.truncate(step);
    let Some((round, within)) = place.within else { return };
    let Some(Op::Repeat(_, mut block)) = ops.pop() else { unreachable!("only a repeat has a place within") };
    if round > 1 {
        ops.push(Op::Repeat(round - 1, block.clone()));
    }
    block.truncate(within as usize);
    ops.append(&mut block);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_ends_before_the_step_that_damages_and_is_no_handshake() {
        let path = "flush_sessions/a-session-of-a-ticket-is-not-flushed-when-it-is-not-cached.yaml";
        let files = crate::suite::embedded().expect("the built-in scenarios are read");
        let file = files.iter().find(|file| file.path.ends_with(path)).expect("it is built in");
        let damaged = crate::profiles::by_name("libssl-3.0.7").expect("it is shipped").profile;
        let mut trace = file.scenario.trace.clone();
        assert!(until_damage(&mut trace, &damaged));
        assert_eq!(trace.ops, file.scenario.trace.ops[..4], "the timeout of what is not cached is not set");
        let sound = crate::profiles::by_name("libssl-3.2.0").expect("it is shipped").profile;
        let mut trace = file.scenario.trace.clone();
        assert!(!until_damage(&mut trace, &sound));
        assert_eq!(trace.ops, file.scenario.trace.ops);
    }

    #[test]
    fn a_renegotiation_that_damages_is_the_last_step() {
        let text = "# yaml-language-server: $schema=../scenario.schema.json\n\
            scenario: a marked session is renegotiated with\nclauses: []\n\
            contexts: {server: {mode: [SERVER]}, client: {mode: [CLIENT]}}\nsteps:\n  \
            - accept_begin: {connection: k, context: server, client: client, as: s}\n  - accept_finish: k\n  \
            - remove_session: {context: server, session: s}\n  - add_session: {context: server, session: s}\n  \
            - renegotiate: {connection: k, abbreviated: true}\n  - probe: ~\n";
        let scenario = crate::scenario::parse("damage.yaml", text, &crate::suite::vocabulary()).expect("it is read");
        let damaged = crate::profiles::by_name("libssl-3.2.0").expect("it is shipped").profile;
        let mut trace = scenario.trace.clone();
        assert!(!until_damage(&mut trace, &damaged), "the step that shows it is carried out");
        assert_eq!(trace.ops, scenario.trace.ops[..5]);
    }

    #[test]
    fn a_repeat_is_cut_within_its_round() {
        let block = vec![Op::Probe, Op::Probe];
        let mut ops = vec![Op::Probe, Op::Repeat(9, block.clone()), Op::Probe];
        end_with(&mut ops, Place { step: 2, within: Some((3, 1)) });
        assert_eq!(ops, [Op::Probe, Op::Repeat(2, block), Op::Probe]);
    }
}
