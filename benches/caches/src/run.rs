//! How a cache is run on a workload, once: one function for each kind of measure. Not here: who is run when
//! ([`crate::rounds`]).

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Barrier, Mutex};

use crate::memory;
use crate::peer::{Calls, Object, Peer, Shared};
use crate::stopwatch::{Stopwatch, wall};
use crate::workload::{Measure, Spec, Step, Workload};

/// What came of one run.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Nanoseconds an op, or those of one call, or bytes a session; not a number: it did not come to the end.
    pub figure: f64,
    /// How many lookups found something; `None`: time was up before the end, or threads found different ones.
    pub found: Option<usize>,
    /// The share of the lookups that found something; not a number: there were none.
    pub hits: f64,
    /// The share of the steps that were done before time was up.
    pub done: f64,
}

impl Outcome {
    /// Of a run that is not about lookups.
    pub(crate) fn of(figure: f64) -> Self {
        Self { figure, found: None, hits: f64::NAN, done: 1.0 }
    }
}

/// The sessions of a workload: for each type of them a pool, or one a thread.
#[derive(Default)]
pub struct Pools(HashMap<TypeId, Vec<Box<dyn Any>>>);

impl Pools {
    /// The pool that all use, or the first of many.
    fn sessions<O: Object>(&mut self, specs: &[Spec]) -> &[O] {
        self.many::<O>(specs, 1).next().expect("there is one")
    }

    fn many<O: Object>(&mut self, specs: &[Spec], count: usize) -> impl Iterator<Item = &[O]> {
        let pools = self.0.entry(TypeId::of::<O>()).or_default();
        while pools.len() < count {
            pools.push(Box::new(specs.iter().map(O::new).collect::<Vec<_>>()));
        }
        pools[..count]
            .iter()
            .map(|pool| pool.downcast_ref::<Vec<O>>().expect("a pool is found by the type of its sessions").as_slice())
    }
}

/// One thread, in all that is not about several.
pub(crate) fn run<P: Peer>(workload: &Workload, pools: &mut Pools) -> Outcome {
    let sessions = pools.sessions::<P::Session>(&workload.specs);
    match workload.measure {
        Measure::Longest => call::<P>(workload, sessions, 0),
        Measure::AllBut(few) => call::<P>(workload, sessions, few),
        Measure::Bytes | Measure::MostBytes => bytes::<P>(workload, sessions),
        Measure::Mean | Measure::Together(_) | Measure::Apart(_) => mean::<P>(workload, sessions),
    }
}

/// A cache in which there is what is cached before the workload begins.
fn filled<P: Peer>(workload: &Workload, sessions: &[P::Session]) -> P {
    if workload.steps.iter().any(|step| matches!(step, Step::Touch(..))) {
        sessions.iter().zip(&workload.specs).for_each(|(session, spec)| session.restore(spec));
    }
    let mut cache = P::new(workload.room());
    let mut hand = cache.hand();
    sessions[..workload.full].iter().for_each(|session| hand.add(session));
    drop(hand);
    cache
}

fn mean<P: Peer>(workload: &Workload, sessions: &[P::Session]) -> Outcome {
    let (mut found, mut done, mut nanos) = (0, 0, 0.0);
    for _ in 0..workload.passes {
        let mut cache = filled::<P>(workload, sessions);
        let (mut hand, newest) = (cache.hand(), AtomicUsize::new(workload.full));
        let (mut rest, mut chunk, mut passed) = (&workload.steps[..], 4, 0.0);
        let (mut looks, watch) = (0.0, Stopwatch::start());
        // Time is looked at seldom, since a look takes longer than many a call.
        while !rest.is_empty() && nanos + passed < workload.budget {
            let (now, later) = rest.split_at(chunk.min(rest.len()));
            found += now.iter().filter(|step| go(&mut hand, workload, sessions, &newest, step)).count();
            (done, rest) = (done + now.len(), later);
            passed = watch.nanos() - looks * Stopwatch::look();
            looks += 1.0;
            if passed < workload.budget / 100.0 {
                chunk *= 4;
            }
        }
        nanos += passed;
    }
    let all = workload.steps.len();
    let elements = workload.elements as f64 * done as f64 / all as f64;
    let looked = done / all * lookups(&workload.steps) + lookups(&workload.steps[..done % all]);
    Outcome {
        figure: nanos / elements,
        found: (done == all * workload.passes).then_some(found),
        hits: found as f64 / looked as f64,
        done: done as f64 / (all * workload.passes) as f64,
    }
}

