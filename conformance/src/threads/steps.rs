//! What a call is made of, where it is more than one step, by the kind of cache.
//!
//! What tells the kinds apart is here and nowhere else. Not here: what a step does to the model, which is the same for
//! all of them (`super::state`).

use serde::{Deserialize, Serialize};
use session_model::departures::Departure;
use session_model::{ConnectionRef, Profile, SessionRef};

/// What a call of a kind of cache is made of, where it is more than one step.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Steps {
    /// As `session-cache` declares it: to finish a full handshake is to store its session, and then to count the
    /// connection, with which the automatic flush begins. That of a few sessions is one step with it.
    #[default]
    Ours,
    /// As the libraries are written, none of which says what is one step of a handshake. To begin one: the lookup, and
    /// the removal of what it has found expired; one that was begun before is dropped first. To finish one: storing,
    /// the look at the number of connections, the automatic flush, the count.
    Library,
    /// The same, and one more of a release that takes the id of a marked session away: between lookup and ServerHello
    /// another thread may mark the session that is to be resumed, and the handshake fails.
    LibraryMarked,
}

/// The next step of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Step {
    /// The first; most calls have no other.
    #[default]
    First,
    /// To look for what the client proposes.
    LookUp,
    /// To take out what a lookup has found expired.
    Remove(SessionRef),
    /// To say that this session is resumed.
    Hello(SessionRef),
    /// To see whether the automatic flush comes with this connection.
    Look(Begun),
    /// To flush.
    Flush(Begun),
    /// To count the connection.
    Count(Begun),
}

/// A handshake that has begun.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Begun {
    pub(super) connection: ConnectionRef,
    /// The session that is resumed.
    pub(super) found: Option<SessionRef>,
    pub(super) fails: bool,
}

/// How a handshake goes on once its session is stored: in the same step, or in the next one.
pub(super) enum Then {
    Counts,
    CountsNext,
    Looks,
    LooksNext,
}

impl Steps {
    /// Whether these are steps of their own, as in a library: to drop the handshake that was begun before, to take out
    /// what a lookup has found expired, and to flush with a connection.
    pub(super) fn are_apart(self) -> bool {
        self != Self::Ours
    }

    /// Whether a cache of this kind claims in which order those leave whom one call takes out.
    pub(super) fn claims_an_order(self) -> bool {
        self == Self::Ours
    }

    /// Whether another thread may come between the lookup and the ServerHello to any effect.
    pub(super) fn says_hello_apart(self, profile: &Profile) -> bool {
        let loses = Departure::by_name("marked-session-loses-id").expect("it is one");
        self == Self::LibraryMarked && profile.departures.contains(loses)
    }

    /// What comes once the session of a `full` handshake is stored, or at once where there is none to be stored.
    /// `flushes`: whether the program may come to an automatic flush.
    pub(super) fn once_stored(self, full: bool, flushes: bool) -> Then {
        match self {
            Self::Ours if full => Then::CountsNext,
            Self::Ours => Then::Counts,
            // Nobody sees the count before all threads are done.
            _ if !flushes => Then::Counts,
            _ if full => Then::LooksNext,
            _ => Then::Looks,
        }
    }
}
