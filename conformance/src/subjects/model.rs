//! The model behind the calls of a [`Library`]: as the judge of others, and as a subject of its own self-check.
//!
//! It translates only.

use session_model::application::Callbacks;
use session_model::clause::{
    ADD_SAME_ID_REPLACES, CTX_FREE_FREES_CACHE, FLUSH_AUTO_255_SESSIONS, FLUSH_COLLECTS, FLUSH_EXPIRED,
    LEAVE_LOOKUP_EXPIRED, NEW_CB_ZERO_REMOVES,
};
use session_model::{
    Accept, CacheMode, Called, Clause, ConnectionRef, ContextRef, IdContext, NewContext, NewSession, Profile, Proposal,
    Renegotiate, Renegotiation, Ruling, SessionRef, Time, Timeout, What, World,
};

use crate::driver::{Begin, Library, Offer, Why};
use crate::hazards::Danger;
use crate::op::{Close, LongIdContext, Op};
use crate::subject::Driven;
use crate::trace::Setup;
use crate::transcript::{Counters, Event, Member, Transcript, id_digest};

/// The model under a profile.
#[derive(Clone, Debug)]
pub struct Model {
    world: World,
    /// What the manual rules of the step that was carried out last.
    pub ruling: Ruling,
    /// How many of its decisions were drained.
    drained: usize,
}

impl Model {
    /// The model, with no world yet.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { world: World::new(profile, Time(0)), ruling: Ruling::new(&profile), drained: 0 }
    }

    /// The world.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }
}

/// The subject that is the model under a profile: for self-checks, and, with a clause broken, for measuring what a
/// check finds.
#[must_use]
pub fn subject(name: impl Into<String>, profile: Profile) -> Driven<Model> {
    Driven::new(name, move || Model::new(profile))
}

impl Library for Model {
    fn begin(&mut self, setup: &Setup) {
        self.world = World::new(*self.world.profile(), setup.clock);
        // What was decided in the world before is not of this one.
        self.ruling.decided.clear();
        self.drained = 0;
        for context in &setup.contexts {
            self.world.ctx_new(NewContext {
                mode: context.mode,
                size: context.size.map(u64::from),
                timeout: context.timeout,
                id_context: context.id_context,
                verify_peer: context.verify_peer,
                callbacks: context.callbacks.clone(),
                external: context.external,
            });
        }
    }

    fn at_step(&mut self, _step: u32) {
        self.ruling.decided.clear();
        self.drained = 0;
    }

    fn refuses(&self, op: &Op) -> Option<String> {
        let synonym = match op {
            Op::AddSession { synonym, .. } | Op::RemoveSession { synonym, .. } | Op::FlushSessions { synonym, .. } => {
                *synonym
            }
            _ => false,
        };
        let Profile { edition, broken, .. } = *self.world.profile();
        let gone = edition >= session_model::Edition::V3_0 || broken == Some(session_model::clause::SYNONYMS);
        (synonym && gone).then(|| "the old synonyms are in the pages up to 1.0.1 only".to_owned())
    }

    fn refuses_hazard(&self, danger: Danger) -> Option<String> {
        // The rules say nothing of whose a session is, so they can be followed.
        (danger != Danger::AnotherContext).then(|| format!("the model rules nothing of this hazard: {danger}"))
    }

    fn drain(&mut self, out: &mut Transcript) {
        let destroyed = out.destroyed.len();
        for (_, what) in &self.ruling.decided[self.drained..] {
            match *what {
                What::Calls(called) => out.events.push(event(called)),
                What::Destroys(c) => out.destroyed.push(c),
                _ => {}
            }
        }
        self.drained = self.ruling.decided.len();
        out.destroyed[destroyed..].sort_unstable();
    }

    fn leavers(&mut self, out: &mut Vec<(SessionRef, Why)>) -> bool {
        let leaves = |(clause, what): &(Clause, What)| match *what {
            What::Leaves(_, c) => Some((c, why(*clause))),
            _ => None,
        };
        out.extend(self.ruling.decided.iter().filter_map(leaves));
        true
    }

    fn counters(&mut self, context: ContextRef) -> Counters {
        self.world.counters(context)
    }

    fn members(&mut self, context: ContextRef, out: &mut Vec<Member>) {
        out.extend(self.world.members(context).map(|c| shown(&self.world, Some(context), c)));
    }

    fn has_id(&mut self, session: SessionRef) -> bool {
        self.world.has_id(session)
    }

    fn object(&mut self, session: SessionRef) -> Member {
        shown(&self.world, None, session)
    }

    fn set_clock(&mut self, now: Time) {
        self.world.set_clock(now);
    }

    fn session(&mut self, session: SessionRef, new: &NewSession) {
        self.world.new_session(session, new);
    }

    fn session_up_ref(&mut self, session: SessionRef) -> i64 {
        self.world.session_up_ref(session, &mut self.ruling)
    }

    fn session_free(&mut self, session: SessionRef) {
        self.world.session_free(session, &mut self.ruling);
    }

    fn session_set_time(&mut self, session: SessionRef, time: Time) -> i64 {
        self.world.session_set_time(session, time, &mut self.ruling)
    }

    fn session_get_time(&mut self, session: SessionRef) -> i64 {
        self.world.session_get_time(session, &mut self.ruling)
    }

    fn session_set_timeout(&mut self, session: SessionRef, timeout: Timeout) -> i64 {
        self.world.session_set_timeout(session, timeout, &mut self.ruling)
    }

    fn session_get_timeout(&mut self, session: SessionRef) -> i64 {
        self.world.session_get_timeout(session, &mut self.ruling)
    }

