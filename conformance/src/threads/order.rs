//! Looks for an order of the calls of a history in which the model gives the very answers that were given.
//!
//! The search goes step by step ([`super::steps`]), depth first: next may come whatever began before everything else
//! that is left ended. A state of the model that was reached with the same calls behind it is not searched twice. (Wing
//! and Gong, "Testing and verifying concurrent objects", 1993; Lowe, "Testing for linearizability", 2017.)

use std::collections::HashSet;

use session_model::{Profile, Ruling};

use super::history::{After, Answer, Event, History};
use super::program::Call;
use super::state::State;

/// What came of a history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// There is such an order: this one, each call by its thread and its number there.
    Linearizable(Vec<(usize, usize)>),
    /// There is none: from the answer of this call on.
    Not(Why),
    /// The search was given up.
    Undecided,
}

/// The first thing that no order explains.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// An answer.
    Call {
        /// The thread whose call it was.
        thread: usize,
        /// The number of the call there.
        at: usize,
        /// What it could have been answered; a part of it, when the search for all was too long.
        possible: Vec<Answer>,
    },
    /// What was there at the end.
    End {
        /// What could have been there; a part of it.
        possible: Vec<After>,
    },
}

impl Why {
    /// The call whose answer it is: its thread, and its number there.
    #[must_use]
    pub fn call(&self) -> Option<(usize, usize)> {
        if let Self::Call { thread, at, .. } = self { Some((*thread, *at)) } else { None }
    }
}

/// So many possible ends are told at most.
const ENDS_TOLD: usize = 4;

/// How many states a search may look at.
pub const BUDGET: usize = 100_000;

/// What the states of a search may take, in bytes, as far as they grow with the program.
const MEMORY: usize = 4_000_000_000;

/// What a state takes for each call of the program at most, in bytes: a place for the connection that the call could
/// begin, and two for sessions.
const A_CALL: usize = 576;

/// How many states fit into [`MEMORY`] for a program of so many calls. With at most four steps a call, no search is
/// deeper than 6,000 steps: of a longer program it is given up sooner.
fn fit(calls: usize) -> usize {
    MEMORY / (A_CALL * calls.max(1))
}

/// Judges a history by a profile. `budget`: how many states it may look at, of a long history fewer.
#[must_use]
pub fn judge(history: &History, profile: &Profile, budget: usize) -> Verdict {
    let budget = budget.min(fit(history.program.threads.iter().map(Vec::len).sum()));
    let before = State::before(&history.program, profile, history.steps);
    let search = |history: &History| {
        let mut search = Search::new(history, profile, budget, None);
        let found = search.go(&mut vec![0; history.threads.len()], &before);
        (found, search.order, search.left == 0, search.ends)
    };
    let ended_so = match search(history) {
        (true, order, ..) => return Verdict::Linearizable(order),
        (false, _, true, _) => return Verdict::Undecided,
        (false, .., ends) => ends,
    };
    let mut ends: Vec<_> = history.threads.iter().flatten().filter_map(|event| Some(event.ended.as_ref()?.0)).collect();
    ends.sort_unstable();
    // What is not explained at one moment is not explained later either.
    let first = ends.partition_point(|moment| {
        let (found, _, given_up, _) = search(&history.up_to(*moment));
        found || given_up
    });
    if first == ends.len() && history.after.is_some() {
        return Verdict::Not(Why::End { possible: ended_so });
    }
    let moment = ends[first.min(ends.len() - 1)];
    let cut = history.up_to(moment);
    let (thread, at) = cut
        .threads
        .iter()
        .enumerate()
        .find_map(|(thread, events)| Some((thread, events.iter().position(|event| event.end() == moment)?)))
        .expect("a call ended at that moment");
    let mut search = Search::new(&cut, profile, budget, Some((thread, at)));
    search.go(&mut vec![0; cut.threads.len()], &before);
    Verdict::Not(Why::Call { thread, at, possible: search.possible })
}

struct Search<'h> {
    history: &'h History,
    /// Whether its program may come to an automatic flush.
    flushes: bool,
    ruling: Ruling,
    /// With what the call that is asked about was answered, once it is behind.
    seen: HashSet<(Vec<usize>, State, Option<Answer>)>,
    order: Vec<(usize, usize)>,
    /// How many more states it may look at.
    left: usize,
    /// The call whose answer is asked for, in place of one order.
    asked: Option<(usize, usize)>,
    answered: Option<Answer>,
    possible: Vec<Answer>,
    /// What would have been there at the end.
    ends: Vec<After>,
}