/// How many of the steps are lookups.
fn lookups(steps: &[Step]) -> usize {
    steps.iter().filter(|step| matches!(step, Step::Lookup(_) | Step::LookupLate(_))).count()
}

/// Each call by itself.
fn call<P: Peer>(workload: &Workload, sessions: &[P::Session], few: u32) -> Outcome {
    let mut cache = filled::<P>(workload, sessions);
    let (mut hand, newest) = (cache.hand(), AtomicUsize::new(workload.full));
    let (mut found, mut times) = (0, vec![1.0; workload.steps.len()]);
    for (step, time) in workload.steps.iter().zip(&mut times) {
        let watch = Stopwatch::start();
        found += usize::from(go(&mut hand, workload, sessions, &newest, step));
        *time = watch.nanos();
    }
    let hits = found as f64 / lookups(&workload.steps) as f64;
    Outcome { found: Some(found), hits, ..Outcome::of(longest(&mut times, few)) }
}

/// The longest of all but so few of a million.
fn longest(times: &mut [f64], few: u32) -> f64 {
    let skipped = times.len() * few as usize / 1_000_000;
    let (_, longest, _) = times.select_nth_unstable_by(skipped, |a, b| b.total_cmp(a));
    *longest
}

/// In a process that has done nothing else. What a cache takes beforehand is counted as well.
fn bytes<P: Peer>(workload: &Workload, sessions: &[P::Session]) -> Outcome {
    let before = memory::now();
    memory::forget_most();
    let cache = filled::<P>(workload, sessions);
    let after = if workload.measure == Measure::Bytes { memory::now() } else { memory::most() };
    drop(black_box(cache));
    let figure = match (before, after) {
        (Some(before), Some(after)) => (after - before) / workload.full as f64 + P::INSIDE as f64,
        _ => f64::NAN,
    };
    Outcome::of(figure)
}

/// What shares no line of the processor's caches with anything else, nor the one beside it, which is fetched with it:
/// whoever writes to this disturbs nobody who reads that.
#[repr(align(128))]
struct Padded<T>(T);

/// Each thread has its share of the steps; cache and clock are theirs together.
pub(crate) fn together<S: Shared>(workload: &Workload, pools: &mut Pools, threads: usize) -> Outcome {
    let sessions = pools.sessions::<S::Session>(&workload.specs);
    let (cache, newest) = (Padded(filled::<S>(workload, sessions)), Padded(AtomicUsize::new(workload.full)));
    let begin = Barrier::new(threads);
    spread(workload, threads, |_, steps| {
        let steps = told(workload, steps, threads);
        thread(cache.0.share(), workload, sessions, &newest.0, &begin, &steps)
    })
}

/// Each thread has its share of the steps, and a cache, sessions and a clock of its own. They are filled beforehand, as
/// a cache that is shared is: who has just been busy is given less of a machine that others are on.
pub(crate) fn apart<P: Peer + Send>(workload: &Workload, pools: &mut Pools, threads: usize) -> Outcome {
    let pools: Vec<_> = pools.many::<P::Session>(&workload.specs, threads).collect();
    let caches: Vec<_> = pools.iter().map(|sessions| Padded(Mutex::new(filled::<P>(workload, sessions)))).collect();
    let begin = Barrier::new(threads);
    spread(workload, threads, |n, steps| {
        let (steps, newest) = (told(workload, steps, 1), Padded(AtomicUsize::new(workload.full)));
        let mut cache = caches[n].0.lock().expect("nobody else takes it");
        thread(cache.hand(), workload, pools[n], &newest.0, &begin, &steps)
    })
}

