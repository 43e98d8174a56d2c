//! Looks for an order of the calls of a history in which the model gives the very answers that were given.
//!
//! The search goes call by call, depth first: next may come whatever began before everything else that is left ended. A
//! state of the model that was reached with the same calls behind it is not searched twice. (Wing and Gong, "Testing
//! and verifying concurrent objects", 1993; Lowe, "Testing for linearizability", 2017.)

use std::collections::HashSet;

use session_model::application::Callbacks;
use session_model::{
    Accept, CacheMode, Called, ConnectionRef, ContextRef, IdContext, Mechanism, NewContext, NewSession, Profile,
    Proposal, Protocol, Ruling, SessionId, SessionRef, Time, Timeout, What, World,
};

use super::history::{Answer, Event, History};
use super::program::{Call, NOW, Program};
use crate::numbers::{ids_of_tickets, server_ids};

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

/// The first answer that no order explains.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Why {
    /// The thread whose call it was.
    pub thread: usize,
    /// The number of the call there.
    pub at: usize,
    /// What it could have been answered; a part of it, when the search for all was too long.
    pub possible: Vec<Answer>,
}

/// How many states a search may look at.
pub const BUDGET: usize = 50_000;

/// Judges a history by a profile.
#[must_use]
pub fn judge(history: &History, profile: &Profile, budget: usize) -> Verdict {
    let search = |history: &History| {
        let mut search = Search::new(history, profile, budget, None);
        let found = search.go(&mut vec![0; history.threads.len()], &State::before(&history.program, profile));
        (found, search.order, search.left == 0)
    };
    match search(history) {
        (true, order, _) => return Verdict::Linearizable(order),
        (false, _, true) => return Verdict::Undecided,
        (false, ..) => {}
    }
    let mut ends: Vec<_> = history.threads.iter().flatten().filter_map(|event| Some(event.ended.as_ref()?.0)).collect();
    ends.sort_unstable();
    // What is not explained at one moment is not explained later either.
    let first = ends.partition_point(|moment| {
        let (found, _, given_up) = search(&history.up_to(*moment));
        found || given_up
    });
    let moment = ends[first.min(ends.len() - 1)];
    let cut = history.up_to(moment);
    let (thread, at) = cut
        .threads
        .iter()
        .enumerate()
        .find_map(|(thread, events)| Some((thread, events.iter().position(|event| event.end() == moment)?)))
        .expect("a call ended at that moment");
    let mut search = Search::new(&cut, profile, budget, Some((thread, at)));
    search.go(&mut vec![0; cut.threads.len()], &State::before(&cut.program, profile));
    Verdict::Not(Why { thread, at, possible: search.possible })
}

struct Search<'h> {
    history: &'h History,
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
}

impl<'h> Search<'h> {
    fn new(history: &'h History, profile: &Profile, budget: usize, asked: Option<(usize, usize)>) -> Self {
        let (seen, order, possible) = (HashSet::new(), Vec::new(), Vec::new());
        Self { history, ruling: Ruling::new(profile), seen, order, left: budget, asked, answered: None, possible }
    }

    /// Whether an order was found; never, where an answer is asked for: then all are searched.
    fn go(&mut self, done: &mut [usize], state: &State) -> bool {
        let next = |thread: usize, done: &[usize]| self.history.threads[thread].get(done[thread]);
        let threads = 0..done.len();
        let bound = threads.clone().filter_map(|thread| next(thread, done)).map(Event::end).min();
        if bound.is_none_or(|bound| bound == u64::MAX) {
            let other = self.answered.as_ref().filter(|answer| !self.possible.contains(answer));
            self.possible.extend(other.cloned());
            return self.asked.is_none();
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
            let answer = then.call(&self.history.program, thread, at, event.call, &mut self.ruling);
            let asked = self.asked == Some((thread, at));
            if !asked && event.ended.as_ref().is_some_and(|(_, given)| !alike(event.call, given, &answer)) {
                continue;
            }
            if asked {
                self.answered = Some(answer);
            }
            done[thread] += 1;
            self.order.push((thread, at));
            if self.seen.insert((done.to_vec(), then.clone(), self.answered.clone())) && self.go(done, &then) {
                return true;
            }
            self.order.pop();
            done[thread] -= 1;
            if asked {
                self.answered = None;
            }
        }
        false
    }
}

/// Whether two answers to a call are the same. In which order a flush calls back is left to the traces: some libraries
/// go by the order of their hash.
fn alike(call: Call, a: &Answer, b: &Answer) -> bool {
    let sorted = |answer: &Answer| {
        let mut left = answer.left.clone();
        left.sort_unstable();
        left
    };
    let same = (a.returns, a.counters) == (b.returns, b.counters);
    same && if matches!(call, Call::Flush(_)) { sorted(a) == sorted(b) } else { a.left == b.left }
}

/// The model, and what each thread has in hand.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct State {
    world: World,
    /// Of each thread: the handshake that it has begun, and the connection that it has finished last.
    hands: Vec<(Option<ConnectionRef>, Option<ConnectionRef>)>,
}

const CONTEXT: ContextRef = ContextRef(0);

