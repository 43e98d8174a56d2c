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

#[test]
fn a_frozen_order_stays_whatever_expires_when_and_is_frozen_once() {
    let mut world = cache_of(&[(A, 200), (B, 300), (C, 400)]);
    world.freeze_order(CTX);
    world.session_mut(A).timeout = Timeout(900);
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
    world.session_mut(A).timeout = Timeout(350);
    make(&mut world, D, 320);
    world.add_session(CTX, D, &mut why());
    assert_eq!(order(&world), [D, A, B, C]);
    // In its new place it stands once.
    world.session_mut(D).timeout = Timeout(500);
    world.take_place(D);
    assert_eq!(order(&world), [A, B, C, D]);
}

/// Of the two ends the last is asked first.
#[test]
fn a_place_behind_the_last_is_taken_though_the_first_expires_later() {
    let mut world = cache_of(&[(A, 200), (B, 300), (C, 400)]);
    world.freeze_order(CTX);
    world.session_mut(A).timeout = Timeout(900);
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
