use super::*;
use crate::clause::Edition;
use crate::profile::Profile;
use crate::session::{IdContext, NewSession, Protocol, SessionId};
use crate::time::Timeout;
use crate::world::NewContext;

const CTX: ContextRef = ContextRef(0);
const A: SessionRef = SessionRef(0);
const B: SessionRef = SessionRef(1);
const C: SessionRef = SessionRef(2);
const D: SessionRef = SessionRef(3);

fn why() -> Ruling {
    Ruling::new(&Profile::manual(Edition::V3_3))
}

fn make(world: &mut World, c: SessionRef, timeout: i128) {
    let id = SessionId::new(&[c.0 as u8]).expect("1 byte");
    let (protocol, id_context) = (Protocol::Tls12, IdContext::default());
    world.new_session(c, &NewSession { id, protocol, time: Time(1000), timeout: Timeout(timeout), id_context });
}

/// A cache of sessions that were made at 1000 with these timeouts and added in this order.
fn cache_of(timeouts: &[(SessionRef, i128)]) -> World {
    let mut world = World::new(Profile::manual(Edition::V3_3), Time(1000));
    world.ctx_new(NewContext::default());
    for (c, timeout) in timeouts {
        make(&mut world, *c, *timeout);
        world.add_session(CTX, *c, &mut why());
    }
    world
}

fn order(world: &World) -> Vec<SessionRef> {
    let mut members: Vec<_> = world.members(CTX).collect();
    world.in_order(CTX, &mut members);
    members
}

fn reached(world: &World, expired: &[SessionRef]) -> Vec<SessionRef> {
    let mut reached = expired.to_vec();
    world.reached(CTX, &mut reached);
    reached
}

#[test]
fn who_expires_first_leaves_first_and_of_those_that_expire_together_who_was_placed_first() {
    let mut world = cache_of(&[(C, 300), (A, 300), (B, 200)]);
    assert_eq!(order(&world), [B, C, A]);
    world.take_place(C);
    assert_eq!(order(&world), [B, A, C]);
}

/// A number below `n`, other ones each time, the same ones in each run.
fn below(word: &mut u64, n: u64) -> u64 {
    *word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*word >> 33) % n
}

/// What is kept in order in each cache is what a look at all its members finds.
fn assert_in_order(world: &World) {
    for ctx in [CTX, ContextRef(1)] {
        let mut looked: Vec<_> = world.members(ctx).map(|c| (world.turn(c), c)).collect();
        looked.sort_unstable();
        let looked: Vec<_> = looked.into_iter().map(|((expiry, _), c)| (expiry, c)).collect();
        let kept: Vec<_> = world.context(ctx).internal_cache.in_order().collect();
        assert_eq!(kept, looked);
        for stays in [A, B] {
            let first = looked.iter().map(|(_, c)| *c).find(|&c| c != stays);
            assert_eq!(world.first_in_order_but(ctx, stays), first);
        }
        let expired = looked.iter().filter(|(expiry, _)| world.clock() >= *expiry).map(|(_, c)| *c);
        assert!(world.may_have_expired(ctx, world.clock()).eq(expired));
        assert!(world.may_have_expired(ctx, Time(0)).eq(looked.iter().map(|(_, c)| *c)));
    }
}

#[cfg(feature = "departures")]
#[test]
fn whoever_is_not_asked_stays_also_where_a_clause_is_broken_or_a_library_departs() {
    let world = cache_of(&[(A, 300)]);
    let manual = Profile::manual(Edition::V3_3);
    let broken = crate::clause::Clause::all().map(|clause| Profile { broken: Some(clause), ..manual });
    let departs = crate::departures::Departure::all()
        .map(|departure| Profile { departures: manual.departures.with(departure), ..manual });
    let mut asked_in_vain = 0;
    for profile in [manual].into_iter().chain(broken).chain(departs) {
        for tm in [0, 1299, 1300, 1301].map(Time) {
            let expired = world.is_expired_at(A, tm, &mut Ruling::new(&profile));
            let takes = crate::points::flush_takes(&profile, tm, expired);
            let asked = world.may_have_expired(CTX, tm).any(|c| c == A);
            assert!(asked || !takes, "{tm:?} {profile:?}");
            asked_in_vain += u32::from(asked && !takes);
        }
    }
    assert!(asked_in_vain > 0);
}

#[test]
fn the_order_that_is_kept_is_what_a_look_at_all_finds() {
    let mut profile = Profile::manual(Edition::V3_3);
    profile.readings.update_time_on = crate::reading::UpdateTimeOn::Both;
    let (mut world, mut word) = (World::new(profile, Time(1000)), 7);
    let mode = Some(crate::mode::CacheMode::SERVER | crate::mode::CacheMode::UPDATE_TIME);
    for size in [Some(6), Some(0)] {
        world.ctx_new(NewContext { mode, size, ..NewContext::default() });
    }
    // Some of one id, and none that goes away: the test holds a reference on each.
    for n in 0..24 {
        let (c, id) = (SessionRef(n), SessionId::new(&[n as u8 % 20]).expect("1 byte"));
        let (protocol, id_context) = (Protocol::Tls12, IdContext::default());
        let timeout = Timeout(below(&mut word, 5).into());
        world.new_session(c, &NewSession { id, protocol, time: Time(1000), timeout, id_context });
    }
    let (mut met, why) = (0, &mut why());
    for _ in 0..4000 {
        let (ctx, c) = (ContextRef(below(&mut word, 2) as u8), SessionRef(below(&mut word, 24) as u32));
        let near = i128::from(below(&mut word, 9));
        match below(&mut word, 8) {
            0..3 => _ = world.add_session(ctx, c, why),
            3 => _ = world.remove_session(ctx, c, why),
            4 => _ = world.session_set_time(c, Time(world.clock().0 + near - 4), why),
            5 => _ = world.session_set_timeout(c, Timeout(near), why),
            6 => world.update_time(ctx, c, why),
            _ => world.flush_sessions(ctx, world.clock(), why),
        }
        world.set_clock(Time(world.clock().0 + near / 8));
        assert_in_order(&world);
        met += world.members(CTX).count();
    }
    assert!(met > 4000, "the caches are not empty");
}

