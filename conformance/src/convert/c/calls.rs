//! An op as calls of libssl.

use std::collections::BTreeSet;

use session_model::application::{Callbacks, Copy};
use session_model::{CacheMode, ContextRef, Mechanism, Protocol};

use super::labels::Labels;
use super::runtime::Needs;
use super::words::{Variables, literal, mode, number};
use crate::op::{Accept, At, Close, Connection, Name, Op, Propose, Renegotiation, SessionSpec, made};
use crate::trace::{ContextSetup, Trace};
use crate::transcript::Answer;

/// What is written so far.
pub(super) struct Calls<'t> {
    trace: &'t Trace,
    pub(super) variables: Variables,
    pub(super) needs: Needs,
    /// Names that were given.
    given: BTreeSet<Name>,
    finished: BTreeSet<Connection>,
    /// Which callbacks are set at some time, by context: new, get, remove.
    set: Vec<[bool; 3]>,
}

type Lines = Result<Vec<String>, String>;

impl<'t> Calls<'t> {
    pub(super) fn new(trace: &'t Trace, variables: Variables) -> Self {
        let mut calls = Self {
            trace,
            variables,
            needs: Needs::new(),
            given: BTreeSet::new(),
            finished: BTreeSet::new(),
            set: vec![[false; 3]; trace.setup.contexts.len()],
        };
        calls.look_ahead();
        calls
    }

    /// What the ops call for that cannot be told from the calls they become.
    fn look_ahead(&mut self) {
        let set_up = (0..).map(ContextRef).zip(self.trace.setup.contexts.iter().map(|context| &context.callbacks));
        for (context, callbacks) in set_up {
            self.note(context, callbacks);
        }
        let trace = self.trace;
        let ops = trace.ops.iter().flat_map(|op| match op {
            Op::Repeat(_, block) => block.as_slice(),
            _ => std::slice::from_ref(op),
        });
        for op in ops {
            match op {
                Op::SetCallbacks(context, callbacks) => self.note(*context, callbacks),
                Op::Session(_, spec) if spec.protocol == Protocol::Tls13 => drop(self.needs.insert("tls13")),
                Op::ExternalStore(..) | Op::ExternalForget(..) => drop(self.needs.insert("application")),
                Op::Handshake(accept, _) | Op::AcceptBegin(_, accept) => self.note_accept(accept),
                _ => {}
            }
        }
        if trace.setup.sessions.iter().any(|spec| spec.protocol == Protocol::Tls13) {
            self.needs.insert("tls13");
        }
    }

    fn note(&mut self, context: ContextRef, callbacks: &Callbacks) {
        let Some(set) = self.set.get_mut(usize::from(context.0)) else { return };
        let now = [callbacks.new.is_some(), callbacks.get.is_some(), callbacks.remove];
        for (set, now) in set.iter_mut().zip(now) {
            *set |= now;
        }
        if callbacks.new.is_some() || callbacks.get.is_some() {
            self.needs.insert("application");
        }
    }

    fn note_accept(&mut self, accept: &Accept) {
        let set = [
            ("tls13", accept.mechanism.protocol() == Protocol::Tls13),
            ("stateless", accept.mechanism.is_stateless()),
            ("switch", accept.switch_to.is_some()),
        ];
        self.needs.extend(set.into_iter().filter(|(_, is_set)| *is_set).map(|(need, _)| need));
    }

    pub(super) fn context(&self, context: ContextRef) -> &str {
        &self.variables.contexts[usize::from(context.0)]
    }

    fn ctx(&self, context: ContextRef) -> String {
        format!("ctx[{}]", self.context(context))
    }

    fn session(&self, name: Name) -> &str {
        &self.variables.sessions[name.0 as usize]
    }

    fn connection(&self, k: Connection) -> &str {
        &self.variables.connections[k.0 as usize]
    }

    /// The functions that a library calls for one context alone, of those that are read.
    pub(super) fn callbacks_of_contexts(&self, is_read: &dyn Fn(&str) -> bool) -> String {
        let mut out = String::new();
        for context in &self.variables.contexts {
            if is_read(&format!("new_{context}")) {
                out.push_str(&format!(
                    "static int new_{context}(SSL *ssl, SSL_SESSION *session)\n{{\n    (void)ssl;\n    \
                     return new_session({context}, session);\n}}\n\n"
                ));
            }
            if is_read(&format!("get_{context}")) {
                out.push_str(&format!(
                    "static SSL_SESSION *get_{context}(SSL *ssl, const unsigned char *id, int length, int *copy)\n{{\n    \
                     (void)ssl;\n    return get_session({context}, id, length, copy);\n}}\n\n"
                ));
            }
        }
        out
    }

