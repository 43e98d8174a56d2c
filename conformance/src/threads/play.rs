//! Plays programs: threads make their calls, as much at once as the machine lets them, and a history comes of it.
//!
//! What order this puts between the threads itself: a program begins on all of them when each is ready, and is judged
//! when all have ended. In between they share one counter alone, which tells when each call began and ended. It keeps
//! memory in order too, so that no call is moved over its own beginning or end; for ThreadSanitizer (`--cfg tsan`) it
//! does not: what ends before another call begins would be in order with that then, whatever the cache does. Each
//! thread's events are its own until the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::{self, Relaxed, SeqCst};
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::cache::{Cache, Kind};
use super::history::{Event, History};
use super::program::Program;
use crate::source::{Choices, Prng};

/// How long a history may take. It takes some microseconds: a cache that needs so long waits for itself.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How beginnings and endings are counted. What ThreadSanitizer is built into calls a function for each, over which
/// nothing is moved.
const MOMENT: Ordering = if cfg!(tsan) { Relaxed } else { SeqCst };

/// A history that did not come to its end. Its threads and its cache are left where they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stuck {
    /// What was done until then.
    pub history: History,
    /// Whether a thread panicked; else it waits.
    pub panicked: bool,
}

/// Threads that play one program after the other.
pub struct Players {
    threads: Vec<Sender<Arc<Round>>>,
    /// From each thread, once a program: whether it came to its end.
    ended: Receiver<bool>,
    patience: Duration,
}

impl Players {
    /// So many threads, of which each history takes as many as its program has. Whoever does not end for as long as
    /// `patience` is stuck.
    #[must_use]
    pub fn new(threads: usize, patience: Duration) -> Self {
        let (tell, ended) = mpsc::channel();
        let start = |thread| {
            let (send, rounds) = mpsc::channel::<Arc<Round>>();
            let tell = tell.clone();
            std::thread::spawn(move || {
                keep_to_a_core(thread);
                for round in rounds {
                    let whole = catch_unwind(AssertUnwindSafe(|| round.play(thread))).is_ok();
                    // The cache goes before anybody judges.
                    drop(round);
                    if tell.send(whole).is_err() || !whole {
                        break;
                    }
                }
            });
            send
        };
        Self { threads: (0..threads).map(start).collect(), ended, patience }
    }

    /// Plays a program once, with pauses between calls that follow from `pauses`.
    ///
    /// # Errors
    ///
    /// When a thread panics or does not end: then these threads can play no more.
    ///
    /// # Panics
    ///
    /// When the program has more threads than there are.
    pub fn play(&self, kind: &Kind, program: &Program, pauses: u64) -> Result<History, Box<Stuck>> {
        let round = Arc::new(Round {
            cache: (kind.fresh)(program),
            program: program.clone(),
            pauses,
            ready: AtomicUsize::new(0),
            stamp: AtomicU64::new(0),
            events: program.threads.iter().map(|_| Mutex::default()).collect(),
        });
        assert!(program.threads.len() <= self.threads.len(), "there are enough threads");
        for thread in &self.threads[..program.threads.len()] {
            // A thread that is gone has panicked: that was told.
            let _ = thread.send(Arc::clone(&round));
        }
        let waits = |_| self.ended.recv_timeout(self.patience).map_err(|_| false);
        let ended = program.threads.iter().map(waits).try_for_each(|whole| whole?.then_some(()).ok_or(true));
        let after = ended.is_ok().then(|| round.cache.after());
        let (schema, profile) = (History::SCHEMA.to_owned(), kind.profile.name.clone());
        let (program, steps, threads) = (program.clone(), kind.steps, round.seen());
        let history = History { schema, profile, program, steps, threads, after };
        ended.map_or_else(
            |panicked| Err(Box::new(Stuck { history: history.clone(), panicked })),
            |()| Ok(history.clone()),
        )
    }
}

/// Has this thread run on a core of its own, as far as there are as many: two on one core meet hardly ever.
fn keep_to_a_core(thread: usize) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let Ok(allowed) = sched_getaffinity(None) else { return };
    let cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    if let Some(core) = cores.clone().nth(thread % cores.count().max(1)) {
        let mut one = CpuSet::new();
        one.set(core);
        // Without it they meet less often, and how often is said.
        let _ = sched_setaffinity(None, &one);
    }
}

/// One program that is played, and what the threads share for it.
struct Round {
    cache: Arc<dyn Cache>,
    program: Program,
    pauses: u64,
    /// How many threads are ready to begin.
    ready: AtomicUsize,
    /// The next beginning or ending.
    stamp: AtomicU64,
    /// By thread; one's own, while it runs.
    events: Vec<Mutex<Vec<Event>>>,
}

impl Round {
    fn play(&self, thread: usize) {
        let mut hand = Arc::clone(&self.cache).hand(thread);
        let mut pauses = Prng::new(self.pauses ^ ((thread as u64 + 1) << 32));
        self.ready.fetch_add(1, SeqCst);
        // Who is waited for may have no core yet.
        let mut looked = 0u32;
        while self.ready.load(SeqCst) < self.events.len() {
            looked += 1;
            if looked.is_multiple_of(1 << 10) { std::thread::yield_now() } else { std::hint::spin_loop() }
        }
        for (at, call) in self.program.threads[thread].iter().enumerate() {
            if pauses.one_in(4) {
                (0..pauses.below(64)).for_each(|_| std::hint::spin_loop());
            }
            let begun = self.stamp.fetch_add(1, MOMENT);
            self.of(thread, |events| events.push(Event { call: *call, begun, ended: None }));
            let answer = hand.call(at, *call);
            let ended = self.stamp.fetch_add(1, MOMENT);
            self.of(thread, |events| events.last_mut().expect("just pushed").ended = Some((ended, answer)));
        }
    }

    fn of<T>(&self, thread: usize, with: impl FnOnce(&mut Vec<Event>) -> T) -> T {
        with(&mut self.events[thread].lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn seen(&self) -> Vec<Vec<Event>> {
        (0..self.events.len()).map(|thread| self.of(thread, |events| events.clone())).collect()
    }
}
