//! The calls of the pages, on a loaded libssl.

use session_model::application::Callbacks;
use session_model::{CacheMode, ConnectionRef, ContextRef, IdContext, NewSession, Protocol, SessionRef, Time, Timeout};

use super::contexts::Control;
use super::sessions::seconds;
use super::subject::Libssl;
use crate::driver::{Begin, Library};
use crate::hazards::{AnyId, Danger};
use crate::op::{Close, LongIdContext, Name, Op, Renegotiation};
use crate::trace::Setup;
use crate::transcript::{Counters, Member, Transcript};

impl Library for Libssl {
    fn begin(&mut self, setup: &Setup) {
        self.set_up(setup);
    }

    fn refuses(&self, op: &Op) -> Option<String> {
        let (symbols, synonyms) = (&self.api().symbols, self.api().synonyms);
        let needed = match op {
            Op::AddSession { synonym: true, .. } if !synonyms.add => "SSL_add_session",
            Op::RemoveSession { synonym: true, .. } if !synonyms.remove => "SSL_remove_session",
            Op::FlushSessions { synonym: true, .. } if !synonyms.flush => "SSL_flush_sessions",
            Op::AddSession { .. } if symbols.SSL_CTX_add_session.is_none() => "SSL_CTX_add_session",
            Op::RemoveSession { .. } if symbols.SSL_CTX_remove_session.is_none() => "SSL_CTX_remove_session",
            Op::FlushSessions { .. } if symbols.SSL_CTX_flush_sessions.is_none() => "SSL_CTX_flush_sessions",
            Op::AcceptBegin(_, accept) | Op::Handshake(accept, _)
                if accept.mechanism.protocol() == Protocol::Tls13 && !self.api().peer().has_tls13() =>
            {
                "TLS 1.3"
            }
            Op::AcceptBegin(_, accept) | Op::Handshake(accept, _)
                if accept.switch_to.is_some()
                    && (symbols.SSL_set_SSL_CTX.is_none() || symbols.SSL_CTX_callback_ctrl.is_none()) =>
            {
                "SSL_set_SSL_CTX or SSL_CTX_callback_ctrl"
            }
            Op::Renegotiate(..) if !self.api().can_renegotiate() => "SSL_renegotiate",
            Op::GetTimeout(_) if symbols.SSL_CTX_get_timeout.is_none() => "SSL_CTX_get_timeout",
            _ => return None,
        };
        Some(format!("{}: has no {needed}", self.api().path().display()))
    }

    fn refuses_hazard(&self, _danger: Danger) -> Option<String> {
        (!crate::worker::is_worker()).then(|| "hazards run in a worker process only: they may damage it".to_owned())
    }

    fn learn_name(&mut self, name: Name, session: SessionRef) {
        self.world.state().back.learn(name, session);
    }

    fn lives(&self, session: SessionRef) -> bool {
        self.world.object(session).is_some()
    }

    fn session_set1_id(&mut self, session: SessionRef, id: &AnyId) -> i64 {
        let _inside = self.inside();
        self.api().session_set1_any_id(Self::object(self, session), id).into()
    }

    fn session_free_unowned(&mut self, session: SessionRef) {
        let _inside = self.inside();
        self.api().session_free_unowned(Self::object(self, session));
    }

    fn at_step(&mut self, _step: u32) {
        self.world.state().back.begin_step();
    }

    fn drain(&mut self, out: &mut Transcript) {
        self.world.drain(out);
    }

    fn recycle(&mut self, session: SessionRef) {
        let Some(secrets) = self.secrets.remove(&session) else { return };
        if self.made_as.get(&secrets.id) == Some(&session) {
            self.made_as.remove(&secrets.id);
        }
    }

    fn counters(&mut self, context: ContextRef) -> Counters {
        self.api().counters(self.context(context))
    }

    fn members(&mut self, context: ContextRef, out: &mut Vec<Member>) {
        let mut members = std::mem::take(&mut self.members);
        self.api().push_members(self.context(context), &mut members);
        out.extend(members.drain(..).map(|session| self.one_member(context, session)));
        self.members = members;
    }

    fn has_id(&mut self, session: SessionRef) -> bool {
        self.world.object(session).is_some_and(|session| self.api().session_id(session).is_some())
    }

    fn object(&mut self, session: SessionRef) -> Member {
        self.member(None, Self::object(self, session), session)
    }

    fn set_clock(&mut self, now: Time) {
        self.world.now.set(seconds(now.0));
    }

    fn session(&mut self, session: SessionRef, new: &NewSession) {
        let _inside = self.inside();
        let api = self.api();
        let object = self.made_again(new).unwrap_or_else(|| api.peer().hand_made(api, new.protocol, new.id));
        api.session_set_time(object, new.time);
        api.session_set_timeout(object, new.timeout);
        api.session_set1_id_context(object, new.id_context);
        self.world.number(object, session);
        self.count_reference(session);
    }

    fn session_up_ref(&mut self, session: SessionRef) -> i64 {
        let answer = self.api().session_up_ref(Self::object(self, session));
        self.count_reference(session);
        answer.into()
    }

