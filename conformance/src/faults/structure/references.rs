//! References: lost, kept for ever, or freed once too often.
//!
//! A cache that has lost its reference on a member is shown as one that the member leaves with the last reference of
//! anybody else, unseen: a real one would go on with freed memory.

use std::collections::{BTreeMap, BTreeSet};

use session_model::clause::*;
use session_model::{ConnectionRef, ContextRef, SessionRef, Time};

use crate::driver::{Begin, Offer};
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "weak-after-removal",
        ADD_UP_REF,
        "an object that was removed before and is added again stays in the cache without a reference",
        flaw::<WeakAfterRemoval>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {remove_session: a}, {add_session: a}, {free: a}]",
    )
    .deep(),
    fault(
        "weak-replacement",
        ADD_UP_REF,
        "the object that takes another one's place in the cache stays there without a reference",
        flaw::<WeakReplacement>,
        "sessions: {a: {id: '01'}, b: {id: '01'}}
steps: [{add_session: a}, {add_session: b}, {free: b}]",
    )
    .after(
        "CVE-2014-1490",
        "NSS: in a race, a resumption replaced a session ticket wrongly, and freed memory was used",
    ),
    fault(
        "replaced-again-leaks",
        ADD_SAME_ID_REPLACES,
        "an object that is replaced for the second time is never freed",
        flaw::<ReplacedAgainLeaks>,
        "sessions: {a: {id: '01'}, b: {id: '01'}}
steps: [{add_session: a}, {add_session: b}, {add_session: a}, {add_session: b}, {free: a}]",
    )
    .deep(),
    fault(
        "flush-leaks-the-last",
        LEAVE_FREES_REFERENCE,
        "a flush that takes several sessions out does not free its reference on the last of them",
        flaw::<FlushLeaksTheLast>,
        "sessions: {a: {id: '01', timeout: 1}, b: {id: '02', timeout: 2}}
steps: [{add_session: a}, {add_session: b}, {flush_sessions: now+9}, {free: a}, {free: b}]",
    ),
    fault(
        "refused-session-leaks",
        SESSION_FREE_AT_ZERO,
        "a session that a server finds and does not resume keeps the reference that was taken for the connection",
        flaw::<RefusedSessionLeaks>,
        "contexts: {server: {id_context: x}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {handshake: {propose: a}}, {remove_session: a}, {free: a}]",
    )
    .after("CVE-2014-3567", "OpenSSL: each session ticket that failed its integrity check leaked memory"),
    fault(
        "drop-leaks-the-second",
        LEAVE_FREES_REFERENCE,
        "an add that drops several sessions for size frees its reference on the first alone",
        flaw::<DropLeaksTheSecond>,
        "sessions: {a: {id: '01'}, b: {id: '02'}, c: {id: '03'}}
steps: [{add_session: a}, {add_session: b}, {sess_set_cache_size: 1}, {add_session: c}, {free: a}, {free: b}]",
    )
    .deep(),
    fault(
        "renewal-frees-twice",
        SET_SESSION_UP_REF,
        "a client that resumes a TLS 1.3 session and is sent a new ticket frees the old session twice",
        flaw::<RenewalFreesTwice>,
        "contexts: {server: {}, client: {mode: [CLIENT]}}
steps:
  - handshake: {context: server, client: client, protocol: TLSv1.3, tickets: stateful, num_tickets: 1, as: [s, c]}
  - handshake: {context: server, client: client, protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: c}
  - free: c",
    )
    .deep()
    .after("CVE-2015-1791", "OpenSSL: a client that received a new ticket while it reused another could free it twice"),
    fault(
        "refused-offer-freed-twice",
        SET_SESSION_UP_REF,
        "a client whose proposal is refused frees the session that it proposed twice",
        flaw::<RefusedOfferFreedTwice>,
        "contexts: {server: {}, client: {mode: [CLIENT]}}
steps:
  - handshake: {context: server, client: client, as: [s, c]}
  - remove_session: {context: server, session: s}
  - handshake: {context: server, client: client, propose: c}
  - free: c",
    )
    .deep()
    .after("CVE-2021-44732", "Mbed TLS: a client's session could be freed twice when setting it failed"),
    fault(
        "references-of-8-bits",
        SESSION_UP_REF,
        "references beyond 255 are not counted",
        flaw::<EightBits>,
        "sessions: {a: {id: '01'}}
steps: [{repeat: {times: 255, steps: [{up_ref: a}]}}, {repeat: {times: 255, steps: [{free: a}]}}]",
    )
    .deep(),
    fault(
        "ctx-free-leaks-marked",
        CTX_FREE_FREES_CACHE,
        "with the context, the sessions in its cache that are not resumable are not freed",
        flaw::<CtxFreeLeaksMarked>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {remove_session: a}, {add_session: a}, {ctx_free: server}, {free: a}]",
    )
    .deep(),
];

