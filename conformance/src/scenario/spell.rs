//! How an op is written: its verb and arguments.

use session_model::application::{Callbacks, Copy, GetScript, NewScript};
use session_model::{CacheMode, ContextRef, IdContext, Mechanism, Protocol, SessionId};

use super::layout::Node;
use super::values::SESSION_TIMEOUT;
use crate::hazards::{Callback, CallsBack, Hazard};
use crate::op::{Accept, At, Close, Makes, Name, Op, Propose, Renegotiate, Renegotiation, SessionSpec};
use crate::trace::Names;

/// The op on one line, as it stands in a scenario: `add_session: a`.
///
/// The context is named when there are several.
#[must_use]
pub fn op_line(op: &Op, names: &Names) -> String {
    let several = names.contexts.len() > 1;
    let (verb, arguments) = Spelling { names, several }.op(op);
    format!("{verb}: {}", arguments.flow())
}

/// What things are called, and whether contexts are named.
#[derive(Clone, Copy)]
pub(super) struct Spelling<'n> {
    pub(super) names: &'n Names,
    /// There are several contexts.
    pub(super) several: bool,
}

impl Spelling<'_> {
    /// The verb and its arguments.
    pub(super) fn op(self, op: &Op) -> (&'static str, Node) {
        match op {
            Op::Session(name, spec) => ("session", self.hand_made(Some(*name), spec)),
            Op::UpRef(name) => ("up_ref", self.session(*name)),
            Op::Free(name) => ("free", self.session(*name)),
            Op::SessionSetTime(name, time) => ("set_time", self.of_session(*name, "time", Node::number(time.0))),
            Op::SessionGetTime(name) => ("get_time", self.session(*name)),
            Op::SessionSetTimeout(name, timeout) => {
                ("set_timeout", self.of_session(*name, "timeout", Node::number(timeout.0)))
            }
            Op::SessionGetTimeout(name) => ("get_timeout", self.session(*name)),
            Op::IsResumable(name) => ("is_resumable", self.session(*name)),
            Op::SessionSetIdContext(name, context) => {
                ("set_id_context", self.of_session(*name, "id_context", id_context(context.as_bytes())))
            }
            Op::AddSession { context, session, synonym } => {
                (["add_session", "SSL_add_session"][usize::from(*synonym)], self.in_context(*context, *session))
            }
            Op::RemoveSession { context, session, synonym } => {
                (["remove_session", "SSL_remove_session"][usize::from(*synonym)], self.in_context(*context, *session))
            }
            Op::FlushSessions { context, at, synonym } => {
                (["flush_sessions", "SSL_flush_sessions"][usize::from(*synonym)], self.with(*context, "at", when(*at)))
            }
            Op::SetSessionCacheMode(context, mode) => {
                ("set_session_cache_mode", self.with(*context, "mode", flags(*mode)))
            }
            Op::GetSessionCacheMode(context) => ("get_session_cache_mode", self.context(*context)),
            Op::SessSetCacheSize(context, size) => {
                ("sess_set_cache_size", self.with(*context, "size", Node::number(*size)))
            }
            Op::SessGetCacheSize(context) => ("sess_get_cache_size", self.context(*context)),
            Op::SetTimeout(context, timeout) => {
                let (context, timeout) = (self.context(*context), Node::number(timeout.0));
                ("set_timeout", Node::map([("context", Some(context)), ("timeout", Some(timeout))]))
            }
            Op::GetTimeout(context) => ("get_timeout", Node::map([("context", Some(self.context(*context)))])),
            Op::SetSessionIdContext(context, bytes) => {
                ("set_session_id_context", self.with(*context, "id_context", id_context(bytes.as_bytes())))
            }
            Op::SetCallbacks(context, set) => {
                ("set_callbacks", self.with(*context, "callbacks", self.callbacks(set, &CallsBack::default())))
            }
            Op::ExternalStore(context, session) => ("external_store", self.in_context(*context, *session)),
            Op::ExternalForget(context, session) => ("external_forget", self.in_context(*context, *session)),
            Op::CtxFree(context) => ("ctx_free", self.context(*context)),
            Op::AcceptBegin(k, accept) => {
                let connection = ("connection", Some(self.connection(*k)));
                let begin = [connection].into_iter().chain(self.accept(accept));
                ("accept_begin", Node::map(begin))
            }
            Op::AcceptFinish(k) => ("accept_finish", self.connection(*k)),
            Op::Renegotiate(k, again) if *again == Renegotiate { kind: Renegotiation::New, makes: Makes::UNNAMED } => {
                ("renegotiate", self.connection(*k))
            }
            Op::Renegotiate(k, again) => {
                let by = (again.kind == Renegotiation::Requested).then(|| Node::word("server"));
                let abbreviated = (again.kind == Renegotiation::Abbreviated).then(|| Node::Word("true".to_owned()));
                let (connection, given) = (Some(self.connection(*k)), self.given(&again.makes));
                let how = [("connection", connection), ("by", by), ("abbreviated", abbreviated), ("as", given)];
                ("renegotiate", Node::map(how))
            }
            Op::AcceptAbort(k) => ("accept_abort", self.connection(*k)),
            Op::Close(k, Close::Clean) => ("close", self.connection(*k)),
            Op::Close(k, Close::Unclean) => {
                let connection = self.connection(*k);
                ("close", Node::map([("connection", Some(connection)), ("how", Some(Node::word("unclean")))]))
            }
            Op::Handshake(accept, close) => {
                let close = (*close == Close::Unclean).then(|| Node::word("unclean"));
                ("handshake", Node::map(self.accept(accept).into_iter().chain([("close", close)])))
            }
            Op::Advance(seconds) => ("advance", Node::number(*seconds)),
            Op::SetClock(time) => ("set_clock", Node::number(time.0)),
            Op::Repeat(times, block) => {
                let steps = block.iter().map(|op| self.step(op)).collect();
                ("repeat", Node::map([("times", Some(Node::number(*times))), ("steps", Some(Node::List(steps)))]))
            }
            Op::Hazard(Hazard::SetId(name, id)) => {
                ("set_id", self.of_session(*name, "id", Node::Word(format!("\"{}\"", hex(id.as_bytes())))))
            }
            Op::Hazard(Hazard::FreeUnowned(name)) => ("free_unowned", self.session(*name)),
            Op::Probe => ("probe", Node::Word("~".to_owned())),
            Op::Release(name) => ("release", self.session(*name)),
            Op::Hangup(k) => ("hangup", self.connection(*k)),
            Op::ApplicationRelease(context) => ("application_release", self.context(*context)),
        }
    }

    /// A step that is the op alone.
    fn step(self, op: &Op) -> Node {
        let (verb, arguments) = self.op(op);
        Node::map([(verb, Some(arguments))])
    }

    pub(super) fn session(self, name: Name) -> Node {
        Node::word(&self.names.session(name))
    }

    pub(super) fn context(self, context: ContextRef) -> Node {
        Node::word(&self.names.context(context))
    }

    /// The context, when it has to be named.
    pub(super) fn named_context(self, context: ContextRef) -> Option<Node> {
        (self.several || context.0 > 0).then(|| self.context(context))
    }

    fn connection(self, connection: crate::op::Connection) -> Node {
        Node::word(&self.names.connection(connection))
    }

    fn of_session(self, name: Name, key: &str, value: Node) -> Node {
        Node::map([("session", Some(self.session(name))), (key, Some(value))])
    }

    /// The value alone, or beside the context when that has to be named.
    fn with(self, context: ContextRef, key: &str, value: Node) -> Node {
        match self.named_context(context) {
            None => value,
            context => Node::map([("context", context), (key, Some(value))]),
        }
    }

    fn in_context(self, context: ContextRef, session: Name) -> Node {
        self.with(context, "session", self.session(session))
    }

    /// A session made by hand; with its name, when that is no key.
    pub(super) fn hand_made(self, name: Option<Name>, spec: &SessionSpec) -> Node {
        Node::map([
            ("name", name.map(|name| self.session(name))),
            ("context", self.named_context(spec.context)),
            ("id", Some(id(&spec.id))),
            ("time", spec.time.map(|time| Node::number(time.0))),
            ("timeout", (spec.timeout != SESSION_TIMEOUT).then(|| Node::number(spec.timeout.0))),
            ("protocol", protocol(spec.protocol)),
            ("id_context", non_empty(&spec.id_context)),
        ])
    }

    fn accept(self, accept: &Accept) -> [(&'static str, Option<Node>); 9] {
        let propose = match accept.propose {
            Propose::Nothing => None,
            Propose::Session(name) => Some(self.session(name)),
            Propose::Id(proposed) => Some(Node::map([("id", Some(id(&proposed)))])),
        };
        let client = accept.client.map(|client| self.context(client));
        let tickets = match accept.mechanism {
            Mechanism::Ids => None,
            Mechanism::Stateful(_) => Some(Node::word("stateful")),
            Mechanism::Tickets | Mechanism::Stateless(_) => Some(Node::word("stateless")),
        };
        let is_tls13 = accept.mechanism.protocol() == Protocol::Tls13;
        let number = Some(accept.mechanism.tickets()).filter(|number| is_tls13 && *number != 2).map(Node::number);
        [
            ("context", self.named_context(accept.context)),
            ("client", client),
            ("id_context", accept.id_context.map(|own| id_context(own.as_bytes()))),
            ("switch_to", accept.switch_to.map(|to| self.context(to))),
            ("protocol", protocol(accept.mechanism.protocol())),
            ("tickets", tickets),
            ("num_tickets", number),
            ("propose", propose),
            ("as", self.given(&accept.makes)),
        ]
    }

    /// The names that a handshake gives, if it gives any.
    fn given(self, makes: &Makes) -> Option<Node> {
        match (self.given_side(&makes.server), self.given_side(&makes.client)) {
            (None, None) => None,
            (Some(server @ Node::List(_)), None) => Some(Node::List(vec![server])),
            (Some(server), None) => Some(server),
            (server, Some(client)) => Some(Node::List(vec![server.unwrap_or_else(unnamed), client])),
        }
    }

    fn given_side(self, names: &[Option<Name>]) -> Option<Node> {
        let last = names.iter().rposition(Option::is_some)?;
        let name = |name: &Option<Name>| name.map_or_else(unnamed, |name| self.session(name));
        Some(if last == 0 { name(&names[0]) } else { Node::List(names[..=last].iter().map(name).collect()) })
    }
}

