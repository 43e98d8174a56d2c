//! Callbacks: their answers ignored, called too often or too rarely, told of the wrong context.

use std::collections::BTreeSet;

use session_model::application::{Callbacks, Copy};
use session_model::clause::*;
use session_model::{CacheMode, ConnectionRef, ContextRef, SessionRef, Time};

use crate::driver::Begin;
use crate::faults::facts::Facts;
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::transcript::Event;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "copy-flag-sticks",
        GET_CB_COPY_ZERO,
        "once get_session_cb has had a session copied, a copy flag of 0 is taken for 1 from then on",
        flaw::<CopyFlagSticks>,
        "contexts: {server: {mode: [SERVER, NO_INTERNAL], callbacks: {get: {copy: [1, 0], then: 0}}}}
sessions: {a: {id: '01'}}
steps:
  - external_store: a
  - handshake: {propose: a}
  - handshake: {propose: a}
  - external_forget: a
  - free: a",
    )
    .deep(),
    fault(
        "refusal-unheard-on-clients",
        NEW_CB_ZERO_REMOVES,
        "a session for which new_session_cb returns 0 stays in the cache of a client",
        flaw::<RefusalUnheard>,
        "contexts: {server: {}, client: {mode: [CLIENT], callbacks: {new: record}}}
steps: [{handshake: {context: server, client: client, as: [s, c]}}]",
    ),
    fault(
        "replaced-told-twice",
        REMOVE_CB_WHENEVER_REMOVED,
        "remove_session_cb is called twice for a session that another object with its id replaces",
        flaw::<ReplacedToldTwice>,
        "contexts: {server: {callbacks: {remove: record}}}
sessions: {a: {id: '01'}, b: {id: '01'}}
steps: [{add_session: a}, {add_session: b}]",
    ),
    fault(
        "removal-told-of-first-context",
        FLUSH_REMOVE_CB,
        "remove_session_cb is given the context that was made first",
        flaw::<ToldOfFirstContext>,
        "contexts: {one: {}, two: {callbacks: {remove: record}}}
sessions: {a: {id: '01', context: two}}
steps: [{add_session: {context: two, session: a}}, {flush_sessions: {context: two, at: now+301}}]",
    )
    .deep(),
    fault(
        "tls13-expired-untold",
        REMOVE_CB_EXPIRED,
        "under TLS 1.3, remove_session_cb is not called for a session that a lookup finds expired",
        flaw::<ExpiredUntold>,
        "contexts: {server: {callbacks: {remove: record}}}
steps:
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, as: s}
  - advance: 301
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: s}",
    )
    .deep(),
    fault(
        "removal-told-once-an-object",
        REMOVE_CB_WHENEVER_REMOVED,
        "remove_session_cb is called at most once for one object, however often it is added and leaves",
        flaw::<ToldOnce>,
        "contexts: {server: {callbacks: {remove: record}}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {flush_sessions: now+301}, {add_session: a}, {flush_sessions: now+301}]",
    )
    .deep(),
    fault(
        "unset-remove-cb-is-called",
        CTX_FREE_UNSET_CALLBACK,
        "remove_session_cb goes on being called after it was unset",
        flaw::<UnsetIsCalled>,
        "contexts: {server: {callbacks: {remove: record}}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {set_callbacks: {}}, {ctx_free: server}]",
    )
    .deep(),
    fault(
        "full-cache-copies-nothing-in",
        MODE_EXTERNAL_COPIED_IN,
        "a session found externally is not copied into an internal cache that is full",
        flaw::<FullCopiesNothing>,
        "contexts: {server: {size: 1, callbacks: {get: record}}}
sessions: {a: {id: '01'}, b: {id: '02', timeout: 200}}
steps: [{external_store: a}, {add_session: b}, {handshake: {propose: a}}]",
    )
    .deep(),
    fault(
        "flush-tells-of-the-first",
        FLUSH_REMOVE_CB,
        "a flush that takes several sessions out calls remove_session_cb for the first alone",
        flaw::<FlushTellsOfFirst>,
        "contexts: {server: {callbacks: {remove: record}}}
sessions: {a: {id: '01'}, b: {id: '02'}}
steps: [{add_session: a}, {add_session: b}, {flush_sessions: now+301}]",
    ),
    fault(
        "ctx-free-untold-of-marked",
        CTX_FREE_REMOVE_CB,
        "when the context is freed, remove_session_cb is not called for sessions that are not resumable",
        flaw::<UntoldOfMarked>,
        "contexts: {server: {callbacks: {remove: record}}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {remove_session: a}, {add_session: a}, {ctx_free: server}]",
    )
    .deep(),
    fault(
        "late-ticket-told-of-server",
        TLS13_SEVERAL_SESSIONS,
        "a client's second ticket is told of with the context of the server that sent it",
        flaw::<ToldOfServer>,
        "contexts: {server: {}, client: {mode: [CLIENT], callbacks: {new: keep}}}
steps: [{handshake: {context: server, client: client, protocol: TLSv1.3, tickets: stateful, num_tickets: 2}}]",
    )
    .deep()
    .after(
        "CVE-2021-22890",
        "curl: a TLS 1.3 ticket of an HTTPS proxy was kept as if it had come from the server behind it",
    ),
];

