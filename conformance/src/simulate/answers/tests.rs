use proptest::prelude::*;
use session_model::{CacheMode, Mechanism, SessionId};

use super::*;
use crate::simulate::event::{Answer, Cause, External, Found, Held, Left, Proposes, Server, Visit};

const ALL: [Cause; CAUSES] = [
    Cause::Unknown,
    Cause::OtherKey,
    Cause::NotLookedUp,
    Cause::Expired,
    Cause::Dropped,
    Cause::Removed,
    Cause::Unanswered,
    Cause::NotAskedOutside,
    Cause::LostOutside,
    Cause::NotYetOutside,
    Cause::DroppedOutside,
    Cause::Restarted,
    Cause::OtherServer,
    Cause::NotStored,
    Cause::Refused,
    Cause::NotTold,
];

fn facts(lasts: u64, servers: usize, groups: usize) -> Facts {
    let server = ServerFacts { size: 100, ..ServerFacts::default() };
    Facts { lasts, servers: vec![server; servers], groups: vec![String::new(); groups], ..Facts::default() }
}

fn at(at: u64, server: u16, what: What) -> Event {
    Event { at: Moment(at), server: Server(server), what }
}

fn begin(group: u16, proposes: Proposes) -> What {
    What::Begin { visit: Visit(0), group: Group(group), mechanism: Mechanism::Ids, proposes }
}

fn answered(answer: Answer) -> Outcome {
    Outcome { answer: Some(answer), ..Outcome::default() }
}

/// Any event of a begin, with any outcome.
fn any_begin() -> impl Strategy<Value = (u64, u16, u16, Proposes, Answer)> {
    let answers: Vec<Answer> = ALL
        .into_iter()
        .map(Answer::Miss)
        .chain([Found::Internal, Found::External, Found::Ticket].map(Answer::Hit))
        .chain([Answer::NotAsked, Answer::Failed])
        .collect();
    let id = SessionId::new(&[1]).expect("it is one");
    let proposes = vec![Proposes::Nothing, Proposes::Held(Held(0)), Proposes::Unknown(id)];
    (0..1000u64, 0..3u16, 0..2u16, prop::sample::select(proposes), prop::sample::select(answers))
}

proptest! {
    #[test]
    fn the_parts_make_the_whole(
        begins in prop::collection::vec(any_begin(), 0..200),
        lasts in 1..2_000_000u64,
        left in (0..9u64, 0..9u64, 0..9u64, 0..9u64),
        external in (0..9u64, 0..9u64),
    ) {
        let (mut begins, mut answers) = (begins, Answers::new(facts(lasts, 3, 2)));
        begins.sort_by_key(|(at, ..)| *at);
        let left = Left { flushed: left.0, dropped: left.1, expired: left.2, removed: left.3, ..Left::default() };
        let external = External { gets: external.0, waited: external.1, ..External::default() };
        for (when, server, group, proposes, answer) in &begins {
            let outcome = Outcome { left, external, ..answered(*answer) };
            let event = at(when * lasts / 1000, *server, begin(*group, *proposes));
            answers.note(&event, &outcome, &Gauges { sessions: *when, ..Gauges::default() });
        }
        let answers = answers.end(lasts, Checked::default());
        let mut sums = [Counts::default(); 2];
        answers.servers.iter().for_each(|server| sums[0].add(server));
        answers.series.iter().for_each(|stretch| sums[1].add(&stretch.counts()));
        prop_assert_eq!(sums, [answers.counts; 2]);
        let mut groups = Handshakes::default();
        answers.groups.iter().for_each(|group| groups.add(group));
        let all = answers.counts.handshakes;
        prop_assert_eq!(groups, all);
        prop_assert_eq!(all.connections, begins.len() as u64);
        prop_assert_eq!(all.connections, all.not_asked + all.hits() + all.misses() + all.failed);
        let missed = begins.iter().filter(|(.., answer)| matches!(answer, Answer::Miss(_))).count();
        prop_assert_eq!(all.misses(), missed as u64);
        prop_assert_eq!(answers.counts.cache.flushes, answers.flush_sizes.iter().sum::<u64>());
        // One after the other, without a gap, from the start to the end.
        let borders = answers.series.windows(2).all(|two| two[0].to == two[1].from);
        prop_assert!(borders && answers.series.len() as u64 <= MOST);
        prop_assert_eq!(answers.series.first().map(|first| first.from), Some(0));
        prop_assert_eq!(answers.series.last().map(|last| last.to), Some(lasts));
    }
}

