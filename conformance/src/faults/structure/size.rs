//! The size of a cache: who leaves when it is exceeded, when, and which sizes bind.

use std::collections::BTreeMap;

use session_model::clause::*;
use session_model::{ConnectionRef, ContextRef, SessionRef, Time};

use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::trace::Setup;
use crate::transcript::Member;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "equals-drop-the-newest",
        SIZE_DROPS_FROM_END,
        "at the size limit, of the sessions that expire first together the one that was added last is dropped",
        flaw::<EqualsDropNewest>,
        "contexts: {server: {size: 2}}
sessions: {a: {id: '01'}, b: {id: '02'}, c: {id: '03'}}
steps: [{add_session: a}, {add_session: b}, {add_session: c}]",
    )
    .deep(),
    fault(
        "shrunk-drops-one-too-many",
        SIZE_SMALLER_AT_NEXT_ADD,
        "the first add after the size was made smaller than the number drops one session too many",
        flaw::<ShrunkDropsOneMore>,
        "sessions: {a: {id: '01'}, b: {id: '02'}, c: {id: '03'}, d: {id: '04'}}
steps: [{add_session: a}, {add_session: b}, {add_session: c}, {sess_set_cache_size: 2}, {add_session: d}]",
    )
    .deep(),
    fault(
        "shrinking-drops-at-once",
        SIZE_SMALLER_AT_NEXT_ADD,
        "a size smaller than the number drops sessions when it is set, not at the next add",
        flaw::<ShrinkingDrops>,
        "sessions: {a: {id: '01'}, b: {id: '02'}}
steps: [{add_session: a}, {add_session: b}, {sess_set_cache_size: 1}]",
    ),
    fault(
        "size-zero-keeps-the-old-limit",
        SIZE_ZERO_UNLIMITED,
        "a size of 0 after another one leaves that one's limit in force",
        flaw::<ZeroKeepsOldLimit>,
        "contexts: {server: {size: 1}}
sessions: {a: {id: '01'}, b: {id: '02'}}
steps: [{sess_set_cache_size: 0}, {add_session: a}, {add_session: b}]",
    )
    .deep(),
    fault(
        "size-one-is-unlimited",
        FLUSH_COLLECTS,
        "a size of 1 sets no limit",
        flaw::<OneIsUnlimited>,
        "sessions: {a: {id: '01'}, b: {id: '02'}}
steps: [{sess_set_cache_size: 1}, {add_session: a}, {add_session: b}]",
    ),
    fault(
        "replacement-drops-at-the-limit",
        ADD_SAME_ID_REPLACES,
        "in a full cache, an object that takes another one's place drops a third session as if it came in addition",
        flaw::<ReplacementDrops>,
        "contexts: {server: {size: 2}}
sessions: {a: {id: '01'}, b: {id: '02'}, c: {id: '02'}}
steps: [{add_session: a}, {add_session: b}, {add_session: c}]",
    )
    .deep(),
    fault(
        "newcomer-may-be-dropped",
        FLUSH_COLLECTS,
        "in a full cache, a session added that expires before all others is dropped itself",
        flaw::<NewcomerDropped>,
        "contexts: {server: {size: 1}}
sessions: {a: {id: '01'}, b: {id: '02', timeout: 9}}
steps: [{add_session: a}, {add_session: b}]",
    )
    .deep(),
    fault(
        "expired-take-no-room",
        FLUSH_COLLECTS,
        "sessions that have expired and are still in the cache do not count against its size",
        flaw::<ExpiredTakeNoRoom>,
        "contexts: {server: {size: 1}}
sessions: {a: {id: '01', timeout: 1}, b: {id: '02'}}
steps: [{add_session: a}, {advance: 9}, {add_session: b}]",
    )
    .deep(),
    fault(
        "flushed-leave-room-twice",
        SIZE_FLUSH_RECLAIMS,
        "each session that a flush takes out makes room for two",
        flaw::<RoomTwice>,
        "contexts: {server: {size: 1}}
sessions: {a: {id: '01', timeout: 1}, b: {id: '02'}, c: {id: '03'}}
steps: [{add_session: a}, {flush_sessions: now+9}, {add_session: b}, {add_session: c}]",
    )
    .deep(),
    fault(
        "size-of-the-process",
        MODE_PER_CONTEXT,
        "the sessions of all contexts count against the size of each",
        flaw::<OfTheProcess>,
        "contexts: {one: {size: 2}, two: {}}
sessions: {a: {id: '01', context: one}, b: {id: '02', context: one}, c: {id: '03', context: two}}
steps:
  - add_session: {context: one, session: a}
  - add_session: {context: two, session: c}
  - add_session: {context: one, session: b}",
    )
    .deep(),
    fault(
        "tls13-grows-without-bound",
        FLUSH_COLLECTS,
        "once a server of TLS 1.3 has issued a stateful ticket to a client whose own session is not resumable, the size binds no more",
        flaw::<GrowsWithoutBound>,
        "contexts: {server: {size: 1}}
sessions: {a: {id: '01'}}
steps:
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, as: s}
  - accept_begin: {connection: k, protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: s}
  - remove_session: s
  - accept_finish: k
  - add_session: a",
    )
    .deep()
    .after("CVE-2024-2511", "OpenSSL: under SSL_OP_NO_TICKET the session cache of a TLS 1.3 server could grow without bound"),
];

