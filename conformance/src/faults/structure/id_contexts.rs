//! Session id contexts: compared in part, or under one protocol alone.

use std::collections::BTreeMap;

use session_model::clause::*;
use session_model::{ConnectionRef, ContextRef, IdContext, NewSession, Protocol, SessionRef};

use crate::driver::Begin;
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::op::LongIdContext;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "id-context-tls12-alone",
        MODE_ID_CONTEXT,
        "the session id context is compared up to TLS 1.2 alone",
        || Box::new(Lax::when(|both| both.protocol == Protocol::Tls13)),
        "steps:
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, as: s}
  - set_session_id_context: x
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: s}",
    ),
    fault(
        "id-context-not-when-switched",
        MODE_ID_CONTEXT,
        "the session id context is not compared in a connection of TLS 1.3 that is switched to another context",
        || Box::new(Lax::when(|both| both.switched && both.protocol == Protocol::Tls13)),
        "contexts: {one: {}, two: {}}
steps:
  - handshake: {context: one, protocol: TLSv1.3, tickets: stateful, num_tickets: 1, as: s}
  - set_session_id_context: {context: one, id_context: x}
  - handshake: {context: one, protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: s, switch_to: two}",
    )
    .deep()
    .after(
        "CVE-2025-23419",
        "nginx: a TLS 1.3 session of one virtual server could be resumed on another, past its check of certificates",
    ),
    fault(
        "id-context-first-byte",
        MODE_ID_CONTEXT,
        "session id contexts are compared by their first byte",
        || Box::new(Lax::when(|both| !both.session.is_empty() && both.session.first() == both.server.first())),
        "contexts: {server: {id_context: ab}}
sessions: {a: {id: '01', id_context: ac}}
steps: [{add_session: a}, {handshake: {propose: a}}]",
    ),
    fault(
        "id-context-length-alone",
        MODE_ID_CONTEXT,
        "session id contexts are compared by their length",
        || Box::new(Lax::when(|both| both.session.len() == both.server.len())),
        "contexts: {server: {id_context: ab}}
sessions: {a: {id: '01', id_context: xy}}
steps: [{add_session: a}, {handshake: {propose: a}}]",
    ),
    fault(
        "id-context-prefix",
        ID_CONTEXT_MISMATCH_FULL,
        "a session id context that the server's begins with is taken for the same",
        || Box::new(Lax::when(|both| !both.session.is_empty() && both.server.starts_with(both.session))),
        "contexts: {server: {id_context: ab}}
sessions: {a: {id: '01', id_context: a}}
steps: [{add_session: a}, {handshake: {propose: a}}]",
    )
    .deep(),
    fault(
        "id-context-empty-fits-all",
        ID_CONTEXT_SET_BEFORE,
        "a session without a session id context is resumed under any",
        || Box::new(Lax::when(|both| both.session.is_empty())),
        "contexts: {server: {id_context: ab}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {handshake: {propose: a}}]",
    ),
    fault(
        "id-context-of-the-past",
        ID_CONTEXT_SET_BEFORE,
        "a session whose session id context the server had before is still resumed after it was changed",
        || Box::new(Lax::when(|both| both.past)),
        "contexts: {server: {id_context: old}}
sessions: {a: {id: '01', id_context: old}}
steps: [{add_session: a}, {set_session_id_context: new}, {handshake: {propose: a}}]",
    )
    .deep()
    .after(
        "CVE-2022-21654",
        "Envoy: sessions were resumed although the settings for checking certificates had changed",
    ),
    fault(
        "id-context-of-31-bytes",
        MODE_ID_CONTEXT,
        "the last of the 32 bytes of a session id context is not compared",
        || Box::new(Lax::when(|both| both.session.len() == 32 && both.session.get(..31) == both.server.get(..31))),
        "contexts: {server: {id_context: '0123456789abcdef0123456789abcdef'}}
sessions: {a: {id: '01', id_context: '0123456789abcdef0123456789abcdeX'}}
steps: [{add_session: a}, {handshake: {propose: a}}]",
    )
    .deep(),
    fault(
        "own-id-context-not-carried",
        ID_CONTEXT_PER_CONNECTION,
        "a session carries its context's session id context, though its connection has one of its own",
        flaw::<OwnNotCarried>,
        "contexts: {server: {id_context: x}}
steps: [{handshake: {id_context: y, as: s}}, {handshake: {id_context: y, propose: s}}]",
    ),
    fault(
        "id-context-of-33-bytes",
        ID_CONTEXT_LIMIT,
        "a session id context of 33 bytes is accepted, and cut",
        flaw::<LimitOffByOne>,
        "steps: [{set_session_id_context: '0123456789abcdef0123456789abcdefX'}]",
    )
    .deep(),
];

