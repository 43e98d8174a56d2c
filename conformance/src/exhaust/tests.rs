//! That what is called one state is one, and that the walk leaves nothing out.

use std::collections::{HashMap, HashSet};

use session_model::canonical::Renaming;
use session_model::{Profile, SessionId, SessionRef, Timeout};

use super::run::Run;
use super::symmetry::Symmetry;
use super::*;
use crate::driver::State;
use crate::op::{Op, Propose};
use crate::reduce::places::accept_of;
use crate::source::is_core;
use crate::subjects::Spec;
use crate::trace::Setup;
use crate::transcript::{Answer, Event, Member, Transcript};
use crate::worker::Here;

/// Without departures; with one that has sessions claim a place; with one that freezes an order.
const PROFILES: [&str; 3] = ["optimised", "libssl-3.0.7", "libssl-4.0.3"];

/// How far ahead states look here, in steps.
const STEPS: usize = 15;

fn profile(name: &str) -> Profile {
    crate::profiles::by_name(name).expect("it is shipped").profile
}

/// Scopes whose letters are single ops, which are quick.
fn quick() -> impl Iterator<Item = &'static Scope> {
    Scope::all().iter().filter(|scope| scope.name != "flushes")
}

/// Letters at random, the same each time.
struct Letters(u64);

impl Letters {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    fn word(&mut self, scope: &Scope, length: usize) -> Vec<usize> {
        (0..length).map(|_| self.below(scope.letters.len())).collect()
    }
}

fn in_place(scope: &Scope) -> Vec<u32> {
    (0..).take(scope.places()).collect()
}

fn state(run: &Run, scope: &Scope) -> (State, Renaming) {
    run.state(scope, &in_place(scope), STEPS)
}

/// Carries a letter out; `None`: it is about nothing there.
fn step(run: &mut Run, scope: &Scope, letter: usize, out: &mut Transcript) -> Option<Op> {
    let letter = &scope.letters[letter];
    let op = run.op(scope, letter)?;
    out.clear();
    (run.step(letter, &op, out) != Answer::Absent).then_some(op)
}

#[test]
fn scopes_are_of_the_core_alphabet_and_their_letters_are_all_different() {
    for scope in Scope::all() {
        let letters: HashSet<_> = scope.letters.iter().collect();
        assert_eq!(letters.len(), scope.letters.len(), "{}", scope.name);
        let mut walk = Walk::new(scope, profile("optimised"), 2);
        while let Some(behaviour) = walk.advance(2) {
            assert!(is_core(behaviour.trace), "{}: {}", scope.name, behaviour.word);
            walk.enter();
        }
        assert!(walk.counts().behaviours > scope.letters.len() as u64, "{}", scope.name);
    }
}

/// The scope with every id renamed by a bijection that turns their order round, and begun at another time.
fn elsewhere(scope: &Scope) -> Scope {
    let renamed = |id: &mut SessionId| {
        let bytes: Vec<u8> = id.as_bytes().iter().map(|byte| !byte).collect();
        *id = SessionId::new(&bytes).expect("as long as before");
    };
    let mut scope = scope.clone();
    scope.setup.clock = scope.setup.clock + Timeout(4321);
    scope.setup.sessions.iter_mut().for_each(|spec| renamed(&mut spec.id));
    for letter in &mut scope.letters {
        if let Some(accept) = accept_of(&mut letter.0)
            && let Propose::Id(id) = &mut accept.propose
        {
            renamed(id);
        }
    }
    scope
}

#[test]
fn other_ids_and_another_time_are_the_same_state() {
    let mut letters = Letters(1);
    let mut out = Transcript::default();
    for (scope, name) in quick().flat_map(|scope| PROFILES.map(|name| (scope, name))) {
        let other = elsewhere(scope);
        for _ in 0..40 {
            let (mut here, mut there) = (Run::new(scope, profile(name)), Run::new(&other, profile(name)));
            for letter in letters.word(scope, 12) {
                let (op, same) = (step(&mut here, scope, letter, &mut out), step(&mut there, &other, letter, &mut out));
                assert_eq!(op.is_some(), same.is_some());
                if here.is_damaged() {
                    break;
                }
                assert_eq!(state(&here, scope).0, state(&there, &other).0, "{}: {op:?}", scope.name);
            }
        }
    }
}