impl<'h> Search<'h> {
    fn new(history: &'h History, profile: &Profile, budget: usize, asked: Option<(usize, usize)>) -> Self {
        let (seen, order, possible, ends) = (HashSet::new(), Vec::new(), Vec::new(), Vec::new());
        let (flushes, ruling) = (history.program.may_flush_by_itself(), Ruling::new(profile));
        Self { history, flushes, ruling, seen, order, left: budget, asked, answered: None, possible, ends }
    }

    /// Whether an order was found; never, where an answer is asked for: then all are searched.
    fn go(&mut self, done: &mut [usize], state: &State) -> bool {
        let next = |thread: usize, done: &[usize]| self.history.threads[thread].get(done[thread]);
        let threads = 0..done.len();
        let bound = threads.clone().filter_map(|thread| next(thread, done)).map(Event::end).min();
        if bound.is_none_or(|bound| bound == u64::MAX) {
            let other = self.answered.as_ref().filter(|answer| !self.possible.contains(answer));
            self.possible.extend(other.cloned());
            return self.asked.is_none() && (bound.is_some() || self.ends_so(state));
        }
        let mut ready: Vec<_> = threads
            .filter_map(|thread| Some((thread, next(thread, done)?)))
            .filter(|(_, event)| bound.is_none_or(|bound| event.begun < bound))
            .collect();
        ready.sort_by_key(|(_, event)| event.end());
        for (thread, event) in ready {
            if self.left == 0 {
                return false;
            }
            self.left -= 1;
            let at = done[thread];
            let mut then = state.clone();
            let answer = then.step(&self.history.program, (thread, at), event.call, &mut self.ruling);
            let asked = self.asked == Some((thread, at));
            let given = event.ended.as_ref().map(|(_, given)| given).filter(|_| !asked);
            if given.is_some_and(|given| match &answer {
                Some(answer) => !alike(self.unordered(event.call), given, answer),
                None => !begins(given, then.so_far(thread)),
            }) {
                continue;
            }
            let whole = usize::from(answer.is_some());
            if asked {
                self.answered = answer;
            }
            done[thread] += whole;
            self.order.extend([(thread, at)].iter().take(whole));
            if self.seen.insert((done.to_vec(), then.clone(), self.answered.clone())) && self.go(done, &then) {
                return true;
            }
            self.order.truncate(self.order.len() - whole);
            done[thread] -= whole;
            if asked {
                self.answered = None;
            }
        }
        false
    }

    /// Whether it does not matter in which order a call says that sessions have left. In which order a flush calls back
    /// is left to the traces: some libraries go by the order of their hash. A handshake that is finished may flush too,
    /// in a program that comes so far; in others ours drops only what its own session takes the place of, in order. Of a
    /// library's no order is claimed.
    fn unordered(&self, call: Call) -> bool {
        match call {
            Call::Flush(_) => true,
            Call::Finish => self.flushes || !self.history.steps.claims_an_order(),
            _ => false,
        }
    }

    /// Whether what was there at the end is what this state has.
    fn ends_so(&mut self, state: &State) -> bool {
        let Some(seen) = &self.history.after else { return true };
        let after = state.after(&mut self.ruling);
        let same = after == *seen;
        if !same && self.ends.len() < ENDS_TOLD && !self.ends.contains(&after) {
            self.ends.push(after);
        }
        same
    }
}

/// Whether a call that was answered like this may have come so far: with what it returns, and with who has left.
fn begins(given: &Answer, (returns, left): (Option<i64>, &[u32])) -> bool {
    let count = |of: &[u32], s| of.iter().filter(|other| **other == s).count();
    returns.is_none_or(|_| returns == given.returns) && left.iter().all(|s| count(left, *s) <= count(&given.left, *s))
}

/// Whether two answers to a call are the same; `unordered`, in whatever order sessions have left.
fn alike(unordered: bool, a: &Answer, b: &Answer) -> bool {
    let sorted = |answer: &Answer| {
        let mut left = answer.left.clone();
        left.sort_unstable();
        left
    };
    let same = (a.returns, a.counters) == (b.returns, b.counters);
    same && if unordered { sorted(a) == sorted(b) } else { a.left == b.left }
}

#[cfg(test)]
mod tests {
    use session_model::Counter;

    use super::super::history::{Event, MOST_CALLS};
    use super::super::program::{Made, NOW, Program};
    use super::super::steps::Steps;
    use super::*;
    use crate::profiles;

    /// A call, when it began, and when it ended with what.
    type Did = (Call, u64, Option<(u64, i64)>);