fn unnamed() -> Node {
    Node::word("_")
}

/// A protocol, unless it is TLS 1.2.
fn protocol(protocol: Protocol) -> Option<Node> {
    match protocol {
        Protocol::Tls11 => Some(Node::word("TLSv1.1")),
        Protocol::Tls12 => None,
        Protocol::Tls13 => Some(Node::word("TLSv1.3")),
    }
}

impl Spelling<'_> {
    /// Which callbacks are set, what they answer, and what they call.
    pub(super) fn callbacks(self, set: &Callbacks, calls: &CallsBack) -> Node {
        let remove = |calls: Option<Node>| match calls {
            None => Node::word("record"),
            calls => Node::map([("calls", calls)]),
        };
        Node::map([
            ("new", set.new.as_ref().map(|script| new_script(script, self.calls(calls, Callback::New)))),
            ("get", set.get.as_ref().map(|script| get_script(script, self.calls(calls, Callback::Get)))),
            ("remove", set.remove.then(|| remove(self.calls(calls, Callback::Remove)))),
        ])
    }
}

fn new_script(script: &NewScript, calls: Option<Node>) -> Node {
    if script.first.is_empty() && calls.is_none() {
        return Node::word(if script.then { "keep" } else { "record" });
    }
    let returns = script.first.iter().map(|keeps| Node::number(*keeps)).collect();
    let returns = (!script.first.is_empty()).then_some(Node::List(returns));
    Node::map([("returns", returns), ("then", Some(Node::number(script.then))), ("calls", calls)])
}

