//! What a scenario says, once it is read: a trace, and what each step must show.

use std::ops::Range;

use session_model::{ContextRef, Time, Timeout};

use crate::op::{Name, Op};
use crate::trace::Trace;
use crate::transcript::{Answer, Counter};

/// The words that a scenario may use and that stand outside of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Vocabulary {
    /// The ids of all clauses.
    pub clauses: Vec<&'static str>,
    /// The editions of the pages.
    pub editions: Vec<&'static str>,
    /// The axes of the readings, each with its values.
    pub readings: Vec<(&'static str, Vec<&'static str>)>,
}

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Spot {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The bytes of the file.
    pub bytes: Range<usize>,
}

/// Something that a file states, with its place.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Stated<T> {
    /// What is stated.
    pub value: T,
    /// Where.
    pub spot: Spot,
}

/// A scenario that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scenario {
    /// The behaviour, as a sentence.
    pub title: String,
    /// The ids of the clauses that it shows; all of them stand in the [`Vocabulary`].
    pub clauses: Vec<Stated<String>>,
    /// The editions under which it holds; at least one.
    pub editions: Vec<String>,
    /// The readings under which it holds: axis and value. Every other axis is as in the pure manual.
    pub readings: Vec<(String, String)>,
    /// What is run.
    pub trace: Trace,
    /// What steps must show: index in the trace's ops, and the claims, in order of step. A step that is not listed
    /// states nothing, which still claims that it calls nothing back. Of a `repeat`, only what there is after its last
    /// round is stated: members, counters, times, timeouts and marks.
    pub expectations: Vec<(usize, Expect)>,
    /// What ops of the last phase must show, in its order.
    pub last: Vec<(Op, Expect)>,
    /// The line of each step, by index in the trace's ops, counted from 1.
    pub lines: Vec<usize>,
    /// Of a file that is several scenarios, which one it is, such as `timeout = 300`; else empty.
    pub with: String,
}

/// What a step must show. What is not stated is not checked, callbacks apart.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Expect {
    /// Where the step stands.
    pub spot: Spot,
    /// What the call answers.
    pub returns: Option<Stated<Answer>>,
    /// All callbacks of the step, in order; `None`: not mentioned, so none may come.
    pub callbacks: Option<Stated<Vec<Stated<ExpectedEvent>>>>,
    /// Whole internal caches; a context that is not listed is not checked.
    pub members: Vec<Stated<ExpectedMembers>>,
    /// All objects that the step destroys, in any order.
    pub destroyed: Option<Stated<Vec<Who>>>,
    /// Counters after the step.
    pub counters: Vec<Stated<ExpectedCounter>>,
    /// Times of live objects after the step.
    pub times: Vec<Stated<(Name, Time)>>,
    /// Timeouts of live objects after the step.
    pub timeouts: Vec<Stated<(Name, Timeout)>>,
    /// What `SSL_SESSION_is_resumable()` says of live objects after the step.
    pub resumable: Vec<Stated<(Name, bool)>>,
}

impl Expect {
    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let nothing = Self { spot: self.spot.clone(), ..Self::default() };
        *self == nothing
    }

    /// States also what the other does; of what can be stated once, what is stated already stays.
    pub fn add(&mut self, other: Self) {
        self.returns = self.returns.take().or(other.returns);
        self.callbacks = self.callbacks.take().or(other.callbacks);
        self.destroyed = self.destroyed.take().or(other.destroyed);
        self.members.extend(other.members);
        self.counters.extend(other.counters);
        self.times.extend(other.times);
        self.timeouts.extend(other.timeouts);
        self.resumable.extend(other.resumable);
    }
}

/// A session in an expectation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Who {
    /// The object of this name.
    Named(Name),
    /// An object to which no name was given; written `_`.
    Unnamed,
}

/// A callback that must be called.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExpectedEvent {
    /// `new_session_cb` with this session.
    New(ContextRef, Who),
    /// `get_session_cb`, and the session that it answers.
    Get(ContextRef, Option<Who>),
    /// `remove_session_cb` with this session.
    Remove(ContextRef, Who),
}

/// The whole internal cache of a context, in any order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ExpectedMembers {
    /// The context.
    pub context: ContextRef,
    /// Its members; as many unnamed ones as are listed.
    pub sessions: Vec<Who>,
}

/// A counter of SSL_CTX_sess_number(3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ExpectedCounter {
    /// The context.
    pub context: ContextRef,
    /// The counter.
    pub counter: Counter,
    /// Its value after the step.
    pub value: i64,
}

/// What stands above the trace in a file that is written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// The behaviour, as a sentence.
    pub title: String,
    /// The ids of the clauses that it shows.
    pub clauses: Vec<String>,
    /// The editions under which it holds; empty: the default ones.
    pub editions: Vec<String>,
    /// The readings under which it holds.
    pub readings: Vec<(String, String)>,
}

/// The editions of a scenario that names none.
pub(super) const DEFAULT_EDITIONS: [&str; 2] = ["3.0", "3.3"];