#[test]
fn sessions_that_are_alike_can_change_places() {
    let (mut letters, mut out) = (Letters(2), Transcript::default());
    // Of places that sessions take, the first free one is taken: there the next test looks.
    for scope in quick().filter(|scope| !scope.alike.is_empty() && scope.pools.is_empty()) {
        let mut swapped = in_place(scope);
        let (one, other) = (scope.alike[0][0], scope.alike[0][1]);
        swapped.swap(one as usize, other as usize);
        let becomes = |letter: usize| {
            let other = scope.letters[letter].placed(&|place| swapped[place as usize]);
            scope.letters.iter().position(|letter| *letter == other).expect("the alphabet has it")
        };
        let symmetry = Symmetry::of(scope);
        for _ in 0..60 {
            let (mut here, mut there) = (Run::new(scope, profile("optimised")), Run::new(scope, profile("optimised")));
            for letter in letters.word(scope, 8) {
                step(&mut here, scope, letter, &mut out);
                step(&mut there, scope, becomes(letter), &mut out);
                let digests = [&here, &there].map(|run| symmetry.state(run, scope, STEPS).0);
                assert_eq!(digests[0], digests[1], "{}", scope.name);
            }
        }
    }
}

/// What a step shows, by the numbers of the state before it, with times from the clock before it and counters from
/// their values before it.
#[derive(PartialEq, Debug)]
struct Told {
    answers: Vec<Answer>,
    events: Vec<(u8, u8, Option<SessionRef>, bool)>,
    destroyed: Vec<SessionRef>,
    counters: Vec<(u8, usize, i64)>,
    members: Vec<Member>,
}

fn told(run: &Run, scope: &Scope, places: &[u32], letter: usize) -> Option<(Told, Run)> {
    let (_, mut renaming) = run.state(scope, places, STEPS);
    let now = i64::try_from(run.driver.clock().0).expect("clocks are small");
    let world = run.driver.library().world();
    let live: Vec<_> = run.driver.live_contexts().collect();
    let before: HashMap<_, _> = live.into_iter().map(|context| (context, world.counters(context))).collect();
    let (mut after, mut out) = (run.clone(), Transcript::default());
    let op = step(&mut after, scope, letter, &mut out)?;
    // What is new has higher numbers than all else, and those are given out in one order.
    let of_event = |event: &Event| match event {
        Event::New(_, c, _) | Event::Remove(_, c) => Some(*c),
        Event::Get(_, _, c) => *c,
    };
    let mut all: Vec<_> = out.events.iter().filter_map(of_event).chain(out.destroyed.iter().copied()).collect();
    all.extend(out.members.iter().map(|member| member.session));
    all.sort_unstable();
    all.into_iter().for_each(|c| {
        renaming.session(c);
    });
    let mut last = before;
    let told = Told {
        answers: out.steps.iter().map(|step| from_now(&op, step.answer, now)).collect(),
        events: out
            .events
            .iter()
            .map(|event| match *event {
                Event::New(ctx, c, kept) => (0, ctx.0, Some(renaming.session(c)), kept),
                Event::Get(ctx, _, c) => (1, ctx.0, c.map(|c| renaming.session(c)), false),
                Event::Remove(ctx, c) => (2, ctx.0, Some(renaming.session(c)), false),
            })
            .collect(),
        destroyed: sorted(out.destroyed.iter().map(|c| renaming.session(*c))),
        counters: out
            .counters
            .iter()
            .map(|change| {
                let known = &mut last.get_mut(&change.context).expect("it lives")[change.counter as usize];
                let by = change.value - std::mem::replace(known, change.value);
                (change.context.0, change.counter as usize, by)
            })
            .collect(),
        members: sorted(out.members.iter().map(|member| Member {
            session: renaming.session(member.session),
            time: member.time - now,
            ..*member
        })),
    };
    Some((told, after))
}

fn sorted<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<_> = all.collect();
    all.sort_unstable();
    all
}

/// A time that is answered; setting one answers 1 on the page and the time in some libraries.
fn from_now(op: &Op, answer: Answer, now: i64) -> Answer {
    match (op, answer) {
        (Op::SessionSetTime(..), Answer::Returns(1)) => answer,
        (Op::SessionGetTime(_) | Op::SessionSetTime(..), Answer::Returns(time)) => Answer::Returns(time - now),
        _ => answer,
    }
}