fn get_script(script: &GetScript, calls: Option<Node>) -> Node {
    let copy = |copy: &Copy| match copy {
        Copy::Unset => Node::word("unset"),
        Copy::Zero => Node::number(0),
        Copy::One => Node::number(1),
    };
    if script.first.is_empty() && script.then == Copy::One && calls.is_none() {
        return Node::word("record");
    }
    let first = script.first.iter().map(copy).collect();
    let first = (!script.first.is_empty() || calls.is_none()).then_some(Node::List(first));
    Node::map([("copy", first), ("then", Some(copy(&script.then))), ("calls", calls)])
}

/// The flags of a mode.
pub(super) fn flags(mode: CacheMode) -> Node {
    if mode == CacheMode::OFF { Node::words(["OFF"]) } else { Node::words(mode.flags().map(|(name, _)| name)) }
}

/// An id context, unless it is empty.
pub(super) fn non_empty(context: &IdContext) -> Option<Node> {
    (!context.is_empty()).then(|| id_context(context.as_bytes()))
}

fn id_context(bytes: &[u8]) -> Node {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.bytes().all(|b| (b' '..=b'~').contains(&b)));
    // `$` is for the names of `for`.
    match text.filter(|text| !text.starts_with("hex:") && !text.contains('$')) {
        // Always in quotes: it is text, whatever it looks like.
        Some(text) => Node::Word(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))),
        None => Node::Word(format!("\"hex:{}\"", hex(bytes))),
    }
}

fn id(id: &SessionId) -> Node {
    Node::Word(format!("\"{}\"", hex(id.as_bytes())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn when(at: At) -> Node {
    match at {
        At::Absolute(time) => Node::number(time.0),
        At::Now(0) => Node::word("now"),
        At::Now(later) => Node::word(&format!("now{later:+}")),
    }
}
