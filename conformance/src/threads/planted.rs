//! Faults of concurrency, planted around our cache: each but one is right as long as one thread has the cache for
//! itself; that one has a thread wait for itself.
//!
//! What one step would do is done in two, with a gap between them in which other threads come. The cache's own code has
//! none of them. One kind cannot be planted: whoever has a read lock cannot change what it guards, by the types.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use session_cache::{AutoFlush, NewSession, Session};

use super::alphabet::Alphabet;
use super::cache::{Cache, Hand, Kind};
use super::history::{After, Answer};
use super::ours::{OurHand, Ours, Told};
use super::program::{Call, Program};
use super::steps::Steps;
use crate::profiles;

/// A planted fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Its name, as in `faulty:NAME`.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    AddLooksFirst,
    RemoveLooksFirst,
    ReplaceInTwo,
    FindThenTake,
    LimitLifted,
    FlushPiecemeal,
    NumberAlone,
    LostCount,
    TouchInTwo,
    SizeReadFirst,
    ModeReadFirst,
    CallbackUnderLock,
    VictimChosenEarly,
    StaleLookup,
}

macro_rules! faults {
    ($($name:literal $how:ident $does:literal;)*) => {
        /// All of them.
        pub const ALL: [Fault; [$($name),*].len()] = [$(Fault { name: $name, does: $does, how: How::$how }),*];
    };
}

faults! {
    "threads.add-looks-first" AddLooksFirst "two threads that add one session may both be told that they did";
    "threads.remove-looks-first" RemoveLooksFirst "two threads that remove one session may both be told that they did";
    "threads.replace-in-two" ReplaceInTwo "between the old object of an id and the new one there is none";
    "threads.find-then-take" FindThenTake "a lookup takes its reference after it let go of the lock, and finds nothing then";
    "threads.limit-lifted" LimitLifted "who adds while another adds is not held to the size";
    "threads.flush-piecemeal" FlushPiecemeal "a flush is seen half done";
    "threads.number-alone" NumberAlone "of the counters, the number of members is read a moment before the others";
    "threads.lost-count" LostCount "two handshakes at once are counted once";
    "threads.touch-in-two" TouchInTwo "a session whose time is set is out of the cache for a moment";
    "threads.size-read-first" SizeReadFirst "two threads that set the size may both be told the one before them";
    "threads.mode-read-first" ModeReadFirst "two threads that set the mode may both be told the one before them";
    "threads.callback-under-lock" CallbackUnderLock "callbacks are called with a lock held that every call takes";
    "threads.victim-chosen-early" VictimChosenEarly "who leaves a full cache is chosen before the newcomer has the lock";
    "threads.stale-lookup" StaleLookup "what a thread has looked up it looks up no more until it changes something itself";
}

/// The fault of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<Fault> {
    ALL.into_iter().find(|fault| fault.name == name)
}

/// Our cache with the fault of this name.
#[must_use]
pub fn kind(name: &str) -> Option<Kind> {
    let fault = by_name(name)?;
    Some(Kind {
        name: format!("faulty:{name}"),
        profile: profiles::by_name("optimised").expect("it is shipped"),
        alphabets: &[Alphabet::Whole],
        steps: Steps::Ours,
        fresh: Box::new(move |program| Arc::new(Planted::new(fault.how, program))),
    })
}

struct Planted {
    how: How,
    ours: Arc<Ours>,
    size: AtomicU32,
    mode: AtomicU32,
    /// Handshakes begun, in place of the cache's own count.
    accept: AtomicI64,
    lock: Arc<Mutex<()>>,
}

impl Planted {
    fn new(how: How, program: &Program) -> Self {
        let lock = Arc::new(Mutex::new(()));
        let mut ours = Ours::new(program, AutoFlush::All);
        if how == How::CallbackUnderLock && program.calls_back {
            let lock = Arc::clone(&lock);
            ours.back = Some(Box::new(move |_, _| drop(hold(&lock))));
        }
        Self {
            how,
            ours: Arc::new(ours),
            size: AtomicU32::new(program.size),
            mode: AtomicU32::new(program.mode),
            accept: AtomicI64::new(i64::from(program.established)),
            lock,
        }
    }
}

