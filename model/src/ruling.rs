//! What the manual rules of one op, and by which clauses.

use crate::clause::Clause;
use crate::profile::Profile;
use crate::session::{ContextRef, SessionId, SessionRef};

/// A callback that is called.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Called {
    /// `new_session_cb`; whether it returned 1.
    New(ContextRef, SessionRef, bool),
    /// `get_session_cb`; what it answered.
    Get(ContextRef, SessionId, Option<SessionRef>),
    /// `remove_session_cb`.
    Remove(ContextRef, SessionRef),
}

/// A counter of SSL_CTX_sess_number(3), in the page's order; the first, the number of members, is not kept but counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(missing_docs, reason = "each is the function of the page that has its name")]
pub enum Counter {
    Number,
    Connect,
    ConnectGood,
    ConnectRenegotiate,
    Accept,
    AcceptGood,
    AcceptRenegotiate,
    Hits,
    CbHits,
    Misses,
    Timeouts,
    CacheFull,
}

impl Counter {
    /// All of them, in the page's order.
    pub const ALL: [Self; 12] = [
        Self::Number,
        Self::Connect,
        Self::ConnectGood,
        Self::ConnectRenegotiate,
        Self::Accept,
        Self::AcceptGood,
        Self::AcceptRenegotiate,
        Self::Hits,
        Self::CbHits,
        Self::Misses,
        Self::Timeouts,
        Self::CacheFull,
    ];

    /// The page's word: the function's name without `SSL_CTX_sess_`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Connect => "connect",
            Self::ConnectGood => "connect_good",
            Self::ConnectRenegotiate => "connect_renegotiate",
            Self::Accept => "accept",
            Self::AcceptGood => "accept_good",
            Self::AcceptRenegotiate => "accept_renegotiate",
            Self::Hits => "hits",
            Self::CbHits => "cb_hits",
            Self::Misses => "misses",
            Self::Timeouts => "timeouts",
            Self::CacheFull => "cache_full",
        }
    }
}

/// What a clause decided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum What {
    /// Which way things go, without an effect of its own.
    TheWay,
    /// What the call returns.
    TheAnswer,
    /// That a callback is called.
    Calls(Called),
    /// That an object's last reference goes.
    Destroys(SessionRef),
    /// That a counter goes up.
    Counts(ContextRef, Counter),
    /// That a session enters an internal cache.
    Enters(ContextRef, SessionRef),
    /// That a session leaves an internal cache.
    Leaves(ContextRef, SessionRef),
    /// That a session stays in an internal cache.
    Stays(SessionRef),
    /// That a session is marked non-resumable.
    Marks(SessionRef),
    /// A session's time.
    Times(SessionRef),
    /// A session's timeout.
    TimesOut(SessionRef),
}

/// What the manual rules of one op: the decisions in order, each with the clause that made it.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// The decisions.
    pub decided: Vec<(Clause, What)>,
    /// Who is left in the caches after the op, as the subject shows it; the answer to a latitude. `None`: nobody
    /// answers, and the model chooses.
    pub members_left: Option<Vec<(ContextRef, SessionRef)>>,
    /// How many latitudes were answered by the subject.
    pub latitudes: u64,
    broken: Option<Clause>,
}

impl Ruling {
    /// An empty ruling under a profile.
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        Self { decided: Vec::new(), members_left: None, latitudes: 0, broken: profile.broken }
    }

    /// Forgets the last op.
    pub fn clear(&mut self) {
        self.decided.clear();
        self.members_left = None;
    }

    /// Cites the clause for this decision. Whether it is kept: false only in a model that is broken on purpose in
    /// this very clause, and then nothing is cited.
    pub(crate) fn rules(&mut self, clause: Clause, what: What) -> bool {
        if self.broken == Some(clause) {
            return false;
        }
        self.decided.push((clause, what));
        true
    }

    /// Cites the clause for which way things go.
    pub(crate) fn keeps(&mut self, clause: Clause) -> bool {
        self.rules(clause, What::TheWay)
    }

    /// Cites the clause for what the call returns; broken on purpose, the answer is another one.
    pub(crate) fn returns(&mut self, clause: Clause, answer: i64) -> i64 {
        match (self.rules(clause, What::TheAnswer), answer) {
            (true, _) => answer,
            (false, 0 | 1) => 1 - answer,
            (false, _) => answer + 1,
        }
    }
}
