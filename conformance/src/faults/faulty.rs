//! A library with a fault: a wrapper that owns another library and hands every call on through the fault.
//!
//! Not here: the faults. With none, what is shown is that of the library inside, to the byte.

use session_model::application::Callbacks;
use session_model::{CacheMode, ConnectionRef, ContextRef, IdContext, NewSession, SessionRef, Time, Timeout};

use super::facts::{Facts, Open};
use super::flaw::Flaw;
use super::inner::Inner;
use crate::driver::{Begin, Library, Offer, Why};
use crate::hazards::{AnyId, Danger};
use crate::op::{Close, LongIdContext, Name, Op, Renegotiation};
use crate::trace::Setup;
use crate::transcript::{Counters, Member, Transcript};

/// A library with a fault. What the fault destroys too early is answered for with zeros from then on, so that the run
/// goes on and shows it.
pub struct Faulty<L> {
    library: L,
    flaw: Box<dyn Flaw>,
    facts: Facts,
}

impl<L: Library> Faulty<L> {
    pub(super) fn new(library: L, flaw: Box<dyn Flaw>) -> Self {
        Self { library, flaw, facts: Facts::default() }
    }

    fn split(&mut self) -> (Inner<'_>, &mut dyn Flaw) {
        (Inner { library: &mut self.library, facts: &mut self.facts }, self.flaw.as_mut())
    }
}

impl<L: Library> Library for Faulty<L> {
    fn begin(&mut self, setup: &Setup) {
        let mut setup = setup.clone();
        self.facts = Facts::of(&setup);
        self.flaw.begin(&mut setup);
        self.library.begin(&setup);
    }

    fn at_step(&mut self, step: u32) {
        self.library.at_step(step);
    }

    fn refuses(&self, op: &Op) -> Option<String> {
        self.library.refuses(op)
    }

    fn refuses_hazard(&self, danger: Danger) -> Option<String> {
        self.library.refuses_hazard(danger)
    }

    fn learn_name(&mut self, name: Name, session: SessionRef) {
        self.library.learn_name(name, session);
    }

    fn lives(&self, session: SessionRef) -> bool {
        self.library.lives(session)
    }

    fn drain(&mut self, out: &mut Transcript) {
        let (mut at, flaw) = self.split();
        at.look();
        let mut events = std::mem::take(&mut at.facts.news.events);
        flaw.told(at.facts, &mut events);
        out.events.append(&mut events);
        self.facts.news.destroyed.sort_unstable();
        out.destroyed.append(&mut self.facts.news.destroyed);
    }

    fn leavers(&mut self, out: &mut Vec<(SessionRef, Why)>) -> bool {
        self.library.leavers(out)
    }

    fn recycle(&mut self, session: SessionRef) {
        self.facts.forget(session);
        self.library.recycle(session);
    }

    fn counters(&mut self, context: ContextRef) -> Counters {
        let mut shown = self.library.counters(context);
        let live = self.facts.live.iter().zip(0..);
        let all: Vec<_> =
            live.map(|(live, n)| if *live { self.library.counters(ContextRef(n)) } else { [0; 12] }).collect();
        self.flaw.counters(context, &mut shown, &all);
        for (shown, offset) in shown.iter_mut().zip(&self.facts.offsets[usize::from(context.0)]) {
            *shown += offset;
        }
        shown
    }

    fn members(&mut self, context: ContextRef, out: &mut Vec<Member>) {
        self.library.members(context, out);
    }

    fn has_id(&mut self, session: SessionRef) -> bool {
        self.split().0.look();
        !self.facts.is_gone(session) && self.library.has_id(session)
    }

    fn object(&mut self, session: SessionRef) -> Member {
        if self.facts.is_gone(session) {
            return Member { context: None, session, time: 0, timeout: 0, resumable: false };
        }
        self.library.object(session)
    }

    fn set_clock(&mut self, now: Time) {
        let (mut at, flaw) = self.split();
        flaw.set_clock(&mut at, now);
        self.facts.clock = now;
    }

    fn session(&mut self, session: SessionRef, new: &NewSession) {
        let (mut at, flaw) = self.split();
        at.facts.made_by_hand(session, new.id);
        flaw.session(&mut at, session, new);
    }

    fn session_up_ref(&mut self, session: SessionRef) -> i64 {
        let (mut at, flaw) = self.split();
        let answer = if at.facts.is_gone(session) { 0 } else { flaw.session_up_ref(&mut at, session) };
        self.facts.holds_one_more(session);
        answer
    }

    fn session_free(&mut self, session: SessionRef) {
        let (mut at, flaw) = self.split();
        if !at.facts.is_gone(session) {
            flaw.session_free(&mut at, session);
        }
        self.facts.holds_one_less(session);
    }

    fn session_set_time(&mut self, session: SessionRef, time: Time) -> i64 {
        let (mut at, flaw) = self.split();
        if at.facts.is_gone(session) { 0 } else { flaw.session_set_time(&mut at, session, time) }
    }

    fn session_get_time(&mut self, session: SessionRef) -> i64 {
        if self.facts.is_gone(session) { 0 } else { self.library.session_get_time(session) }
    }

    fn session_set_timeout(&mut self, session: SessionRef, timeout: Timeout) -> i64 {
        let (mut at, flaw) = self.split();
        if at.facts.is_gone(session) { 0 } else { flaw.session_set_timeout(&mut at, session, timeout) }
    }

    fn session_get_timeout(&mut self, session: SessionRef) -> i64 {
        if self.facts.is_gone(session) { 0 } else { self.library.session_get_timeout(session) }
    }