/// What a session and a server have.
struct Both<'b> {
    session: &'b [u8],
    server: &'b [u8],
    protocol: Protocol,
    /// The connection is switched to another context.
    switched: bool,
    /// The server had the session's before.
    past: bool,
}

/// A session of another session id context is resumed all the same.
struct Lax {
    when: fn(&Both<'_>) -> bool,
    sessions: BTreeMap<SessionRef, IdContext>,
    past: Vec<(ContextRef, IdContext)>,
    begun: BTreeMap<ConnectionRef, IdContext>,
}

impl Lax {
    fn when(when: fn(&Both<'_>) -> bool) -> Self {
        Self { when, sessions: BTreeMap::new(), past: Vec::new(), begun: BTreeMap::new() }
    }
}

impl Flaw for Lax {
    fn session(&mut self, at: &mut Inner<'_>, c: SessionRef, new: &NewSession) {
        self.sessions.insert(c, new.id_context);
        at.library.session(c, new);
    }

    fn session_set1_id_context(&mut self, at: &mut Inner<'_>, c: SessionRef, id_context: IdContext) -> i64 {
        self.sessions.insert(c, id_context);
        at.library.session_set1_id_context(c, id_context)
    }

    fn set_session_id_context(&mut self, at: &mut Inner<'_>, ctx: ContextRef, id_context: &LongIdContext) -> i64 {
        self.past.push((ctx, at.facts.contexts[usize::from(ctx.0)].id_context));
        at.library.set_session_id_context(ctx, id_context)
    }

    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let server = begin.id_context.unwrap_or(at.facts.contexts[usize::from(begin.context.0)].id_context);
        self.begun.insert(k, server);
        let found = at.found(begin).and_then(|c| Some((c, *self.sessions.get(&c)?)));
        let Some((c, session)) = found.filter(|(_, of)| *of != server) else {
            return at.library.accept_begin(k, begin);
        };
        let both = Both {
            session: session.as_bytes(),
            server: server.as_bytes(),
            protocol: begin.mechanism.protocol(),
            switched: begin.switch_to.is_some(),
            past: self.past.contains(&(begin.context, session)),
        };
        if !(self.when)(&both) || !at.hold(c) {
            return at.library.accept_begin(k, begin);
        }
        at.library.session_set1_id_context(c, server);
        let answer = at.library.accept_begin(k, begin);
        at.library.session_set1_id_context(c, session);
        at.library.session_free(c);
        answer
    }

    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let begin = at.open(k).begin;
        if let Some(id_context) = self.begun.remove(&k) {
            for n in 0..begin.mechanism.tickets().max(1) {
                self.sessions.insert(SessionRef(begin.server_session.0 + u32::from(n)), id_context);
            }
        }
        at.library.accept_finish(k)
    }
}

#[derive(Default)]
struct OwnNotCarried;

impl Flaw for OwnNotCarried {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let begin = at.open(k).begin;
        let answer = at.library.accept_finish(k);
        let made = crate::op::made(begin.mechanism, answer) as u32;
        for c in (0..made).map(|n| SessionRef(begin.server_session.0 + n)) {
            if begin.id_context.is_some() && at.hold(c) {
                let id_context = at.facts.contexts[usize::from(begin.context.0)].id_context;
                at.library.session_set1_id_context(c, id_context);
                at.library.session_free(c);
            }
        }
        answer
    }
}

#[derive(Default)]
struct LimitOffByOne;

impl Flaw for LimitOffByOne {
    fn set_session_id_context(&mut self, at: &mut Inner<'_>, ctx: ContextRef, id_context: &LongIdContext) -> i64 {
        let bytes = id_context.as_bytes();
        let cut = LongIdContext::new(&bytes[..bytes.len().min(32)]).expect("at most 32");
        let id_context = if bytes.len() == 33 { &cut } else { id_context };
        at.library.set_session_id_context(ctx, id_context)
    }
}
