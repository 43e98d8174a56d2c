//! Our cache against what a Rust author reaches for first: a hash map beside an ordered set of expiries.
//!
//! The question: what a structure of our own gains over those two, when both keep the exact rules (order of victims,
//! the identical add, a flush that stops at the first session alive). 20,480 sessions; both are seen to find the same
//! before they are timed. Only the ratio within one group means anything.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use session_cache::{IdContext, InternalCache, Left, NewSession, Protocol, Session, SessionId, Why};

const SIZE: usize = 20_480;

type Shared = Arc<Session<u64>>;

trait Cache: Default {
    fn add(&mut self, session: &Shared);
    fn has(&self, id: &SessionId) -> bool;
    fn remove(&mut self, session: &Shared);
    fn flush(&mut self, now: i64);
}

/// `session-cache`, with the buffer for what leaves it.
struct Ours {
    cache: InternalCache<u64>,
    left: Vec<Left<u64>>,
}

impl Default for Ours {
    fn default() -> Self {
        Self { cache: InternalCache::new(SIZE), left: Vec::new() }
    }
}

impl Cache for Ours {
    fn add(&mut self, session: &Shared) {
        self.cache.add(session, &mut self.left);
        self.left.clear();
    }

    fn has(&self, id: &SessionId) -> bool {
        self.cache.lookup(id).is_some()
    }

    fn remove(&mut self, session: &Shared) {
        self.cache.remove(session, Why::Removed, &mut self.left);
        self.left.clear();
    }

    fn flush(&mut self, now: i64) {
        self.cache.flush(now, &mut self.left);
        self.left.clear();
    }
}

/// The peer: exact in (expiry, order of adding), like ours.
#[derive(Default)]
struct Maps {
    by_id: HashMap<SessionId, (i64, u64, Shared)>,
    by_expiry: BTreeSet<(i64, u64, SessionId)>,
    next: u64,
}

impl Maps {
    fn drop_first(&mut self) {
        if let Some((_, _, id)) = self.by_expiry.pop_first() {
            self.by_id.remove(&id);
        }
    }
}

impl Cache for Maps {
    fn add(&mut self, session: &Shared) {
        if self.by_id.get(session.id()).is_some_and(|(.., held)| Arc::ptr_eq(held, session)) {
            return;
        }
        self.remove(session);
        while self.by_id.len() >= SIZE {
            self.drop_first();
        }
        self.next += 1;
        self.by_expiry.insert((session.expiry(), self.next, *session.id()));
        self.by_id.insert(*session.id(), (session.expiry(), self.next, Arc::clone(session)));
    }

    fn has(&self, id: &SessionId) -> bool {
        self.by_id.contains_key(id)
    }

    fn remove(&mut self, session: &Shared) {
        if let Some((expiry, place, held)) = self.by_id.remove(session.id()) {
            self.by_expiry.remove(&(expiry, place, *held.id()));
        }
    }

    fn flush(&mut self, now: i64) {
        while self.by_expiry.first().is_some_and(|(expiry, ..)| *expiry < now) {
            self.drop_first();
        }
    }
}

/// Draws that repeat: splitmix64.
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((word ^ (word >> 31)) as u128 * n as u128) >> 64) as usize
    }
}

/// A step on the session of this number, or at this time.
#[derive(Clone, Copy)]
enum Step {
    Lookup(usize),
    Add(usize),
    Remove(usize),
    Flush(i64),
}

/// Twice as many sessions as fit; a hundred are made in a second.
fn sessions(timeouts: &[i64]) -> Vec<Shared> {
    let mut draws = Draws(7);
    let make = |n: usize| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        let id = SessionId::new(&id).expect("32 bytes are an id");
        let (time, timeout) = (1000 + n as i64 / 100, timeouts[draws.below(timeouts.len())]);
        let new = NewSession { id, protocol: Protocol::TLS1_2, time, timeout, id_context: IdContext::default() };
        Arc::new(Session::new(new, n as u64))
    };
    (0..2 * SIZE).map(make).collect()
}

/// 80 % lookups, 19 % adds, 1 % removals, a flush every 255 adds.
fn server_mix() -> Vec<Step> {
    let mut draws = Draws(11);
    let mut adds = 0;
    let mut step = || match draws.below(100) {
        0..80 => Step::Lookup(draws.below(2 * SIZE)),
        80..99 => {
            adds += 1;
            if adds % 255 == 0 { Step::Flush(1000 + adds / 50) } else { Step::Add(draws.below(2 * SIZE)) }
        }
        _ => Step::Remove(draws.below(2 * SIZE)),
    };
    (0..100_000).map(|_| step()).collect()
}

fn filled<C: Cache>(sessions: &[Shared]) -> C {
    let mut cache = C::default();
    sessions.iter().for_each(|session| cache.add(session));
    cache
}

/// How many lookups found something.
fn go<C: Cache>(cache: &mut C, sessions: &[Shared], steps: &[Step]) -> usize {
    let mut found = 0;
    for step in steps {
        match *step {
            Step::Lookup(n) => found += usize::from(cache.has(sessions[n].id())),
            Step::Add(n) => cache.add(&sessions[n]),
            Step::Remove(n) => cache.remove(&sessions[n]),
            Step::Flush(now) => cache.flush(now),
        }
    }
    found
}

fn caches(c: &mut Criterion) {
    let mut draws = Draws(13);
    let lookups = (0..100_000).map(|_| Step::Lookup(draws.below(SIZE))).collect();
    // The first half of the sessions have expired by then, when all have the one timeout.
    let half = 1000 + SIZE as i64 / 200 + 300;
    let (one, mixed) = (sessions(&[300]), sessions(&[60, 300, 3600, 7200]));
    let workloads: [(_, _, _, Vec<Step>); 6] = [
        ("fill", &mixed, 0, (0..SIZE).map(Step::Add).collect()),
        ("lookups that hit", &mixed, SIZE, lookups),
        ("adds to a full cache", &mixed, SIZE, (SIZE..2 * SIZE).map(Step::Add).collect()),
        ("a flush of half", &one, SIZE, vec![Step::Flush(half)]),
        ("server mix, one timeout", &one, SIZE, server_mix()),
        ("server mix, mixed timeouts", &mixed, SIZE, server_mix()),
    ];
    for (name, sessions, full, steps) in workloads {
        let before = &sessions[..full];
        let all = (0..sessions.len()).map(Step::Lookup);
        let shown: Vec<Step> = steps.iter().copied().chain(all).collect();
        let ours = go(&mut filled::<Ours>(before), sessions, &shown);
        assert_eq!(ours, go(&mut filled::<Maps>(before), sessions, &shown), "{name}");

        let mut group = c.benchmark_group(name);
        let elements = if steps.len() == 1 { SIZE / 2 } else { steps.len() };
        group.throughput(Throughput::Elements(elements as u64)).sample_size(20);
        // A round has a cache of its own, and dropping it is not timed.
        group.bench_function("session-cache", |b| {
            b.iter_batched_ref(|| filled::<Ours>(before), |cache| go(cache, sessions, &steps), BatchSize::PerIteration);
        });
        group.bench_function("hash map and ordered set", |b| {
            b.iter_batched_ref(|| filled::<Maps>(before), |cache| go(cache, sessions, &steps), BatchSize::PerIteration);
        });
        group.finish();
    }
}

criterion_group!(benches, caches);
criterion_main!(benches);