    fn session_free(&mut self, session: SessionRef) {
        let _inside = self.inside();
        let object = Self::object(self, session);
        self.references[session.0 as usize] -= 1;
        self.api().session_free(object);
    }

    fn session_set_time(&mut self, session: SessionRef, time: Time) -> i64 {
        let _inside = self.inside();
        self.api().session_set_time(Self::object(self, session), time)
    }

    fn session_get_time(&mut self, session: SessionRef) -> i64 {
        self.api().session_get_time(Self::object(self, session))
    }

    fn session_set_timeout(&mut self, session: SessionRef, timeout: Timeout) -> i64 {
        let _inside = self.inside();
        self.api().session_set_timeout(Self::object(self, session), timeout)
    }

    fn session_get_timeout(&mut self, session: SessionRef) -> i64 {
        self.api().session_get_timeout(Self::object(self, session))
    }

    fn session_is_resumable(&mut self, session: SessionRef) -> i64 {
        self.api().session_is_resumable(Self::object(self, session)).into()
    }

    fn session_set1_id_context(&mut self, session: SessionRef, id_context: IdContext) -> i64 {
        self.api().session_set1_id_context(Self::object(self, session), id_context).into()
    }

    fn add_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        let _inside = self.inside();
        self.api().add_session(self.context(context), Self::object(self, session)).into()
    }

    fn remove_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        let _inside = self.inside();
        self.api().remove_session(self.context(context), Self::object(self, session)).into()
    }

    fn flush_sessions(&mut self, context: ContextRef, tm: Time) {
        let _inside = self.inside();
        self.api().flush_sessions(self.context(context), seconds(tm.0));
    }

    fn set_session_cache_mode(&mut self, context: ContextRef, mode: CacheMode) -> i64 {
        self.api().control(self.context(context), Control::SetCacheMode, seconds(mode.bits().into()))
    }

    fn get_session_cache_mode(&mut self, context: ContextRef) -> i64 {
        self.api().control(self.context(context), Control::GetCacheMode, 0)
    }

    fn sess_set_cache_size(&mut self, context: ContextRef, size: u32) -> i64 {
        self.api().control(self.context(context), Control::SetCacheSize, seconds(size.into()))
    }

    fn sess_get_cache_size(&mut self, context: ContextRef) -> i64 {
        self.api().control(self.context(context), Control::GetCacheSize, 0)
    }

    fn set_timeout(&mut self, context: ContextRef, timeout: Timeout) -> i64 {
        self.api().set_timeout(self.context(context), seconds(timeout.0))
    }

    fn get_timeout(&mut self, context: ContextRef) -> i64 {
        self.api().get_timeout(self.context(context))
    }

    fn set_session_id_context(&mut self, context: ContextRef, id_context: &LongIdContext) -> i64 {
        self.api().set_session_id_context(self.context(context), id_context.as_bytes()).into()
    }

    fn set_callbacks(&mut self, context: ContextRef, callbacks: &Callbacks) {
        let number = usize::from(context.0);
        self.api().set_callbacks(self.context(context), number, callbacks);
        self.world.state().contexts[number].application.set_callbacks(callbacks.clone());
    }

    fn external_store(&mut self, context: ContextRef, session: SessionRef) {
        let _inside = self.inside();
        let object = Self::object(self, session);
        let Some(id) = self.api().session_id(object) else {
            return;
        };
        self.api().session_up_ref(object);
        let displaced = self.world.state().contexts[usize::from(context.0)].application.store(session, id);
        self.world.give_up(displaced);
    }

    fn external_forget(&mut self, context: ContextRef, session: SessionRef) {
        let _inside = self.inside();
        let Some(id) = self.api().session_id(Self::object(self, session)) else {
            return;
        };
        let forgotten = self.world.state().contexts[usize::from(context.0)].application.forget(id);
        self.world.give_up(forgotten);
    }

    fn application_release(&mut self, context: ContextRef) {
        let _inside = self.inside();
        let held = self.world.state().contexts[usize::from(context.0)].application.release();
        held.into_iter().for_each(|session| self.world.give_up(Some(session)));
    }

    fn ctx_free(&mut self, context: ContextRef) {
        let _inside = self.inside();
        // The address stays known while the context is freed: it calls back.
        self.api().context_free(self.context(context));
        self.world.state().contexts[usize::from(context.0)].context = None;
    }

    fn accept_begin(&mut self, connection: ConnectionRef, begin: &Begin) -> i64 {
        self.begin_connection(connection, begin)
    }

    fn accept_finish(&mut self, connection: ConnectionRef) -> i64 {
        self.finish_connection(connection)
    }

    fn renegotiate(&mut self, connection: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64 {
        self.renegotiate_connection(connection, kind, begin)
    }

    fn accept_abort(&mut self, connection: ConnectionRef) {
        let _inside = self.inside();
        if let Some(connection) = self.connections.remove(&connection) {
            connection.ends.free(self.api());
        }
    }

    fn close(&mut self, connection: ConnectionRef, close: Close) {
        let _inside = self.inside();
        if let Some(connection) = self.connections.remove(&connection) {
            connection.ends.close(self.api(), close, connection.begin.client.is_some());
        }
    }
}