    /// Threads that share a cache and one session, which is not in it.
    fn verdict(threads: &[&[Did]], budget: usize) -> Verdict {
        with_end(threads, None, budget)
    }

    /// The same, and what was there at the end.
    fn with_end(threads: &[&[Did]], after: Option<After>, budget: usize) -> Verdict {
        let made = Made { id: 1, time: NOW, timeout: 300, cached: false };
        let calls = |thread: &&[Did]| thread.iter().map(|(call, ..)| *call).collect();
        let program = Program {
            sessions: vec![made],
            size: 0,
            mode: 0x2,
            established: 0,
            calls_back: false,
            threads: threads.iter().map(calls).collect(),
        };
        let event = |(call, begun, ended): &Did| Event {
            call: *call,
            begun: *begun,
            ended: ended.map(|(at, returns)| (at, Answer::returns(returns, Vec::new()))),
        };
        let threads = threads.iter().map(|thread| thread.iter().map(event).collect()).collect();
        let (schema, profile) = (History::SCHEMA.to_owned(), "optimised".to_owned());
        let history = History { schema, profile, program, steps: Steps::Ours, threads, after };
        assert_eq!(history.sound(), Ok(()));
        let profile = profiles::by_name("optimised").expect("it is shipped").profile;
        judge(&history, &profile, budget)
    }

    const ADD: Call = Call::Add(0);

    #[test]
    fn calls_that_overlap_come_in_either_order_and_others_in_theirs() {
        let saw =
            |has, begun| verdict(&[&[(ADD, 0, Some((3, 1)))], &[(Call::Has(0), begun, Some((begun + 1, has)))]], 100);
        assert_eq!(saw(0, 1), Verdict::Linearizable(vec![(1, 0), (0, 0)]));
        assert_eq!(saw(1, 1), Verdict::Linearizable(vec![(0, 0), (1, 0)]));
        assert_eq!(saw(1, 4), Verdict::Linearizable(vec![(0, 0), (1, 0)]));
        let possible = vec![Answer::returns(1, Vec::new())];
        assert_eq!(saw(0, 4), Verdict::Not(Why::Call { thread: 1, at: 0, possible }));
    }

    #[test]
    fn the_first_answer_that_nothing_explains_is_named() {
        let both = [(ADD, 0, Some((2, 1))), (Call::Number, 4, Some((5, 1)))];
        let found = verdict(&[&both, &[(ADD, 1, Some((3, 1)))]], 100);
        let possible = vec![Answer::returns(0, Vec::new())];
        assert_eq!(found, Verdict::Not(Why::Call { thread: 1, at: 0, possible }));
    }

    #[test]
    fn a_call_that_never_ended_may_have_been_carried_out_or_not() {
        for has in [0, 1] {
            let found = verdict(&[&[(ADD, 0, None)], &[(Call::Has(0), 1, Some((2, has)))]], 100);
            assert!(matches!(found, Verdict::Linearizable(_)), "{has}: {found:?}");
        }
    }

    #[test]
    fn what_is_there_at_the_end_belongs_to_the_history() {
        let end = |number, misses, members: &[u32]| {
            let mut counters = [0; 12];
            counters[Counter::Number as usize] = number;
            counters[Counter::Misses as usize] = misses;
            After { counters, members: members.to_vec() }
        };
        let judged = |after| with_end(&[&[(ADD, 0, Some((1, 1)))]], Some(after), 100);
        assert_eq!(judged(end(1, 0, &[0])), Verdict::Linearizable(vec![(0, 0)]));
        let wrong = Verdict::Not(Why::End { possible: vec![end(1, 0, &[0])] });
        assert_eq!(judged(end(1, 0, &[])), wrong);
        assert_eq!(judged(end(1, 0, &[1])), wrong);
        assert_eq!(judged(end(0, 0, &[0])), wrong);
        assert_eq!(judged(end(1, 1, &[0])), wrong);
    }

    /// What two threads did on a library's context with one cached session, with who has left, as a release has it.
    fn of_a_library(release: &str, steps: Steps, timeout: i64, threads: [&[(Did, &[u32])]; 2]) -> bool {
        after_connections(release, steps, 0, timeout, threads)
    }

