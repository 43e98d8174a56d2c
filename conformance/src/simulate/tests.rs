//! Runs of a service: the smallest that show something, and a long one with all that can happen.

use std::cell::Cell;
use std::rc::Rc;

use session_model::application::{Callbacks, GetScript, NewScript};
use session_model::reading::AutoFlushPhase;
use session_model::{CacheMode, ContextRef, Mechanism, SessionId, Timeout};

use rand_distr::{Distribution, StandardUniform};
use rand_pcg::rand_core::SeedableRng;

use super::asks::{Asks, Fall};
use super::cut::{Source, cut_of};
use super::event::{
    Answer, Cause, Event, External, Found, Gauges, Group, Held, Moment, Outcome, Proposes, Server as Place, Visit, What,
};
use super::law::{Law, Random};
use super::part::Part;
use super::run::Serves;
use super::service::{Against, Parting, Profiles, Service};
use super::setting::{ExternalSetting, ServerSetting, Setting};
use super::watched::Watched;
use crate::check::{Verdict, check};
use crate::driver::Library;
use crate::faults::{that_goes_down, that_goes_down_freeing};
use crate::op::{At, Op};
use crate::profiles::Named;
use crate::source::is_core;
use crate::subject::{Driven, Subject};
use crate::subjects::Spec;
use crate::subjects::model::Model;
use crate::subjects::optimised::optimised;
use crate::tally::Tally;
use crate::trace::ContextSetup;
use crate::transcript::{Counter, Transcript};
use crate::worker::Here;

const SECOND: u64 = 1_000_000;
const FIRST: Place = Place(0);
const SECOND_ONE: Place = Place(1);
const THIRD: Place = Place(2);

fn server(context: ContextSetup) -> ServerSetting {
    ServerSetting { context, ahead: 0, drift: 0 }
}

fn alone(context: ContextSetup) -> Setting {
    Setting { clock: 1000, servers: vec![server(context)], external: None }
}

fn pair() -> Setting {
    let servers = vec![server(ContextSetup::default()), server(ContextSetup::default())];
    Setting { servers, ..alone(ContextSetup::default()) }
}

/// An external cache without a fault.
fn faultless() -> ExternalSetting {
    ExternalSetting {
        takes: Law::Fixed(0),
        gives_up: None,
        retry_after: None,
        lost: 0.0,
        lag: 0,
        keeps: None,
        entries: None,
        deletes: false,
        away: Vec::new(),
    }
}

/// Two servers with an external cache between them.
fn shared(external: ExternalSetting) -> Setting {
    let callbacks = Callbacks {
        new: Some(NewScript { first: Vec::new(), then: true }),
        get: Some(GetScript::default()),
        remove: true,
    };
    let context = ContextSetup { callbacks, ..ContextSetup::default() };
    Setting { servers: vec![server(context.clone()), server(context)], external: Some(external), ..pair() }
}

/// Three servers with an external cache that is told what to delete, the second with room for one session inside.
fn with_a_small_one() -> Setting {
    let mut setting = shared(ExternalSetting { deletes: true, keeps: Some(10_000), ..faultless() });
    setting.servers.push(setting.servers[0].clone());
    setting.servers[1].context.size = Some(1);
    setting
}

fn shipped(name: &str) -> Named {
    crate::profiles::by_name(name).expect("it is shipped")
}

fn against(subject: &str, checked: Part) -> Against {
    Against { subject: subject.parse::<Spec>().expect("it is a subject"), checked, profile: None, victim: None }
}

/// A run told event by event.
struct Run {
    service: Service,
    now: u64,
    visits: u32,
}

impl Run {
    fn new(setting: &Setting) -> Self {
        Self::of(setting, &against("optimised", Part::Every), 1)
    }

    fn of(setting: &Setting, against: &Against, seed: u64) -> Self {
        let service = Service::new(setting, against, seed).expect("it can be run");
        Self { service, now: 0, visits: 0 }
    }

    /// A model of this cache, not checked.
    fn with(setting: &Setting, profiles: &Profiles) -> Self {
        let of = profiles.own.profile;
        let service = Service::of(setting, &|| Box::new(Model::new(of)), profiles, Part::Never, 1);
        Self { service, now: 0, visits: 0 }
    }

    fn wait(&mut self, micros: u64) {
        self.now += micros;
    }

    fn event(&mut self, server: Place, what: What) -> Outcome {
        let event = Event { at: Moment(self.now), server, what };
        self.service.apply(&event).unwrap_or_else(|parting| panic!("{parting}"))
    }

    fn gauges(&mut self, server: Place) -> Gauges {
        self.service.gauges(server, Moment(self.now))
    }

    fn begin(&mut self, server: Place, mechanism: Mechanism, proposes: Proposes) -> (Visit, Outcome) {
        let visit = Visit(self.visits);
        self.visits += 1;
        (visit, self.event(server, What::Begin { visit, group: Group(0), mechanism, proposes }))
    }

    /// A whole connection: how it was answered, and what the client has from then on.
    fn visit(&mut self, server: Place, mechanism: Mechanism, proposes: Proposes, clean: bool) -> (Answer, Held) {
        let before = if let Proposes::Held(held) = proposes { held } else { Held(u32::MAX) };
        let (visit, begun) = self.begin(server, mechanism, proposes);
        let given = self.event(server, What::Finish(visit)).gives;
        self.event(server, What::Close { visit, clean });
        (begun.answer.expect("it was begun"), given.unwrap_or(before))
    }

    fn ids(&mut self, server: Place, proposes: Proposes) -> (Answer, Held) {
        self.visit(server, Mechanism::Ids, proposes, true)
    }

    fn new_session(&mut self, server: Place) -> Held {
        self.ids(server, Proposes::Nothing).1
    }

    fn again(&mut self, server: Place, held: Held) -> Answer {
        self.ids(server, Proposes::Held(held)).0
    }
}

fn miss(cause: Cause) -> Answer {
    Answer::Miss(cause)
}

#[test]
fn a_session_is_resumed_in_its_last_second_and_has_expired_in_the_next() {
    let mut run = Run::new(&alone(ContextSetup::default()));
    let held = run.new_session(FIRST);
    run.wait(300 * SECOND);
    assert_eq!(run.again(FIRST, held), Answer::Hit(Found::Internal));
    run.wait(SECOND);
    assert_eq!(run.again(FIRST, held), miss(Cause::Expired));
}

#[test]
fn an_id_that_nobody_has_given_out_is_unknown() {
    let mut run = Run::new(&alone(ContextSetup::default()));
    let id = SessionId::new(b"made up").expect("an id");
    assert_eq!(run.ids(FIRST, Proposes::Unknown(id)).0, miss(Cause::Unknown));
    assert_eq!(run.ids(FIRST, Proposes::Nothing).0, Answer::NotAsked);
}

#[test]
fn a_ticket_is_its_own_servers_and_of_one_life() {
    for mechanism in [Mechanism::Tickets, Mechanism::Stateless(2)] {
        let mut run = Run::new(&pair());
        let (_, held) = run.visit(FIRST, mechanism, Proposes::Nothing, true);
        let other = run.visit(SECOND_ONE, mechanism, Proposes::Held(held), true).0;
        assert_eq!(other, miss(Cause::OtherKey), "{mechanism:?}");
        let own = run.visit(FIRST, mechanism, Proposes::Held(held), true).0;
        assert_eq!(own, Answer::Hit(Found::Ticket), "{mechanism:?}");
        run.event(FIRST, What::Restart);
        let later = run.visit(FIRST, mechanism, Proposes::Held(held), true).0;
        assert_eq!(later, miss(Cause::OtherKey), "{mechanism:?}");
    }
}

#[test]
fn a_server_that_caches_nothing_looks_nowhere() {
    let mut run = Run::new(&alone(ContextSetup::default()));
    let held = run.new_session(FIRST);
    for mode in [CacheMode::OFF, CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP] {
        run.event(FIRST, What::SetMode(mode));
        assert_eq!(run.begin(FIRST, Mechanism::Ids, Proposes::Held(held)).1.answer, Some(miss(Cause::NotLookedUp)));
    }
    run.event(FIRST, What::SetMode(CacheMode::SERVER));
    assert_eq!(run.again(FIRST, held), Answer::Hit(Found::Internal));
}