impl Cache for Planted {
    fn hand(self: Arc<Self>, thread: usize) -> Box<dyn Hand> {
        let hand = OurHand::new(Arc::clone(&self.ours), thread);
        Box::new(PlantedHand { planted: self, hand, known: Vec::new() })
    }

    fn after(&self) -> After {
        let mut after = self.ours.after();
        if self.how == How::LostCount {
            after.counters[4] = self.accept.load(SeqCst);
        }
        after
    }
}

struct PlantedHand {
    planted: Arc<Planted>,
    hand: OurHand,
    /// What was answered to lookups of these ids since this thread has changed anything.
    known: Vec<(u8, i64)>,
}

fn hold(lock: &Mutex<()>) -> MutexGuard<'_, ()> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where another thread comes in between.
fn gap() {
    for _ in 0..3 {
        std::thread::yield_now();
    }
}

impl PlantedHand {
    /// Carries a call out with the fault; `None`: it has nothing to do with this call.
    fn with_fault(&mut self, at: usize, call: Call) -> Option<Answer> {
        let Planted { how, ours, size, mode, accept, .. } = &*Arc::clone(&self.planted);
        let Ours { context, sessions, .. } = &**ours;
        let session = |s: u32| &sessions[s as usize];
        match (how, call) {
            (How::AddLooksFirst, Call::Add(s)) => {
                let there = context.contains(session(s));
                gap();
                let answer = self.hand.call(at, call);
                Some(Answer { returns: Some(i64::from(!there)), ..answer })
            }
            (How::RemoveLooksFirst, Call::Remove(s)) => {
                let there = context.contains(session(s));
                gap();
                let answer = self.hand.call(at, call);
                Some(Answer { returns: Some(i64::from(there)), ..answer })
            }
            (How::ReplaceInTwo, Call::Add(s)) => {
                let twin = context.cached(session(s).id()).filter(|twin| !Arc::ptr_eq(twin, session(s)));
                let mut told = ours.told();
                if let Some(twin) = twin.filter(|_| !context.contains(session(s))) {
                    expel(ours, &twin, &mut told);
                    gap();
                }
                let answer = self.hand.call(at, call);
                Some(Answer { left: [told.left, answer.left].concat(), ..answer })
            }
            (How::FindThenTake, Call::Has(s)) => {
                let found = context.cached(session(s).id());
                gap();
                Some(Answer::returns(found.map_or(0, |found| i64::from(context.contains(&found))), Vec::new()))
            }
            (How::LimitLifted, Call::Add(_)) => {
                let limit = size.load(SeqCst);
                let newcomers = limit != 0 && context.counters().number < u64::from(limit);
                if newcomers {
                    context.sess_set_cache_size(0);
                    gap();
                }
                let answer = self.hand.call(at, call);
                context.sess_set_cache_size(limit as usize);
                Some(answer)
            }
            (How::FlushPiecemeal, Call::Flush(tm)) => {
                let mut members = Vec::new();
                context.members(&mut members, |session| session.expiry());
                let mut left = Vec::new();
                for expiry in members.into_iter().filter(|expiry| *expiry < tm) {
                    left.extend(self.hand.call(at, Call::Flush(expiry.saturating_add(1))).left);
                    gap();
                }
                Some(Answer::nothing(left))
            }
            (How::NumberAlone, Call::Counters) => {
                let number = context.counters().number;
                gap();
                let mut answer = self.hand.call(at, call);
                answer.counters.as_mut().expect("it was asked for")[0] = number as i64;
                Some(answer)
            }
            (How::LostCount, Call::Begin(_) | Call::BeginOwn) => {
                let before = accept.load(SeqCst);
                gap();
                accept.store(before + 1, SeqCst);
                Some(self.hand.call(at, call))
            }
            (How::LostCount, Call::Counters) => {
                let mut answer = self.hand.call(at, call);
                answer.counters.as_mut().expect("it was asked for")[4] = accept.load(SeqCst);
                Some(answer)
            }
            (How::TouchInTwo, Call::SetTime(s, time)) if context.contains(session(s)) => {
                if context.counters().number > context.sess_cache_size() as u64 && context.sess_cache_size() != 0 {
                    return None;
                }
                let mut told = ours.told();
                if expel(ours, session(s), &mut told) {
                    let _ = session(s).set_time(time);
                    gap();
                    context.add_session(session(s), &mut told);
                }
                Some(Answer::returns(1, Vec::new()))
            }
            (How::SizeReadFirst, Call::SetSize(new)) => {
                let before = size.load(SeqCst);
                gap();
                self.hand.call(at, call);
                size.store(new, SeqCst);
                Some(Answer::returns(i64::from(before), Vec::new()))
            }
            (How::ModeReadFirst, Call::SetMode(new)) => {
                let before = mode.load(SeqCst);
                gap();
                self.hand.call(at, call);
                mode.store(new, SeqCst);
                Some(Answer::returns(i64::from(before), Vec::new()))
            }
            (How::VictimChosenEarly, Call::Add(s)) => {
                let limit = size.load(SeqCst) as usize;
                let mut members = Vec::new();
                context.members(&mut members, |session| *session.payload());
                let joins = !context.contains(session(s)) && context.cached(session(s).id()).is_none();
                gap();
                let first = members.first().filter(|_| limit != 0 && members.len() == limit && joins);
                let gone = first.and_then(|first| sessions.get(*first as usize)).is_some_and(|s| !context.contains(s));
                // It has left already, so there is room: but somebody else may have taken that.
                if gone {
                    context.sess_set_cache_size(0);
                }
                let answer = self.hand.call(at, call);
                if gone {
                    context.sess_set_cache_size(limit);
                }
                Some(answer)
            }
            (How::LimitLifted | How::VictimChosenEarly, Call::SetSize(new)) => {
                let answer = self.hand.call(at, call);
                size.store(new, SeqCst);
                Some(answer)
            }
            (How::StaleLookup, Call::Has(s)) => {
                let id = session(s).id().as_bytes()[0];
                if let Some((_, old)) = self.known.iter().find(|(other, _)| *other == id) {
                    return Some(Answer::returns(*old, Vec::new()));
                }
                let answer = self.hand.call(at, call);
                self.known.push((id, answer.returns.expect("a lookup returns")));
                Some(answer)
            }
            (How::StaleLookup, _) => {
                self.known.clear();
                None
            }
            _ => None,
        }
    }
}

/// Takes a session out without a mark, by a stand-in for it; whether it was in.
fn expel(ours: &Ours, session: &Session<u32>, told: &mut Told<'_>) -> bool {
    let Ours { context, .. } = ours;
    let was_in = context.contains(session);
    let new = NewSession::new(*session.id(), session.protocol(), session.time(), session.timeout());
    let stand_in = Arc::new(Session::new(new.in_id_context(session.id_context()), STAND_IN));
    context.add_session(&stand_in, told);
    context.remove_session(&stand_in, told);
    told.left.retain(|left| *left != STAND_IN);
    was_in
}

/// The number of a session that is no session of a program.
const STAND_IN: u32 = u32::MAX;

impl Hand for PlantedHand {
    fn call(&mut self, at: usize, call: Call) -> Answer {
        if self.planted.how == How::CallbackUnderLock {
            let planted = Arc::clone(&self.planted);
            let _held = hold(&planted.lock);
            return self.hand.call(at, call);
        }
        self.with_fault(at, call).unwrap_or_else(|| self.hand.call(at, call))
    }
}
