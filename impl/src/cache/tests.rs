use std::collections::BTreeMap;

use super::*;
use crate::id::IdContext;
use crate::session::{NewSession, Protocol};

fn session(id: u8, time: i64, timeout: i64) -> Arc<Session<()>> {
    let id = SessionId::new(&[id]).expect("1 byte");
    let new = NewSession { id, protocol: Protocol::TLS1_2, time, timeout, id_context: IdContext::default() };
    Arc::new(Session::new(new, ()))
}

/// Adds, and says who left and why.
fn add(cache: &mut InternalCache<()>, session: &Arc<Session<()>>) -> Vec<(u8, Why)> {
    let mut left = Vec::new();
    assert_eq!(cache.add(session, &mut left), Added::Now);
    assert_eq!(cache.validate(), Ok(()));
    names(&left)
}

fn flush(cache: &mut InternalCache<()>, now: i64) -> Vec<(u8, Why)> {
    let mut left = Vec::new();
    cache.flush(now, &mut left);
    assert_eq!(cache.validate(), Ok(()));
    names(&left)
}

fn names(left: &[Left<()>]) -> Vec<(u8, Why)> {
    left.iter().map(|left| (left.session.id().as_bytes()[0], left.why)).collect()
}

#[test]
fn an_added_session_is_found_and_holds_one_reference() {
    let (mut cache, a) = (InternalCache::new(0), session(1, 1000, 300));
    assert!(cache.is_empty());
    assert_eq!(add(&mut cache, &a), []);
    assert!(!cache.is_empty());
    assert!(cache.lookup(a.id()).is_some_and(|found| Arc::ptr_eq(found, &a)));
    assert_eq!(cache.lookup(session(2, 0, 0).id()).map(|_| ()), None);
    assert_eq!((cache.len(), Arc::strong_count(&a)), (1, 2));
}

#[test]
fn the_very_same_object_again_changes_nothing_not_even_its_place() {
    let (mut cache, a, b) = (InternalCache::new(0), session(1, 1000, 300), session(2, 1000, 300));
    add(&mut cache, &a);
    add(&mut cache, &b);
    assert_eq!(cache.add(&a, &mut Vec::new()), Added::Already);
    assert_eq!(Arc::strong_count(&a), 2);
    assert_eq!(flush(&mut cache, 1301), [(1, Why::Flushed), (2, Why::Flushed)]);
}

#[test]
fn another_object_with_the_id_takes_the_place_of_the_old_one() {
    let (mut cache, old, new) = (InternalCache::new(0), session(1, 1000, 300), session(1, 1000, 300));
    add(&mut cache, &old);
    assert_eq!(add(&mut cache, &new), [(1, Why::Replaced)]);
    assert!(cache.contains(&new) && !cache.contains(&old));
    assert_eq!((cache.len(), Arc::strong_count(&old), Arc::strong_count(&new)), (1, 1, 2));
}

#[test]
fn a_session_of_another_cache_is_left_alone() {
    let (mut here, mut there, a) = (InternalCache::new(0), InternalCache::new(0), session(1, 1000, 300));
    add(&mut there, &a);
    assert_eq!(here.add(&a, &mut Vec::new()), Added::Elsewhere);
    assert_eq!(here.set_time(&a, 5), Err(Cached));
    assert!(!here.remove(&a, Why::Removed, &mut Vec::new()));
    assert!(here.is_elsewhere(&a) && !there.is_elsewhere(&a));
    assert_eq!((here.validate(), there.validate(), a.time()), (Ok(()), Ok(()), 1000));
}

#[test]
fn a_session_of_a_cache_that_is_gone_is_free_again() {
    let (mut cache, a) = (InternalCache::new(0), session(1, 1000, 300));
    add(&mut InternalCache::new(0), &a);
    assert_eq!(add(&mut cache, &a), []);
}

#[test]
fn removing_a_twin_of_a_member_takes_nobody() {
    let (mut cache, a, mut left) = (InternalCache::new(0), session(1, 1000, 300), Vec::new());
    add(&mut cache, &a);
    assert!(!cache.remove(&session(1, 1000, 300), Why::Removed, &mut left));
    assert!(cache.remove(&a, Why::Removed, &mut left));
    assert!(!cache.remove(&a, Why::Removed, &mut left));
    assert_eq!((names(&left), cache.len(), cache.validate()), (vec![(1, Why::Removed)], 0, Ok(())));
}