fn expiry(member: &Member) -> i64 {
    member.time.saturating_add(member.timeout)
}

/// Whether the add of `c` would drop anything: the cache is full, and nothing of this id is in it.
fn exceeds(at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> bool {
    at.is_full(ctx) && at.cached_as(ctx, c).is_none()
}

/// The place of each member in the order of adds by hand.
#[derive(Default)]
struct EqualsDropNewest {
    added: BTreeMap<SessionRef, u32>,
    adds: u32,
}

impl Flaw for EqualsDropNewest {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        if exceeds(at, ctx, c) {
            let members = at.members(ctx);
            let soonest = members.iter().map(expiry).min();
            let equal = members.iter().filter(|member| Some(expiry(member)) == soonest);
            let newest = equal.max_by_key(|member| self.added.get(&member.session)).map(|member| member.session);
            if let Some(newest) = newest {
                at.drop_for_size(ctx, newest);
            }
        }
        let added = at.library.add_session(ctx, c);
        if added == 1 {
            self.adds += 1;
            self.added.insert(c, self.adds);
        }
        added
    }
}

/// Drops the one that expires first, `c` apart.
fn drop_soonest(at: &mut Inner<'_>, ctx: ContextRef, c: Option<SessionRef>) {
    let members = at.members(ctx);
    let others = members.iter().filter(|member| Some(member.session) != c);
    if let Some(soonest) = others.min_by_key(|member| expiry(member)) {
        at.drop_for_size(ctx, soonest.session);
    }
}

#[derive(Default)]
struct ShrunkDropsOneMore;

impl Flaw for ShrunkDropsOneMore {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let size = at.library.sess_get_cache_size(ctx);
        let shrunk = size > 0 && at.members(ctx).len() as i64 > size;
        let added = at.library.add_session(ctx, c);
        if shrunk && added == 1 {
            drop_soonest(at, ctx, Some(c));
        }
        added
    }
}

#[derive(Default)]
struct ShrinkingDrops;

impl Flaw for ShrinkingDrops {
    fn sess_set_cache_size(&mut self, at: &mut Inner<'_>, ctx: ContextRef, size: u32) -> i64 {
        let previous = at.library.sess_set_cache_size(ctx, size);
        let held = at.members(ctx).len();
        for _ in 0..held.saturating_sub(size as usize) {
            if size > 0 {
                drop_soonest(at, ctx, None);
            }
        }
        previous
    }
}

/// The sizes that were set and are not in force.
#[derive(Default)]
struct ZeroKeepsOldLimit(BTreeMap<ContextRef, i64>);

impl Flaw for ZeroKeepsOldLimit {
    fn sess_set_cache_size(&mut self, at: &mut Inner<'_>, ctx: ContextRef, size: u32) -> i64 {
        if size == 0 {
            let limit = at.library.sess_get_cache_size(ctx);
            return self.0.insert(ctx, 0).unwrap_or(limit);
        }
        let limit = at.library.sess_set_cache_size(ctx, size);
        self.0.remove(&ctx).unwrap_or(limit)
    }

    fn sess_get_cache_size(&mut self, at: &mut Inner<'_>, ctx: ContextRef) -> i64 {
        self.0.get(&ctx).copied().unwrap_or_else(|| at.library.sess_get_cache_size(ctx))
    }
}

#[derive(Default)]
struct OneIsUnlimited;