/// Members on which the cache has no reference.
#[derive(Default)]
struct Weak(BTreeSet<SessionRef>);

impl Weak {
    fn free(&mut self, at: &mut Inner<'_>, c: SessionRef) {
        if at.facts.held(c) == 1 && self.0.remove(&c) {
            for ctx in at.contexts() {
                at.untold(ctx, |at| at.take_out(ctx, c));
            }
        }
        at.library.session_free(c);
    }
}

#[derive(Default)]
struct WeakAfterRemoval {
    removed: BTreeSet<SessionRef>,
    weak: Weak,
}

impl Flaw for WeakAfterRemoval {
    fn remove_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let removed = at.library.remove_session(ctx, c);
        self.removed.extend((removed == 1).then_some(c));
        removed
    }

    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let added = at.library.add_session(ctx, c);
        if added == 1 && self.removed.contains(&c) {
            self.weak.0.insert(c);
        }
        added
    }

    fn session_free(&mut self, at: &mut Inner<'_>, c: SessionRef) {
        self.weak.free(at, c);
    }
}

#[derive(Default)]
struct WeakReplacement(Weak);

impl Flaw for WeakReplacement {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let replaced = at.cached_as(ctx, c).is_some();
        let added = at.library.add_session(ctx, c);
        if added == 1 && replaced {
            self.0.0.insert(c);
        }
        added
    }

    fn session_free(&mut self, at: &mut Inner<'_>, c: SessionRef) {
        self.0.free(at, c);
    }
}

#[derive(Default)]
struct ReplacedAgainLeaks(BTreeMap<SessionRef, u32>);

impl Flaw for ReplacedAgainLeaks {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        if let Some(old) = at.cached_as(ctx, c).filter(|&old| old != c) {
            let times = self.0.entry(old).or_default();
            *times += 1;
            if *times == 2 {
                at.hold(old);
            }
        }
        at.library.add_session(ctx, c)
    }
}

#[derive(Default)]
struct FlushLeaksTheLast;

impl Flaw for FlushLeaksTheLast {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        if let [_, .., last] = at.expired(ctx, tm)[..] {
            at.hold(last);
        }
        at.library.flush_sessions(ctx, tm);
    }
}

#[derive(Default)]
struct RefusedSessionLeaks;

impl Flaw for RefusedSessionLeaks {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let found = at.found(begin);
        let answer = at.library.accept_begin(k, begin);
        if let Some(c) = found.filter(|_| answer == 0) {
            at.hold(c);
        }
        answer
    }
}

#[derive(Default)]
struct DropLeaksTheSecond;

impl Flaw for DropLeaksTheSecond {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let replaced = at.cached_as(ctx, c);
        let before = at.members(ctx);
        let added = at.library.add_session(ctx, c);
        let after = at.members(ctx);
        let is_left = |c: SessionRef| after.iter().any(|member| member.session == c);
        let dropped = before.iter().map(|member| member.session).filter(|&c| Some(c) != replaced && !is_left(c));
        for second in dropped.skip(1) {
            at.hold(second);
        }
        added
    }
}

#[derive(Default)]
struct RenewalFreesTwice(Weak);

impl Flaw for RenewalFreesTwice {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let open = at.open(k);
        let answer = at.library.accept_finish(k);
        if answer == 1
            && open.is_tls13()
            && open.begin.mechanism.tickets() > 0
            && let Offer::Own(c) = open.begin.offer
        {
            self.0.0.insert(c);
        }
        answer
    }

    fn session_free(&mut self, at: &mut Inner<'_>, c: SessionRef) {
        self.0.free(at, c);
    }
}

#[derive(Default)]
struct RefusedOfferFreedTwice(Weak);

impl Flaw for RefusedOfferFreedTwice {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let open = at.open(k);
        let answer = at.library.accept_finish(k);
        if answer == 0
            && let Offer::Own(c) = open.begin.offer
        {
            self.0.0.insert(c);
        }
        answer
    }

    fn session_free(&mut self, at: &mut Inner<'_>, c: SessionRef) {
        self.0.free(at, c);
    }
}

#[derive(Default)]
struct EightBits;

impl Flaw for EightBits {
    fn session_up_ref(&mut self, at: &mut Inner<'_>, c: SessionRef) -> i64 {
        if at.facts.held(c) < 255 { at.library.session_up_ref(c) } else { 1 }
    }
}

#[derive(Default)]
struct CtxFreeLeaksMarked;

impl Flaw for CtxFreeLeaksMarked {
    fn ctx_free(&mut self, at: &mut Inner<'_>, ctx: ContextRef) {
        for member in at.members(ctx) {
            if !member.resumable {
                at.hold(member.session);
            }
        }
        at.library.ctx_free(ctx);
    }
}
