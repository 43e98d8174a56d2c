//! All schedules, and all values that the memory model lets a thread read, of the few steps on a seat.
//!
//! `RUSTFLAGS='--cfg loom' cargo test -p session-cache --lib seat`. Not here: whatever a lock covers; that is explored
//! in `tests/schedules`.

use loom::sync::Arc;
use loom::thread;

use super::*;

fn seat() -> Arc<Seat> {
    Arc::new(Seat::new(1000, 300))
}

#[test]
fn one_of_two_caches_gets_it_and_the_other_is_told_so() {
    loom::model(|| {
        let seat = seat();
        let rival = Arc::clone(&seat);
        let other = thread::spawn(move || rival.take_slot(2, 20));
        let (here, there) = (seat.take_slot(1, 10), other.join().expect("it does not panic"));
        let (first, second) = (seat.slot_in(1), seat.slot_in(2));
        match (here, there) {
            (Seated::Now(1300), Seated::Elsewhere) => assert_eq!((first, second), (Some(10), None)),
            (Seated::Elsewhere, Seated::Now(1300)) => assert_eq!((first, second), (None, Some(20))),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn who_asks_for_its_slot_reads_the_one_that_it_was_given() {
    loom::model(|| {
        let seat = seat();
        let asked = Arc::clone(&seat);
        let asks = thread::spawn(move || asked.slot_in(1));
        assert_eq!(seat.take_slot(1, 10), Seated::Now(1300));
        assert!([None, Some(10)].contains(&asks.join().expect("it does not panic")));
    });
}

#[test]
fn its_place_is_by_the_numbers_that_it_has_however_they_were_set_outside() {
    loom::model(|| {
        let seat = seat();
        let outside = Arc::clone(&seat);
        let sets = thread::spawn(move || outside.change_outside(Change::Time(2000)));
        let Seated::Now(placed) = seat.take_slot(1, 10) else { panic!("nobody else wants it") };
        let set = sets.join().expect("it does not panic");
        assert_eq!((placed, seat.expiry()), if set.is_ok() { (2300, 2300) } else { (1300, 1300) });
        assert_eq!(seat.change_outside(Change::Time(5)), Err(Cached));
    });
}

#[test]
fn the_next_cache_finds_what_the_last_one_has_set() {
    loom::model(|| {
        let seat = seat();
        assert_eq!(seat.take_slot(1, 10), Seated::Now(1300));
        let next = Arc::clone(&seat);
        let takes = thread::spawn(move || next.take_slot(2, 20));
        assert_eq!(seat.change(1, Change::Timeout(50)), Ok(Some((10, 1050))));
        seat.leave();
        match takes.join().expect("it does not panic") {
            Seated::Now(placed) => assert_eq!((placed, seat.slot_in(2)), (1050, Some(20))),
            Seated::Elsewhere => assert_eq!((seat.slot_in(1), seat.slot_in(2)), (None, None)),
            Seated::Already => panic!("it never was in the other one"),
        }
    });
}

#[test]
fn two_who_set_the_numbers_of_one_in_no_cache_leave_both() {
    loom::model(|| {
        let seat = seat();
        let outside = Arc::clone(&seat);
        let sets = thread::spawn(move || outside.change_outside(Change::Time(2000)));
        assert_eq!(seat.change_outside(Change::Timeout(50)), Ok(()));
        assert_eq!(sets.join().expect("it does not panic"), Ok(()));
        assert_eq!((seat.expiry(), seat.is_elsewhere(1)), (2050, false));
    });
}