#[test]
fn equal_states_behave_alike_on_every_letter() {
    let mut letters = Letters(3);
    let mut out = Transcript::default();
    for (scope, name) in quick().flat_map(|scope| PROFILES.map(|name| (scope, name))) {
        let symmetry = Symmetry::of(scope);
        let mut known: HashMap<u128, (Run, u32)> = HashMap::new();
        let mut compared = 0;
        for _ in 0..150 {
            let mut run = Run::new(scope, profile(name));
            for letter in letters.word(scope, 7) {
                step(&mut run, scope, letter, &mut out);
                if run.is_damaged() {
                    break;
                }
                let (digest, places, becomes) = symmetry.least(&run, scope, STEPS);
                let Some((other, times)) = known.get_mut(&digest) else {
                    known.insert(digest, (run.clone(), 0));
                    continue;
                };
                // A few ways to each state.
                *times += 1;
                if *times > 4 {
                    continue;
                }
                compared += 1;
                let (_, other_places, other_becomes) = symmetry.least(other, scope, STEPS);
                for (letter, same) in becomes.iter().enumerate() {
                    let other_letter = other_becomes.iter().position(|letter| letter == same).expect("one becomes it");
                    let after = |(told, after): (Told, Run)| (told, symmetry.least(&after, scope, STEPS).0);
                    let here = told(&run, scope, places, letter).map(after);
                    let there = told(other, scope, other_places, other_letter).map(after);
                    assert_eq!(here, there, "{}: {:?}", scope.name, scope.letters[letter]);
                }
            }
        }
        assert!(compared > 50, "{}: {compared} pairs", scope.name);
    }
}

#[test]
fn the_walk_takes_every_pair_of_state_and_op_that_any_trace_reaches() {
    let scope = Scope::by_name("order").expect("it is a scope");
    let (symmetry, profile) = (Symmetry::of(scope), profile("optimised"));
    let mut pairs = HashSet::new();
    let mut runs = vec![Run::new(scope, profile)];
    let mut out = Transcript::default();
    for _ in 0..3 {
        let mut longer = Vec::new();
        for run in &runs {
            for letter in 0..scope.letters.len() {
                let mut next = run.clone();
                if step(&mut next, scope, letter, &mut out).is_none() {
                    continue;
                }
                pairs.insert(symmetry.pair(run, scope, 3, letter));
                longer.push(next);
            }
        }
        runs = longer;
    }
    let mut walk = Walk::new(scope, profile, 3);
    while walk.advance(3).is_some() {
        walk.enter();
    }
    assert_eq!(walk.counts().behaviours, pairs.len() as u64);
    assert_eq!((walk.counts().complete, walk.counts().closed), (3, false));
    assert!(runs.len() > 5000, "there are many more traces: {}", runs.len());
}

fn searched(subject: &str, length: usize, most_states: usize) -> (Counts, Searched) {
    let opened = subject.parse::<Spec>().and_then(|spec| spec.open()).expect("it is a subject");
    let mut walk = Walk::new(Scope::by_name("order").expect("it is a scope"), opened.profile.profile, length);
    walk.set_most_states(most_states);
    let mut found = Searched::default();
    let mut here = Here::new(opened.subject);
    search(&mut walk, length, &mut here, &opened.profile, &mut found, &mut |_, _| true).expect("it runs here");
    (walk.counts(), found)
}

#[test]
fn a_fault_is_found_by_one_of_its_shortest_traces() {
    let (_, found) = searched("faulty:flush.boundary@model", 3, 1000);
    assert_eq!(found.found.iter().map(|(word, ..)| word.letters().count()).min(), Some(2));
    let (_, none) = searched("optimised", 3, 1000);
    assert_eq!((none.diverged, none.found.len(), none.not_run.0), (0, 0, 0));
}

#[test]
fn a_state_that_is_reached_by_divergences_alone_is_not_gone_on_from() {
    let ((all, none), (fewer, found)) = (searched("optimised", 3, 1000), searched("faulty:add.returns", 3, 1000));
    assert_eq!(none.diverged, 0);
    assert!(fewer.states < all.states && found.diverged > 0);
    assert!(found.found.iter().all(|(word, ..)| word.letters().count() == 1), "what comes after adds is masked");
}

#[test]
fn more_states_than_there_is_room_for_end_the_walk_and_it_says_so() {
    let (counts, _) = searched("optimised", 4, 10);
    assert!(counts.full && counts.complete < 4);
    let (counts, _) = searched("optimised", 4, 1000);
    assert!(!counts.full && counts.complete == 4);
}

#[test]
fn times_near_0_are_states_of_their_own() {
    let scope = Scope::by_name("order").expect("it is a scope");
    let at = |clock: i128| {
        let mut scope = scope.clone();
        scope.setup = Setup { clock: session_model::Time(clock), ..scope.setup };
        state(&Run::new(&scope, profile("optimised")), &scope).0
    };
    assert_eq!(at(1_000_000), at(2_000_000));
    let apart: HashSet<_> = [0, 1, 99_999, 1_000_000].map(at).into_iter().collect();
    assert_eq!(apart.len(), 4);
}

#[test]
fn a_word_reads_back() {
    let word = [3, 0, 17].into_iter().fold(Word::default(), Word::then);
    assert_eq!(word.to_string(), "3.0.17");
    assert_eq!(word.to_string().parse(), Ok(word));
    assert!("3.a".parse::<Word>().is_err() && "256".parse::<Word>().is_err());
}
