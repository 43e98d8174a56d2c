use super::*;
use crate::clause::Edition;
use crate::profile::Profile;
use crate::ruling::Ruling;
use crate::session::{IdContext, NewSession, Protocol};
use crate::world::NewContext;

/// Far enough from both ends for times to be counted from now.
const CLOCK: Time = Time(1_000_000);

const CTX: ContextRef = ContextRef(0);

fn world(profile: Profile) -> World {
    let mut world = World::new(profile, CLOCK);
    world.ctx_new(NewContext::default());
    world
}

fn pages() -> Profile {
    Profile::manual(Edition::V3_3)
}

fn add(world: &mut World, number: u32, id: &[u8]) -> SessionRef {
    let new = NewSession {
        id: SessionId::new(id).expect("1 to 32 bytes"),
        protocol: Protocol::Tls12,
        time: world.clock(),
        timeout: Timeout(300),
        id_context: IdContext::default(),
    };
    world.new_session(SessionRef(number), &new);
    assert_eq!(world.add_session(CTX, SessionRef(number), &mut Ruling::new(&pages())), 1);
    SessionRef(number)
}

/// Seen by these names.
fn form(world: &World, sessions: &[SessionRef]) -> World {
    world.canonical(&View { sessions, connections: &[], ids: &[], counted: 0, scripted: 0 }).0
}

#[test]
fn worlds_that_differ_by_numbers_ids_and_a_shift_of_time_have_one_form() {
    let (mut one, mut other) = (world(pages()), world(pages()));
    other.set_clock(Time(2_000_000));
    let of_one = [add(&mut one, 0, &[1]), add(&mut one, 1, &[2])];
    let of_other = [add(&mut other, 7, &[9]), add(&mut other, 3, &[4])];
    assert!(one != other);
    assert_eq!(form(&one, &of_one), form(&other, &of_other));
    // Who is named first is another one.
    let [first, second] = of_other;
    assert_ne!(form(&one, &of_one), form(&other, &[second, first]));
}

#[test]
fn times_near_the_epoch_stay_as_they_are() {
    let form_at = |clock| {
        let mut world = world(pages());
        world.set_clock(Time(clock));
        let a = add(&mut world, 0, &[1]);
        form(&world, &[a])
    };
    assert_eq!(form_at(100_000), form_at(1_000_000_000));
    assert_ne!(form_at(99_999), form_at(100_000));
    assert_ne!(form_at(99_998), form_at(99_999));
    assert_ne!(form_at(1_000_000_001), form_at(1_000_000_000));
    // No clock of a form is where one of a world is.
    assert_eq!((form_at(99_999).clock(), form_at(100_000).clock()), (Time(99_999), Time(-1)));
}

#[test]
fn a_number_is_given_once_and_in_order() {
    let mut renaming = Renaming::default();
    let sessions = [7, 9, 7, 8, 9].map(|number| renaming.session(SessionRef(number)).0);
    let connections = [7, 9, 7, 8, 9].map(|number| renaming.connection(ConnectionRef(number)).0);
    assert_eq!((sessions, connections), ([0, 1, 0, 2, 1], [0, 1, 0, 2, 1]));
}

#[test]
fn an_id_becomes_one_of_its_length_and_always_the_same() {
    let mut renaming = Renaming::default();
    let mut became = |id: &[u8]| renaming.id(SessionId::new(id).expect("1 to 32 bytes")).as_bytes().to_vec();
    assert_eq!(became(&[9]), [0]);
    assert_eq!(became(&[9, 9]), [0, 0]);
    assert_eq!(became(&[5]), [1]);
    assert_eq!(became(&[9]), [0]);
    let mut last = [0; 32];
    assert_eq!(became(&[9; 32]), last);
    last[31] = 1;
    assert_eq!(became(&[5; 32]), last);
}

/// The order in which they were added is told only where sessions leave in it.
#[test]
fn who_was_added_first_is_in_the_form_where_it_is_read() {
    let forms = |victim| {
        let mut profile = pages();
        profile.readings.victim = victim;
        let added = |ids: [u8; 2]| {
            let mut world = world(profile);
            for id in ids {
                add(&mut world, u32::from(id), &[id]);
            }
            // The places are those of the ids again.
            for id in [1, 2] {
                world.take_place(SessionRef(id));
            }
            form(&world, &[SessionRef(1), SessionRef(2)])
        };
        (added([1, 2]), added([2, 1]))
    };
    let (one, other) = forms(Victim::FirstAdded);
    assert_ne!(one, other);
    let (one, other) = forms(pages().readings.victim);
    assert_eq!(one, other);
}

#[test]
fn places_are_told_by_their_order_alone() {
    let (mut one, mut other) = (world(pages()), world(pages()));
    let sessions = [add(&mut one, 0, &[1]), add(&mut one, 1, &[2])];
    add(&mut other, 0, &[1]);
    other.take_place(SessionRef(0));
    add(&mut other, 1, &[2]);
    assert_eq!(form(&one, &sessions), form(&other, &sessions));
    other.take_place(SessionRef(0));
    assert_ne!(form(&one, &sessions), form(&other, &sessions));
}

/// The manual flushes after every 255.
#[test]
fn counts_towards_a_flush_are_told_where_it_comes_within_sight() {
    let world = world(pages());
    let told = |counted, in_sight| {
        let view = View { sessions: &[], connections: &[], ids: &[], counted: in_sight, scripted: 0 };
        let form = Form { world: &world, view: &view, now: CLOCK, renaming: Renaming::default() };
        form.towards_flush(counted)
    };
    assert_eq!([0, 1, 250, 251, 254, 255, 256].map(|counted| told(counted, 3)), [0, 0, 0, 251, 254, 255, 0]);
    assert_eq!([505, 506, 509, 510, 511].map(|counted| told(counted, 3)), [0, 251, 254, 255, 0]);
    // 0 is no whole period.
    assert_eq!([0, 1, 255, 256, 510].map(|counted| told(counted, 255)), [0, 1, 255, 1, 255]);
}
