//! What a workload asks of a cache, and how a cache is run on one.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use session_cache::SessionId;

use crate::stopwatch::{Stopwatch, wall};
use crate::workload::{Measure, Spec, Step, Workload};

/// A cache that takes part on one thread; most do as what threads share ([`Shared`]).
pub trait Peer: Sized {
    /// What it is called in the table.
    const NAME: &'static str;
    /// What it does not do, of what is asked.
    const LESS: &'static [Less];
    /// A session, as it takes one.
    type Session: 'static;

    /// An empty cache for this many sessions; 0: for any number.
    fn new(size: usize) -> Self;
    /// A session that no cache has.
    fn session(spec: &Spec) -> Self::Session;
    /// Adds it, for another one with its id, and keeps to the size.
    fn add(&mut self, session: &Self::Session);
    /// Finds a session and takes a reference on it; whether it was there.
    fn lookup(&mut self, id: &SessionId) -> bool;
    /// Removes it.
    fn remove(&mut self, session: &Self::Session);
    /// Removes all that have expired.
    fn flush(&mut self, now: i64);
}

/// A cache that threads share as it is.
pub trait Shared: Sync + Sized {
    /// As [`Peer::NAME`].
    const NAME: &'static str;
    /// As [`Peer::LESS`].
    const LESS: &'static [Less];
    /// As [`Peer::Session`].
    type Session: Sync + 'static;

    /// As [`Peer::new`].
    fn new(size: usize) -> Self;
    /// As [`Peer::session`].
    fn session(spec: &Spec) -> Self::Session;
    /// As [`Peer::add`].
    fn add(&self, session: &Self::Session);
    /// As [`Peer::lookup`].
    fn lookup(&self, id: &SessionId) -> bool;
    /// As [`Peer::remove`].
    fn remove(&self, session: &Self::Session);
    /// As [`Peer::flush`].
    fn flush(&self, now: i64);
}

impl<S: Shared> Peer for S {
    const NAME: &'static str = S::NAME;
    const LESS: &'static [Less] = S::LESS;
    type Session = S::Session;

    fn new(size: usize) -> Self {
        S::new(size)
    }

    fn session(spec: &Spec) -> S::Session {
        S::session(spec)
    }

    fn add(&mut self, session: &S::Session) {
        Shared::add(self, session);
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        Shared::lookup(self, id)
    }

    fn remove(&mut self, session: &S::Session) {
        Shared::remove(self, session);
    }

    fn flush(&mut self, now: i64) {
        Shared::flush(self, now);
    }
}

/// What a peer does less than it is asked to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Less {
    /// It cannot be shared by threads as it is.
    NoLock,
    /// It never flushes at a time that it is told: it is left out of the flushes, and keeps more in the mixes.
    NoFlush,
    /// A flush looks at every session.
    Sweeps,
    /// It has no limit: it is left out where that is reached, and keeps more in the mixes.
    NoLimit,
    /// What leaves at the limit is not what expires first.
    OtherVictim,
    /// A lookup takes no reference.
    NoReference,
}

impl Less {
    /// All of them, in the order of their letters.
    pub const ALL: [Self; 6] =
        [Self::NoLock, Self::NoFlush, Self::Sweeps, Self::NoLimit, Self::OtherVictim, Self::NoReference];

    /// The letter in the table.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::NoLock => 'u',
            Self::NoFlush => 'f',
            Self::Sweeps => 's',
            Self::NoLimit => 'n',
            Self::OtherVictim => 'v',
            Self::NoReference => 'r',
        }
    }

    /// What the letter stands for.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NoLock => "no lock, for one thread",
            Self::NoFlush => "no flush at a given time",
            Self::Sweeps => "a flush looks at every session",
            Self::NoLimit => "no limit",
            Self::OtherVictim => "at the limit another leaves than who expires first",
            Self::NoReference => "a lookup takes no reference",
        }
    }
}

/// A peer whose type is forgotten.
#[derive(Clone, Copy)]
pub struct Subject {
    /// Its name.
    pub name: &'static str,
    /// What it does not do.
    pub less: &'static [Less],
    run: fn(&Workload, &mut Pools) -> Outcome,
    /// How threads run it, if they can.
    together: Option<fn(&Workload, &mut Pools, usize) -> Outcome>,
}

impl Subject {
    /// This peer.
    #[must_use]
    pub const fn of<P: Peer>() -> Self {
        Self { name: P::NAME, less: P::LESS, run: run::<P>, together: None }
    }

    /// This peer, which threads share.
    #[must_use]
    pub const fn shared<S: Shared>() -> Self {
        Self { together: Some(together::<S>), ..Self::of::<S>() }
    }

    /// Whether it does what this workload is about.
    #[must_use]
    pub fn takes_part(&self, workload: &Workload) -> bool {
        let shares = !matches!(workload.measure, Measure::Together(_)) || self.together.is_some();
        shares && !workload.needs.iter().any(|need| self.less.contains(need))
    }

    /// Runs it once.
    pub fn run(&self, workload: &Workload, pools: &mut Pools) -> Outcome {
        match (workload.measure, self.together) {
            (Measure::Together(threads), Some(together)) => together(workload, pools, threads),
            _ => (self.run)(workload, pools),
        }
    }
}

/// What came of one run.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Nanoseconds an op, or those of the longest, or bytes a session.
    pub figure: f64,
    /// How many lookups found something; `None`: time was up before the end.
    pub found: Option<usize>,
}

/// The sessions of a workload, one pool for each type of them.
#[derive(Default)]
pub struct Pools(HashMap<TypeId, Box<dyn Any>>);

