//! What a trace takes of a subject: which capabilities, and what the protocol has no words for.

use session_model::Mechanism;
use session_model::application::Callbacks;

use super::wire::{Capability, Greeted};
use crate::op::{Accept, Op};
use crate::trace::Trace;

/// Why a subject cannot be asked for a trace; `None`: it can.
#[must_use]
pub fn lacks(trace: &Trace, greeted: &Greeted) -> Option<String> {
    if trace.setup.hazards {
        return Some("hazards are not in the protocol".to_owned());
    }
    if let Some(what) = trace.executed().find_map(|(_, op)| wordless(&op)) {
        return Some(format!("{what} not in the protocol"));
    }
    let lacked = needed_by(trace).into_iter().find(|needed| !greeted.capabilities.contains(needed))?;
    let version = greeted.protocol;
    Some(match lacked.since() > version {
        true => format!("{}: not in version {version} of the protocol", lacked.word()),
        false => format!("the subject does not have `{}`", lacked.word()),
    })
}

/// What the protocol has no words for.
fn wordless(op: &Op) -> Option<&'static str> {
    match op {
        Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) if accept.mechanism != Mechanism::Ids => {
            Some("tickets are")
        }
        Op::AddSession { synonym, .. } | Op::RemoveSession { synonym, .. } | Op::FlushSessions { synonym, .. }
            if *synonym =>
        {
            Some("the old synonyms are")
        }
        _ => None,
    }
}

/// What a subject has to have for all that a trace may come to, the one to be named first at first.
fn needed_by(trace: &Trace) -> Vec<Capability> {
    let mut needed: Vec<_> = trace.executed().flat_map(|(_, op)| needed_by_op(&op)).collect();
    if has_external(trace) {
        needed.push(Capability::External);
    }
    let contexts = trace.setup.contexts.iter().map(|context| context.id_context);
    if contexts.chain(trace.setup.sessions.iter().map(|session| session.id_context)).any(|set| !set.is_empty()) {
        needed.push(Capability::IdContext);
    }
    needed.sort_unstable_by_key(|needed| std::cmp::Reverse(needed.since()));
    needed
}

fn needed_by_op(op: &Op) -> Vec<Capability> {
    let begun = |accept: &Accept| {
        let beyond = [
            (true, Capability::Handshakes),
            (accept.client.is_some(), Capability::Client),
            (accept.switch_to.is_some(), Capability::Servername),
            (accept.id_context.is_some(), Capability::IdContext),
        ];
        beyond.into_iter().filter_map(|(is_there, needed)| is_there.then_some(needed)).collect()
    };
    match op {
        Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) => begun(accept),
        Op::Renegotiate(..) => vec![Capability::Handshakes, Capability::Renegotiation],
        Op::SetSessionIdContext(..) | Op::SessionSetIdContext(..) => vec![Capability::IdContext],
        Op::Session(_, spec) if !spec.id_context.is_empty() => vec![Capability::IdContext],
        _ => Vec::new(),
    }
}

/// Whether a trace has handshakes: without them, what only they ask for is not spoken of.
pub(super) fn has_handshakes(trace: &Trace) -> bool {
    trace.executed().any(|(_, op)| matches!(*op, Op::AcceptBegin(..) | Op::Handshake(..)))
}

/// Whether the application of a trace keeps sessions for itself: without, its side is not spoken of.
pub(super) fn has_external(trace: &Trace) -> bool {
    let keeps = |callbacks: &Callbacks| callbacks.new.as_ref().is_some_and(|new| new.then || new.first.contains(&true));
    let stores = trace.executed().any(|(_, op)| matches!(*op, Op::ExternalStore(..)));
    let set = trace.setup.contexts.iter().any(|context| keeps(&context.callbacks));
    let sets = || trace.executed().any(|(_, op)| matches!(&*op, Op::SetCallbacks(_, callbacks) if keeps(callbacks)));
    stores || (set || sets()) && has_handshakes(trace)
}
