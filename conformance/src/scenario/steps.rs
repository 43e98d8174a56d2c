//! From the verbs of steps to ops.

use std::ops::Range;

use serde_yaml::{Mapping, Value};
use session_model::ContextRef;

use super::document::{CallbackWords, Session, Shows};
use super::lower::{Kind, Lowering, ONLY};
use super::places::child;
use super::roll::Unmakeable;
use super::scalars::{Count, Returned, Seconds, When};
use super::shapes::{Brief, GivenNames};
use super::stated::Expect;
use super::values::callbacks;
use super::verb::{Begin, CloseHow, FlushIn, GetTimeout, Handshake, How, InContext, NamedSession, OneVerb};
use super::verb::{ProposedId, Repeat, SetCallbacks, SetContextId, SetMode, SetSize, SetTimeout, Verb};
use crate::op::{Accept, At, Close, Connection, Name, Op, Propose};

impl Lowering<'_> {
    /// One step: its op and what it shows.
    pub(super) fn step(&mut self, value: Value, pointer: &str) -> Option<(Op, Expect)> {
        let (verb, shows) = self.split(value, pointer)?;
        self.absent = shows.as_ref().is_some_and(|shows| matches!(shows.returns, Some(Returned::Absent)));
        let Some((key, verb)) = verb else {
            self.lose(pointer);
            return None;
        };
        let op = self.op(verb, &child(pointer, key));
        // Without an op what the step shows is read for its mistakes only.
        let expect = shows.map_or_else(Expect::default, |shows| self.expect(shows, op.as_ref(), pointer));
        let (op, mut expect) = (op?, expect);
        if let Op::Repeat(times, block) = &op {
            self.check_repeat(*times, block, &expect, pointer);
        }
        expect.spot = self.spot(pointer);
        Some((op, expect))
    }

    /// The one verb of a step, and the rest.
    #[expect(clippy::type_complexity, reason = "a pair of two things that may each be missing, used once")]
    fn split(&mut self, value: Value, pointer: &str) -> Option<(Option<(String, Verb)>, Option<Shows>)> {
        let Value::Mapping(map) = value else {
            self.lose(pointer);
            self.reader
                .at_value(pointer, "a step is a map of one verb and what it shows")
                .note("for example: {add_session: a, returns: 1}");
            return None;
        };
        let is_shown = |key: &Value| key.as_str().is_some_and(|key| Shows::KEYS.contains(&key));
        let (shows, verbs): (Mapping, Mapping) = map.into_iter().partition(|(key, _)| is_shown(key));
        let before = self.reader.mistakes.len();
        let mut found: Option<(String, Verb)> = None;
        for (key, value) in verbs {
            let name = key.as_str().unwrap_or_default().to_owned();
            let one = Value::Mapping(std::iter::once((key, value)).collect());
            let Some(OneVerb(verb)) = self.reader.read(one, pointer, &Shows::KEYS) else {
                continue;
            };
            match &found {
                None => found = Some((name, verb)),
                Some((first, _)) => {
                    let first = self.reader.places.get(&child(pointer, first));
                    self.reader
                        .at_key(&child(pointer, &name), format!("`{name}` is a second verb; a step has one"))
                        .also(first.key.unwrap_or(first.value), "the first one");
                }
            }
        }
        let shows = self.reader.read(Value::Mapping(shows), pointer, &[]);
        if found.is_none() && self.reader.mistakes.len() == before {
            self.reader.at_value(pointer, "this step has no verb").note("`probe: ~` is the verb that does nothing");
        }
        Some((found, shows))
    }

    fn op(&mut self, verb: Verb, at: &str) -> Option<Op> {
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
                let id_context = self.id_context(&set.id_context, &child(at, "id_context"));
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
                let mode = self.mode(&flags, &at);
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
            Verb::AcceptBegin(Begin { connection, context, client, propose, given }) => {
                let accept = self.accept(context, client, propose, given, at);
                let connection = self.make_connection(&connection, &child(at, "connection"));
                Op::AcceptBegin(connection?, accept?)
            }
            Verb::AcceptFinish(name) => Op::AcceptFinish(self.connection(&name, at)?),
            Verb::AcceptAbort(name) => Op::AcceptAbort(self.connection(&name, at)?),
            Verb::Close(Brief::Short(name)) => Op::Close(self.connection(&name, at)?, Close::Clean),
            Verb::Close(Brief::Full(CloseHow { connection, how })) => {
                Op::Close(self.connection(&connection, &child(at, "connection"))?, close(how))
            }
            Verb::Handshake(Handshake { context, client, propose, given, close: how }) => {
                Op::Handshake(self.accept(context, client, propose, given, at)?, close(how))
            }
            Verb::Advance(Count(seconds)) => Op::Advance(seconds),
            Verb::SetClock(seconds) => Op::SetClock(time(seconds)),
            Verb::Repeat(repeat) => self.repeat(repeat, at)?,
            Verb::Probe(()) => Op::Probe,
            Verb::Release(name) => Op::Release(self.session(&name, at)?),
            Verb::Hangup(name) => Op::Hangup(self.connection(&name, at)?),
            Verb::ApplicationRelease(name) => Op::ApplicationRelease(self.known_context(&name, at)?),
        })
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
        let timeout = session_model::Timeout(timeout);
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
        Some(Op::SetCallbacks(self.context(context.as_deref(), at)?, callbacks(words)))
    }

    fn accept(
        &mut self,
        context: Option<String>,
        client: Option<String>,
        propose: Option<Brief<String, ProposedId>>,
        given: Option<GivenNames>,
        at: &str,
    ) -> Option<Accept> {
        let context = self.context(context.as_deref(), at);
        let client = client.map(|client| self.known_context(&client, &child(at, "client")));
        let has_client = client.is_some();
        if has_client && client.flatten() == context && context.is_some() {
            self.never_carried_out(&child(at, "client"), "a context cannot be the client of its own server");
        }
        let propose_at = child(at, "propose");
        let propose = match propose {
            None => Some(Propose::Nothing),
            Some(Brief::Short(name)) => {
                let name = self.session(&name, &propose_at);
                if let (Some(name), Some(Some(client))) = (name, client) {
                    self.check_context(name, client, &propose_at);
                }
                name.map(Propose::Session)
            }
            Some(Brief::Full(ProposedId { id })) => {
                if has_client {
                    self.never_carried_out(&propose_at, "a client context proposes a session of its own, not an id");
                }
                self.id(&id, &child(&propose_at, "id")).map(Propose::Id)
            }
        };
        let [server_session, client_session] = self.given(given, [context, client.flatten()], has_client, at)?;
        Some(Accept {
            context: context?,
            client: match client {
                Some(client) => Some(client?),
                None => None,
            },
            propose: propose?,
            server_session,
            client_session,
        })
    }

    /// The names that a handshake gives, the server's and the client's.
    fn given(
        &mut self,
        given: Option<GivenNames>,
        contexts: [Option<ContextRef>; 2],
        has_client: bool,
        at: &str,
    ) -> Option<[Option<Name>; 2]> {
        let Some(GivenNames(given)) = given else {
            return Some([None; 2]);
        };
        let list_at = child(at, "as");
        let mut names = [None; 2];
        for (n, name) in given.iter().enumerate().filter(|(_, name)| *name != "_") {
            let in_list = child(&list_at, n);
            let pointer = if self.reader.places.has(&in_list) { in_list } else { list_at.clone() };
            if n == 1 && !has_client {
                self.never_carried_out(&pointer, "a second session is a client context's, and there is none");
            }
            names[n] = Some(self.make_session(name, &pointer, contexts[n], true)?);
        }
        Some(names)
    }

    fn repeat(&mut self, repeat: Repeat, at: &str) -> Option<Op> {
        let steps_at = child(at, "steps");
        let mut block = Vec::new();
        let mut whole = true;
        for (n, value) in repeat.steps.into_iter().enumerate() {
            let pointer = child(&steps_at, n);
            let Some((op, expect)) = self.step(value, &pointer) else {
                whole = false;
                continue;
            };
            if matches!(op, Op::Repeat(..)) {
                self.reader.at_value(&pointer, "a `repeat` inside a `repeat`; blocks do not nest");
            } else if !expect.is_empty() {
                self.reader
                    .at_value(&pointer, "inside a `repeat` nothing is stated")
                    .note("put a step `probe: ~` after the `repeat`, with what it shows");
            }
            block.push(op);
        }
        whole.then_some(Op::Repeat(repeat.times.0, block))
    }

    /// What a repeat shows is what there is after it: caches, counters and objects, but nothing of its steps.
    fn check_repeat(&mut self, times: u32, block: &[Op], expect: &Expect, pointer: &str) {
        let of_steps = [
            ("returns", expect.returns.is_some()),
            ("callbacks", expect.callbacks.is_some()),
            ("destroyed", expect.destroyed.is_some()),
        ];
        for (key, _) in of_steps.iter().filter(|(_, stated)| *stated) {
            let message = format!("`{key}` belongs to one step, and a `repeat` has many");
            self.reader.at_key(&child(pointer, key), message);
        }
        if (times == 0 || block.is_empty()) && !expect.is_empty() {
            self.reader.at_value(pointer, "this `repeat` carries nothing out, so it shows nothing");
        }
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

fn time(Seconds(seconds): Seconds) -> session_model::Time {
    session_model::Time(seconds)
}

fn close(how: Option<How>) -> Close {
    match how {
        None | Some(How::Clean) => Close::Clean,
        Some(How::Unclean) => Close::Unclean,
    }
}

/// Names that are looked up or made.
impl Lowering<'_> {
    /// The context of this name; without a name, the only one.
    pub(super) fn context(&mut self, name: Option<&str>, at: &str) -> Option<ContextRef> {
        match name {
            Some(name) => self.known_context(name, &child(at, "context")),
            None if self.contexts.len() == 1 => Some(ONLY),
            None => {
                let message = format!("there are {} contexts: which one?", self.contexts.len());
                let names = self.contexts.join("`, `");
                self.reader.at_value(at, message).note(format!("say `context:` and one of `{names}`"));
                None
            }
        }
    }

    pub(super) fn known_context(&mut self, name: &str, at: &str) -> Option<ContextRef> {
        let index = self.contexts.iter().position(|context| context == name);
        if index.is_none() {
            let at = self.reader.places.get(at).value;
            self.not_known(name, Kind::Context, at);
        }
        index.map(|index| ContextRef(u8::try_from(index).unwrap_or(u8::MAX)))
    }

    /// The context that a key names.
    pub(super) fn keyed_context(&mut self, name: &str, at: &str) -> Option<ContextRef> {
        let index = self.contexts.iter().position(|context| context == name);
        if index.is_none() {
            let at = self.reader.places.get(at);
            self.not_known(name, Kind::Context, at.key.unwrap_or(at.value));
        }
        index.map(|index| ContextRef(u8::try_from(index).unwrap_or(u8::MAX)))
    }

    pub(super) fn session(&mut self, name: &str, at: &str) -> Option<Name> {
        let found = self.sessions.find(name);
        if found.is_none() {
            let at = self.reader.places.get(at).value;
            self.not_known(name, Kind::Session, at);
        }
        found.map(Name)
    }

    /// The session that a key names.
    pub(super) fn keyed_session(&mut self, name: &str, at: &str) -> Option<Name> {
        let found = self.sessions.find(name);
        if found.is_none() {
            let at = self.reader.places.get(at);
            self.not_known(name, Kind::Session, at.key.unwrap_or(at.value));
        }
        found.map(Name)
    }

    fn connection(&mut self, name: &str, at: &str) -> Option<Connection> {
        let found = self.connections.find(name);
        if found.is_none() {
            let at = self.reader.places.get(at).value;
            self.not_known(name, Kind::Connection, at);
        }
        found.map(Connection)
    }

    fn not_known(&mut self, name: &str, kind: Kind, at: Range<usize>) {
        let known: Vec<_> = match kind {
            Kind::Context => self.contexts.iter().map(String::as_str).collect(),
            Kind::Session => self.sessions.names().collect(),
            Kind::Connection => self.connections.names().collect(),
        };
        self.unknown.push((self.reader.mistakes.len(), name.to_owned(), kind));
        let message = format!("`{name}` is not a {} of this scenario", kind.word());
        self.reader.mistake(at, message).allow(name, known);
    }

    pub(super) fn make_session(
        &mut self,
        name: &str,
        at: &str,
        context: Option<ContextRef>,
        again: bool,
    ) -> Option<Name> {
        let is_key = at.starts_with("/sessions/");
        self.check_name(name, at, is_key);
        match self.sessions.make(name, at, context, again) {
            Ok(index) => Some(Name(index)),
            Err(why) => self.unmakeable(name, &why, at),
        }
    }

    fn make_connection(&mut self, name: &str, at: &str) -> Option<Connection> {
        self.check_name(name, at, false);
        match self.connections.make(name, at, None, false) {
            Ok(index) => Some(Connection(index)),
            Err(why) => self.unmakeable(name, &why, at),
        }
    }

    fn unmakeable<T>(&mut self, name: &str, why: &Unmakeable, at: &str) -> Option<T> {
        match why {
            Unmakeable::MadeBefore(before) => {
                let before = self.reader.places.get(before);
                self.reader.at_value(at, format!("`{name}` is made a second time")).also(
                    before.key.filter(|_| at.starts_with("/sessions/")).unwrap_or(before.value),
                    "the first time",
                );
            }
            Unmakeable::NotListed => {
                self.reader.at_key(at, format!("`{name}` is not on the list of `names`"));
            }
        }
        None
    }

    /// A session belongs to one context; ops on it in another one are absent.
    fn check_context(&mut self, name: Name, context: ContextRef, at: &str) {
        let Some(of) = self.sessions.context(name.0).filter(|of| *of != context) else {
            return;
        };
        let word = |context: ContextRef| self.contexts.get(usize::from(context.0)).cloned().unwrap_or_default();
        let name = self.sessions.names().nth(name.0 as usize).unwrap_or_default();
        let message = format!("`{name}` is a session of `{}`, not of `{}`", word(of), word(context));
        self.never_carried_out(at, &message);
    }

    /// An op that is always absent is a mistake, unless the step says so or the names are listed.
    fn never_carried_out(&mut self, at: &str, message: &str) {
        if !self.absent && !self.sessions.is_listed() {
            self.reader
                .at_value(at, message)
                .note("such a step is never carried out; if that is meant: `returns: absent`");
        }
    }
}