#[derive(Default)]
struct CopyFlagSticks {
    finds: Vec<(ContextRef, u32)>,
    copied: bool,
}

impl Flaw for CopyFlagSticks {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let ctx = begin.context;
        let before = at.events().len();
        let answer = at.library.accept_begin(k, begin);
        let found = at.events()[before..].iter().find_map(|event| match event {
            Event::Get(of, _, found) if *of == ctx => *found,
            _ => None,
        });
        let script = at.facts.contexts[usize::from(ctx.0)].callbacks.get.clone();
        if let (Some(c), Some(script)) = (found, script) {
            let nth = self.finds.iter().filter(|(of, _)| *of == ctx).count();
            self.finds.push((ctx, 1));
            match script.first.get(nth).copied().unwrap_or(script.then) {
                Copy::Zero if self.copied => {
                    at.hold(c);
                }
                Copy::Zero => {}
                Copy::One | Copy::Unset => self.copied = true,
            }
        }
        answer
    }
}

#[derive(Default)]
struct RefusalUnheard;

impl Flaw for RefusalUnheard {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let client = at.open(k).begin.client;
        let answer = at.library.accept_finish(k);
        let Some(client) = client else { return answer };
        let mut refused = BTreeSet::new();
        at.events().retain(|event| match *event {
            Event::New(ctx, c, false) if ctx == client => {
                refused.insert(c);
                true
            }
            Event::Remove(ctx, c) => ctx != client || !refused.contains(&c),
            _ => true,
        });
        if !at.mode(client).contains(CacheMode::NO_INTERNAL_STORE) {
            for c in refused {
                at.put_in(client, c);
            }
        }
        answer
    }
}

#[derive(Default)]
struct ReplacedToldTwice;

impl Flaw for ReplacedToldTwice {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let old = at.cached_as(ctx, c).filter(|&old| old != c);
        let added = at.library.add_session(ctx, c);
        if let Some(old) = old
            && at.events().contains(&Event::Remove(ctx, old))
        {
            at.events().push(Event::Remove(ctx, old));
        }
        added
    }
}

#[derive(Default)]
struct ToldOfFirstContext;

impl Flaw for ToldOfFirstContext {
    fn told(&mut self, _: &Facts, events: &mut Vec<Event>) {
        for event in events {
            if let Event::Remove(ctx, _) = event {
                *ctx = ContextRef(0);
            }
        }
    }
}

#[derive(Default)]
struct ExpiredUntold;

impl Flaw for ExpiredUntold {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let ctx = begin.context;
        let mut callbacks = at.facts.contexts[usize::from(ctx.0)].callbacks.clone();
        if begin.mechanism.protocol() == session_model::Protocol::Tls13 {
            callbacks.remove = false;
        }
        at.told(ctx, &callbacks, |at| at.library.accept_begin(k, begin))
    }
}

#[derive(Default)]
struct ToldOnce(BTreeSet<SessionRef>);

impl Flaw for ToldOnce {
    fn told(&mut self, _: &Facts, events: &mut Vec<Event>) {
        events.retain(|event| match *event {
            Event::Remove(_, c) => self.0.insert(c),
            _ => true,
        });
    }
}

#[derive(Default)]
struct UnsetIsCalled;

impl Flaw for UnsetIsCalled {
    fn set_callbacks(&mut self, at: &mut Inner<'_>, ctx: ContextRef, callbacks: &Callbacks) {
        // What is known of the context is what is set again when something was hidden for a moment.
        let known = &mut at.facts.contexts[usize::from(ctx.0)].callbacks;
        known.remove = true;
        at.library.set_callbacks(ctx, &Callbacks { remove: true, ..callbacks.clone() });
    }
}

#[derive(Default)]
struct FullCopiesNothing;

impl Flaw for FullCopiesNothing {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let ctx = begin.context;
        let mut mode = at.mode(ctx);
        if at.is_full(ctx) {
            mode = mode | CacheMode::NO_INTERNAL_STORE;
        }
        at.in_mode(ctx, mode, |at| at.library.accept_begin(k, begin))
    }
}

#[derive(Default)]
struct FlushTellsOfFirst;

impl Flaw for FlushTellsOfFirst {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        let before = at.events().len();
        at.library.flush_sessions(ctx, tm);
        at.events().truncate(before + 1);
    }
}

#[derive(Default)]
struct UntoldOfMarked;

impl Flaw for UntoldOfMarked {
    fn ctx_free(&mut self, at: &mut Inner<'_>, ctx: ContextRef) {
        let members = at.members(ctx);
        at.library.ctx_free(ctx);
        at.events().retain(|event| match event {
            Event::Remove(_, c) => members.iter().all(|member| member.session != *c || member.resumable),
            _ => true,
        });
    }
}

#[derive(Default)]
struct ToldOfServer;

impl Flaw for ToldOfServer {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let Begin { context, client, .. } = at.open(k).begin;
        let answer = at.library.accept_finish(k);
        let of_client = at.events().iter_mut().filter_map(|event| match event {
            Event::New(ctx, ..) if Some(*ctx) == client => Some(ctx),
            _ => None,
        });
        for ctx in of_client.skip(1) {
            *ctx = context;
        }
        answer
    }
}
