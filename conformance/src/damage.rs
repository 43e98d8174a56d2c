//! Where a known departure damages the subject's own memory: the trace ends there, since nothing that comes after it
//! means anything, and the subject would carry the damage into the next trace. It ends with that step if that is one of
//! a handshake, which shows the departure, and before it if not: what the subject is asked for shows nothing then, and
//! freeing its contexts in the last phase would end it.
//!
//! Which sessions a full cache drops may decide whether there is damage. Where the profile leaves that to the subject,
//! a check learns it from what the subject showed; here nothing has been shown yet, so the trace ends where the damage
//! would be first, whichever the subject drops.
//!
//! Not here: which departures damage, and how a check stops at the same step.

use session_model::reading::Victim;
use session_model::{Profile, Protocol, Readings};

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
    let damages = whichever_is_dropped(profile).filter_map(|profile| first_damage(trace, &profile));
    let Some((place, before)) = damages.min() else { return false };
    end_with(&mut trace.ops, place);
    if before {
        trace.ops.pop();
    } else {
        stay_there(trace);
    }
    before
}

/// Whether a subject of this profile is damaged on the way.
#[must_use]
pub fn damages(trace: &Trace, profile: &Profile) -> bool {
    profile.departures.damage() && first_damage(trace, profile).is_some()
}

/// The step that damages a subject of this profile, if one does.
#[must_use]
pub fn damaged_at(trace: &Trace, profile: &Profile) -> Option<Place> {
    if !profile.departures.damage() {
        return None;
    }
    first_damage(trace, profile).map(|(place, _)| place)
}

/// Whether a subject of this profile is damaged on the way by a step that shows nothing, so that the damage alone tells
/// of the departure.
#[must_use]
pub fn damages_unseen(trace: &Trace, profile: &Profile) -> bool {
    until_damage(&mut trace.clone(), profile)
}

/// The profile, and with each order in which sessions can be dropped if it leaves that open.
fn whichever_is_dropped(profile: &Profile) -> impl Iterator<Item = Profile> {
    let axis = Readings::AXES.iter().find(|axis| axis.name == "victim").expect("it is an axis");
    let open = profile.readings.victim == Victim::Any;
    let orders = axis.values[1..].iter().filter(move |_| open).map(|order| {
        let mut with = *profile;
        with.readings.set(axis.name, order).expect("the axis has this value");
        with
    });
    std::iter::once(*profile).chain(orders)
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
    fn a_trace_ends_before_what_may_damage_whichever_session_a_full_cache_drops() {
        let text = "# yaml-language-server: $schema=../scenario.schema.json\n\
            scenario: a marked session outlives one that was added before it\nclauses: []\n\
            contexts: {server: {mode: [SERVER], size: 2}}\nsessions: {b: {id: \"02\"}, c: {id: \"03\"}}\nsteps:\n  \
            - handshake: {as: a}\n  - remove_session: a\n  - set_timeout: {session: a, timeout: 100}\n  \
            - add_session: b\n  - add_session: a\n  - add_session: c\n  - handshake: {propose: a}\n  - probe: ~\n";
        let scenario = crate::scenario::parse("damage.yaml", text, &crate::suite::vocabulary()).expect("it is read");
        let mut profile = crate::profiles::by_name("libssl-1.1.1w").expect("it is shipped").profile;
        let cut = |victim: &str, profile: &mut Profile| {
            profile.readings.set("victim", victim).expect("the axis has this value");
            let mut trace = scenario.trace.clone();
            until_damage(&mut trace, profile);
            trace.ops.len()
        };
        assert_eq!(cut("soonest_to_expire", &mut profile), 8, "`a` is dropped, so it is not resumed");
        assert_eq!(cut("first_added", &mut profile), 7, "`b` is dropped, and `a` loses its id");
        assert_eq!(cut("any", &mut profile), 7, "nobody knows yet which one is dropped");
    }

    #[test]
    fn a_repeat_is_cut_within_its_round() {
        let block = vec![Op::Probe, Op::Probe];
        let mut ops = vec![Op::Probe, Op::Repeat(9, block.clone()), Op::Probe];
        end_with(&mut ops, Place { step: 2, within: Some((3, 1)) });
        assert_eq!(ops, [Op::Probe, Op::Repeat(2, block), Op::Probe]);
    }
}
