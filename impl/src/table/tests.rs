use super::*;
use crate::id::{IdContext, SessionId};
use crate::session::{NewSession, Protocol};

fn session(id: u8) -> Arc<Session<()>> {
    let id = SessionId::new(&[id]).expect("1 byte");
    let (protocol, id_context) = (Protocol::TLS1_2, IdContext::default());
    Arc::new(Session::new(NewSession { id, protocol, time: 1000, timeout: 300, id_context }, ()))
}

fn has(table: &Table<()>, tag: u32, slot: u32) -> bool {
    table.of(tag).probe(tag).any(|(_, _, found, _)| found == slot)
}

/// That all of these are there, at their slots, and nothing else is.
fn holds(table: &Table<()>, tags: &[Option<u32>]) {
    assert_eq!(table.len(), tags.iter().flatten().count());
    assert_eq!(table.len(), table.iter().count());
    for (slot, tag) in (0u32..).zip(tags) {
        assert!(tag.is_none_or(|tag| has(table, tag, slot)), "{slot}");
    }
}

#[test]
fn an_empty_table_finds_nothing() {
    assert!(Table::<()>::new().find(0, |_| true).is_none());
}

#[test]
fn sessions_of_one_tag_are_told_apart_by_the_caller() {
    let mut table = Table::new();
    let (a, b) = (session(1), session(2));
    table.insert(5, 1, Arc::clone(&a));
    table.insert(5, 2, Arc::clone(&b));
    let slot = |table: &Table<()>, of: &Session<()>| table.find(5, |found| found.id() == of.id()).map(|(slot, _)| slot);
    assert_eq!((slot(&table, &a), slot(&table, &b)), (Some(1), Some(2)));
    assert!(Arc::ptr_eq(&table.remove(5, 1), &a));
    assert_eq!((slot(&table, &a), slot(&table, &b)), (None, Some(2)));
}

#[test]
fn a_removal_cuts_off_nobody_behind_it() {
    // Tags from a few neighbouring places at the very end, so that the probes run into each other and beyond it.
    let tags: Vec<u32> = (0..11).map(|n| u32::MAX - (n % 3) * 0x1000_0000).collect();
    for gone in 0..11 {
        let mut table = Table::new();
        (0u32..).zip(&tags).for_each(|(slot, &tag)| table.insert(tag, slot, session(1)));
        table.remove(tags[gone], gone as u32);
        let left: Vec<_> = (0..11).map(|n| Some(tags[n]).filter(|_| n != gone)).collect();
        holds(&table, &left);
    }
}

#[test]
fn growing_loses_nobody_at_any_step() {
    // Spread, all at one end, all at the other, and few different ones.
    let spreads: [fn(u32) -> u32; 4] =
        [|n| n.wrapping_mul(0x9e37_79b9), |n| n, |n| u32::MAX - n, |n| (n % 7) * 0x2000_0000];
    for spread in spreads {
        let (mut table, mut tags) = (Table::new(), Vec::new());
        for n in 0..400 {
            table.insert(spread(n), n, session(1));
            tags.push(Some(spread(n)));
            holds(&table, &tags);
        }
    }
}

#[test]
fn removals_while_it_grows_lose_nobody() {
    let (mut table, mut tags) = (Table::new(), Vec::new());
    let tag = |n: u32| n.wrapping_mul(0x9e37_79b9);
    let mut growing = 0;
    for n in 0..2000 {
        table.insert(tag(n), n, session(1));
        tags.push(Some(tag(n)));
        growing += usize::from(table.boundary != 0);
        // The one in the middle of those so far, unless it is gone: from either part of the table.
        if n % 3 == 0 && tags[n as usize / 2].take().is_some() {
            table.remove(tag(n / 2), n / 2);
            holds(&table, &tags);
        }
    }
    assert!(growing > 50, "it was caught growing {growing} times");
}

#[test]
fn a_sweep_takes_whoever_is_not_given_back() {
    let spreads: [fn(u32) -> u32; 3] = [|n| n.wrapping_mul(0x9e37_79b9), |n| n, |n| (n % 7) * 0x2000_0000];
    for spread in spreads {
        for count in [0, 1, 100, 200, 385, 400] {
            let mut table = Table::new();
            (0..count).for_each(|n| table.insert(spread(n), n, session(1)));
            table.sweep(|slot, session| Some(session).filter(|_| slot % 3 == 0));
            let stay: Vec<_> = (0..count).map(|n| Some(spread(n)).filter(|_| n % 3 == 0)).collect();
            holds(&table, &stay);
        }
    }
}