/// A thread's steps, with the id or the number in them instead of how late the session is, so that to find it out is no
/// part of what is measured. So many threads add at the same pace, as far as can be told beforehand: the last one that
/// was added is where all would be if each had added as many as this one has. One thread is told exactly.
///
/// A thread that runs far ahead of the others looks for sessions that nobody has added yet, and misses: the share of
/// hits says whether it did.
fn told(workload: &Workload, steps: &[Step], threads: usize) -> Vec<Step> {
    let mut newest = workload.full;
    let tell = |step: &Step| {
        let late = |back: u32| newest.min(workload.specs.len()) - 1 - back as usize;
        let step = match *step {
            Step::LookupLate(back) => Step::Lookup(workload.specs[late(back)].id),
            Step::RemoveLate(back) => Step::Remove(late(back) as u32),
            step => step,
        };
        newest += if matches!(step, Step::AddNext) { threads } else { 0 };
        step
    };
    steps.iter().map(tell).collect()
}

/// What one of several threads found, and from when to when it was at it.
type Done = (usize, [f64; 2]);

fn thread<C: Calls>(
    mut hand: C,
    workload: &Workload,
    sessions: &[C::Session],
    newest: &AtomicUsize,
    begin: &Barrier,
    steps: &[Step],
) -> Done {
    begin.wait();
    let from = wall();
    let found = steps.iter().filter(|step| go(&mut hand, workload, sessions, newest, step)).count();
    (found, [from, wall()])
}

/// Runs threads by their numbers, and takes the time from when the first began to when the last was done.
fn spread(workload: &Workload, threads: usize, run: impl Fn(usize, &[Step]) -> Done + Sync) -> Outcome {
    let (run, shares) = (&run, workload.steps.chunks(workload.steps.len().div_ceil(threads)));
    let done: Vec<Done> = std::thread::scope(|scope| {
        let running: Vec<_> = shares.zip(0..).map(|(steps, n)| scope.spawn(move || run(n, steps))).collect();
        running.into_iter().map(|thread| thread.join().expect("no subject panics")).collect()
    });
    let from = done.iter().map(|(_, [from, _])| *from).fold(f64::MAX, f64::min);
    let to = done.iter().map(|(_, [_, to])| *to).fold(0.0, f64::max);
    let found: usize = done.iter().map(|(found, _)| found).sum();
    let hits = found as f64 / lookups(&workload.steps) as f64;
    let figure = (to - from) / workload.steps.len() as f64;
    Outcome { found: (threads == 1).then_some(found), hits, ..Outcome::of(figure) }
}