#[test]
fn a_libssl_that_caches_nothing_looks_everywhere_all_the_same() {
    let libssl = Profiles::one(shipped("libssl-3.0.22"));
    let mut run = Run::with(&alone(ContextSetup { size: Some(1), ..ContextSetup::default() }), &libssl);
    let [dropped, kept] = [(); 2].map(|()| run.new_session(FIRST));
    run.event(FIRST, What::SetMode(CacheMode::OFF));
    let answers = [kept, dropped].map(|held| run.again(FIRST, held));
    assert_eq!(answers, [Answer::Hit(Found::Internal), miss(Cause::Dropped)]);
    let mut run = Run::with(&shared(ExternalSetting { lost: 1.0, ..faultless() }), &libssl);
    let held = run.new_session(FIRST);
    for mode in [CacheMode::OFF, CacheMode::NO_INTERNAL_LOOKUP] {
        run.event(SECOND_ONE, What::SetMode(mode));
        assert_eq!(run.again(SECOND_ONE, held), miss(Cause::LostOutside), "{mode:?}");
    }
    let mut run = Run::with(&alone(ContextSetup::default()), &libssl);
    let held = run.new_session(FIRST);
    run.event(FIRST, What::SetMode(CacheMode::NO_INTERNAL_LOOKUP));
    assert_eq!(run.again(FIRST, held), miss(Cause::NotLookedUp));
}