    /// The same, and so many connections were established before.
    fn after_connections(
        release: &str,
        steps: Steps,
        established: u32,
        timeout: i64,
        threads: [&[(Did, &[u32])]; 2],
    ) -> bool {
        let made = Made { id: 1, time: NOW - 100, timeout, cached: true };
        let calls = threads.map(|thread| thread.iter().map(|((call, ..), _)| *call).collect());
        let program =
            Program { sessions: vec![made], size: 0, mode: 0x2, established, calls_back: false, threads: calls.into() };
        let event = |((call, begun, ended), left): &(Did, &[u32])| Event {
            call: *call,
            begun: *begun,
            ended: ended.map(|(at, returns)| (at, Answer::returns(returns, left.to_vec()))),
        };
        let threads = threads.map(|thread| thread.iter().map(event).collect()).into();
        let (schema, after) = (History::SCHEMA.to_owned(), None);
        let history = History { schema, profile: release.to_owned(), program, steps, threads, after };
        assert_eq!(history.sound(), Ok(()));
        let profile = profiles::by_name(release).expect("it is shipped").profile;
        matches!(judge(&history, &profile, 10_000), Verdict::Linearizable(_))
    }

    #[test]
    fn a_library_may_remove_what_a_lookup_found_expired_after_another_thread_has() {
        let begins = [((Call::Begin(Some(0)), 0, Some((3, 0))), &[0][..])];
        let removes = [((Call::Remove(0), 1, Some((2, 1))), &[0][..])];
        let explained = |release, steps| of_a_library(release, steps, 50, [&begins, &removes]);
        assert!(explained("libssl-3.0.22", Steps::Library));
        assert!(!explained("libssl-3.0.22", Steps::Ours));
        assert!(!explained("optimised", Steps::Library), "who is not cached is not removed");
    }

    #[test]
    fn a_handshake_whose_session_another_thread_has_marked_fails_in_some_releases() {
        let server: [(Did, &[u32]); 2] =
            [((Call::Begin(Some(0)), 0, Some((3, 1))), &[]), ((Call::Finish, 4, Some((5, -1))), &[])];
        let removes = [((Call::Remove(0), 1, Some((2, 1))), &[0][..])];
        let explained = |release, steps| of_a_library(release, steps, 300, [&server, &removes]);
        assert!(explained("libssl-3.0.7", Steps::LibraryMarked));
        assert!(!explained("libssl-3.0.7", Steps::Library));
        assert!(!explained("libssl-3.0.22", Steps::LibraryMarked), "it is mended there");
        let late = [((Call::Remove(0), 6, Some((7, 1))), &[0][..])];
        assert!(!of_a_library("libssl-3.0.7", Steps::LibraryMarked, 300, [&server, &late]));
    }

    /// Whether one server of a library may make so many handshakes after so many connections, of which the last one
    /// finds expired what was cached.
    fn flushes_with_the_last(established: u32, handshakes: u64, left: &'static [u32]) -> bool {
        let judged = move || {
            let begins = |n| ((Call::Begin(None), 4 * n, Some((4 * n + 1, 0))), &[][..]);
            let finishes = |n| {
                let left = if n + 1 == handshakes { left } else { &[] };
                ((Call::Finish, 4 * n + 2, Some((4 * n + 3, 0))), left)
            };
            let server: Vec<(Did, &[u32])> = (0..handshakes).flat_map(|n| [begins(n), finishes(n)]).collect();
            after_connections("libssl-3.0.22", Steps::Library, established, 50, [&server, &[]])
        };
        // The search goes as deep as there are steps.
        let deep = std::thread::Builder::new().stack_size(1 << 26).spawn(judged);
        deep.expect("a thread").join().expect("it ends")
    }

    #[test]
    fn a_library_flushes_with_the_connection_after_255() {
        assert!(flushes_with_the_last(255, 1, &[0]));
        assert!(!flushes_with_the_last(255, 1, &[]));
        assert!(flushes_with_the_last(254, 1, &[]));
        assert!(!flushes_with_the_last(254, 1, &[0]));
    }

    #[test]
    fn a_library_flushes_in_a_program_of_more_than_255_handshakes_too() {
        assert!(flushes_with_the_last(0, 256, &[0]));
        assert!(flushes_with_the_last(0, 255, &[]));
    }

    #[test]
    fn a_short_history_has_the_whole_budget_and_no_search_is_deep() {
        assert!(fit(4 * 12) >= BUDGET);
        assert!((1..=MOST_CALLS).all(|calls| fit(calls).min(4 * calls) <= 6_000));
    }

    #[test]
    fn a_search_that_is_given_up_is_no_answer() {
        assert_eq!(verdict(&[&[(ADD, 0, Some((1, 0)))], &[(ADD, 2, Some((3, 1)))]], 0), Verdict::Undecided);
    }
}
