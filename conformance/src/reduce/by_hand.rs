//! Sessions made by hand in the setup in place of what makes them and sets them later.

use session_model::{ContextRef, IdContext, Protocol, SessionId, Timeout};

use super::attempt::Attempt;
use super::places::accept_of;
use super::{clock, ids, names};
use crate::op::{Accept, Makes, Name, Op, SessionSpec};
use crate::trace::Trace;

/// The timeout of a session that a handshake makes, unless its context says another.
const USUAL: Timeout = Timeout(300);

/// A handshake goes, or an add stands in its place; what it made is made by hand.
pub(super) fn made_sessions(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let Some(mut op) = attempt.best().ops.get(step).cloned() else { continue };
        let connection = op.connection();
        let Some(accept) = accept_of(&mut op).copied().filter(|accept| accept.makes.names().next().is_some()) else {
            continue;
        };
        for adds in [false, true] {
            let by_hand = attempt.change(|trace| {
                // From the last to the first, so that the step stays where it is.
                for at in (0..trace.ops.len()).rev().filter(|at| *at != step) {
                    if connection.is_some() && trace.ops[at].connection() == connection && at > step {
                        trace.ops.remove(at);
                    }
                }
                make_by_hand(trace, step, &accept, adds);
            });
            if by_hand {
                break;
            }
        }
    }
}

fn make_by_hand(trace: &mut Trace, step: usize, accept: &Accept, adds: bool) {
    let then = clock::clock_before(trace, step);
    trace.ops.remove(step);
    let mut made = made(accept);
    // A name that is made moves those below it up, and none above it.
    made.sort_unstable();
    let mut added = Vec::new();
    for (name, context) in made {
        let place = Name(trace.setup.sessions.len() as u32);
        let Some(id) = free_id(trace) else { return };
        let timeout = trace.setup.contexts.get(usize::from(context.0)).and_then(|setup| setup.timeout);
        let spec = SessionSpec {
            context,
            id,
            protocol: Protocol::default(),
            time: (then != trace.setup.clock).then_some(then),
            timeout: timeout.unwrap_or(USUAL),
            id_context: IdContext::default(),
        };
        names::make_in_setup(trace, name, spec);
        added.push(Op::AddSession { context, session: place, synonym: false });
    }
    if adds {
        trace.ops.splice(step..step, added);
    }
}

/// What the handshake names, each with the context whose session it is.
fn made(accept: &Accept) -> Vec<(Name, ContextRef)> {
    let Makes { server, client } = accept.makes;
    let of =
        |names: [Option<Name>; _], context: ContextRef| names.into_iter().flatten().map(move |name| (name, context));
    of(server, accept.context).chain(of(client, accept.client.unwrap_or(accept.context))).collect()
}

fn free_id(trace: &Trace) -> Option<SessionId> {
    let taken = ids::ids(trace);
    (1..=u8::MAX).filter_map(|byte| SessionId::new(&[byte])).find(|id| !taken.contains(id))
}

type Edit = Box<dyn Fn(&mut SessionSpec)>;

/// What an op sets of a session of the setup, the setup sets.
pub(super) fn set_in_setup(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let (name, edit): (Name, Edit) = match attempt.best().ops[step] {
            Op::SessionSetTime(name, time) => (name, Box::new(move |spec| spec.time = Some(time))),
            Op::SessionSetTimeout(name, timeout) => (name, Box::new(move |spec| spec.timeout = timeout)),
            Op::SessionSetIdContext(name, id_context) => (name, Box::new(move |spec| spec.id_context = id_context)),
            _ => continue,
        };
        attempt.change(|trace| {
            if let Some(spec) = trace.setup.sessions.get_mut(name.0 as usize) {
                edit(spec);
                trace.ops.remove(step);
            }
        });
    }
}