impl State {
    /// As the threads find it.
    fn before(program: &Program, profile: &Profile) -> Self {
        let mut world = World::new(*profile, Time(i128::from(NOW)));
        let mut ruling = Ruling::new(profile);
        world.ctx_new(NewContext {
            mode: Some(CacheMode::from_bits(program.mode).expect("a program sets flags that there are")),
            size: Some(u64::from(program.size)),
            callbacks: Callbacks { remove: true, ..Callbacks::default() },
            ..NewContext::default()
        });
        for handshake in 0..program.established {
            let k = ConnectionRef(handshake);
            world.accept_begin(k, &accept(program, k, Proposal::Nothing), &mut ruling);
            world.accept_finish(k, &mut ruling);
            world.close(k, true, &mut ruling);
        }
        for (session, made) in (0..).map(SessionRef).zip(&program.sessions) {
            world.new_session(
                session,
                &NewSession {
                    id: id(made.id),
                    protocol: Protocol::Tls12,
                    time: Time(i128::from(made.time)),
                    timeout: Timeout(i128::from(made.timeout)),
                    id_context: IdContext::default(),
                },
            );
            if made.cached {
                world.add_session(CONTEXT, session, &mut ruling);
            }
        }
        Self { world, hands: vec![(None, None); program.threads.len()] }
    }

    fn call(&mut self, program: &Program, thread: usize, at: usize, call: Call, why: &mut Ruling) -> Answer {
        why.clear();
        let (world, hand) = (&mut self.world, &mut self.hands[thread]);
        let session = SessionRef;
        let returns = match call {
            Call::Add(s) => Some(world.add_session(CONTEXT, session(s), why)),
            Call::Remove(s) => Some(world.remove_session(CONTEXT, session(s), why)),
            Call::Flush(tm) => {
                world.flush_sessions(CONTEXT, Time(i128::from(tm)), why);
                None
            }
            Call::Has(s) => {
                let wanted = program.sessions[s as usize].id;
                let has =
                    world.members(CONTEXT).any(|c| program.sessions.get(c.0 as usize).is_some_and(|m| m.id == wanted));
                Some(i64::from(has))
            }
            Call::SetTime(s, time) => Some(world.session_set_time(session(s), Time(i128::from(time)), why)),
            Call::SetTimeout(s, timeout) => {
                Some(world.session_set_timeout(session(s), Timeout(i128::from(timeout)), why))
            }
            Call::SetSize(size) => Some(world.sess_set_cache_size(CONTEXT, u64::from(size), why)),
            Call::SetMode(bits) => {
                let mode = CacheMode::from_bits(bits).expect("a program sets flags that there are");
                Some(world.set_session_cache_mode(CONTEXT, mode, why))
            }
            Call::Number => Some(world.counters(CONTEXT)[0]),
            Call::Counters => None,
            Call::Begin(proposed) => {
                let offer = |s: u32| Proposal::Peer(id(program.sessions[s as usize].id), None);
                let k = ConnectionRef(program.first_handshake(thread) + at as u32);
                if let Some(before) = hand.0.take() {
                    world.accept_abort(before, why);
                }
                let begun = world.accept_begin(k, &accept(program, k, proposed.map_or(Proposal::Nothing, offer)), why);
                hand.0 = (begun >= 0).then_some(k);
                Some(begun)
            }
            Call::Finish => hand.0.take().map(|k| {
                if let Some(before) = hand.1.replace(k) {
                    world.close(before, true, why);
                }
                world.accept_finish(k, why)
            }),
            Call::CloseUnclean => {
                if let Some(k) = hand.1.take() {
                    world.close(k, false, why);
                }
                None
            }
        };
        let left = why.decided.iter().filter_map(|(_, what)| match what {
            What::Calls(Called::Remove(_, SessionRef(s))) => Some(*s),
            _ => None,
        });
        let counters = (call == Call::Counters).then(|| world.counters(CONTEXT));
        Answer { returns, left: left.collect(), counters }
    }
}

fn id(byte: u8) -> SessionId {
    SessionId::new(&[byte]).expect("one byte is an id")
}

fn accept(program: &Program, k: ConnectionRef, proposal: Proposal) -> Accept {
    let made = SessionRef(program.made_by(k.0));
    Accept {
        context: CONTEXT,
        switch_to: None,
        id_context: None,
        client: None,
        mechanism: Mechanism::Ids,
        proposal,
        ids: server_ids(k),
        client_ids: ids_of_tickets(k),
        server_session: made,
        client_session: made,
        opened: made,
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::Event;
    use super::super::program::Made;
    use super::*;
    use crate::profiles;

    /// A call, when it began, and when it ended with what.
    type Did = (Call, u64, Option<(u64, i64)>);

    /// Threads that share a cache and one session, which is not in it.
    fn verdict(threads: &[&[Did]], budget: usize) -> Verdict {
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
        let history = History { schema: History::SCHEMA.to_owned(), profile: "optimised".to_owned(), program, threads };
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
        assert_eq!(saw(0, 4), Verdict::Not(Why { thread: 1, at: 0, possible }));
    }

    #[test]
    fn the_first_answer_that_nothing_explains_is_named() {
        let both = [(ADD, 0, Some((2, 1))), (Call::Number, 4, Some((5, 1)))];
        let found = verdict(&[&both, &[(ADD, 1, Some((3, 1)))]], 100);
        let possible = vec![Answer::returns(0, Vec::new())];
        assert_eq!(found, Verdict::Not(Why { thread: 1, at: 0, possible }));
    }

    #[test]
    fn a_call_that_never_ended_may_have_been_carried_out_or_not() {
        for has in [0, 1] {
            let found = verdict(&[&[(ADD, 0, None)], &[(Call::Has(0), 1, Some((2, has)))]], 100);
            assert!(matches!(found, Verdict::Linearizable(_)), "{has}: {found:?}");
        }
    }

    #[test]
    fn a_search_that_is_given_up_is_no_answer() {
        assert_eq!(verdict(&[&[(ADD, 0, Some((1, 0)))], &[(ADD, 2, Some((3, 1)))]], 0), Verdict::Undecided);
    }
}