    /// How a context is made and set.
    pub(super) fn context_setup(&mut self, context: ContextRef, setup: &ContextSetup) -> Lines {
        let ctx = self.ctx(context);
        let mut lines = vec![format!("{ctx} = new_context();")];
        if let Some(mode) = setup.mode {
            lines.push(format!("SSL_CTX_set_session_cache_mode({ctx}, {});", self.mode(mode)));
        }
        if let Some(size) = setup.size {
            lines.push(format!("SSL_CTX_sess_set_cache_size({ctx}, {});", long(size.into())?));
        }
        if let Some(timeout) = setup.timeout {
            lines.push(format!("SSL_CTX_set_timeout({ctx}, {});", long(timeout.0)?));
        }
        if !setup.id_context.is_empty() {
            let bytes = self.bytes(setup.id_context.as_bytes());
            lines.push(format!("SSL_CTX_set_session_id_context({ctx}, {bytes});"));
        }
        if setup.verify_peer {
            self.needs.insert("verify_peer");
            lines.push(format!("SSL_CTX_set_verify({ctx}, SSL_VERIFY_PEER, accept_anyone);"));
        }
        if self.needs.contains("application") {
            let name = self.context(context);
            if !setup.external.stores_new {
                lines.push(format!("application[{name}].ignores_new = 1;"));
            }
            if !setup.external.forgets_removed {
                lines.push(format!("application[{name}].keeps_removed = 1;"));
            }
        }
        lines.extend(self.set_callbacks(context, &setup.callbacks, true));
        Ok(lines)
    }

    fn set_callbacks(&self, context: ContextRef, callbacks: &Callbacks, first: bool) -> Vec<String> {
        let (ctx, name, set) = (self.ctx(context), self.context(context), self.set[usize::from(context.0)]);
        let mut lines = Vec::new();
        let mut set_one = |is_set: bool, now: bool, what: &str, function: &str| {
            if is_set && (now || !first) {
                let function = if now { function } else { "NULL" };
                lines.push(format!("SSL_CTX_sess_set_{what}_cb({ctx}, {function});"));
            }
        };
        set_one(set[0], callbacks.new.is_some(), "new", &format!("new_{name}"));
        set_one(set[1], callbacks.get.is_some(), "get", &format!("get_{name}"));
        set_one(set[2], callbacks.remove, "remove", "remove_session");
        if let Some(script) = &callbacks.new {
            let answers: String =
                script.first.iter().chain([&script.then]).map(|keeps| ["0", "1"][usize::from(*keeps)]).collect();
            lines.push(format!("application[{name}].keeps = \"{answers}\";"));
        }
        if let Some(script) = &callbacks.get {
            let flag = |copy: &Copy| match copy {
                Copy::Unset => '-',
                Copy::Zero => '0',
                Copy::One => '1',
            };
            let flags: String = script.first.iter().chain([&script.then]).map(flag).collect();
            lines.push(format!("application[{name}].copies = \"{flags}\";"));
        }
        lines
    }

    /// How a session is made by hand.
    pub(super) fn make(&mut self, name: Name, spec: &SessionSpec) -> Lines {
        self.given.insert(name);
        let id = self.bytes(spec.id.as_bytes());
        let id_context = self.bytes(spec.id_context.as_bytes());
        let protocol = version(spec.protocol);
        let time = spec.time.map_or_else(|| Ok("now".to_owned()), |time| long(time.0))?;
        let (variable, called) = (self.session(name), literal(self.trace.names.session(name).as_bytes()));
        let timeout = long(spec.timeout.0)?;
        Ok(vec![format!("{variable} = make({called}, {id}, {protocol}, {time}, {timeout}, {id_context});")])
    }