#[test]
fn a_frozen_order_stays_whatever_expires_when_and_is_frozen_once() {
    let mut world = cache_of(&[(A, 200), (B, 300), (C, 400)]);
    world.freeze_order(CTX);
    world.change_turn(A, |session| session.timeout = Timeout(900));
    assert_eq!(order(&world), [A, B, C]);
    world.freeze_order(CTX);
    assert_eq!(order(&world), [A, B, C]);
    let mut sorted = cache_of(&[(A, 900), (B, 300), (C, 400)]);
    sorted.freeze_order(CTX);
    assert_eq!(order(&sorted), [B, C, A]);
}

#[test]
fn a_flush_of_a_frozen_order_stops_at_the_first_that_lives() {
    let mut world = cache_of(&[(A, 200), (B, 300), (C, 400)]);
    assert_eq!(reached(&world, &[A, C]), [A, C]);
    world.freeze_order(CTX);
    assert_eq!(reached(&world, &[A, B, C]), [A, B, C]);
    assert_eq!(reached(&world, &[A, C]), [A]);
    assert_eq!(reached(&world, &[B, C]), []);
    // Who has left is not met.
    world.remove_session(CTX, A, &mut why());
    assert_eq!(reached(&world, &[B, C]), [B, C]);
}

#[test]
fn a_place_in_a_frozen_order_is_found_from_its_ends() {
    let placed = |timeout| {
        let mut world = cache_of(&[(A, 200), (B, 300), (C, 400)]);
        world.freeze_order(CTX);
        make(&mut world, D, timeout);
        world.add_session(CTX, D, &mut why());
        order(&world).iter().position(|c| *c == D)
    };
    let timeouts = [100, 199, 200, 299, 300, 399, 400, 401];
    assert_eq!(timeouts.map(placed), [0, 0, 1, 1, 2, 2, 3, 3].map(Some));
}

/// Nobody looks between the ends where the first expires later.
#[test]
fn a_place_before_the_first_is_taken_though_others_expire_earlier() {
    let mut world = cache_of(&[(A, 200), (B, 300), (C, 400)]);
    world.freeze_order(CTX);
    world.change_turn(A, |session| session.timeout = Timeout(350));
    make(&mut world, D, 320);
    world.add_session(CTX, D, &mut why());
    assert_eq!(order(&world), [D, A, B, C]);
    // In its new place it stands once.
    world.change_turn(D, |session| session.timeout = Timeout(500));
    world.take_place(D);
    assert_eq!(order(&world), [A, B, C, D]);
}

/// Of the two ends the last is asked first.
#[test]
fn a_place_behind_the_last_is_taken_though_the_first_expires_later() {
    let mut world = cache_of(&[(A, 200), (B, 300), (C, 400)]);
    world.freeze_order(CTX);
    world.change_turn(A, |session| session.timeout = Timeout(900));
    make(&mut world, D, 500);
    world.add_session(CTX, D, &mut why());
    assert_eq!(order(&world), [A, B, C, D]);
}

#[test]
fn an_order_that_was_emptied_takes_anybody() {
    let mut world = cache_of(&[(A, 200)]);
    world.freeze_order(CTX);
    world.remove_session(CTX, A, &mut why());
    make(&mut world, D, 100);
    world.add_session(CTX, D, &mut why());
    assert_eq!((order(&world), &world.frozen[&CTX]), (vec![D], &vec![D]));
}

#[test]
fn who_claims_a_place_without_being_cached_damages_the_world_with_it() {
    let mut world = cache_of(&[(A, 200)]);
    make(&mut world, B, 300);
    assert_eq!((world.place_of(A), world.place_of(B)), (Some(CTX), None));
    world.take_place(B);
    assert!(world.linked.is_empty() && !world.is_damaged());
    world.session_mut(B).claims = Some(CTX);
    assert_eq!(world.place_of(B), Some(CTX));
    world.take_place(B);
    assert_eq!(world.linked.iter().collect::<Vec<_>>(), [&(CTX, B)]);
    assert!(world.is_damaged());
}

#[test]
fn who_is_cached_claims_nothing_any_more() {
    let mut world = cache_of(&[(A, 200)]);
    world.session_mut(A).claims = Some(CTX);
    world.take_place(A);
    assert!(world.linked.is_empty() && !world.is_damaged());
    assert_eq!(world.session(A).claims, None);
}

#[test]
fn a_flush_comes_to_those_that_are_linked_once_they_have_expired() {
    let mut world = cache_of(&[]);
    for (c, timeout) in [(A, 200), (B, 300)] {
        make(&mut world, c, timeout);
        world.linked.insert((CTX, c));
    }
    world.linked.insert((ContextRef(1), A));
    let shown = |world: &World| [A, B].map(|c| (world.linked.contains(&(CTX, c)), world.shown(c).2));
    world.flush_linked(CTX, Time(1200), &mut why());
    assert_eq!(shown(&world), [(true, true), (true, true)]);
    world.flush_linked(CTX, Time(1201), &mut why());
    assert_eq!(shown(&world), [(false, false), (true, true)]);
    assert!(world.linked.contains(&(ContextRef(1), A)));
    // One that is gone is linked no more.
    world.session_free(B, &mut why());
    world.flush_linked(CTX, Time(1201), &mut why());
    assert_eq!(world.linked.len(), 1);
}