impl Pools {
    fn sessions<P: Peer>(&mut self, specs: &[Spec]) -> &[P::Session] {
        let make = || Box::new(specs.iter().map(P::session).collect::<Vec<_>>()) as Box<dyn Any>;
        let pool = self.0.entry(TypeId::of::<P::Session>()).or_insert_with(make);
        pool.downcast_ref::<Vec<P::Session>>().expect("a pool is found by the type of its sessions")
    }
}

fn run<P: Peer>(workload: &Workload, pools: &mut Pools) -> Outcome {
    let sessions = pools.sessions::<P>(&workload.specs);
    let mut cache = P::new(workload.size);
    let resident = pages();
    sessions[..workload.full].iter().for_each(|session| cache.add(session));
    match workload.measure {
        Measure::Mean { budget, .. } => mean(&mut cache, workload, sessions, budget),
        Measure::Longest | Measure::Together(_) => longest(&mut cache, workload, sessions),
        Measure::Bytes => {
            let bytes = pages().saturating_sub(resident) * PAGE;
            drop(black_box(cache));
            Outcome { figure: bytes as f64 / workload.full as f64, found: Some(0) }
        }
    }
}

/// Time is looked at this often within a run.
const LOOKS: usize = 256;

fn mean<P: Peer>(cache: &mut P, workload: &Workload, sessions: &[P::Session], budget: f64) -> Outcome {
    let (mut found, mut done) = (0, 0);
    let watch = Stopwatch::start();
    for steps in workload.steps.chunks(workload.steps.len().div_ceil(LOOKS)) {
        steps.iter().for_each(|step| found += usize::from(go(cache, sessions, step)));
        done += steps.len();
        if watch.nanos() > budget {
            break;
        }
    }
    let elements = workload.elements as f64 * done as f64 / workload.steps.len() as f64;
    let figure = watch.nanos() / elements;
    Outcome { figure, found: (done == workload.steps.len()).then_some(found) }
}

fn longest<P: Peer>(cache: &mut P, workload: &Workload, sessions: &[P::Session]) -> Outcome {
    let (mut found, mut figure) = (0, 0f64);
    for step in &workload.steps {
        let watch = Stopwatch::start();
        found += usize::from(go(cache, sessions, step));
        figure = figure.max(watch.nanos());
    }
    Outcome { figure, found: Some(found) }
}

/// Each thread has its share of the steps; the clock is theirs together.
fn together<S: Shared>(workload: &Workload, pools: &mut Pools, threads: usize) -> Outcome {
    let sessions = pools.sessions::<S>(&workload.specs);
    let (cache, newest, begin) = (S::new(workload.size), AtomicUsize::new(workload.full), Barrier::new(threads));
    sessions[..workload.full].iter().for_each(|session| Shared::add(&cache, session));
    let shares = workload.steps.chunks(workload.steps.len().div_ceil(threads));
    let run = |steps: &[Step]| {
        begin.wait();
        let from = wall();
        let found = steps.iter().filter(|step| go_on(&cache, workload, sessions, &newest, step)).count();
        (found, [from, wall()])
    };
    let (found, times): (Vec<usize>, Vec<[f64; 2]>) = std::thread::scope(|scope| {
        let running: Vec<_> = shares.map(|steps| scope.spawn(|| run(steps))).collect();
        running.into_iter().map(|thread| thread.join().expect("no subject panics")).unzip()
    });
    // From when the first one began to when the last one was done.
    let first = times.iter().map(|[from, _]| *from).fold(f64::MAX, f64::min);
    let nanos = times.iter().map(|[_, to]| *to).fold(0.0, f64::max) - first;
    let found = (threads == 1).then(|| found.iter().sum());
    Outcome { figure: nanos / workload.steps.len() as f64, found }
}

/// One step of one of several threads.
#[inline]
fn go_on<S: Shared>(
    cache: &S,
    workload: &Workload,
    sessions: &[S::Session],
    newest: &AtomicUsize,
    step: &Step,
) -> bool {
    let late = |back: &u32| newest.load(Relaxed) - 1 - *back as usize;
    match step {
        Step::Lookup(id) => return Shared::lookup(cache, id),
        Step::LookupLate(back) => return Shared::lookup(cache, &workload.specs[late(back)].id),
        Step::RemoveLate(back) => Shared::remove(cache, &sessions[late(back)]),
        Step::AddNext => {
            let next = newest.fetch_add(1, Relaxed);
            Shared::add(cache, &sessions[next]);
            if next.is_multiple_of(255) {
                Shared::flush(cache, workload.specs[next].time);
            }
        }
        Step::Add(n) => Shared::add(cache, &sessions[*n as usize]),
        Step::Remove(n) => Shared::remove(cache, &sessions[*n as usize]),
        Step::Flush(now) => Shared::flush(cache, *now),
    }
    false
}

#[inline]
fn go<P: Peer>(cache: &mut P, sessions: &[P::Session], step: &Step) -> bool {
    match step {
        Step::Lookup(id) => return cache.lookup(id),
        Step::Add(n) => cache.add(&sessions[*n as usize]),
        Step::Remove(n) => cache.remove(&sessions[*n as usize]),
        Step::Flush(now) => cache.flush(*now),
        Step::LookupLate(_) | Step::RemoveLate(_) | Step::AddNext => {}
    }
    false
}

/// In bytes, as Linux counts by default on the machines that it is for.
const PAGE: usize = 4096;

/// How many pages of this process are in memory; 0 where the system does not say.
fn pages() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0)
}