/// One step; whether it was a lookup that found something.
#[inline]
fn go<C: Calls>(hand: &mut C, workload: &Workload, sessions: &[C::Session], newest: &AtomicUsize, step: &Step) -> bool {
    match step {
        Step::Lookup(id) => return hand.lookup(id),
        Step::Add(n) => hand.add(&sessions[*n as usize]),
        Step::Remove(n) => hand.remove(&sessions[*n as usize]),
        Step::Touch(n, time) => hand.touch(&sessions[*n as usize], *time),
        Step::Flush(now) => hand.flush(*now),
        Step::AddNext => {
            let next = newest.fetch_add(1, Relaxed);
            hand.add(&sessions[next]);
            if next.is_multiple_of(255) {
                hand.flush(workload.specs[next].time);
            }
        }
        Step::LookupLate(_) | Step::RemoveLate(_) => unreachable!("threads are told which one it is"),
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Subject;
    use crate::peers;
    use crate::workloads::{self, Scale, growth};

    /// All that need no library.
    fn subjects() -> impl Iterator<Item = Subject> {
        peers::ALL.iter().copied().filter(|subject| subject.name != "libssl")
    }

    /// Small, and without an end before its time.
    fn workload(name: &str, measure: Option<Measure>) -> Workload {
        let (_, make) = growth::ALL.iter().find(|(other, _)| *other == name).expect("there is such an op");
        let mut workload = make(Scale { budget: f64::INFINITY, ..Scale::QUICK }, 1000);
        workload.steps.truncate(4000);
        Workload { passes: 2, measure: measure.unwrap_or(workload.measure), ..workload }
    }

    #[test]
    fn who_is_exact_finds_as_many_as_ours_on_every_op() {
        for (name, _) in growth::ALL {
            let (workload, mut pools) = (workload(name, None), Pools::default());
            let ours = peers::OURS.run(&workload, &mut pools).found;
            assert!(ours.is_some(), "{name}");
            for subject in subjects().filter(|subject| subject.takes_part(&workload)) {
                let outcome = subject.run(&workload, &mut pools);
                assert!(outcome.figure.is_finite(), "{name}: {}", subject.name);
                assert!(
                    !subject.is_exact() || outcome.found == ours,
                    "{name}: {} found {:?}",
                    subject.name,
                    outcome.found
                );
            }
        }
    }

    #[test]
    fn one_thread_with_a_cache_of_its_own_finds_what_one_that_shares_does() {
        let mut pools = Pools::default();
        for measure in [Measure::Longest, Measure::AllBut(100), Measure::Together(1), Measure::Apart(1)] {
            let workload = workload("growth, server mix, mixed timeouts", Some(measure));
            let single = peers::OURS.run(&workload, &mut pools);
            assert_eq!(
                single.found,
                peers::OURS.run(&Workload { measure: Measure::Apart(1), ..workload }, &mut pools).found
            );
        }
    }

    /// The mix in which threads share a clock.
    fn mix() -> Workload {
        let make =
            workloads::ALL.iter().find(|(name, _)| *name == "mix, equal timeouts, 1 thread").map(|(_, make)| make);
        make.expect("there is one")(Scale { steps: 4000, ..Scale::QUICK })
    }

    #[test]
    fn one_thread_is_told_exactly_which_session_came_so_many_before_the_last() {
        let workload = mix();
        let mut newest = workload.full;
        for (step, told) in workload.steps.iter().zip(told(&workload, &workload.steps, 1)) {
            match (step, told) {
                (Step::LookupLate(back), Step::Lookup(id)) => {
                    assert_eq!(id, workload.specs[newest - 1 - *back as usize].id);
                }
                (Step::RemoveLate(back), Step::Remove(n)) => assert_eq!(n, newest as u32 - 1 - back),
                (Step::AddNext, Step::AddNext) => newest += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(newest > workload.full + 500);
    }

    #[test]
    fn two_threads_are_told_of_what_both_have_added() {
        let workload = mix();
        let steps = [Step::AddNext, Step::RemoveLate(0), Step::AddNext, Step::RemoveLate(0)];
        let told = told(&workload, &steps, 2);
        let removed: Vec<u32> =
            told.iter().filter_map(|s| if let Step::Remove(n) = s { Some(*n) } else { None }).collect();
        assert_eq!(removed, [workload.full as u32 + 1, workload.full as u32 + 3]);
    }

    #[test]
    fn the_share_of_hits_and_of_what_was_done_is_of_the_steps() {
        let mut pools = Pools::default();
        let hit = peers::OURS.run(&workload("growth, hit", None), &mut pools);
        assert_eq!((hit.hits, hit.done), (1.0, 1.0));
        let miss = peers::OURS.run(&workload("growth, miss", None), &mut Pools::default());
        assert_eq!((miss.hits, miss.done), (0.0, 1.0));
        let stopped = Workload { budget: 0.0, ..workload("growth, hit", None) };
        let stopped = peers::OURS.run(&stopped, &mut pools);
        assert!(stopped.done < 1.0 && stopped.found.is_none());
    }

    #[test]
    fn threads_have_their_shares_of_the_steps() {
        for measure in [Measure::Together(2), Measure::Apart(2)] {
            let (workload, mut pools) = (workload("growth, hit", Some(measure)), Pools::default());
            for subject in subjects().filter(|subject| subject.takes_part(&workload)) {
                assert!(subject.run(&workload, &mut pools).figure.is_finite(), "{}", subject.name);
            }
        }
    }

    #[test]
    fn the_longest_call_is_no_shorter_than_all_but_a_few() {
        let mut calls = vec![5.0, 1.0, 9.0, 3.0];
        assert_eq!((longest(&mut calls, 0), longest(&mut calls, 250_000)), (9.0, 5.0));
    }

    #[test]
    fn who_may_take_its_process_down_shares_no_process() {
        let library = Subject::in_a_process::<peers::Ours>();
        assert!(library.may_break() && !peers::OURS.may_break());
        let takes_part = |measure| library.takes_part(&workload("growth, hit", Some(measure)));
        assert!(takes_part(Measure::Together(2)) && takes_part(Measure::Apart(1)));
        assert!(!takes_part(Measure::Apart(2)), "there is one cache in a process");
    }
}