impl OneIsUnlimited {
    /// No context of a trace has so many sessions.
    const UNLIMITED: u32 = u32::MAX;

    fn shown(size: i64) -> i64 {
        if size == i64::from(Self::UNLIMITED) { 1 } else { size }
    }
}

impl Flaw for OneIsUnlimited {
    fn begin(&mut self, setup: &mut Setup) {
        for context in setup.contexts.iter_mut().filter(|context| context.size == Some(1)) {
            context.size = Some(Self::UNLIMITED);
        }
    }

    fn sess_set_cache_size(&mut self, at: &mut Inner<'_>, ctx: ContextRef, size: u32) -> i64 {
        let size = if size == 1 { Self::UNLIMITED } else { size };
        Self::shown(at.library.sess_set_cache_size(ctx, size))
    }

    fn sess_get_cache_size(&mut self, at: &mut Inner<'_>, ctx: ContextRef) -> i64 {
        Self::shown(at.library.sess_get_cache_size(ctx))
    }
}

#[derive(Default)]
struct ReplacementDrops;

impl Flaw for ReplacementDrops {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let replaces = at.is_full(ctx) && at.cached_as(ctx, c).is_some_and(|old| old != c);
        let added = at.library.add_session(ctx, c);
        if replaces && added == 1 {
            drop_soonest(at, ctx, Some(c));
        }
        added
    }
}

#[derive(Default)]
struct NewcomerDropped;

impl Flaw for NewcomerDropped {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let new = at.library.object(c);
        let first = at.members(ctx).iter().all(|member| expiry(&new) < expiry(member));
        if !first || !exceeds(at, ctx, c) {
            return at.library.add_session(ctx, c);
        }
        let added = at.sized(ctx, 0, |at| at.library.add_session(ctx, c));
        at.drop_for_size(ctx, c);
        added
    }
}

#[derive(Default)]
struct ExpiredTakeNoRoom;

impl Flaw for ExpiredTakeNoRoom {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let size = u32::try_from(at.library.sess_get_cache_size(ctx)).expect("it was set with 32 bits");
        let expired = at.expired(ctx, at.facts.clock).len() as u32;
        if size == 0 || expired == 0 {
            return at.library.add_session(ctx, c);
        }
        at.sized(ctx, size.saturating_add(expired), |at| at.library.add_session(ctx, c))
    }
}

/// By how many sessions the number is believed to be lower than it is.
#[derive(Default)]
struct RoomTwice(BTreeMap<ContextRef, u32>);

impl Flaw for RoomTwice {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        *self.0.entry(ctx).or_default() += at.expired(ctx, tm).len() as u32;
        at.library.flush_sessions(ctx, tm);
    }

    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let size = u32::try_from(at.library.sess_get_cache_size(ctx)).expect("it was set with 32 bits");
        let room = self.0.get(&ctx).copied().unwrap_or(0);
        if size == 0 || room == 0 {
            return at.library.add_session(ctx, c);
        }
        at.sized(ctx, size.saturating_add(room), |at| at.library.add_session(ctx, c))
    }
}

#[derive(Default)]
struct OfTheProcess;

impl Flaw for OfTheProcess {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let others = at.contexts().into_iter().filter(|&other| other != ctx);
        let others: i64 = others.map(|other| at.members(other).len() as i64).sum();
        let size = at.library.sess_get_cache_size(ctx);
        if size == 0 || others == 0 {
            return at.library.add_session(ctx, c);
        }
        let size = u32::try_from((size - others).max(1)).expect("it was set with 32 bits");
        at.sized(ctx, size, |at| at.library.add_session(ctx, c))
    }
}

#[derive(Default)]
struct GrowsWithoutBound {
    broken: Vec<ContextRef>,
}

impl Flaw for GrowsWithoutBound {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let open = at.open(k);
        let ctx = open.begin.context;
        let marked = open
            .found
            .is_some_and(|c| at.facts.held(c) > 0 && !at.facts.is_gone(c) && at.library.session_is_resumable(c) == 0);
        let answer = at.library.accept_finish(k);
        if answer == 1 && open.is_tls13() && open.begin.mechanism.tickets() > 0 && marked {
            self.broken.push(ctx);
        }
        answer
    }

    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        if self.broken.contains(&ctx) {
            return at.sized(ctx, 0, |at| at.library.add_session(ctx, c));
        }
        at.library.add_session(ctx, c)
    }
}