#[test]
fn both_hit_rates_are_shares_of_what_their_names_say() {
    let mut answers = Answers::new(facts(1000, 1, 1));
    let held = Proposes::Held(Held(0));
    for (proposes, answer) in [
        (Proposes::Nothing, Answer::NotAsked),
        (Proposes::Nothing, Answer::NotAsked),
        (held, Answer::Hit(Found::Internal)),
        (held, Answer::Miss(Cause::Expired)),
        (held, Answer::Failed),
    ] {
        answers.note(&at(1, 0, begin(0, proposes)), &answered(answer), &Gauges::default());
    }
    let of = answers.end(1000, Checked::default()).counts.handshakes;
    assert_eq!((of.rate_of_proposed(), of.rate_of_all()), (Some(1.0 / 3.0), Some(0.2)));
    assert_eq!((Handshakes::default().rate_of_proposed(), Handshakes::default().rate_of_all()), (None, None));
}

#[test]
fn each_answer_is_counted_by_its_own_name_and_no_other() {
    let founds = [(Found::Internal, "hit_internal"), (Found::External, "hit_external"), (Found::Ticket, "hit_ticket")];
    let causes = [
        (Cause::Unknown, "miss_unknown"),
        (Cause::OtherKey, "miss_other_key"),
        (Cause::NotLookedUp, "miss_not_looked_up"),
        (Cause::Expired, "miss_expired"),
        (Cause::Dropped, "miss_dropped"),
        (Cause::Removed, "miss_removed"),
        (Cause::Unanswered, "miss_unanswered"),
        (Cause::NotAskedOutside, "miss_not_asked_outside"),
        (Cause::LostOutside, "miss_lost_outside"),
        (Cause::NotYetOutside, "miss_not_yet_outside"),
        (Cause::DroppedOutside, "miss_dropped_outside"),
        (Cause::Restarted, "miss_restarted"),
        (Cause::OtherServer, "miss_other_server"),
        (Cause::NotStored, "miss_not_stored"),
        (Cause::Refused, "miss_refused"),
        (Cause::NotTold, "miss_not_told"),
    ];
    let answers = founds.map(|(found, name)| (Answer::Hit(found), name)).into_iter();
    let answers = answers.chain(causes.map(|(cause, name)| (Answer::Miss(cause), name)));
    for (answer, name) in answers.chain([(Answer::NotAsked, "not_asked"), (Answer::Failed, "failed")]) {
        let mut counts = Handshakes::default();
        counts.note(&at(0, 0, begin(0, Proposes::Nothing)), &answered(answer));
        let named = Handshakes::NAMES.iter().zip(counts.values());
        let counted: Vec<_> = named.filter(|(_, number)| *number > 0).map(|(name, _)| *name).collect();
        assert_eq!(counted, ["connections", name]);
    }
}

#[test]
fn who_is_turned_away_is_counted_apart_and_is_no_connection() {
    let mut answers = Answers::new(Facts { attackers: 1, ..facts(1000, 1, 2) });
    for group in [0, 0, 1] {
        answers.note(&at(1, 0, What::TurnAway(Group(group))), &Outcome::default(), &Gauges::default());
    }
    let answers = answers.end(1000, Checked::default());
    assert_eq!(answers.counts.handshakes, Handshakes { turned_away: 3, ..Handshakes::default() });
    assert_eq!((answers.groups[0].turned_away, answers.series[0].clients.turned_away), (2, 2));
    assert!(answers.is_empty() && answers.happenings.is_empty());
}