#[test]
fn who_is_dropped_for_size_was_dropped_and_the_newcomer_was_not() {
    let mut run = Run::new(&alone(ContextSetup { size: Some(1), ..ContextSetup::default() }));
    let first = run.new_session(FIRST);
    let (visit, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
    let finished = run.event(FIRST, What::Finish(visit));
    assert_eq!((finished.left.dropped, finished.looked_at), (1, [1; 3]));
    let second = finished.gives.expect("it is a new session");
    assert_eq!(run.again(FIRST, second), Answer::Hit(Found::Internal));
    assert_eq!(run.again(FIRST, first), miss(Cause::Dropped));
}

#[test]
fn a_session_is_removed_by_an_unclean_close_and_by_a_flush_before_its_time() {
    let mut run = Run::new(&alone(ContextSetup::default()));
    let (_, held) = run.visit(FIRST, Mechanism::Ids, Proposes::Nothing, false);
    assert_eq!(run.again(FIRST, held), miss(Cause::Removed));
    let held = run.new_session(FIRST);
    run.event(FIRST, What::StepClock(1000));
    // With the one that was negotiated in place of the removed one.
    assert_eq!(run.event(FIRST, What::Flush).left.flushed, 2);
    run.event(FIRST, What::StepClock(-1000));
    assert_eq!(run.again(FIRST, held), miss(Cause::Removed));
}

#[test]
fn a_client_of_tls_1_2_proposes_no_ticket_of_a_connection_that_was_not_shut_down() {
    let mut run = Run::new(&alone(ContextSetup::default()));
    let (_, held) = run.visit(FIRST, Mechanism::Tickets, Proposes::Nothing, false);
    let (again, held) = run.visit(FIRST, Mechanism::Tickets, Proposes::Held(held), true);
    assert_eq!(again, miss(Cause::Removed));
    assert_eq!(run.visit(FIRST, Mechanism::Tickets, Proposes::Held(held), false).0, Answer::Hit(Found::Ticket));
    assert_eq!(run.visit(FIRST, Mechanism::Tickets, Proposes::Held(held), true).0, miss(Cause::Removed));
    // In TLS 1.3 the ticket is a session of its own, and came before the close.
    let (_, held) = run.visit(FIRST, Mechanism::Stateless(2), Proposes::Nothing, false);
    assert_eq!(run.visit(FIRST, Mechanism::Stateless(2), Proposes::Held(held), true).0, Answer::Hit(Found::Ticket));
}

#[test]
fn a_restart_takes_connections_and_sessions_with_it_and_nothing_of_other_servers() {
    let mut run = Run::new(&pair());
    let (lost, kept) = (run.new_session(FIRST), run.new_session(SECOND_ONE));
    let (unfinished, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
    let (elsewhere, _) = run.begin(SECOND_ONE, Mechanism::Ids, Proposes::Nothing);
    run.event(FIRST, What::SetSize(7));
    let restarted = run.event(FIRST, What::Restart);
    assert_eq!((restarted.gone, restarted.left.removed), (vec![unfinished], 1));
    assert_eq!(run.again(FIRST, lost), miss(Cause::Restarted));
    assert_eq!(run.again(SECOND_ONE, kept), Answer::Hit(Found::Internal));
    run.event(SECOND_ONE, What::Finish(elsewhere));
    assert_eq!(run.service.counters(FIRST)[Counter::Accept as usize], 1);
}

#[test]
fn a_server_that_is_taken_out_keeps_its_connections_and_its_sessions() {
    let mut run = Run::new(&pair());
    let held = run.new_session(FIRST);
    let (visit, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
    for what in [What::TakeOut, What::Scatter, What::TurnAway(Group(0))] {
        assert_eq!(run.event(FIRST, what), Outcome::default());
    }
    assert!(run.event(FIRST, What::Finish(visit)).gives.is_some());
    run.event(FIRST, What::Close { visit, clean: true });
    run.event(FIRST, What::Gather);
    run.event(FIRST, What::PutBack);
    assert_eq!(run.again(FIRST, held), Answer::Hit(Found::Internal));
}

#[test]
fn a_session_of_another_server_is_not_found_without_an_external_cache() {
    let mut run = Run::new(&pair());
    let held = run.new_session(FIRST);
    assert_eq!(run.again(SECOND_ONE, held), miss(Cause::OtherServer));
}

#[test]
fn a_clock_that_finds_nothing_is_not_blamed_and_that_of_the_server_that_has_it_is_asked() {
    let mut setting = pair();
    setting.servers[1].ahead = 3600;
    let mut run = Run::new(&setting);
    let (early, late) = (run.new_session(FIRST), run.new_session(SECOND_ONE));
    assert_eq!(run.again(SECOND_ONE, early), miss(Cause::OtherServer));
    assert_eq!(run.again(FIRST, late), miss(Cause::OtherServer));
    run.wait(301 * SECOND);
    assert_eq!(run.again(SECOND_ONE, early), miss(Cause::Expired));
}

#[test]
fn what_has_left_everywhere_is_missed_for_that_at_every_server() {
    let mut run = Run::new(&pair());
    let (_, removed) = run.visit(FIRST, Mechanism::Ids, Proposes::Nothing, false);
    let dropped = run.new_session(FIRST);
    run.event(FIRST, What::SetSize(1));
    let kept = run.new_session(FIRST);
    assert_eq!(run.again(SECOND_ONE, removed), miss(Cause::Removed));
    assert_eq!(run.again(SECOND_ONE, dropped), miss(Cause::Dropped));
    assert_eq!(run.again(SECOND_ONE, kept), miss(Cause::OtherServer));
    run.event(FIRST, What::Restart);
    assert_eq!(run.again(SECOND_ONE, kept), miss(Cause::OtherServer));
    assert_eq!([dropped, kept].map(|held| run.again(FIRST, held)), [Cause::Dropped, Cause::Restarted].map(miss));
}

#[test]
fn the_model_as_the_cache_has_the_outcomes_of_ours_with_a_restart_a_flush_and_drops() {
    let outcomes = |subject| {
        let mut run = Run::of(&alone(ContextSetup::default()), &against(subject, Part::Never), 1);
        for _ in 0..3 {
            run.new_session(FIRST);
        }
        let mut what = vec![run.event(FIRST, What::SetSize(2))];
        let (visit, begun) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
        what.extend([begun, run.event(FIRST, What::Finish(visit))]);
        run.wait(301 * SECOND);
        run.new_session(FIRST);
        what.push(run.event(FIRST, What::Flush));
        what.push(run.event(FIRST, What::Restart));
        what.push(run.event(FIRST, What::Flush));
        what
    };
    let [ours, the_models] = ["optimised", "model"].map(outcomes);
    assert_eq!(ours, the_models);
    let left = ours.iter().map(|outcome| outcome.left).map(|left| (left.dropped, left.flushed, left.removed));
    assert_eq!(left.collect::<Vec<_>>(), [(0, 0, 0), (0, 0, 0), (2, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]);
}

#[test]
fn what_the_mode_keeps_out_of_the_cache_was_not_stored() {
    let mode = Some(CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE);
    let mut run = Run::new(&alone(ContextSetup { mode, ..ContextSetup::default() }));
    let held = run.new_session(FIRST);
    assert_eq!(run.again(FIRST, held), miss(Cause::NotStored));
}

#[test]
fn a_session_of_another_protocol_is_found_and_refused() {
    let mut run = Run::new(&alone(ContextSetup::default()));
    let held = run.new_session(FIRST);
    let answer = run.visit(FIRST, Mechanism::Stateful(1), Proposes::Held(held), true).0;
    assert_eq!(answer, miss(Cause::Refused));
    assert_eq!(run.again(FIRST, held), Answer::Hit(Found::Internal));
}

#[test]
fn an_external_cache_brings_a_session_to_another_server_which_has_it_from_then_on() {
    let mut run = Run::new(&shared(faultless()));
    let held = run.new_session(FIRST);
    let (_, begun) = run.begin(SECOND_ONE, Mechanism::Ids, Proposes::Held(held));
    assert_eq!(begun.answer, Some(Answer::Hit(Found::External)));
    assert_eq!((begun.external.gets, begun.external.found), (1, 1));
    let (_, begun) = run.begin(SECOND_ONE, Mechanism::Ids, Proposes::Held(held));
    assert_eq!((begun.answer, begun.external.gets), (Some(Answer::Hit(Found::Internal)), 0));
}

#[test]
fn a_session_survives_a_restart_in_the_external_cache() {
    let mut run = Run::new(&shared(ExternalSetting { deletes: true, ..faultless() }));
    let held = run.new_session(FIRST);
    run.event(FIRST, What::Restart);
    assert_eq!(run.again(FIRST, held), Answer::Hit(Found::External));
}

#[test]
fn what_the_external_cache_shows_late_is_there_later() {
    let mut run = Run::new(&shared(ExternalSetting { lag: 2 * SECOND, ..faultless() }));
    let held = run.new_session(FIRST);
    run.wait(2 * SECOND - 1);
    assert_eq!(run.again(SECOND_ONE, held), miss(Cause::NotYetOutside));
    run.wait(1);
    assert_eq!(run.again(SECOND_ONE, held), Answer::Hit(Found::External));
}

#[test]
fn what_is_lost_on_the_way_is_never_there() {
    let mut run = Run::new(&shared(ExternalSetting { lost: 1.0, ..faultless() }));
    let (visit, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
    let finished = run.event(FIRST, What::Finish(visit));
    assert_eq!((finished.external.stores, finished.external.lost), (1, 1));
    let held = finished.gives.expect("it is a new session");
    assert_eq!(run.again(SECOND_ONE, held), miss(Cause::LostOutside));
    assert_eq!(run.again(FIRST, held), Answer::Hit(Found::Internal));
    assert_eq!(run.service.stored_externally(), 0);
}

#[test]
fn a_server_waits_as_long_as_it_does_and_goes_on_without_an_answer() {
    let slow = ExternalSetting { takes: Law::Fixed(50), ..faultless() };
    let mut patient = Run::new(&shared(slow.clone()));
    let held = patient.new_session(FIRST);
    patient.wait(50);
    let (_, begun) = patient.begin(SECOND_ONE, Mechanism::Ids, Proposes::Held(held));
    assert_eq!((begun.answer, begun.external.waited), (Some(Answer::Hit(Found::External)), 50));
    let mut hasty = Run::new(&shared(ExternalSetting { gives_up: Some(49), ..slow }));
    let held = hasty.new_session(FIRST);
    hasty.wait(50);
    let (_, begun) = hasty.begin(SECOND_ONE, Mechanism::Ids, Proposes::Held(held));
    assert_eq!((begun.external.waited, begun.external.unanswered), (49, 1));
    assert_eq!(begun.answer, Some(miss(Cause::Unanswered)));
}

#[test]
fn an_external_cache_that_is_away_is_not_asked_in_vain_for_longer_than_a_server_waits() {
    let away = vec![(Moment(0), Moment(10 * SECOND))];
    let mut run = Run::new(&shared(ExternalSetting { away: away.clone(), gives_up: Some(SECOND), ..faultless() }));
    let held = run.new_session(FIRST);
    let (_, begun) = run.begin(SECOND_ONE, Mechanism::Ids, Proposes::Held(held));
    assert_eq!((begun.external.waited, begun.external.unanswered), (SECOND, 1));
    assert_eq!(begun.answer, Some(miss(Cause::Unanswered)));
    run.wait(10 * SECOND);
    // What was stored meanwhile is nowhere.
    assert_eq!(run.again(SECOND_ONE, held), miss(Cause::LostOutside));
    let mut patient = Run::new(&shared(ExternalSetting { away, ..faultless() }));
    let (visit, _) = patient.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
    assert_eq!(patient.event(FIRST, What::Finish(visit)).external.waited, 10 * SECOND);
}

/// An external cache that is away for 20 s, and servers that wait for a second and retry after five.
fn retried() -> ExternalSetting {
    let away = vec![(Moment(SECOND), Moment(21 * SECOND))];
    ExternalSetting { away, gives_up: Some(SECOND), retry_after: Some(5 * SECOND), deletes: true, ..faultless() }
}

#[test]
fn a_server_that_was_not_answered_does_not_ask_for_a_while_and_then_tries() {
    let mut run = Run::new(&shared(retried()));
    let held = run.new_session(FIRST);
    let mut asks = |at: u64, server| {
        run.now = at;
        let (visit, begun) = run.begin(server, Mechanism::Ids, Proposes::Held(held));
        run.event(server, What::Abort(visit));
        let External { gets, unanswered, not_made, waited, .. } = begun.external;
        (begun.answer.expect("it was begun"), [gets, unanswered, not_made], waited)
    };
    let unanswered = (miss(Cause::Unanswered), [1, 1, 0], SECOND);
    let not_asked = (miss(Cause::NotAskedOutside), [0, 0, 1], 0);
    // It knows when it has given the first call up, and no sooner.
    assert_eq!(asks(SECOND, SECOND_ONE), unanswered);
    assert_eq!(asks(2 * SECOND - 1, SECOND_ONE), unanswered);
    assert_eq!(asks(2 * SECOND, SECOND_ONE), not_asked);
    assert_eq!(asks(8 * SECOND - 2, SECOND_ONE), not_asked, "five seconds after the second call was given up");
    assert_eq!(asks(8 * SECOND - 1, SECOND_ONE), unanswered);
    // One tries, and the others do not wait for what it finds.
    assert_eq!(asks(8 * SECOND, SECOND_ONE), not_asked);
    assert_eq!(asks(14 * SECOND - 2, SECOND_ONE), not_asked);
    assert_eq!(asks(19 * SECOND, SECOND_ONE), unanswered);
    // It is back, and this server finds that out later.
    assert_eq!(asks(21 * SECOND, SECOND_ONE), not_asked);
    assert_eq!(asks(25 * SECOND, SECOND_ONE), (Answer::Hit(Found::External), [1, 0, 0], 0));
    assert_eq!(asks(25 * SECOND, SECOND_ONE), (Answer::Hit(Found::Internal), [0; 3], 0));
}

#[test]
fn each_server_finds_out_for_itself_and_one_that_starts_anew_knows_nothing() {
    let mut setting = shared(retried());
    setting.servers.push(setting.servers[0].clone());
    let mut run = Run::new(&setting);
    let held = run.new_session(FIRST);
    let asks = |run: &mut Run, at: u64, server| {
        run.now = at;
        run.begin(server, Mechanism::Ids, Proposes::Held(held)).1.answer.expect("it was begun")
    };
    assert_eq!(asks(&mut run, 10 * SECOND, SECOND_ONE), miss(Cause::Unanswered));
    assert_eq!(asks(&mut run, 12 * SECOND, SECOND_ONE), miss(Cause::NotAskedOutside));
    assert_eq!(asks(&mut run, 12 * SECOND, THIRD), miss(Cause::Unanswered));
    run.event(SECOND_ONE, What::Restart);
    assert_eq!(asks(&mut run, 12 * SECOND, SECOND_ONE), miss(Cause::Unanswered));
    // One that asks each time.
    let mut run = Run::new(&shared(ExternalSetting { retry_after: None, ..retried() }));
    let held = run.new_session(FIRST);
    for at in [10, 12, 13] {
        run.now = at * SECOND;
        let (_, begun) = run.begin(SECOND_ONE, Mechanism::Ids, Proposes::Held(held));
        assert_eq!((begun.answer, begun.external.not_made), (Some(miss(Cause::Unanswered)), 0));
    }
}

#[test]
fn what_is_found_inside_is_no_call_and_finds_nothing_out() {
    let mut run = Run::new(&shared(retried()));
    let [inside, outside] = [FIRST, SECOND_ONE].map(|server| run.new_session(server));
    run.wait(5 * SECOND);
    assert_eq!(run.again(FIRST, inside), Answer::Hit(Found::Internal));
    run.wait(2 * SECOND);
    assert_eq!(run.again(FIRST, outside), miss(Cause::Unanswered), "nobody had asked before");
}

#[test]
fn nothing_is_stored_or_deleted_while_a_server_does_not_call_nor_by_the_second_call_of_an_event() {
    let mut run = Run::new(&shared(retried()));
    let (kept, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
    let held = run.event(FIRST, What::Finish(kept)).gives.expect("it is a new session");
    run.wait(5 * SECOND);
    let (visit, _) = run.begin(FIRST, Mechanism::Stateful(2), Proposes::Nothing);
    let External { stores, lost, not_made, waited, .. } = run.event(FIRST, What::Finish(visit)).external;
    assert_eq!((stores, lost, not_made, waited), (1, 1, 1, SECOND));
    run.wait(2 * SECOND);
    let closed = run.event(FIRST, What::Close { visit: kept, clean: false });
    assert_eq!((closed.external.deletes, closed.external.not_made, closed.external.waited), (0, 1, 0));
    let untold = run.new_session(FIRST);
    run.wait(20 * SECOND);
    assert_eq!(run.again(SECOND_ONE, held), Answer::Hit(Found::External), "nobody has deleted it");
    assert_eq!(run.again(SECOND_ONE, untold), miss(Cause::LostOutside));
}

#[test]
fn where_the_new_callback_returns_0_sessions_leave_as_they_come_and_in_a_libssl_they_stay() {
    let mut setting = shared(faultless());
    let refuses = Some(NewScript { first: Vec::new(), then: false });
    setting.servers.iter_mut().for_each(|server| server.context.callbacks.new.clone_from(&refuses));
    let told = |run: &mut Run| {
        let (visit, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
        let left = run.event(FIRST, What::Finish(visit)).left;
        (left.refused, left.removed, run.gauges(FIRST).sessions)
    };
    assert_eq!(told(&mut Run::new(&setting)), (1, 1, 0));
    assert_eq!(told(&mut Run::with(&setting, &Profiles::one(shipped("libssl-3.0.22")))), (0, 0, 1));
    setting
        .servers
        .iter_mut()
        .for_each(|server| server.context.mode = Some(CacheMode::SERVER | CacheMode::NO_INTERNAL));
    assert_eq!(told(&mut Run::new(&setting)), (0, 0, 0), "nothing was to stay");
}

#[test]
fn an_external_cache_keeps_a_session_for_its_time_and_not_for_the_sessions() {
    let mut run = Run::new(&shared(ExternalSetting { keeps: Some(5), ..faultless() }));
    let held = run.new_session(FIRST);
    run.wait(5 * SECOND);
    assert_eq!(run.again(SECOND_ONE, held), miss(Cause::Expired));
    let held = run.new_session(FIRST);
    run.wait(5 * SECOND - 1);
    assert_eq!(run.again(SECOND_ONE, held), Answer::Hit(Found::External));
}

#[test]
fn the_oldest_makes_room_in_an_external_cache_that_is_full() {
    let mut run = Run::new(&shared(ExternalSetting { entries: Some(1), ..faultless() }));
    let (first, second) = (run.new_session(FIRST), run.new_session(FIRST));
    assert_eq!(run.service.stored_externally(), 1);
    assert_eq!(run.again(SECOND_ONE, second), Answer::Hit(Found::External));
    assert_eq!(run.again(SECOND_ONE, first), miss(Cause::DroppedOutside));
}

#[test]
fn a_removed_session_is_deleted_from_an_external_cache_that_is_told_so_and_stays_in_one_that_is_not() {
    for deletes in [true, false] {
        let mut run = Run::new(&shared(ExternalSetting { deletes, ..faultless() }));
        let (visit, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
        let held = run.event(FIRST, What::Finish(visit)).gives.expect("it is a new session");
        let closed = run.event(FIRST, What::Close { visit, clean: false });
        assert_eq!((closed.external.deletes, closed.left.removed), (u64::from(deletes), 1));
        let answer = if deletes { miss(Cause::Removed) } else { Answer::Hit(Found::External) };
        assert_eq!(run.again(SECOND_ONE, held), answer);
    }
}

#[test]
fn what_one_server_deletes_outside_is_removed_for_all_also_after_a_connection_that_resumed_it() {
    let mut setting = shared(ExternalSetting { deletes: true, ..faultless() });
    setting.servers.iter_mut().for_each(|server| {
        server.context.mode = Some(CacheMode::SERVER | CacheMode::NO_INTERNAL);
    });
    // A libssl calls back for what is not in the internal cache as well.
    let profile = crate::profiles::by_name("libssl-3.0.22").expect("it is shipped");
    let of = profile.profile;
    let service = Service::of(&setting, &|| Box::new(Model::new(of)), &Profiles::one(profile), Part::Every, 1);
    let mut run = Run { service, now: 0, visits: 0 };
    let (_, held) = run.visit(FIRST, Mechanism::Ids, Proposes::Nothing, false);
    assert_eq!(run.again(SECOND_ONE, held), miss(Cause::Removed));
    let held = run.new_session(FIRST);
    assert_eq!(run.visit(SECOND_ONE, Mechanism::Ids, Proposes::Held(held), false).0, Answer::Hit(Found::External));
    assert_eq!(run.again(FIRST, held), miss(Cause::Removed));
    assert_eq!(run.service.stored_externally(), 2, "those that were negotiated instead");
    let mut ours = Run::new(&setting);
    let (_, held) = ours.visit(FIRST, Mechanism::Ids, Proposes::Nothing, false);
    assert_eq!(ours.again(SECOND_ONE, held), Answer::Hit(Found::External));
}

#[test]
fn of_several_causes_outside_that_is_told_which_holds_whatever_the_others_do() {
    let away = vec![(Moment(10 * SECOND), Moment(400 * SECOND))];
    let mut run = Run::new(&shared(ExternalSetting { away, gives_up: Some(SECOND), deletes: true, ..faultless() }));
    let (kept, id) = (run.new_session(FIRST), SessionId::new(b"made up").expect("an id"));
    let (_, removed) = run.visit(FIRST, Mechanism::Ids, Proposes::Nothing, false);
    run.wait(10 * SECOND);
    let stored_in_vain = run.new_session(FIRST);
    let answers = [kept, removed, stored_in_vain].map(|held| run.again(SECOND_ONE, held));
    assert_eq!(answers, [Cause::Unanswered, Cause::Removed, Cause::Unanswered].map(miss));
    assert_eq!(run.ids(FIRST, Proposes::Unknown(id)).0, miss(Cause::Unknown));
    run.wait(300 * SECOND);
    assert_eq!(run.again(SECOND_ONE, kept), miss(Cause::Expired));
    run.wait(100 * SECOND);
    assert_eq!(run.again(SECOND_ONE, kept), miss(Cause::Expired));
}

#[test]
fn what_a_server_has_dropped_is_missed_for_what_the_external_cache_did_with_it() {
    let missed = |external| {
        let mut setting = shared(external);
        setting.servers.iter_mut().for_each(|server| server.context.size = Some(1));
        let mut run = Run::new(&setting);
        let held = run.new_session(FIRST);
        run.new_session(FIRST);
        run.again(FIRST, held)
    };
    assert_eq!(missed(faultless()), Answer::Hit(Found::External));
    assert_eq!(missed(ExternalSetting { lost: 1.0, ..faultless() }), miss(Cause::LostOutside));
    assert_eq!(missed(ExternalSetting { deletes: true, ..faultless() }), miss(Cause::Dropped));
}

#[test]
fn what_one_server_drops_and_deletes_outside_was_dropped_for_all_and_what_one_removes_first_was_removed() {
    let missed = |is_removed_first: bool| {
        let mut run = Run::new(&with_a_small_one());
        let held = run.new_session(FIRST);
        assert_eq!(run.again(SECOND_ONE, held), Answer::Hit(Found::External));
        if is_removed_first {
            run.visit(FIRST, Mechanism::Ids, Proposes::Held(held), false);
        }
        run.new_session(SECOND_ONE);
        if !is_removed_first {
            assert_eq!(run.again(FIRST, held), Answer::Hit(Found::Internal), "it has it still");
            assert_eq!(run.again(THIRD, held), miss(Cause::Dropped));
            run.visit(FIRST, Mechanism::Ids, Proposes::Held(held), false);
        }
        run.again(THIRD, held)
    };
    assert_eq!([false, true].map(missed), [Cause::Dropped, Cause::Removed].map(miss));
}

#[test]
fn what_is_flushed_in_its_time_and_deleted_outside_has_expired_though_another_server_has_it_longer() {
    let mut setting = with_a_small_one();
    let mode = Some(CacheMode::SERVER | CacheMode::UPDATE_TIME);
    setting.servers.iter_mut().for_each(|server| server.context.mode = mode);
    let mut run = Run::new(&setting);
    let held = run.new_session(FIRST);
    run.wait(200 * SECOND);
    assert_eq!(run.again(SECOND_ONE, held), Answer::Hit(Found::External));
    run.wait(101 * SECOND);
    assert_eq!(run.event(FIRST, What::Flush).external.deletes, 1);
    assert_eq!(run.again(SECOND_ONE, held), Answer::Hit(Found::Internal));
    assert_eq!(run.again(THIRD, held), miss(Cause::Expired));
}

#[test]
fn what_an_external_cache_was_never_told_of_is_not_missed_for_it() {
    let mut setting =
        shared(ExternalSetting { away: vec![(Moment(0), Moment(SECOND))], gives_up: Some(1), ..faultless() });
    setting.servers.iter_mut().for_each(|server| server.context.callbacks.new = None);
    let mut run = Run::new(&setting);
    let held = run.new_session(FIRST);
    assert_eq!(run.again(SECOND_ONE, held), miss(Cause::OtherServer));
}

#[test]
fn servers_whose_clocks_disagree_disagree_on_who_has_expired() {
    let mut setting = shared(ExternalSetting { keeps: Some(10_000), ..faultless() });
    setting.servers[1].ahead = 400;
    let mut run = Run::new(&setting);
    let (early, late) = (run.new_session(FIRST), run.new_session(SECOND_ONE));
    assert_eq!(run.again(SECOND_ONE, early), miss(Cause::Expired));
    run.wait(600 * SECOND);
    assert_eq!(run.again(SECOND_ONE, late), miss(Cause::Expired));
    assert_eq!(run.again(FIRST, late), Answer::Hit(Found::External));
    assert_eq!(run.again(FIRST, early), miss(Cause::Expired));
}

#[test]
fn a_clock_that_drifts_is_ahead_by_the_second_and_jumps_when_it_is_stepped() {
    let mut setting = alone(ContextSetup::default());
    setting.servers[0].drift = 1000;
    let mut run = Run::new(&setting);
    run.wait(999 * SECOND);
    run.event(FIRST, What::Flush);
    assert_eq!(run.gauges(FIRST).clock, 1999);
    run.wait(SECOND);
    run.event(FIRST, What::Flush);
    assert_eq!(run.gauges(FIRST).clock, 2001);
    run.event(FIRST, What::StepClock(-3600));
    run.event(FIRST, What::Flush);
    assert_eq!(run.gauges(FIRST).clock, 2001 - 3600);
}

#[test]
fn the_clock_of_a_server_where_nothing_happens_goes_on() {
    let mut run = Run::new(&pair());
    run.wait(10 * SECOND);
    run.new_session(SECOND_ONE);
    assert_eq!(run.gauges(FIRST).clock, 1010);
    run.event(FIRST, What::StepClock(-100));
    assert_eq!(run.gauges(FIRST).clock, 910);
    assert_eq!(run.gauges(SECOND_ONE).clock, 1010);
}

#[test]
fn a_clock_goes_on_where_nothing_happens_at_any_server() {
    let mut setting = pair();
    setting.servers[1].drift = -500_000;
    let mut run = Run::new(&setting);
    run.new_session(FIRST);
    run.wait(10 * SECOND);
    assert_eq!([FIRST, SECOND_ONE].map(|server| run.gauges(server).clock), [1010, 1005]);
}

#[test]
fn update_time_lets_a_session_live_longer_and_its_cause_of_a_miss_later() {
    let mode = Some(CacheMode::SERVER | CacheMode::UPDATE_TIME);
    let mut run = Run::new(&alone(ContextSetup { mode, ..ContextSetup::default() }));
    let held = run.new_session(FIRST);
    run.wait(300 * SECOND);
    assert_eq!(run.again(FIRST, held), Answer::Hit(Found::Internal));
    run.wait(300 * SECOND);
    run.event(FIRST, What::SetMode(CacheMode::OFF));
    assert_eq!(run.again(FIRST, held), miss(Cause::NotLookedUp));
    run.event(FIRST, What::SetMode(CacheMode::SERVER));
    assert_eq!(run.again(FIRST, held), Answer::Hit(Found::Internal));
    run.wait(SECOND);
    assert_eq!(run.again(FIRST, held), miss(Cause::Expired));
}

#[test]
fn a_flush_has_ours_look_at_64_and_a_libssl_at_all() {
    let mut run = Run::new(&alone(ContextSetup::default()));
    for _ in 0..100 {
        run.new_session(FIRST);
    }
    run.wait(200 * SECOND);
    for _ in 0..30 {
        run.new_session(FIRST);
    }
    run.wait(101 * SECOND);
    let flushed = run.event(FIRST, What::Flush);
    assert_eq!((flushed.left.flushed, flushed.looked_at), (100, [64, 130, 101]));
    let held = (130..254).map(|_| run.new_session(FIRST)).last().expect("there are some");
    // The 255th connection flushes by itself, be it resumed; nothing has expired.
    let (visit, begun) = run.begin(FIRST, Mechanism::Ids, Proposes::Held(held));
    assert_eq!(begun.answer, Some(Answer::Hit(Found::Internal)));
    assert_eq!(run.event(FIRST, What::Finish(visit)).looked_at, [1, 154, 1]);
}

#[test]
fn a_cache_that_is_flushed_at_another_connection_looks_at_its_sessions_all_the_same() {
    let mut profile = crate::profiles::by_name("manual").expect("it is shipped");
    profile.profile.readings.auto_flush_phase = AutoFlushPhase::Next;
    let of = profile.profile;
    let service = Service::of(
        &alone(ContextSetup::default()),
        &|| Box::new(Model::new(of)),
        &Profiles::one(profile),
        Part::Every,
        1,
    );
    let mut run = Run { service, now: 0, visits: 0 };
    (0..254).for_each(|_| _ = run.new_session(FIRST));
    run.wait(301 * SECOND);
    let flushed: Vec<_> = (0..3)
        .map(|_| {
            let (visit, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
            let finished = run.event(FIRST, What::Finish(visit));
            (finished.left.flushed, finished.looked_at)
        })
        .collect();
    // Ours would be flushed by the first of them; there it looks at all, and finds nothing to do in the third.
    assert_eq!(flushed[1], (254, [64, 256, 255]), "{flushed:?}");
    assert_eq!((flushed[0].0, flushed[2]), (0, (0, [0; 3])));
}

#[test]
fn how_long_a_cache_looks_is_its_own_whatever_it_is_held_to() {
    let looks = |own: &str, held_to: &str| {
        let profiles = Profiles { own: shipped(own), held_to: shipped(held_to) };
        let mut run =
            Run::with(&alone(ContextSetup { timeout: Some(Timeout(300)), ..ContextSetup::default() }), &profiles);
        (0..200).for_each(|_| _ = run.new_session(FIRST));
        run.wait(200 * SECOND);
        (0..54).for_each(|_| _ = run.new_session(FIRST));
        run.wait(101 * SECOND);
        let finished = (0..5).map(|_| {
            let (visit, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
            run.event(FIRST, What::Finish(visit)).looked_at
        });
        finished.collect::<Vec<_>>()
    };
    let names = ["optimised", "optimised-in-steps", "libssl-1.1.1w", "libssl-3.0.22"];
    for own in names {
        for other in names {
            assert_eq!(looks(own, other), looks(own, own), "{own}, held to {other}");
            assert_eq!(looks(own, own) == looks(other, other), own == other, "{own} and {other}");
        }
    }
}

#[test]
fn a_flush_that_is_not_due_is_a_look_at_all_that_there_are() {
    let subject = "faulty:auto-flush-counts-resumed-twice@optimised";
    let mut run = Run::of(&alone(ContextSetup::default()), &against(subject, Part::Never), 1);
    run.new_session(FIRST);
    run.wait(200 * SECOND);
    let held = run.new_session(FIRST);
    run.wait(101 * SECOND);
    let finished = (0..130).map(|_| {
        let (visit, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Held(held));
        run.event(FIRST, What::Finish(visit))
    });
    let flushed: Vec<_> = finished.filter(|outcome| outcome.left.flushed > 0).collect();
    assert_eq!(flushed.iter().map(|outcome| outcome.looked_at).collect::<Vec<_>>(), [[2; 3]]);
}

/// Clients that come at random, and all else that can happen.
struct Crowd {
    random: Random,
    events: u64,
    servers: u16,
    /// Whether clocks, modes, sizes and whole servers change, too.
    eventful: bool,
    now: u64,
    clients: Vec<Option<Held>>,
    /// Open visits: where, whose, and whether the handshake is finished.
    open: Vec<(Visit, Place, usize, bool)>,
    free: Vec<Visit>,
    visits: u32,
    whose: usize,
}

impl Crowd {
    fn new(seed: u64, events: u64, setting: &Setting, eventful: bool) -> Self {
        Self {
            random: Random::seed_from_u64(seed),
            events,
            servers: u16::try_from(setting.servers.len()).expect("few"),
            eventful,
            now: 0,
            clients: (0..60).map(|_| None).collect(),
            open: Vec::new(),
            free: Vec::new(),
            visits: 0,
            whose: 0,
        }
    }

    fn below(&mut self, end: usize) -> usize {
        let word: u64 = StandardUniform.sample(&mut self.random);
        (word % end as u64) as usize
    }

    fn mechanism(client: usize) -> Mechanism {
        [Mechanism::Ids, Mechanism::Ids, Mechanism::Stateful(2), Mechanism::Stateless(1), Mechanism::Tickets]
            [client % 5]
    }

    fn begins(&mut self) -> (Place, What) {
        let client = self.below(self.clients.len());
        let server = Place(self.below(self.servers.into()) as u16);
        let visit = self.free.pop().unwrap_or_else(|| {
            self.visits += 1;
            Visit(self.visits - 1)
        });
        let proposes = match self.below(12) {
            0 => Proposes::Unknown(SessionId::new(&[7, self.below(5) as u8]).expect("an id")),
            1 => Proposes::Nothing,
            _ => self.clients[client].map_or(Proposes::Nothing, Proposes::Held),
        };
        self.open.push((visit, server, client, false));
        let (group, mechanism) = (Group(0), Self::mechanism(client));
        (server, What::Begin { visit, group, mechanism, proposes })
    }

    fn goes_on(&mut self) -> (Place, What) {
        let at = self.below(self.open.len());
        let (visit, server, client, finished) = self.open[at];
        if !finished && self.below(8) > 0 {
            self.open[at].3 = true;
            self.whose = client;
            return (server, What::Finish(visit));
        }
        self.open.swap_remove(at);
        self.free.push(visit);
        let clean = self.below(8) > 0;
        (server, if finished { What::Close { visit, clean } } else { What::Abort(visit) })
    }

    fn changes(&mut self) -> What {
        match self.below(9) {
            0 => What::Restart,
            1 => What::StepClock([-400, -1, 1, 30, 400][self.below(5)]),
            2 => What::SetMode(CacheMode::OFF),
            3 | 4 => What::SetMode(CacheMode::SERVER),
            5 => What::SetMode(
                CacheMode::SERVER
                    | [CacheMode::UPDATE_TIME, CacheMode::NO_INTERNAL, CacheMode::NO_AUTO_CLEAR][self.below(3)],
            ),
            6 => What::SetSize([0, 1, 5, 30][self.below(4)]),
            7 => What::SetTimeout(Timeout([1, 100, 300][self.below(3)])),
            _ => What::Flush,
        }
    }
}

impl Source for Crowd {
    fn next(&mut self) -> Option<Event> {
        self.events = self.events.checked_sub(1)?;
        self.now += self.below(2 * SECOND as usize) as u64;
        let (server, what) = if self.eventful && self.below(200) == 0 {
            (Place(self.below(self.servers.into()) as u16), self.changes())
        } else if self.open.is_empty() || self.open.len() < 20 && self.below(3) == 0 {
            self.begins()
        } else {
            self.goes_on()
        };
        Some(Event { at: Moment(self.now), server, what })
    }

    fn learn(&mut self, _: &Event, outcome: &Outcome) -> Option<Held> {
        for gone in &outcome.gone {
            self.open.retain(|(visit, ..)| visit != gone);
            self.free.push(*gone);
        }
        let given = outcome.gives?;
        self.clients[self.whose].replace(given)
    }
}

/// The run to its end, or to where it parts; every outcome goes through `sees`.
fn play(
    service: &mut Service,
    source: &mut dyn Source,
    mut sees: impl FnMut(&Event, &Outcome),
) -> Result<(), Box<Parting>> {
    let mut now = Moment(0);
    while let Some(event) = source.next() {
        now = event.at;
        let outcome = service.apply(&event)?;
        sees(&event, &outcome);
        if let Some(held) = source.learn(&event, &outcome) {
            service.give_back(held);
        }
    }
    service.compare_all(now)
}

fn troubled() -> Setting {
    let external = ExternalSetting {
        takes: Law::Exponential(20),
        gives_up: Some(100),
        retry_after: Some(2 * SECOND),
        lost: 0.1,
        lag: SECOND,
        keeps: Some(400),
        entries: Some(20),
        deletes: true,
        away: vec![(Moment(500 * SECOND), Moment(900 * SECOND))],
    };
    let mut setting = shared(external);
    (setting.servers[0].ahead, setting.servers[1].drift) = (-30, 2000);
    setting.servers[1].context.size = Some(10);
    setting
}

#[test]
fn nothing_diverges_in_a_million_events_of_all_kinds_and_numbers_stay_few() {
    let setting = troubled();
    let mut service = Service::new(&setting, &against("optimised", Part::Every), 1).expect("it is our cache");
    let (mut causes, mut hits) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    let events = 1_000_000;
    let played = play(&mut service, &mut Crowd::new(1, events, &setting, true), |_, outcome| match outcome.answer {
        Some(Answer::Miss(cause)) => _ = causes.insert(cause),
        Some(Answer::Hit(found)) => _ = hits.insert(found),
        _ => {}
    });
    played.unwrap_or_else(|parting| panic!("{parting}"));
    let most = service.numbers();
    // All causes but one: no client there changes its protocol, and whatever is found fits.
    assert_eq!((causes.len(), hits.len()), (14, 3), "{causes:?} {hits:?}");
    assert!(!causes.contains(&Cause::Refused), "{causes:?}");
    assert!(most < 4000, "{most} numbers for {events} events");
}

#[test]
fn the_same_events_have_the_same_outcomes() {
    let told = |seed| {
        let setting = troubled();
        let mut service = Service::new(&setting, &against("optimised", Part::Never), seed).expect("it is our cache");
        let mut told = Vec::new();
        let source = &mut Crowd::new(3, 20_000, &setting, true);
        play(&mut service, source, |_, outcome| told.push(outcome.clone())).expect("nothing is compared");
        told
    };
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
}

#[test]
fn a_sample_is_checked_in_full_and_goes_its_own_way() {
    let setting = troubled();
    let mut service = Service::new(&setting, &against("optimised", Part::OneIn(4)), 1).expect("it is our cache");
    play(&mut service, &mut Crowd::new(5, 100_000, &setting, true), |_, _| {}).unwrap_or_else(|p| panic!("{p}"));
    let faulty = against("faulty:auto-flush-skips-the-last@optimised", Part::OneIn(4));
    let mut service = Service::new(&setting, &faulty, 1).expect("it is a fault of our cache");
    let parting = play(&mut service, &mut Crowd::new(5, 100_000, &setting, false), |_, _| {});
    assert!(parting.expect_err("the sample shows it").in_sample);
}

#[test]
fn a_client_of_the_sample_goes_on_there_with_what_it_was_given_there() {
    // In the sample there is room for one of the two.
    let setting = alone(ContextSetup { size: Some(2), ..ContextSetup::default() });
    let both = |seed| {
        let mut run = Run::of(&setting, &against("optimised", Part::OneIn(2)), seed);
        let first = run.new_session(FIRST);
        run.new_session(FIRST);
        let sampled = run.service.sampled().expect("there is a sample");
        (sampled.connections == 2 && sampled.dropped == 1).then_some((run, first))
    };
    let (mut run, first) = (1..).find_map(both).expect("chance has it some day");
    for resumed in [0, 1, 2] {
        assert_eq!(run.again(FIRST, first), Answer::Hit(Found::Internal));
        assert_eq!(run.service.sampled().expect("there is a sample").resumed, resumed);
    }
}

#[test]
fn a_sample_that_nobody_is_in_checks_nothing_and_says_so() {
    let watched = |parts| {
        let against = against("optimised", Part::OneIn(parts));
        let setting = alone(ContextSetup::default());
        let mut watched = Watched::open(&setting, &against, 1, Moment(1)).expect("it is our cache");
        let (visit, group, mechanism) = (Visit(0), Group(0), Mechanism::Ids);
        let begin = What::Begin { visit, group, mechanism, proposes: Proposes::Nothing };
        for what in [begin, What::Finish(visit), What::Restart] {
            watched.apply(&Event { at: Moment(0), server: FIRST, what }).expect("it conforms");
        }
        let checked = watched.checked();
        (checked.events, checked.how, watched.in_vain().is_some())
    };
    let (events, how, in_vain) = watched(1_000_000);
    assert!(events == 1 && how.contains(": 0 connections,") && in_vain, "{events}: {how}");
    let (events, how, in_vain) = watched(1);
    assert!(events == 3 && how.contains(": 1 connections,") && !in_vain, "{events}: {how}");
}

#[test]
fn a_run_ends_before_its_connections_have_no_more_numbers() {
    let mut run = Run::new(&alone(ContextSetup::default()));
    run.service.connections = u32::MAX - 3;
    assert!(!run.service.is_full());
    run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
    assert!(run.service.is_full());
}

#[test]
#[should_panic(expected = "only an open visit is named")]
fn a_mistake_of_the_simulator_is_not_told_as_the_caches() {
    let mut run = Run::new(&alone(ContextSetup::default()));
    let (visit, _) = run.begin(FIRST, Mechanism::Ids, Proposes::Nothing);
    run.event(FIRST, What::Abort(visit));
    let _ = run.service.apply(&Event { at: Moment(0), server: FIRST, what: What::Finish(visit) });
}

#[test]
fn a_cache_that_goes_down_between_events_is_told_with_the_next() {
    let profile = crate::profiles::by_name("optimised").expect("it is shipped");
    let library = || Box::new(that_goes_down_freeing()) as Box<dyn Library>;
    for checked in [Part::Never, Part::Every, Part::OneIn(1)] {
        let service =
            Service::of(&alone(ContextSetup::default()), &library, &Profiles::one(profile.clone()), checked, 1);
        let mut run = Run { service, now: 0, visits: 0 };
        let held = run.new_session(FIRST);
        run.service.give_back(held);
        assert_eq!(run.gauges(FIRST).sessions, 0, "nothing is known of it any more");
        let flush = Event { at: Moment(7), server: FIRST, what: What::Flush };
        let parting = run.service.apply(&flush).expect_err("it is down");
        assert_eq!((parting.event, parting.at, parting.what.as_str()), (3, Moment(7), "panic: it goes down"));
    }
}

#[test]
fn a_wrong_counter_is_found_at_its_very_event() {
    let setting = alone(ContextSetup::default());
    let faulty = against("faulty:hits-of-8-bits@optimised", Part::Every);
    let mut service = Service::new(&setting, &faulty, 1).expect("it is a fault of our cache");
    let (mut events, mut hits) = (0, 0);
    let parted = play(&mut service, &mut Crowd::new(9, 200_000, &setting, false), |_, outcome| {
        events += 1;
        hits += u32::from(matches!(outcome.answer, Some(Answer::Hit(_))));
    });
    let parting = parted.expect_err("the 256th hit shows it");
    assert_eq!((parting.event, hits), (events, 255), "{parting}");
    assert_eq!(service.compared(), events, "it is in step up to there");
    // Without the model it goes on.
    service.go_on_unchecked();
    let flush = Event { at: parting.at, server: FIRST, what: What::Flush };
    assert!(service.apply(&flush).is_ok());
}

#[test]
fn a_cache_that_goes_down_is_told_at_its_event_and_cut_out() {
    let setting = alone(ContextSetup::default());
    let profile = crate::profiles::by_name("optimised").expect("it is shipped");
    let service =
        || Service::of(&setting, &|| Box::new(that_goes_down()), &Profiles::one(profile.clone()), Part::Never, 1);
    let crowd = || Crowd::new(4, 10_000, &setting, false);
    let parting = play(&mut service(), &mut crowd(), |_, _| {}).expect_err("it goes down");
    assert_eq!(parting.what, "panic: it goes down");
    let mut witness = Here::new(Driven::new("down", that_goes_down));
    let cut = cut_of(service(), &mut crowd(), &parting, &mut witness, String::new(), &mut |_| {});
    let (found, trace) = cut.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!((trace.ops.len(), found.parted.kind.as_str()), (1, "crashed"), "{}", found.trace);
}

/// The same cache in a run in which it is known to go down in this ask; and who is told of each.
fn that_is_to_fall(checked: Part, fall: Option<Fall>) -> (Service, Rc<Cell<u64>>) {
    let library = || Box::new(that_goes_down()) as Box<dyn Library>;
    let profiles = Profiles::one(shipped("optimised"));
    let mut service = Service::of(&alone(ContextSetup::default()), &library, &profiles, checked, 1);
    let last = Rc::new(Cell::new(0));
    let told = Rc::clone(&last);
    service.count_asks(&Asks::new(Box::new(move |ask| told.set(ask)), fall));
    (service, last)
}

#[test]
fn a_cache_that_is_known_to_go_down_is_not_asked_then_and_cut_out_as_if_it_had() {
    let crowd = || Crowd::new(4, 10_000, &alone(ContextSetup::default()), false);
    for checked in [Part::Never, Part::Every, Part::OneIn(2)] {
        let (mut service, last) = that_is_to_fall(checked, None);
        let went_down = play(&mut service, &mut crowd(), |_, _| {}).expect_err("it goes down");
        let how = "went down: signal: 6 (SIGABRT)".to_owned();
        let fall = Fall { ask: last.get(), how: how.clone() };
        let (mut service, _) = that_is_to_fall(checked, Some(fall.clone()));
        let parting = play(&mut service, &mut crowd(), |_, _| {}).expect_err("it is said to go down");
        assert_eq!(*parting, Parting { what: how, ..*went_down });
        let mut witness = Here::new(Driven::new("down", that_goes_down));
        let (service, _) = that_is_to_fall(checked, Some(fall));
        let cut = cut_of(service, &mut crowd(), &parting, &mut witness, String::new(), &mut |_| {});
        let (found, trace) = cut.unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((trace.ops.len(), found.parted.kind.as_str()), (1, "crashed"), "{}", found.trace);
    }
}

#[test]
fn an_event_in_which_a_cache_goes_down_was_not_compared() {
    let (mut service, _) = that_is_to_fall(Part::Every, Some(Fall { ask: 3, how: "down".to_owned() }));
    let flush = Event { at: Moment(0), server: FIRST, what: What::Flush };
    assert!(service.apply(&flush).is_ok());
    assert_eq!(service.compared(), 1);
    assert!(service.apply(&flush).expect_err("it is said to go down").down);
    assert_eq!(service.compared(), 1);
}

#[test]
fn a_look_has_a_number_of_another_row_and_is_laid_to_the_server_that_was_looked_at() {
    let mut setting = alone(ContextSetup::default());
    setting.servers.push(setting.servers[0].clone());
    let library = || Box::new(that_goes_down()) as Box<dyn Library>;
    let mut service = Service::of(&setting, &library, &Profiles::one(shipped("optimised")), Part::Never, 1);
    let last = Rc::new(Cell::new(0));
    let (told, fall) = (Rc::clone(&last), Fall { ask: (1 << 63) + 1, how: "down".to_owned() });
    service.count_asks(&Asks::new(Box::new(move |ask| told.set(ask)), Some(fall)));
    let (flush, second) = (Event { at: Moment(0), server: FIRST, what: What::Flush }, Place(1));
    assert!(service.apply(&flush).is_ok());
    assert_eq!(last.get(), 1);
    service.gauges(FIRST, Moment(0));
    assert_eq!(last.get(), 1 << 63);
    assert!(service.apply(&flush).is_ok());
    assert_eq!(last.get(), 3, "calls have no other number for a look");
    service.counters(second);
    let parting = service.apply(&flush).expect_err("it is said to have gone down");
    assert_eq!((parting.server, parting.event, parting.down), (second, 2, true));
}

#[test]
fn all_that_is_compared_at_the_end_is_asked_of_each_server() {
    let (mut service, last) = that_is_to_fall(Part::Every, Some(Fall { ask: 2, how: "down".to_owned() }));
    assert!(service.apply(&Event { at: Moment(0), server: FIRST, what: What::Flush }).is_ok());
    assert_eq!(last.get(), 1);
    assert!(service.compare_all(Moment(0)).expect_err("it is said to go down").down);
}

#[test]
fn what_is_made_ready_for_a_handshake_and_a_life_that_begins_have_numbers_of_their_own() {
    let numbers = |what: What| {
        let (mut service, last) = that_is_to_fall(Part::Never, None);
        assert!(service.apply(&Event { at: Moment(0), server: FIRST, what }).is_ok());
        last.get() + 1
    };
    let begin = |mechanism| What::Begin { visit: Visit(0), group: Group(0), mechanism, proposes: Proposes::Nothing };
    // The event and the handshake; before it, what a ticket takes.
    assert_eq!([Mechanism::Ids, Mechanism::Tickets].map(|mechanism| numbers(begin(mechanism))), [2, 3]);
    // The event, the end of the one life and the start of the next.
    assert_eq!(numbers(What::Restart), 3);
}

#[test]
fn what_is_asked_beside_handshakes_is_the_end_of_the_tape_when_a_cache_goes_down_in_it() {
    let server = ContextRef(0);
    let cases = [
        (What::SetMode(CacheMode::OFF), vec![Op::SetSessionCacheMode(server, CacheMode::OFF)]),
        (What::SetSize(7), vec![Op::SessSetCacheSize(server, 7)]),
        (What::SetTimeout(Timeout(7)), vec![Op::SetTimeout(server, Timeout(7))]),
        (What::Flush, vec![Op::FlushSessions { context: server, at: At::Now(0), synonym: false }]),
        (What::Restart, [0, 1, 2].map(|n| Op::CtxFree(ContextRef(n))).to_vec()),
    ];
    for (what, ops) in cases {
        // The first ask is the event, the second what it asks.
        let (mut service, _) = that_is_to_fall(Part::Never, Some(Fall { ask: 1, how: "down".to_owned() }));
        service.record(FIRST, false, 100);
        let event = Event { at: Moment(0), server: FIRST, what };
        assert!(service.apply(&event).expect_err("it is said to go down").down);
        let tape = service.take_tape(FIRST, false).expect("it was recorded");
        assert_eq!(tape.trace(usize::MAX).ops, ops);
    }
}

#[test]
fn a_session_that_is_given_back_is_the_end_of_the_tape_when_a_cache_goes_down_in_it() {
    let (service, last) = that_is_to_fall(Part::Never, None);
    let mut run = Run { service, now: 0, visits: 0 };
    let held = run.new_session(FIRST);
    run.service.give_back(held);
    let (mut service, _) = that_is_to_fall(Part::Never, Some(Fall { ask: last.get(), how: "down".to_owned() }));
    service.record(FIRST, false, 100);
    let mut run = Run { service, now: 0, visits: 0 };
    let held = run.new_session(FIRST);
    run.service.give_back(held);
    let flush = Event { at: Moment(7), server: FIRST, what: What::Flush };
    assert_eq!(run.service.apply(&flush).expect_err("it is said to go down").what, "down");
    let tape = run.service.take_tape(FIRST, false).expect("it was recorded");
    assert!(matches!(tape.trace(usize::MAX).ops.last(), Some(Op::Free(_))));
}

#[test]
fn the_end_of_a_run_is_a_trace_of_the_core_alphabet_that_shows_the_same() {
    let setting = troubled();
    let against = against("optimised", Part::Never);
    let mut service = Service::new(&setting, &against, 1).expect("it is our cache");
    service.record(FIRST, false, 3000);
    let mut begun = std::collections::VecDeque::new();
    let played = play(&mut service, &mut Crowd::new(2, 30_000, &setting, true), |event, outcome| {
        if event.server == FIRST && event.what == What::Restart {
            begun.clear();
        }
        if event.server == FIRST
            && let Some(answer) = outcome.answer
        {
            begun.push_back(i64::from(matches!(answer, Answer::Hit(_))));
        }
    });
    played.expect("nothing is compared");
    let trace = service.take_tape(FIRST, false).expect("it was recorded").trace(usize::MAX);
    assert!(is_core(&trace));
    let mut seen = Transcript::default();
    optimised().run(&trace, &mut seen);
    let conforms = check(&trace, &service.profile().profile, &seen, &mut Tally::default());
    assert!(matches!(conforms, Verdict::Conforms), "{conforms:?}");
    let begins = trace.ops.iter().zip(&seen.steps).filter(|(op, _)| matches!(op, Op::AcceptBegin(..)));
    let answers: Vec<_> = begins.map(|(_, step)| step.answer).collect();
    let same = answers.iter().rev().zip(begun.iter().rev());
    let same = same.filter(|(answer, hit)| **answer == crate::transcript::Answer::Returns(**hit)).count();
    // What was made before the first op is proposed in vain.
    assert!(same * 10 >= answers.len() * 9, "{same} of {}", answers.len());
    let absent =
        seen.steps[..trace.ops.len()].iter().filter(|step| step.answer == crate::transcript::Answer::Absent).count();
    assert_eq!(absent, 0);
}
