//! Our cache against what a Rust author reaches for first: a hash map beside an ordered map of expiries.
//!
//! The question: what the exact rules (order of victims, flush that stops at the first session alive) cost. Both hold
//! 20,480 sessions with mixed timeouts; 80 % lookups, 19 % adds, 1 % removals, a flush every 255 adds.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use session_cache::{IdContext, InternalCache, NewSession, Protocol, Session, SessionId, Why};

const SIZE: usize = 20_480;
const OPS: usize = 100_000;

type Shared = Arc<Session<u64>>;

/// The peer: exact in (expiry, order of adding), like ours.
#[derive(Default)]
struct Maps {
    by_id: HashMap<SessionId, (i64, u64, Shared)>,
    by_expiry: BTreeSet<(i64, u64, SessionId)>,
    next: u64,
}

impl Maps {
    fn add(&mut self, session: &Shared) {
        self.remove(session.id());
        self.next += 1;
        self.by_expiry.insert((session.expiry(), self.next, *session.id()));
        self.by_id.insert(*session.id(), (session.expiry(), self.next, Arc::clone(session)));
        if self.by_id.len() > SIZE {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, _, id)) = self.by_expiry.pop_first() {
            self.by_id.remove(&id);
        }
    }

    fn remove(&mut self, id: &SessionId) {
        if let Some((expiry, place, _)) = self.by_id.remove(id) {
            self.by_expiry.remove(&(expiry, place, *id));
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

enum Step {
    Lookup(usize),
    Add(usize),
    Remove(usize),
    Flush(i64),
}

fn sessions() -> Vec<Shared> {
    let mut draws = Draws(7);
    let make = |n: usize| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        let id = SessionId::new(&id).expect("32 bytes are an id");
        let (time, timeout) = (1000 + n as i64 / 100, [60, 300, 3600, 7200][draws.below(4)]);
        let new = NewSession { id, protocol: Protocol::TLS1_2, time, timeout, id_context: IdContext::default() };
        Arc::new(Session::new(new, n as u64))
    };
    (0..2 * SIZE).map(make).collect()
}

fn steps() -> Vec<Step> {
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
    (0..OPS).map(|_| step()).collect()
}

fn server_mix(c: &mut Criterion) {
    let (sessions, steps) = (sessions(), steps());
    let mut group = c.benchmark_group("server mix, mixed timeouts");
    group.throughput(Throughput::Elements(OPS as u64)).sample_size(20);
    group.bench_function("session-cache", |b| {
        let filled = || {
            let (mut cache, mut left) = (InternalCache::new(SIZE), Vec::new());
            for session in &sessions[..SIZE] {
                cache.add(session, &mut left);
            }
            cache
        };
        b.iter_batched_ref(
            filled,
            |cache| {
                let mut left = Vec::new();
                let mut found = 0;
                for step in &steps {
                    match step {
                        Step::Lookup(n) => found += usize::from(cache.lookup(sessions[*n].id()).is_some()),
                        Step::Add(n) => {
                            cache.add(&sessions[*n], &mut left);
                        }
                        Step::Remove(n) => {
                            cache.remove(&sessions[*n], Why::Removed, &mut left);
                        }
                        Step::Flush(now) => cache.flush(*now, &mut left),
                    }
                    left.clear();
                }
                // A session is in one cache at a time: let go of them before the next round.
                cache.clear(Why::ContextFreed, &mut left);
                found
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("hash map and ordered set", |b| {
        let filled = || {
            let mut maps = Maps::default();
            sessions[..SIZE].iter().for_each(|session| maps.add(session));
            maps
        };
        b.iter_batched_ref(
            filled,
            |maps| {
                let mut found = 0;
                for step in &steps {
                    match step {
                        Step::Lookup(n) => found += usize::from(maps.by_id.contains_key(sessions[*n].id())),
                        Step::Add(n) => maps.add(&sessions[*n]),
                        Step::Remove(n) => maps.remove(sessions[*n].id()),
                        Step::Flush(now) => maps.flush(*now),
                    }
                }
                found
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, server_mix);
criterion_main!(benches);