    fn session_is_resumable(&mut self, session: SessionRef) -> i64 {
        if self.facts.is_gone(session) { 0 } else { self.library.session_is_resumable(session) }
    }

    fn session_set1_id_context(&mut self, session: SessionRef, id_context: IdContext) -> i64 {
        let (mut at, flaw) = self.split();
        if at.facts.is_gone(session) { 0 } else { flaw.session_set1_id_context(&mut at, session, id_context) }
    }

    fn session_set1_id(&mut self, session: SessionRef, id: &AnyId) -> i64 {
        self.library.session_set1_id(session, id)
    }

    fn session_free_unowned(&mut self, session: SessionRef) {
        self.library.session_free_unowned(session);
    }

    fn add_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        let (mut at, flaw) = self.split();
        if at.facts.is_gone(session) { 0 } else { flaw.add_session(&mut at, context, session) }
    }

    fn remove_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        let (mut at, flaw) = self.split();
        if at.facts.is_gone(session) { 0 } else { flaw.remove_session(&mut at, context, session) }
    }

    fn flush_sessions(&mut self, context: ContextRef, tm: Time) {
        let (mut at, flaw) = self.split();
        flaw.flush_sessions(&mut at, context, tm);
    }

    fn set_session_cache_mode(&mut self, context: ContextRef, mode: CacheMode) -> i64 {
        let (mut at, flaw) = self.split();
        flaw.set_session_cache_mode(&mut at, context, mode)
    }

    fn get_session_cache_mode(&mut self, context: ContextRef) -> i64 {
        let (mut at, flaw) = self.split();
        flaw.get_session_cache_mode(&mut at, context)
    }

    fn sess_set_cache_size(&mut self, context: ContextRef, size: u32) -> i64 {
        let (mut at, flaw) = self.split();
        flaw.sess_set_cache_size(&mut at, context, size)
    }

    fn sess_get_cache_size(&mut self, context: ContextRef) -> i64 {
        let (mut at, flaw) = self.split();
        flaw.sess_get_cache_size(&mut at, context)
    }

    fn set_timeout(&mut self, context: ContextRef, timeout: Timeout) -> i64 {
        let (mut at, flaw) = self.split();
        flaw.set_timeout(&mut at, context, timeout)
    }

    fn get_timeout(&mut self, context: ContextRef) -> i64 {
        self.library.get_timeout(context)
    }

    fn set_session_id_context(&mut self, context: ContextRef, id_context: &LongIdContext) -> i64 {
        let (mut at, flaw) = self.split();
        let answer = flaw.set_session_id_context(&mut at, context, id_context);
        if let Some(set) = IdContext::new(id_context.as_bytes()) {
            self.facts.contexts[usize::from(context.0)].id_context = set;
        }
        answer
    }

    fn set_callbacks(&mut self, context: ContextRef, callbacks: &Callbacks) {
        self.facts.contexts[usize::from(context.0)].callbacks = callbacks.clone();
        let (mut at, flaw) = self.split();
        flaw.set_callbacks(&mut at, context, callbacks);
    }

    fn external_store(&mut self, context: ContextRef, session: SessionRef) {
        if !self.facts.is_gone(session) {
            self.library.external_store(context, session);
        }
    }

    fn external_forget(&mut self, context: ContextRef, session: SessionRef) {
        if !self.facts.is_gone(session) {
            self.library.external_forget(context, session);
        }
    }

    fn application_release(&mut self, context: ContextRef) {
        self.library.application_release(context);
    }

    fn ctx_free(&mut self, context: ContextRef) {
        let (mut at, flaw) = self.split();
        flaw.ctx_free(&mut at, context);
        self.facts.live[usize::from(context.0)] = false;
    }

    fn accept_begin(&mut self, connection: ConnectionRef, begin: &Begin) -> i64 {
        let mut begin = *begin;
        let (mut at, flaw) = self.split();
        if at.facts.offered(&begin).is_some_and(|c| at.facts.is_gone(c)) {
            begin.offer = Offer::Nothing;
        }
        let found = at.found(&begin);
        let answer = flaw.accept_begin(&mut at, connection, &begin);
        if answer >= 0 {
            let open = Open { begin, begun: at.facts.clock, found, resumed: answer == 1 };
            at.facts.open.insert(connection, open);
        }
        answer
    }

    fn accept_finish(&mut self, connection: ConnectionRef) -> i64 {
        let (mut at, flaw) = self.split();
        let begin = at.open(connection).begin;
        at.facts.made(&begin);
        let answer = flaw.accept_finish(&mut at, connection);
        if answer < 0 {
            self.facts.open.remove(&connection);
        }
        answer
    }

    fn renegotiate(&mut self, connection: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64 {
        let (mut at, flaw) = self.split();
        at.facts.made(begin);
        let answer = flaw.renegotiate(&mut at, connection, kind, begin);
        match self.facts.open.get_mut(&connection) {
            // The connection goes on with a session of this handshake.
            Some(open) if answer == 0 => *open = Open { begin: *begin, found: None, resumed: false, ..*open },
            Some(_) if answer < 0 => drop(self.facts.open.remove(&connection)),
            _ => {}
        }
        answer
    }

    fn accept_abort(&mut self, connection: ConnectionRef) {
        let (mut at, flaw) = self.split();
        flaw.accept_abort(&mut at, connection);
        self.facts.open.remove(&connection);
    }

    fn close(&mut self, connection: ConnectionRef, close: Close) {
        let (mut at, flaw) = self.split();
        flaw.close(&mut at, connection, close);
        self.facts.open.remove(&connection);
    }
}