    fn session_is_resumable(&mut self, session: SessionRef) -> i64 {
        self.world.session_is_resumable(session, &mut self.ruling)
    }

    fn session_set1_id_context(&mut self, session: SessionRef, id_context: IdContext) -> i64 {
        self.world.session_set1_id_context(session, id_context, &mut self.ruling)
    }

    fn add_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        self.world.add_session(context, session, &mut self.ruling)
    }

    fn remove_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        self.world.remove_session(context, session, &mut self.ruling)
    }

    fn flush_sessions(&mut self, context: ContextRef, tm: Time) {
        self.world.flush_sessions(context, tm, &mut self.ruling);
    }

    fn set_session_cache_mode(&mut self, context: ContextRef, mode: CacheMode) -> i64 {
        self.world.set_session_cache_mode(context, mode, &mut self.ruling)
    }

    fn get_session_cache_mode(&mut self, context: ContextRef) -> i64 {
        self.world.get_session_cache_mode(context, &mut self.ruling)
    }

    fn sess_set_cache_size(&mut self, context: ContextRef, size: u32) -> i64 {
        self.world.sess_set_cache_size(context, u64::from(size), &mut self.ruling)
    }

    fn sess_get_cache_size(&mut self, context: ContextRef) -> i64 {
        self.world.sess_get_cache_size(context, &mut self.ruling)
    }

    fn set_timeout(&mut self, context: ContextRef, timeout: Timeout) -> i64 {
        self.world.set_timeout(context, timeout, &mut self.ruling)
    }

    fn get_timeout(&mut self, context: ContextRef) -> i64 {
        self.world.get_timeout(context, &mut self.ruling)
    }

    fn set_session_id_context(&mut self, context: ContextRef, id_context: &LongIdContext) -> i64 {
        self.world.set_session_id_context(context, id_context.as_bytes(), &mut self.ruling)
    }

    fn set_callbacks(&mut self, context: ContextRef, callbacks: &Callbacks) {
        self.world.set_callbacks(context, callbacks.clone());
    }

    fn external_store(&mut self, context: ContextRef, session: SessionRef) {
        self.world.external_store(context, session, &mut self.ruling);
    }

    fn external_forget(&mut self, context: ContextRef, session: SessionRef) {
        self.world.external_forget(context, session, &mut self.ruling);
    }

    fn application_release(&mut self, context: ContextRef) {
        self.world.application_release(context, &mut self.ruling);
    }

    fn ctx_free(&mut self, context: ContextRef) {
        self.world.ctx_free(context, &mut self.ruling);
    }

    fn accept_begin(&mut self, connection: ConnectionRef, begin: &Begin) -> i64 {
        let proposal = match begin.offer {
            Offer::Nothing => Proposal::Nothing,
            Offer::Peer(id, of) => Proposal::Peer(id, of),
            Offer::Own(c) => Proposal::Own(c),
        };
        let Begin { context, client, mechanism, id_context, switch_to, .. } = *begin;
        let Begin { server_session, client_session, opened, .. } = *begin;
        let (ids, client_ids) = (begin.ids(), begin.client_ids());
        let accept = Accept {
            context,
            switch_to,
            id_context,
            client,
            mechanism,
            proposal,
            ids,
            client_ids,
            server_session,
            client_session,
            opened,
        };
        self.world.accept_begin(connection, &accept, &mut self.ruling)
    }

    fn accept_finish(&mut self, connection: ConnectionRef) -> i64 {
        self.world.accept_finish(connection, &mut self.ruling)
    }

    fn renegotiate(&mut self, connection: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64 {
        let Begin { server_session, client_session, opened, .. } = *begin;
        let (ids, client_ids) = (begin.ids(), begin.client_ids());
        let again = Renegotiate { kind, ids, client_ids, server_session, client_session, opened };
        self.world.renegotiate(connection, &again, &mut self.ruling)
    }

    fn accept_abort(&mut self, connection: ConnectionRef) {
        self.world.accept_abort(connection, &mut self.ruling);
    }

    fn close(&mut self, connection: ConnectionRef, close: Close) {
        self.world.close(connection, close == Close::Clean, &mut self.ruling);
    }
}

/// On whose account the manual has a session leave by this clause.
fn why(clause: Clause) -> Why {
    match clause {
        FLUSH_EXPIRED | FLUSH_AUTO_255_SESSIONS => Why::Flushed,
        FLUSH_COLLECTS => Why::Dropped,
        LEAVE_LOOKUP_EXPIRED => Why::Expired,
        ADD_SAME_ID_REPLACES => Why::Replaced,
        NEW_CB_ZERO_REMOVES => Why::Refused,
        CTX_FREE_FREES_CACHE => Why::Freed,
        // By hand, or unclean.
        _ => Why::Removed,
    }
}

pub(crate) fn event(called: Called) -> Event {
    match called {
        Called::New(ctx, c, kept) => Event::New(ctx, c, kept),
        Called::Get(ctx, id, answer) => Event::Get(ctx, id_digest(id.as_bytes()), answer),
        Called::Remove(ctx, c) => Event::Remove(ctx, c),
    }
}

fn shown(world: &World, context: Option<ContextRef>, session: SessionRef) -> Member {
    let (time, timeout, resumable) = world.shown(session);
    let seconds = |s: i128| i64::try_from(s).unwrap_or(if s < 0 { i64::MIN } else { i64::MAX });
    Member { context, session, time: seconds(time.0), timeout: seconds(timeout.0), resumable }
}