#[test]
fn who_expires_first_is_dropped_and_among_equals_who_came_first() {
    let mut cache = InternalCache::new(3);
    for s in [session(1, 1000, 300), session(2, 1000, 200), session(3, 900, 300)] {
        assert_eq!(add(&mut cache, &s), []);
    }
    assert_eq!(add(&mut cache, &session(4, 1000, 300)), [(2, Why::Dropped)]);
    assert_eq!(add(&mut cache, &session(5, 1000, 300)), [(3, Why::Dropped)]);
    assert_eq!(add(&mut cache, &session(6, 1000, 300)), [(1, Why::Dropped)]);
}

#[test]
fn the_newcomer_is_not_dropped_even_if_it_expires_first() {
    let mut cache = InternalCache::new(1);
    add(&mut cache, &session(1, 1000, 300));
    assert_eq!(add(&mut cache, &session(2, 1000, 1)), [(1, Why::Dropped)]);
}

#[test]
fn a_smaller_size_takes_effect_at_the_next_add_also_when_that_replaces() {
    let mut cache = InternalCache::new(0);
    let all = [1, 2, 3, 4].map(|id| session(id, 1000, i64::from(id)));
    all.iter().for_each(|s| drop(add(&mut cache, s)));
    cache.set_size(2);
    assert_eq!((cache.len(), cache.add(&all[0], &mut Vec::new())), (4, Added::Already));
    assert_eq!(add(&mut cache, &session(4, 1000, 4)), [(4, Why::Replaced), (1, Why::Dropped), (2, Why::Dropped)]);
}

#[test]
fn a_flush_takes_whoever_has_expired_and_nobody_in_its_last_second() {
    let mut cache = InternalCache::new(0);
    for s in [session(1, 1000, 301), session(2, 1000, 300), session(3, 1000, 299), session(4, 1000, 299)] {
        add(&mut cache, &s);
    }
    assert_eq!(flush(&mut cache, 1300), [(3, Why::Flushed), (4, Why::Flushed)]);
    assert_eq!(flush(&mut cache, 1301), [(2, Why::Flushed)]);
    assert_eq!(flush(&mut cache, 0), []);
}

#[test]
fn a_time_or_timeout_that_is_set_gives_a_new_place() {
    let mut cache = InternalCache::new(0);
    let all = [1, 2, 3].map(|id| session(id, 1000, 300));
    all.iter().for_each(|s| drop(add(&mut cache, s)));
    // The same expiry as before: behind those that have it too.
    assert_eq!(cache.set_time(&all[0], 1000), Ok(()));
    assert_eq!(cache.set_timeout(&all[1], 100), Ok(()));
    assert_eq!(cache.validate(), Ok(()));
    let mut left = Vec::new();
    cache.clear(Why::ContextFreed, &mut left);
    assert_eq!(names(&left), [2, 3, 1].map(|id| (id, Why::ContextFreed)));
    assert_eq!((cache.len(), cache.validate()), (0, Ok(())));
}

#[test]
fn times_at_the_ends_of_time_have_their_places() {
    let mut cache = InternalCache::new(0);
    for s in [session(1, i64::MAX, i64::MAX), session(2, i64::MIN, -1), session(3, 0, 0)] {
        add(&mut cache, &s);
    }
    assert_eq!(flush(&mut cache, i64::MAX), [(2, Why::Flushed), (3, Why::Flushed)]);
    assert_eq!(cache.len(), 1);
}

#[test]
fn the_tag_of_an_id_is_its_own() {
    let cache = InternalCache::<()>::new(0);
    let tags = |length: usize| {
        let ids = (0..4).map(|n| SessionId::new(&vec![n; length]).expect("1 to 32 bytes"));
        ids.map(|id| cache.key.tag(&id)).collect::<std::collections::BTreeSet<_>>().len()
    };
    // By chance all four are one once in 2^96.
    assert!(tags(1) > 1 && tags(32) > 1);
}

