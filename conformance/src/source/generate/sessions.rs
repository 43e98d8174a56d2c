//! Ops on sessions: names that come back, twins, duplicates.

use session_model::{ContextRef, Protocol, Time, Timeout};

use super::ids::draw_id_context;
use super::known::Believed;
use super::{Generator, Lane};
use crate::op::{Name, Op, SessionSpec};
use crate::source::choices::Choices;

impl<C: Choices> Generator<'_, C> {
    /// A name and its context: mostly a hot one that is live, now and then any, rarely one that was never made.
    pub(super) fn a_name(&mut self) -> (Name, ContextRef) {
        let context = self.a_context();
        if self.choices.one_in(128) {
            return (Name(self.known.sessions.len() as u32), context);
        }
        if self.choices.one_in(16) && !self.known.sessions.is_empty() {
            let name = Name(self.choices.below(self.known.sessions.len() as u32));
            return (name, self.known.sessions[name.0 as usize].context);
        }
        (self.a_name_of(context), context)
    }

    /// A hot name of this context; one that is gone is mostly made anew, under the same id.
    pub(super) fn a_name_of(&mut self, context: ContextRef) -> Name {
        let hot = &self.known.contexts[usize::from(context.0)].hot;
        if hot.is_empty() {
            return self.make(context, None);
        }
        let name = self.choices.pick(hot);
        if self.known.is_live(name) || self.choices.one_in(8) {
            return name;
        }
        let id = self.known.session(name).and_then(|session| session.id);
        self.make(context, id)
    }

    /// Makes a session by hand under this id, or under one that it draws.
    pub(super) fn make(&mut self, context: ContextRef, id: Option<u32>) -> Name {
        let id = id.unwrap_or_else(|| self.an_id());
        let spec = self.draw_spec(context, id);
        let name = self.heat_made(&spec, id);
        self.ops.push(Op::Session(name, spec));
        name
    }

    /// Draws a session of this id: its time now or near a boundary, its protocol and id context mostly fitting.
    pub(super) fn draw_spec(&mut self, context: ContextRef, id: u32) -> SessionSpec {
        let mut timeout = self.palette_timeout();
        let time = (self.choices.below(4) > 1).then(|| self.time_before(timeout));
        if let Some(time) = time {
            timeout = self.timeout_from(time);
        }
        let usual =
            if self.plan.lane == Lane::Tickets && self.choices.one_in(2) { Protocol::Tls13 } else { Protocol::Tls12 };
        let protocol = if self.choices.one_in(16) { Protocol::Tls11 } else { usual };
        let id_context =
            if self.choices.one_in(8) { draw_id_context(self.choices) } else { self.known.context(context).id_context };
        SessionSpec {
            context,
            id: self.plan.shape.id(id),
            protocol,
            time: time.map(|time| Time(time.into())),
            timeout: Timeout(timeout.into()),
            id_context,
        }
    }

    /// Names a session made by hand, and makes the name hot.
    pub(super) fn heat_made(&mut self, spec: &SessionSpec, id: u32) -> Name {
        let time = spec.time.map_or(self.known.clock, |time| time.0 as i64);
        let timeout = spec.timeout.0 as i64;
        self.heat(Believed { context: spec.context, id: Some(id), references: 1, time, timeout })
    }

    /// Names the session and makes the name hot, in the place of one that is gone or of any.
    pub(super) fn heat(&mut self, session: Believed) -> Name {
        let name = self.known.learn(session);
        let hot = &self.known.contexts[usize::from(session.context.0)].hot;
        let places = 2 * self.plan.hot as usize;
        let gone = hot.iter().position(|old| !self.known.is_live(*old));
        let place = gone.unwrap_or_else(|| self.choices.below(places as u32) as usize);
        let hot = &mut self.known.context(session.context).hot;
        if hot.len() < places && gone.is_none() {
            hot.push(name);
        } else {
            hot[place] = name;
        }
        name
    }

    /// The number of a hot id, or now and then of the next cold one.
    fn an_id(&mut self) -> u32 {
        if self.choices.one_in(4) {
            return self.a_cold_id();
        }
        self.choices.below(self.plan.hot)
    }

    pub(super) fn a_cold_id(&mut self) -> u32 {
        self.known.cold += 1;
        self.plan.hot + self.known.cold
    }

    pub(super) fn synonym(&mut self) -> bool {
        self.plan.synonyms && self.choices.one_in(3)
    }

    pub(super) fn session(&mut self) {
        if self.choices.one_in(64) {
            // A name that was made before: absent.
            let (name, context) = self.a_name();
            let id = self.an_id();
            let spec = self.draw_spec(context, id);
            return self.ops.push(Op::Session(name, spec));
        }
        let context = self.a_context();
        self.make(context, None);
    }

    pub(super) fn on_a_name(&mut self, op: fn(Name) -> Op) {
        let (name, _) = self.a_name();
        self.ops.push(op(name));
    }

    pub(super) fn up_ref(&mut self) {
        let (name, _) = self.a_name();
        if let Some(session) = self.known.session(name).filter(|session| session.references > 0) {
            session.references += 1;
        }
        self.ops.push(Op::UpRef(name));
    }

    pub(super) fn free(&mut self) {
        let (name, _) = self.a_name();
        if let Some(session) = self.known.session(name) {
            session.references = session.references.saturating_sub(1);
        }
        self.ops.push(Op::Free(name));
    }

    pub(super) fn session_set_id_context(&mut self) {
        let (name, _) = self.a_name();
        let id_context = draw_id_context(self.choices);
        self.ops.push(Op::SessionSetIdContext(name, id_context));
    }

    /// The session's own context; rarely another, where the op is absent.
    fn context_for(&mut self, own: ContextRef) -> ContextRef {
        if self.choices.one_in(64) { self.a_context() } else { own }
    }

    pub(super) fn add_session(&mut self) {
        let (session, own) = self.a_name();
        let context = self.context_for(own);
        if let Some(believed) = self.known.session(session) {
            let boundary = believed.time + believed.timeout;
            self.known.touch(boundary);
        }
        let synonym = self.synonym();
        self.ops.push(Op::AddSession { context, session, synonym });
    }

    pub(super) fn remove_session(&mut self) {
        let (session, own) = self.a_name();
        let context = self.context_for(own);
        let synonym = self.synonym();
        self.ops.push(Op::RemoveSession { context, session, synonym });
    }

    pub(super) fn external(&mut self, op: fn(ContextRef, Name) -> Op) {
        let (session, own) = self.a_name();
        let context = self.context_for(own);
        self.ops.push(op(context, session));
    }
}
