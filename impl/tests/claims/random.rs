//! Random calls on the internal cache, against a list that is searched from end to end.

use std::cmp::Reverse;
use std::sync::Arc;

use session_cache::{Added, InternalCache, Left, Why};

use crate::common::{Random, Shared, session};

/// The cache as the pages tell it: a list, and a number that grows with each place that is taken.
#[derive(Default)]
struct List {
    members: Vec<(Shared, u64)>,
    places: u64,
    size: usize,
}

impl List {
    fn take_place(&mut self, s: &Shared) {
        self.places += 1;
        self.members.push((Arc::clone(s), self.places));
    }

    fn leave(&mut self, s: &Shared) -> bool {
        let before = self.members.len();
        self.members.retain(|(member, _)| !Arc::ptr_eq(member, s));
        self.members.len() < before
    }

    fn first(&self) -> Option<Shared> {
        self.members.iter().max_by_key(|(s, place)| Reverse((s.expiry(), *place))).map(|(s, _)| Arc::clone(s))
    }

    fn add(&mut self, s: &Shared, left: &mut Vec<(Shared, Why)>) -> Added {
        let old = self.members.iter().find(|(member, _)| member.id() == s.id()).map(|(old, _)| Arc::clone(old));
        if let Some(old) = old {
            if Arc::ptr_eq(&old, s) {
                return Added::Already;
            }
            self.leave(&old);
            left.push((old, Why::Replaced));
        }
        while self.size != 0 && self.members.len() >= self.size {
            let first = self.first().expect("a full list has a first member");
            self.leave(&first);
            left.push((first, Why::Dropped));
        }
        self.take_place(s);
        Added::Now
    }

    fn flush(&mut self, now: i64, left: &mut Vec<(Shared, Why)>) {
        while let Some(first) = self.first().filter(|s| now > s.expiry()) {
            self.leave(&first);
            left.push((first, Why::Flushed));
        }
    }
}

fn same(left: &[Left<()>], expected: &[(Shared, Why)]) -> bool {
    left.len() == expected.len()
        && left.iter().zip(expected).all(|(l, (s, why))| Arc::ptr_eq(&l.session, s) && l.why == *why)
}

/// One run of `steps` calls on sessions with `ids` ids, up to three objects an id.
fn run(seed: u64, steps: u32, ids: u64) {
    let random = &mut Random(seed * 2 + 1);
    let (mut cache, mut list) = (InternalCache::<()>::new(0), List::default());
    let objects: Vec<Shared> =
        (0..ids * 3).map(|n| session((n % ids) as u8, random.below(9) as i64, random.below(5) as i64)).collect();
    for step in 0..steps {
        let s = &objects[random.below(objects.len() as u64) as usize];
        let (mut left, mut expected) = (Vec::new(), Vec::new());
        match random.below(16) {
            0..6 => assert_eq!(cache.add(s, &mut left), list.add(s, &mut expected)),
            6..9 => {
                let was_in = list.leave(s);
                if was_in {
                    expected.push((Arc::clone(s), Why::Removed));
                }
                assert_eq!(cache.remove(s, Why::Removed, &mut left), was_in);
            }
            9..13 => {
                let seconds = random.below(12) as i64;
                let set = if random.below(2) == 0 { InternalCache::set_time } else { InternalCache::set_timeout };
                set(&mut cache, s, seconds).expect("there is no other cache");
                if list.leave(s) {
                    list.take_place(s);
                }
            }
            13 => {
                let now = random.below(20) as i64;
                cache.flush(now, &mut left);
                list.flush(now, &mut expected);
            }
            14 if random.below(4) == 0 => {
                list.size = random.below(ids) as usize;
                cache.set_size(list.size);
            }
            _ => {
                let found = list.members.iter().find(|(member, _)| member.id() == s.id()).map(|(found, _)| found);
                assert_eq!(cache.lookup(s.id()).map(Arc::as_ptr), found.map(Arc::as_ptr));
            }
        }
        assert!(same(&left, &expected), "seed {seed}, step {step}: {left:?} left, not {expected:?}");
        assert_eq!(cache.len(), list.members.len(), "seed {seed}, step {step}");
        cache.validate().unwrap_or_else(|broken| panic!("seed {seed}, step {step}: {broken}"));
    }
    list.members.sort_by_key(|(s, place)| (s.expiry(), *place));
    assert!(
        cache.members().map(Arc::as_ptr).eq(list.members.iter().map(|(s, _)| Arc::as_ptr(s))),
        "seed {seed}: the members are in another order"
    );
    let mut left = Vec::new();
    cache.clear(Why::ContextFreed, &mut left);
    let expected: Vec<_> = list.members.drain(..).map(|(s, _)| (s, Why::ContextFreed)).collect();
    assert!(same(&left, &expected), "seed {seed}: {left:?} left at the end, not {expected:?}");
    drop((left, expected));
    assert!(objects.iter().all(|s| Arc::strong_count(s) == 1), "seed {seed}: a reference is left");
}

#[test]
fn the_cache_does_what_the_list_does_with_few_ids() {
    (0..200).for_each(|seed| run(seed, 300, 4));
}

#[test]
fn the_cache_does_what_the_list_does_with_many_ids() {
    (0..10).for_each(|seed| run(seed, 1500, 200));
}