/// The order as it is defined: by expiry, then by when a place was taken.
#[derive(Default)]
struct Defined {
    places: BTreeMap<(i64, u64), u8>,
    taken: u64,
}

impl Defined {
    fn place(&mut self, id: u8, expiry: i64) {
        self.places.retain(|_, other| *other != id);
        self.taken += 1;
        self.places.insert((expiry, self.taken), id);
    }
}

#[test]
fn the_order_is_as_defined_whatever_the_spread_of_expiries() {
    let spreads = [3, 100, 8191, 8192, 8193, 20_000, 1_000_000];
    for (seed, spread) in (1u64..).zip(spreads) {
        let mut word = seed;
        let mut draw = |below: i64| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (word >> 33) as i64 % below
        };
        let (mut cache, mut defined, mut clock) = (InternalCache::new(100), Defined::default(), 0);
        let sessions: Vec<_> = (0..=u8::MAX).map(|id| session(id, 0, 0)).collect();
        for _ in 0..20_000 {
            let n = draw(256) as usize;
            let (it, id) = (&sessions[n], n as u8);
            let cached = cache.contains(it);
            let (mut left, mut expected) = (Vec::new(), Vec::new());
            clock += draw(3) * (spread / 300);
            match draw(20) {
                0..8 if !cached => {
                    it.set_time(clock + draw(spread)).expect("it is in no cache");
                    while defined.places.len() >= 100 {
                        expected.extend(defined.places.pop_first().map(|(_, id)| (id, Why::Dropped)));
                    }
                    assert_eq!(cache.add(it, &mut left), Added::Now);
                    defined.place(id, it.expiry());
                }
                8..16 if cached => {
                    cache.set_time(it, clock + draw(spread)).expect("it is in this cache");
                    defined.place(id, it.expiry());
                }
                16 => {
                    cache.flush(clock, &mut left);
                    while defined.places.first_key_value().is_some_and(|((expiry, _), _)| *expiry < clock) {
                        expected.extend(defined.places.pop_first().map(|(_, id)| (id, Why::Flushed)));
                    }
                }
                17 if cached => {
                    cache.remove(it, Why::Removed, &mut left);
                    defined.places.retain(|_, other| *other != id);
                    expected.push((id, Why::Removed));
                }
                18 if draw(40) == 0 => {
                    cache.clear(Why::ContextFreed, &mut left);
                    expected
                        .extend(std::mem::take(&mut defined.places).into_values().map(|id| (id, Why::ContextFreed)));
                }
                _ => assert_eq!(cache.lookup(it.id()).is_some(), cached),
            }
            assert_eq!(names(&left), expected, "spread over {spread} seconds");
            if draw(50) == 0 {
                assert_eq!(cache.validate(), Ok(()));
                assert!(cache.members().map(|s| s.id().as_bytes()[0]).eq(defined.places.values().copied()));
            }
        }
    }
}

#[test]
fn a_flush_of_many_takes_those_that_have_expired_in_their_order() {
    for timeouts in [1, 3, 300] {
        let mut cache = InternalCache::new(0);
        for n in 0..3000u32 {
            let id = SessionId::new(&n.to_le_bytes()).expect("4 bytes");
            let (timeout, id_context) = (i64::from(n % timeouts) * 7, IdContext::default());
            let new =
                NewSession { id, protocol: Protocol::TLS1_2, time: 1000 + i64::from(n / 100), timeout, id_context };
            cache.add(&Arc::new(Session::new(new, ())), &mut Vec::new());
        }
        let in_order: Vec<_> = cache.members().map(Arc::clone).collect();
        let mut before = 0;
        // One in a hundred, one in four of the rest, nearly all, all.
        for now in [1001, 1010, 1029, 1500, 9000] {
            let mut left = Vec::new();
            cache.flush(now, &mut left);
            assert_eq!(cache.validate(), Ok(()));
            let leaves = in_order.iter().skip(before).take_while(|session| session.is_expired_at(now));
            assert!(leaves.map(Arc::as_ptr).eq(left.iter().map(|left| Arc::as_ptr(&left.session))));
            before += left.len();
            assert!(left.iter().all(|left| left.why == Why::Flushed && !cache.contains(&left.session)));
        }
        assert!(cache.is_empty());
    }
}