    /// The calls of an op that was not absent.
    pub(super) fn op(&mut self, op: &Op, answer: Answer, labels: &Labels) -> Lines {
        if let Some(line) = self.session_op(op)?.or(self.context_op(op)?) {
            return Ok(vec![line]);
        }
        Ok(match op {
            Op::Session(name, spec) => self.make(*name, spec)?,
            Op::SetCallbacks(context, callbacks) => self.set_callbacks(*context, callbacks, false),
            Op::ApplicationRelease(context) if self.needs.contains("application") => {
                vec![format!("free_application({});", self.context(*context))]
            }
            Op::Handshake(accept, close) => {
                let mut lines = vec![self.begin("it", accept), "finish(&it);".to_owned()];
                self.take("it", labels.ended(), answer, &mut lines);
                lines.push(close_both("it", *close));
                lines
            }
            Op::AcceptBegin(k, accept) => {
                let name = self.connection(*k).to_owned();
                vec![self.begin(&name, accept)]
            }
            Op::AcceptFinish(k) => {
                self.finished.insert(*k);
                let name = self.connection(*k).to_owned();
                let mut lines = vec![format!("finish(&{name});")];
                self.take(&name, labels.ended(), answer, &mut lines);
                lines
            }
            Op::Renegotiate(k, again) => {
                let kind = match again.kind {
                    Renegotiation::New => "BY_CLIENT",
                    Renegotiation::Abbreviated => "ABBREVIATED",
                    Renegotiation::Requested => "BY_SERVER",
                };
                let name = self.connection(*k).to_owned();
                let mut lines = vec![format!("renegotiate(&{name}, {kind});")];
                self.take(&name, labels.ended(), answer, &mut lines);
                lines
            }
            Op::AcceptAbort(k) => vec![format!("drop(&{});", self.connection(*k))],
            Op::Close(k, close) => vec![close_both(self.connection(*k), *close)],
            Op::Hangup(k) if self.finished.contains(k) => vec![close_both(self.connection(*k), Close::Clean)],
            Op::Hangup(k) => vec![format!("drop(&{});", self.connection(*k))],
            Op::Hazard(_) => return Err("a hazard".to_owned()),
            _ => Vec::new(),
        })
    }

    fn session_op(&mut self, op: &Op) -> Result<Option<String>, String> {
        Ok(Some(match op {
            Op::UpRef(name) => {
                self.needs.insert("up_ref");
                format!("returns(up_ref({}));", self.session(*name))
            }
            Op::Free(name) => {
                self.needs.insert("free");
                format!("give_up({});", self.session(*name))
            }
            Op::Release(name) => {
                self.needs.insert("release");
                format!("returns(give_up_all({}));", self.session(*name))
            }
            Op::SessionSetTime(name, time) => {
                format!("returns(SSL_SESSION_set_time({}, {}));", self.session(*name), long(time.0)?)
            }
            Op::SessionGetTime(name) => format!("returns((long)SSL_SESSION_get_time({}));", self.session(*name)),
            Op::SessionSetTimeout(name, timeout) => {
                format!("returns(SSL_SESSION_set_timeout({}, {}));", self.session(*name), long(timeout.0)?)
            }
            Op::SessionGetTimeout(name) => format!("returns((long)SSL_SESSION_get_timeout({}));", self.session(*name)),
            Op::IsResumable(name) => format!("returns(SSL_SESSION_is_resumable({}));", self.session(*name)),
            Op::SessionSetIdContext(name, id_context) => {
                let bytes = self.bytes(id_context.as_bytes());
                format!("returns(SSL_SESSION_set1_id_context({}, {bytes}));", self.session(*name))
            }
            _ => return Ok(None),
        }))
    }

    fn context_op(&mut self, op: &Op) -> Result<Option<String>, String> {
        Ok(Some(match op {
            Op::AddSession { synonym: true, .. }
            | Op::RemoveSession { synonym: true, .. }
            | Op::FlushSessions { synonym: true, .. } => return Err("no header declares the old synonyms".to_owned()),
            Op::AddSession { context, session, .. } => {
                format!("returns(SSL_CTX_add_session({}, {}));", self.ctx(*context), self.session(*session))
            }
            Op::RemoveSession { context, session, .. } => {
                format!("returns(SSL_CTX_remove_session({}, {}));", self.ctx(*context), self.session(*session))
            }
            Op::FlushSessions { context, at, .. } => {
                let at = match at {
                    At::Absolute(time) => long(time.0)?,
                    At::Now(0) => "now".to_owned(),
                    At::Now(later) if *later > 0 => format!("now + {}", long((*later).into())?),
                    At::Now(earlier) => format!("now - {}", long(-i128::from(*earlier))?),
                };
                format!("SSL_CTX_flush_sessions({}, {at});", self.ctx(*context))
            }
            Op::SetSessionCacheMode(context, mode) => {
                let mode = self.mode(*mode);
                format!("returns(SSL_CTX_set_session_cache_mode({}, {mode}));", self.ctx(*context))
            }
            Op::GetSessionCacheMode(context) => {
                format!("returns(SSL_CTX_get_session_cache_mode({}));", self.ctx(*context))
            }
            Op::SessSetCacheSize(context, size) => {
                format!("returns(SSL_CTX_sess_set_cache_size({}, {}));", self.ctx(*context), long((*size).into())?)
            }
            Op::SessGetCacheSize(context) => format!("returns(SSL_CTX_sess_get_cache_size({}));", self.ctx(*context)),
            Op::SetTimeout(context, timeout) => {
                format!("returns(SSL_CTX_set_timeout({}, {}));", self.ctx(*context), long(timeout.0)?)
            }
            Op::GetTimeout(context) => format!("returns(SSL_CTX_get_timeout({}));", self.ctx(*context)),
            Op::SetSessionIdContext(context, id_context) => {
                let bytes = self.bytes(id_context.as_bytes());
                format!("returns(SSL_CTX_set_session_id_context({}, {bytes}));", self.ctx(*context))
            }
            Op::ExternalStore(context, name) => format!("store({}, {});", self.context(*context), self.session(*name)),
            Op::ExternalForget(context, name) => {
                format!("forget({}, {});", self.context(*context), self.session(*name))
            }
            Op::CtxFree(context) => format!("free_context({});", self.context(*context)),
            Op::Advance(seconds) => format!("now += {};", long((*seconds).into())?),
            Op::SetClock(time) => format!("now = {};", long(time.0)?),
            _ => return Ok(None),
        }))
    }