#[test]
fn a_stretch_in_which_nothing_happens_stands_as_the_one_before_it() {
    let mut answers = Answers::new(facts(480_000, 2, 1));
    let gauges = Gauges { sessions: 7, bytes: 70, connections: 3, ..Gauges::default() };
    answers.note(&at(500, 1, What::SetSize(9)), &Outcome::default(), &gauges);
    let answers = answers.end(480_000, Checked::default());
    assert_eq!(answers.series.len(), 480);
    for stretch in &answers.series {
        assert_eq!((stretch.sessions, stretch.bytes(), stretch.open, stretch.size()), (7, 70, 3, Some(109)));
    }
    assert_eq!(answers.series[1].counts(), Counts::default());
}

#[test]
fn a_peak_is_of_all_servers_together_and_of_its_first_moment() {
    let mut answers = Answers::new(facts(1000, 2, 1));
    for (when, server, sessions) in [(1, 0, 5), (2, 1, 6), (3, 0, 1), (4, 0, 5)] {
        let gauges = Gauges { sessions, ..Gauges::default() };
        answers.note(&at(when, server, What::Flush), &Outcome::default(), &gauges);
    }
    assert_eq!(answers.peaks.sessions, Peak { most: 11, at: 2, server: 1 });
}

#[test]
fn a_restart_gives_back_the_size_that_the_server_was_started_with() {
    let mut answers = Answers::new(facts(3_000, 1, 1));
    answers.note(&at(1, 0, What::SetSize(1)), &Outcome::default(), &Gauges::default());
    answers.note(&at(1_500, 0, What::Restart), &Outcome::default(), &Gauges::default());
    let answers = answers.end(3_000, Checked::default());
    let sizes: Vec<_> = answers.series.iter().map(|stretch| stretch.size()).collect();
    assert_eq!(sizes, [Some(1), Some(100), Some(100)]);
}

#[test]
fn a_handshake_that_fails_at_its_end_is_not_finished() {
    let mut answers = Answers::new(facts(1000, 1, 1));
    let finish = at(1, 0, What::Finish(Visit(3)));
    answers.note(&finish, &Outcome { gone: vec![Visit(3)], ..Outcome::default() }, &Gauges::default());
    answers.note(&finish, &Outcome::default(), &Gauges::default());
    let cache = answers.end(1000, Checked::default()).counts.cache;
    assert_eq!((cache.finished, cache.gone), (1, 1));
}

#[test]
fn what_happens_to_all_servers_at_once_is_one_happening_also_where_many_of_a_kind_are_counted() {
    let mut answers = Answers::new(facts(1000, 2, 1));
    for when in 0..30 {
        for server in 0..2 {
            answers.note(&at(when, server, What::Flush), &Outcome::default(), &Gauges::default());
        }
    }
    answers.note(&at(31, 0, What::SetMode(CacheMode::OFF)), &Outcome::default(), &Gauges::default());
    assert_eq!(answers.happenings.len(), 25);
    assert_eq!(answers.happenings[0], Happening { at: 0, servers: vec![0, 1], what: "flush".to_owned() });
    assert_eq!(answers.happenings[24].what, "mode OFF");
    assert_eq!(answers.more_happenings, 6);
}

#[test]
fn what_happens_twice_to_a_server_at_once_is_two_happenings_of_one_server() {
    let mut answers = Answers::new(facts(1000, 2, 1));
    for server in [0, 0, 1, 0] {
        answers.note(&at(1, server, What::StepClock(30)), &Outcome::default(), &Gauges::default());
    }
    let servers: Vec<_> = answers.happenings.iter().map(|one| &one.servers[..]).collect();
    assert_eq!(servers, [&[0, 1][..], &[0], &[0]]);
}

#[test]
fn flushes_are_told_by_powers_of_two() {
    let mut answers = Answers::new(facts(1000, 1, 1));
    for flushed in [0, 1, 2, 3, 4, 100] {
        let outcome = Outcome { left: Left { flushed, ..Left::default() }, ..Outcome::default() };
        answers.note(&at(1, 0, What::Flush), &outcome, &Gauges::default());
    }
    assert_eq!(answers.flush_sizes, [1, 2, 1, 0, 0, 0, 1]);
    assert_eq!(answers.peaks.flush.most, 100);
}
