//! From verbs to ops.
//!
//! Not here: handshakes ([`super::handshakes`]) and what names stand for ([`super::names`]).

use session_model::{ContextRef, Protocol, Time, Timeout};

use super::document::{CallbackWords, Session};
use super::lower::Lowering;
use super::places::child;
use super::scalars::{Count, Seconds, When};
use super::shapes::Brief;
use super::values::callbacks;
use super::verb::{AskedBy, Begin, CloseHow, FlushIn, GetTimeout, Handshake, How, InContext, NamedSession};
use super::verb::{RenegotiateHow, SetCallbacks, SetContextId, SetId, SetMode, SetSize, SetTimeout, Verb};
use crate::hazards::Hazard;
use crate::op::{Accept, At, Close, Connection, Makes, Name, Op, Renegotiate, Renegotiation};

impl Lowering<'_> {
    /// The op of a verb that stands at this pointer.
    pub(super) fn op(&mut self, verb: Verb, at: &str) -> Option<Op> {
        Some(match verb {
            Verb::Session(session) => self.hand_made(session, at)?,
            Verb::UpRef(name) => Op::UpRef(self.session(&name, at)?),
            Verb::Free(name) => Op::Free(self.session(&name, at)?),
            Verb::SetTime(set) => {
                Op::SessionSetTime(self.session(&set.session, &child(at, "session"))?, time(set.time))
            }
            Verb::GetTime(name) => Op::SessionGetTime(self.session(&name, at)?),
            Verb::SetTimeout(set) => self.set_timeout(set, at)?,
            Verb::GetTimeout(Brief::Short(name)) => Op::SessionGetTimeout(self.session(&name, at)?),
            Verb::GetTimeout(Brief::Full(of)) => self.get_timeout(&of, at)?,
            Verb::IsResumable(name) => Op::IsResumable(self.session(&name, at)?),
            Verb::SetIdContext(set) => {
                let session = self.session(&set.session, &child(at, "session"));
                let id_context = self.reader.id_context(&set.id_context, &child(at, "id_context"));
                Op::SessionSetIdContext(session?, id_context?)
            }
            Verb::AddSession(what) => self.add(what, at, false)?,
            Verb::SslAddSession(what) => self.add(what, at, true)?,
            Verb::RemoveSession(what) => self.remove(what, at, false)?,
            Verb::SslRemoveSession(what) => self.remove(what, at, true)?,
            Verb::FlushSessions(what) => self.flush(what, at, false)?,
            Verb::SslFlushSessions(what) => self.flush(what, at, true)?,
            Verb::SetSessionCacheMode(what) => {
                let (context, flags, at) = match what {
                    Brief::Short(flags) => (None, flags, at.to_owned()),
                    Brief::Full(SetMode { context, mode }) => (context, mode, child(at, "mode")),
                };
                let mode = self.reader.mode(&flags, &at);
                Op::SetSessionCacheMode(self.context(context.as_deref(), &at)?, mode)
            }
            Verb::GetSessionCacheMode(name) => Op::GetSessionCacheMode(self.known_context(&name, at)?),
            Verb::SessSetCacheSize(what) => {
                let (context, Count(size)) = match what {
                    Brief::Short(size) => (None, size),
                    Brief::Full(SetSize { context, size }) => (context, size),
                };
                Op::SessSetCacheSize(self.context(context.as_deref(), at)?, size)
            }
            Verb::SessGetCacheSize(name) => Op::SessGetCacheSize(self.known_context(&name, at)?),
            Verb::SetSessionIdContext(what) => {
                let (context, text, text_at) = match what {
                    Brief::Short(text) => (None, text, at.to_owned()),
                    Brief::Full(SetContextId { context, id_context }) => (context, id_context, child(at, "id_context")),
                };
                let id_context = self.long_id_context(&text, &text_at);
                Op::SetSessionIdContext(self.context(context.as_deref(), at)?, id_context?)
            }
            Verb::SetCallbacks(what) => self.set_callbacks(what, at)?,
            Verb::ExternalStore(what) => {
                let (context, session) = self.in_context(what, at)?;
                Op::ExternalStore(context, session)
            }
            Verb::ExternalForget(what) => {
                let (context, session) = self.in_context(what, at)?;
                Op::ExternalForget(context, session)
            }
            Verb::CtxFree(name) => Op::CtxFree(self.known_context(&name, at)?),
            Verb::AcceptBegin(begin) => {
                let Begin { connection, context, client, protocol, tickets, num_tickets, propose, given, .. } = begin;
                let mechanism = self.reader.mechanism(protocol, tickets, num_tickets, at);
                let accept = self.accept(context, client, mechanism, propose, given, at);
                let accept = self.its_own(accept, begin.id_context.as_deref(), begin.switch_to.as_deref(), at);
                let connection = self.make_connection(&connection, &child(at, "connection"));
                self.begun.extend(connection.zip(accept));
                Op::AcceptBegin(connection?, accept?)
            }
            Verb::AcceptFinish(name) => Op::AcceptFinish(self.connection(&name, at)?),
            Verb::Renegotiate(what) => self.renegotiate(what, at)?,
            Verb::AcceptAbort(name) => Op::AcceptAbort(self.connection(&name, at)?),
            Verb::Close(Brief::Short(name)) => Op::Close(self.connection(&name, at)?, Close::Clean),
            Verb::Close(Brief::Full(CloseHow { connection, how })) => {
                Op::Close(self.connection(&connection, &child(at, "connection"))?, close(how))
            }
            Verb::Handshake(handshake) => {
                let Handshake { context, client, protocol, tickets, num_tickets, propose, given, close: how, .. } =
                    handshake;
                let mechanism = self.reader.mechanism(protocol, tickets, num_tickets, at);
                let accept = self.accept(context, client, mechanism, propose, given, at);
                let (id_context, switch_to) = (handshake.id_context.as_deref(), handshake.switch_to.as_deref());
                Op::Handshake(self.its_own(accept, id_context, switch_to, at)?, close(how))
            }
            Verb::SetId(SetId { session, id }) => {
                let session = self.session(&session, &child(at, "session"));
                let id = self.any_id(&id, &child(at, "id"));
                Op::Hazard(Hazard::SetId(session?, id?))
            }
            Verb::FreeUnowned(name) => Op::Hazard(Hazard::FreeUnowned(self.session(&name, at)?)),
            Verb::Advance(Count(seconds)) => Op::Advance(seconds),
            Verb::SetClock(seconds) => Op::SetClock(time(seconds)),
            Verb::Repeat(repeat) => self.repeat(repeat, at)?,
            Verb::Probe(()) => Op::Probe,
            Verb::Release(name) => Op::Release(self.session(&name, at)?),
            Verb::Hangup(name) => Op::Hangup(self.connection(&name, at)?),
            Verb::ApplicationRelease(name) => Op::ApplicationRelease(self.known_context(&name, at)?),
        })
    }

    fn renegotiate(&mut self, what: Brief<String, RenegotiateHow>, at: &str) -> Option<Op> {
        let RenegotiateHow { connection, by, abbreviated, given } = match what {
            Brief::Short(name) => {
                let again = Renegotiate { kind: Renegotiation::New, makes: Makes::UNNAMED };
                let connection = self.connection(&name, at)?;
                self.can_be_renegotiated(connection, at);
                return Some(Op::Renegotiate(connection, again));
            }
            Brief::Full(how) => how,
        };
        let kind = match (by, abbreviated) {
            (Some(AskedBy::Server), Some(false)) => {
                let message = "a client that the server asks proposes the session of the connection";
                self.reader.at_value(&child(at, "abbreviated"), message);
                return None;
            }
            (Some(AskedBy::Server), _) => Renegotiation::Requested,
            (_, Some(true)) => Renegotiation::Abbreviated,
            (_, _) => Renegotiation::New,
        };
        let connection_at = child(at, "connection");
        let connection = self.connection(&connection, &connection_at);
        connection.into_iter().for_each(|connection| self.can_be_renegotiated(connection, &connection_at));
        let begun = self.begun.iter().find(|(begun, _)| Some(*begun) == connection).map(|(_, accept)| *accept);
        let contexts = [begun.map(|accept| accept.context), begun.and_then(|accept| accept.client)];
        let has_client = begun.is_none_or(|accept| accept.client.is_some());
        let makes = self.given(given, contexts, (begun.map(|accept| accept.mechanism), has_client), at)?;
        Some(Op::Renegotiate(connection?, Renegotiate { kind, makes }))
    }

    fn can_be_renegotiated(&mut self, connection: Connection, at: &str) {
        let is_tls13 = |accept: &Accept| accept.mechanism.protocol() == Protocol::Tls13;
        if self.begun.iter().any(|(begun, accept)| *begun == connection && is_tls13(accept)) {
            self.never_carried_out(at, "a connection of TLSv1.3 is not renegotiated");
        }
    }

    fn hand_made(&mut self, session: NamedSession, at: &str) -> Option<Op> {
        let NamedSession { name, id, time, timeout, protocol, id_context, context } = session;
        let spec = self.session_spec(Session { id, time, timeout, protocol, id_context, context }, at);
        let name = self.make_session(&name, &child(at, "name"), spec.map(|spec| spec.context), false);
        Some(Op::Session(name?, spec?))
    }

    fn add(&mut self, what: Brief<String, InContext>, at: &str, synonym: bool) -> Option<Op> {
        let (context, session) = self.in_context(what, at)?;
        Some(Op::AddSession { context, session, synonym })
    }

    fn remove(&mut self, what: Brief<String, InContext>, at: &str, synonym: bool) -> Option<Op> {
        let (context, session) = self.in_context(what, at)?;
        Some(Op::RemoveSession { context, session, synonym })
    }

    fn flush(&mut self, what: Brief<When, FlushIn>, at: &str, synonym: bool) -> Option<Op> {
        let (context, when) = match what {
            Brief::Short(when) => (None, when),
            Brief::Full(FlushIn { context, at }) => (context, at),
        };
        let context = self.context(context.as_deref(), at)?;
        let at = match when {
            When::Absolute(seconds) => At::Absolute(time(Seconds(seconds))),
            When::Now(later) => At::Now(later),
        };
        Some(Op::FlushSessions { context, at, synonym })
    }

    fn set_timeout(&mut self, set: SetTimeout, at: &str) -> Option<Op> {
        let SetTimeout { session, context, timeout: Seconds(timeout) } = set;
        let timeout = Timeout(timeout);
        match self.session_or_context(session.as_deref(), context.as_deref(), at)? {
            Either::Session(session) => Some(Op::SessionSetTimeout(session, timeout)),
            Either::Context(context) => Some(Op::SetTimeout(context, timeout)),
        }
    }

    fn get_timeout(&mut self, of: &GetTimeout, at: &str) -> Option<Op> {
        match self.session_or_context(of.session.as_deref(), of.context.as_deref(), at)? {
            Either::Session(session) => Some(Op::SessionGetTimeout(session)),
            Either::Context(context) => Some(Op::GetTimeout(context)),
        }
    }

    fn session_or_context(&mut self, session: Option<&str>, context: Option<&str>, at: &str) -> Option<Either> {
        match (session, context) {
            (Some(session), None) => self.session(session, &child(at, "session")).map(Either::Session),
            (None, Some(context)) => self.known_context(context, &child(at, "context")).map(Either::Context),
            _ => {
                self.reader.at_value(at, "either a `session` or a `context` has the timeout; name one of them");
                None
            }
        }
    }

    fn set_callbacks(&mut self, set: SetCallbacks, at: &str) -> Option<Op> {
        let SetCallbacks { context, callbacks: nested, new, get, remove } = set;
        let bare = new.is_some() || get.is_some() || remove.is_some();
        let words = match nested {
            Some(_) if bare => {
                self.reader.at_value(at, "callbacks both inside and outside of `callbacks`");
                return None;
            }
            Some(words) => words,
            None => CallbackWords { new, get, remove },
        };
        self.check_no_calls(&words, at);
        Some(Op::SetCallbacks(self.context(context.as_deref(), at)?, callbacks(words)))
    }

    /// A session in a context, each of which may be left out of the short form.
    fn in_context(&mut self, what: Brief<String, InContext>, at: &str) -> Option<(ContextRef, Name)> {
        let (context, session, session_at) = match what {
            Brief::Short(session) => (None, session, at.to_owned()),
            Brief::Full(InContext { context, session }) => (context, session, child(at, "session")),
        };
        let name = self.session(&session, &session_at);
        let context = self.context(context.as_deref(), at);
        let (context, name) = (context?, name?);
        self.check_context(name, context, &session_at);
        Some((context, name))
    }
}

enum Either {
    Session(Name),
    Context(ContextRef),
}

fn time(Seconds(seconds): Seconds) -> Time {
    Time(seconds)
}

fn close(how: Option<How>) -> Close {
    match how {
        None | Some(How::Clean) => Close::Clean,
        Some(How::Unclean) => Close::Unclean,
    }
}
