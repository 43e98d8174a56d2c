//! Which objects a transcript shows to have been made, and whether each is destroyed by its end.

use std::collections::{BTreeMap, BTreeSet};

use session_model::{ContextRef, Mechanism, SessionRef};

use super::reach::{Contexts, server_side};
use super::walk::numbered;
use crate::numbers::{Handshake, Numbered};
use crate::op::{Accept, Op, made};
use crate::trace::Trace;
use crate::transcript::{Answer, Ending, Event, Seen, Transcript};

/// The last phase gives every reference back, so every object that was made is destroyed. An application whose context
/// was freed before that never gives back what it holds for it: the objects that can be that context's are left alone.
pub(super) fn nothing_is_left(trace: &Trace, transcript: &Transcript) -> Result<(), String> {
    if transcript.ending != Ending::Completed {
        return Ok(());
    }
    let mut made = Made::default();
    for (c, spec) in (0..).map(SessionRef).zip(&trace.setup.sessions) {
        made.objects.insert(c, Contexts::one(spec.context));
    }
    let whole = trace.ops.len();
    for (place, op, seen, numbered) in numbered(trace, transcript) {
        made.step(&op, &seen, numbered, place.step as usize > whole);
    }
    let Made { mut objects, forgotten, .. } = made;
    for c in &transcript.destroyed {
        objects.remove(c);
    }
    match objects.into_iter().find(|(_, contexts)| !forgotten.iter().any(|context| contexts.contains(*context))) {
        Some((c, contexts)) => Err(format!("#{} of {contexts} is never destroyed", c.0)),
        None => Ok(()),
    }
}

/// The objects that were made for certain, with the contexts whose application can hold them.
#[derive(Default)]
struct Made {
    objects: BTreeMap<SessionRef, Contexts>,
    /// Those that have a number from a handshake, made or not.
    numbered: BTreeMap<SessionRef, Contexts>,
    /// Contexts that were freed before the application could give anything back.
    forgotten: BTreeSet<ContextRef>,
}

impl Made {
    fn step(&mut self, op: &Op, seen: &Seen<'_>, step: Numbered, last_phase: bool) {
        if let (Some(c), Op::Session(_, spec)) = (step.session, op) {
            self.objects.insert(c, Contexts::one(spec.context));
        }
        if let Some((accept, handshake)) = step.began {
            self.number(&accept, &handshake);
        }
        let answer = if let Answer::Returns(answer) = seen.answer { Some(answer) } else { None };
        if let (Some(0), Some((accept, handshake))) = (answer, step.ended) {
            self.negotiated(&accept, &handshake);
        }
        // Without the state of the session, a server with such tickets has nothing to resume from.
        if let (Some(1), Some((accept, handshake))) = (answer, step.began)
            && accept.mechanism.is_stateless()
        {
            self.objects.insert(handshake.opened, server_side(&accept));
        }
        self.shown(seen);
        if let (Op::CtxFree(context), Answer::Nothing, false) = (op, seen.answer, last_phase) {
            self.forgotten.insert(*context);
        }
    }

    fn number(&mut self, accept: &Accept, handshake: &Handshake) {
        for (c, _) in handshake.sessions() {
            let of_client = c >= handshake.client_session;
            let contexts = accept.client.filter(|_| of_client).map_or(server_side(accept), Contexts::one);
            self.numbered.insert(c, contexts);
        }
        self.numbered.extend(handshake.opened().map(|c| (c, server_side(accept))));
    }

    /// Each side has as many sessions as it was to make; with stateless tickets up to TLS 1.2, the client alone.
    fn negotiated(&mut self, accept: &Accept, handshake: &Handshake) {
        let number = made(accept.mechanism, 0) as u32;
        let server =
            (accept.mechanism != Mechanism::Tickets).then_some((handshake.server_session, server_side(accept)));
        let client = accept.client.map(|client| (handshake.client_session, Contexts::one(client)));
        for (first, contexts) in [server, client].into_iter().flatten() {
            self.objects.extend((first.0..first.0 + number).map(|c| (SessionRef(c), contexts)));
        }
    }

    /// What is called back with or shown was made, whatever was to be made.
    fn shown(&mut self, seen: &Seen<'_>) {
        let called = seen.events.iter().filter_map(|event| match *event {
            Event::New(_, c, _) | Event::Remove(_, c) => Some(c),
            Event::Get(_, _, c) => c,
        });
        for c in called.chain(seen.members.iter().map(|member| member.session)) {
            if let Some(contexts) = self.numbered.remove(&c) {
                self.objects.insert(c, contexts);
            }
        }
    }
}
