//! The decision points at which a profile may depart from the pages.
//!
//! The manual asks a point with the page's own answer; without the feature `departures`, or under a profile without
//! any, that answer comes back. Not here: what the departures are.

use crate::profile::Profile;
use crate::session::Protocol;
use crate::time::{Time, Timeout};

macro_rules! points {
    ($( $(#[$doc:meta])* $point:ident($($fact:ident: $type:ty),*) -> $answer:ty; )+) => { $(
        $(#[$doc])*
        pub(crate) fn $point(profile: &Profile, $($fact: $type,)* page: $answer) -> $answer {
            #[cfg(feature = "departures")]
            {
                crate::departures::$point(profile, $($fact,)* page)
            }
            #[cfg(not(feature = "departures"))]
            {
                let _ = (profile, $($fact,)*);
                page
            }
        } )+
    };
}

points! {
    /// Whether a flush at `tm` takes a session.
    flush_takes(tm: Time) -> bool;
    /// Whether adding the very same object again gives it a new place (and, by the reading, a new time).
    identical_add_moves() -> bool;
    /// Whether removing what is not cached marks it and calls back all the same.
    absent_remove_acts() -> bool;
    /// How many sessions there may be after an add, the newcomer included, when the size is `size` (not 0).
    room(size: u64) -> u64;
    /// Whether `new_session_cb` returning 0 takes the session out of the internal cache.
    refused_leaves() -> bool;
    /// Whether a server keeps a non-resumable session from being resumed.
    mark_prevents_resumption() -> bool;
    /// What setting a session's time to `time` returns.
    set_time_returns(time: Time) -> i64;
    /// The timeout of a new context.
    default_timeout() -> Timeout;
    /// The timeout that a new session takes from its context's.
    taken_timeout() -> Timeout;
    /// Whether a non-resumable session that `get_session_cb` answers is as good as none.
    marked_answer_is_none() -> bool;
    /// How many connections there are from one automatic flush to the next.
    auto_flush_period() -> u64;
    /// The protocol as part of what two sessions are compared by: on the pages the id is all, so one value for all.
    compared_protocol(protocol: Protocol) -> Protocol;
    /// Whether a client counts a miss when the server does not agree to resume.
    client_counts_misses() -> bool;
    /// Whether a client gives up a handshake in which a session of another id context than its own is reused.
    client_gives_up_other_context() -> bool;
    /// Whether a client makes its new session only when the server has not agreed to resume.
    client_makes_session_late() -> bool;
    /// Whether a connection with a non-resumable session has an automatic flush when it is due.
    marked_session_flushes() -> bool;
    /// Whether a server stores a session that has no id context while the peer is to be verified.
    stores_without_id_context() -> bool;
}