    fn begin(&mut self, connection: &str, accept: &Accept) -> String {
        let Accept { context, client, mechanism, propose, id_context, switch_to, makes: _ } = accept;
        let mut fields = vec![format!(".server = {}", self.ctx(*context))];
        if let Some(client) = client {
            fields.push(format!(".client = {}", self.ctx(*client)));
        }
        if let Some(propose) = self.proposes(*client, *mechanism, *propose) {
            fields.push(format!(".propose = {propose}"));
        }
        if mechanism.protocol() == Protocol::Tls13 {
            fields.push(format!(".tls13 = 1, .tickets = {}", mechanism.tickets()));
        }
        if mechanism.is_stateless() {
            fields.push(".stateless = 1".to_owned());
        }
        if let Some(id_context) = id_context {
            let bytes = id_context.as_bytes();
            fields.push(format!(".id_context = {}, .id_context_length = {}", literal(bytes), bytes.len()));
        }
        if let Some(to) = switch_to {
            fields.push(format!(".switch_to = {}", self.ctx(*to)));
        }
        format!("begin(&{connection}, (struct accept) {{ {} }});", fields.join(", "))
    }

    fn proposes(&mut self, client: Option<ContextRef>, mechanism: Mechanism, propose: Propose) -> Option<String> {
        let protocol = version(mechanism.protocol());
        Some(match (propose, client) {
            (Propose::Nothing, _) => return None,
            (Propose::Id(id), _) => format!("twin_of_id({}, {protocol})", self.bytes(id.as_bytes())),
            (Propose::Session(name), Some(_)) => self.session(name).to_owned(),
            (Propose::Session(name), None) => {
                let stateless = i32::from(mechanism.is_stateless());
                format!("twin_of({}, {protocol}, {stateless})", self.session(name))
            }
        })
    }

    /// Names for what a handshake has made that was answered like this.
    fn take(&mut self, connection: &str, ended: Option<&Accept>, answer: Answer, lines: &mut Vec<String>) {
        let (Some(accept), Answer::Returns(answer)) = (ended, answer) else { return };
        let made = made(accept.mechanism, answer);
        let client = if accept.client.is_some() { made } else { 0 };
        let makes = &accept.makes;
        let sides = [('s', &makes.server[..made]), ('c', &makes.client[..client])];
        for (maker, names) in sides {
            for (n, name) in names.iter().enumerate().filter_map(|(n, name)| Some((n, (*name)?))) {
                if self.given.contains(&name) {
                    continue;
                }
                let called = literal(self.trace.names.session(name).as_bytes());
                lines.push(format!("{} = take(&{connection}, '{maker}', {n}, {called});", self.session(name)));
            }
        }
    }

    /// What the last step has named cannot be named again.
    pub(super) fn named(&mut self, labels: &Labels, lives: &dyn Fn(Name) -> bool) {
        let Some(accept) = labels.ended() else { return };
        self.given.extend(accept.makes.names().filter(|name| lives(*name)));
    }

    fn bytes(&mut self, bytes: &[u8]) -> String {
        self.needs.insert("bytes");
        format!("BYTES({})", literal(bytes))
    }

    fn mode(&mut self, flags: CacheMode) -> String {
        if flags.contains(CacheMode::UPDATE_TIME) {
            self.needs.insert("update_time");
        }
        mode(flags)
    }
}

fn close_both(connection: &str, close: Close) -> String {
    format!("close_both(&{connection}, {});", i32::from(close == Close::Clean))
}

fn version(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tls11 => "TLS1_1_VERSION",
        Protocol::Tls12 => "TLS1_2_VERSION",
        Protocol::Tls13 => "TLS1_3_VERSION",
    }
}

fn long(exact: i128) -> Result<String, String> {
    number(exact).ok_or_else(|| format!("{exact} is beyond what a long holds"))
}
