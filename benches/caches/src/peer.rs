//! What a workload asks of a cache, and what is said of a cache beforehand. Not here: how it is run ([`crate::run`]).

use std::sync::Arc;

use session_cache::{NewSession, Protocol, Session, SessionId};

use crate::run::{Outcome, Pools, apart, run, together};
use crate::workload::{Measure, Room, Spec, Workload};

/// A session, as a cache takes one.
pub trait Object: Sync + Sized + 'static {
    /// One that no cache has.
    fn new(spec: &Spec) -> Self;
    /// Sets its time back, while no cache has it.
    fn restore(&self, spec: &Spec);
}

/// What the peers in Rust cache: one pool serves all of them.
pub type Held = Arc<Session<u64>>;

impl Object for Held {
    fn new(spec: &Spec) -> Self {
        let Spec { id, time, timeout } = *spec;
        let new = NewSession::new(id, Protocol::TLS1_2, time, timeout);
        Self::new(Session::new(new, 0))
    }

    fn restore(&self, spec: &Spec) {
        self.set_time(spec.time).expect("no cache has it");
    }
}

/// What a thread asks of a cache.
pub trait Calls {
    /// As [`Peer::Session`].
    type Session: Object;

    /// Adds it, for another one with its id, and keeps to the size.
    fn add(&mut self, session: &Self::Session);
    /// Finds a session and takes a reference on it; whether it was there.
    fn lookup(&mut self, id: &SessionId) -> bool;
    /// Removes it.
    fn remove(&mut self, session: &Self::Session);
    /// Sets its time, and with it when it leaves. Nothing where that is not done.
    fn touch(&mut self, _: &Self::Session, _: i64) {}
    /// Removes all that have expired.
    fn flush(&mut self, now: i64);
}

/// A cache that takes part.
pub trait Peer: Sized {
    /// What it is called in the table.
    const NAME: &'static str;
    /// What it does not do, of what is asked.
    const LESS: &'static [Less];
    /// How many bytes of a session object are there for the cache that it is in.
    const INSIDE: usize = 0;
    /// A session, as it takes one.
    type Session: Object;
    /// What it is called through.
    type Hand<'a>: Calls<Session = Self::Session>
    where
        Self: 'a;

    /// An empty cache.
    fn new(room: Room) -> Self;
    /// For one thread.
    fn hand(&mut self) -> Self::Hand<'_>;
}

/// A cache that threads share as it is.
pub trait Shared: Peer + Sync {
    /// For one of several threads.
    fn share(&self) -> Self::Hand<'_>;
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
    /// A cached session keeps the time that it was added with.
    NoTouch,
    /// It keeps bytes, which each add and each lookup copies; the bytes of a session are counted with them.
    Copies,
}

impl Less {
    /// All of them, in the order of their letters.
    pub const ALL: [Self; 8] = [
        Self::NoLock,
        Self::NoFlush,
        Self::Sweeps,
        Self::NoLimit,
        Self::OtherVictim,
        Self::NoReference,
        Self::NoTouch,
        Self::Copies,
    ];

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
            Self::NoTouch => 't',
            Self::Copies => 'c',
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
            Self::NoTouch => "a cached session keeps its time",
            Self::Copies => "adds and lookups copy bytes, and those of the session are counted",
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
    /// How threads run it that have a cache each, if there can be several in a process.
    each: Option<Threads>,
    /// How threads run it that share one, if they can.
    together: Option<Threads>,
}

/// Runs so many threads.
type Threads = fn(&Workload, &mut Pools, usize) -> Outcome;

impl Subject {
    /// This peer.
    #[must_use]
    pub const fn of<P: Peer + Send>() -> Self {
        Self { name: P::NAME, less: P::LESS, run: run::<P>, each: Some(apart::<P>), together: None }
    }

    /// This peer, which threads share.
    #[must_use]
    pub const fn shared<S: Shared + Send>() -> Self {
        Self { together: Some(together::<S>), ..Self::of::<S>() }
    }

    /// One of which there is one cache in a process, and which threads that share it may take down with the process.
    #[must_use]
    pub const fn in_a_process<S: Shared>() -> Self {
        Self { name: S::NAME, less: S::LESS, run: run::<S>, each: None, together: Some(together::<S>) }
    }

    /// Whether it takes a process of its own for several threads.
    #[must_use]
    pub fn may_break(&self) -> bool {
        self.each.is_none()
    }

    /// Whether it has at every moment exactly the sessions that ours has, and so is held to find as many.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let inexact = [Less::OtherVictim, Less::NoLimit, Less::NoFlush];
        !self.less.iter().any(|less| inexact.contains(less))
    }

    /// Whether it does what this workload is about.
    #[must_use]
    pub fn takes_part(&self, workload: &Workload) -> bool {
        let can = match workload.measure {
            Measure::Together(_) => self.together.is_some(),
            Measure::Apart(threads) => threads == 1 || self.each.is_some(),
            _ => true,
        };
        can && !workload.needs.iter().any(|need| self.less.contains(need))
    }

    /// Runs it once.
    pub fn run(&self, workload: &Workload, pools: &mut Pools) -> Outcome {
        let (threads, how) = match workload.measure {
            Measure::Together(threads) => (threads, self.together),
            // One thread is apart either way.
            Measure::Apart(threads) => (threads, self.each.or(self.together)),
            _ => (1, None),
        };
        match how {
            Some(how) => how(workload, pools, threads),
            None => (self.run)(workload, pools),
        }
    }
}
