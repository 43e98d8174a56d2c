//! The ways in which a session leaves the internal cache, and the clause that decides each effect.

use crate::clause::*;

/// One way out of the internal cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaving {
    /// The way, in a few words.
    pub way: &'static str,
    /// Decides whether remove_session_cb is called, and with which object.
    pub callback: Clause,
    /// Decides whether the session, and which object, is marked not resumable.
    pub mark: Clause,
    /// Decides which counter changes. The number of members falls whatever the way.
    pub counter: Clause,
    /// Decides which reference is freed.
    pub reference: Clause,
}

/// Every way out. An effect that the pages do not settle is decided by a clause that is not a rule.
#[rustfmt::skip]
pub const LEAVING: [Leaving; 10] = [
    leaving("removed", REMOVE_APPLICATION_CALLBACK, REMOVE_NOT_RESUMABLE, NUMBER_COUNTS_MEMBERS, REMOVE_FREES_ONCE),
    leaving("removed through another object with its id", REMOVE_TWIN, REMOVE_TWIN, NUMBER_COUNTS_MEMBERS, REMOVE_TWIN),
    leaving("replaced", REPLACE_CALLBACK, LEAVE_MARKS_SILENT, NUMBER_COUNTS_MEMBERS, ADD_SAME_ID_REPLACES),
    leaving("flushed", FLUSH_REMOVE_CB, LEAVE_MARKS_SILENT, NUMBER_COUNTS_MEMBERS, LEAVE_FREES_REFERENCE),
    leaving("flushed automatically", FLUSH_REMOVE_CB, LEAVE_MARKS_SILENT, NUMBER_COUNTS_MEMBERS, LEAVE_FREES_REFERENCE),
    leaving("found expired at a lookup", REMOVE_CB_EXPIRED, LEAVE_MARKS_SILENT, TIMEOUTS_FOUND_BUT_EXPIRED, LEAVE_FREES_REFERENCE),
    leaving("dropped for size", REMOVE_CB_WHENEVER_REMOVED, LEAVE_MARKS_SILENT, CACHE_FULL_COUNTS_DROPPED, LEAVE_FREES_REFERENCE),
    leaving("refused by new_session_cb", REMOVE_CB_WHENEVER_REMOVED, LEAVE_MARKS_SILENT, NUMBER_COUNTS_MEMBERS, NEW_CB_ZERO_REMOVES),
    leaving("unclean close", REMOVE_CB_UNCLEAN, UNCLEAN_NOT_RESUMABLE, NUMBER_COUNTS_MEMBERS, LEAVE_FREES_REFERENCE),
    leaving("context freed", CTX_FREE_REMOVE_CB, LEAVE_MARKS_SILENT, NUMBER_COUNTS_MEMBERS, CTX_FREE_FREES_CACHE),
];

const fn leaving(way: &'static str, callback: Clause, mark: Clause, counter: Clause, reference: Clause) -> Leaving {
    Leaving { way, callback, mark, counter, reference }
}
