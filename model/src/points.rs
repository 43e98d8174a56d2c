//! The decision points at which a profile may depart from the pages.
//!
//! The manual asks a point with the page's own answer; without the feature `departures`, or under a profile without
//! any, that answer comes back. Not here: what the departures are.

use crate::profile::Profile;
use crate::session::{ContextRef, Protocol, SessionId};
use crate::time::{Time, Timeout};

/// The longest lifetime of a ticket, and that of hand-made ones: a week (RFC 8446, 4.6.1).
pub(crate) const TICKET_LIFETIME: Timeout = Timeout(7 * 24 * 60 * 60);

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
    /// Whether adding the very same object again gives it, by the reading, a new time and leaves it at its place.
    identical_add_updates_time() -> bool;
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
    /// How many renegotiations a server counts for one, which the server itself or the client has asked for.
    counts_of_renegotiation(requested: bool) -> u32;
    /// Whether a client gives up a handshake in which a session of another id context than its own is reused.
    client_gives_up_other_context() -> bool;
    /// Whether a client makes its new session only when the server has not agreed to resume.
    client_makes_session_late() -> bool;
    /// Whether a connection with a non-resumable session has an automatic flush when it is due.
    marked_session_flushes() -> bool;
    /// Whether a session that a server finds expired under this protocol leaves the cache there and then.
    found_expired_leaves(protocol: Protocol) -> bool;
    /// The timeout of a session that comes with a ticket when one of timeout `resumed` was resumed.
    renewed_timeout(resumed: Timeout) -> Timeout;
    /// Whether a server's session that comes with a ticket can be resumed, when the one that it was using can or cannot.
    copy_is_resumable(used: bool) -> bool;
    /// In the order of which cache a session that comes with a ticket has a place already, when the one that its
    /// connection was using is in that of `used`.
    copy_claims(used: Option<ContextRef>) -> Option<ContextRef>;
    /// Whether an automatic flush in TLS 1.3 is the matter of each session that comes with a ticket.
    flushes_with_each_session() -> bool;
    /// Whether a session that has expired in its stateless ticket counts as a timeout.
    expired_ticket_counts() -> bool;
    /// Whether the failure of a handshake of this protocol takes the session that the server has found out of the cache.
    failure_removes_found(protocol: Protocol) -> bool;
    /// Whether a stateless ticket cannot be made at `now` of a session of this time.
    ticket_fails(time: Time, now: Time) -> bool;
    /// The time of a session that comes out of a stateless ticket at `now`.
    opened_time(now: Time) -> Time;
    /// Whether a server fails that has found a session of another protocol than this one, that of the handshake.
    other_protocol_fails(protocol: Protocol) -> bool;
    /// Whether a client of TLS 1.3 keeps a ticket of this age, in seconds, and lifetime to itself.
    ticket_is_kept_back(age: i128, lifetime: Timeout) -> bool;
    /// Whether a connection with a session that has no id has an automatic flush when it is due.
    idless_session_flushes() -> bool;
    /// Whether a server that agrees to resume a non-resumable session takes its id away.
    marked_session_loses_id() -> bool;
    /// Whether the mode has a flag UPDATE_TIME.
    update_time_is_known() -> bool;
    /// Whether a connection that was switched to another context is counted as finished by the one that has counted it
    /// as started.
    switched_counts_once() -> bool;
    /// Whether such a connection keeps the session id context that is its own, where the first context's is equal.
    equal_id_context_stays() -> bool;
    /// Whether such a connection counts towards the automatic flush of the cache that it uses, not of the other's.
    switched_flushes_own() -> bool;
    /// Whether a new session of such a connection gets an id, when the context that it was switched to caches for
    /// servers or not.
    switched_has_id(served: bool) -> bool;
    /// Whether a server looks up the session whose stateful ticket wraps this id.
    ticket_is_looked_up(id: SessionId) -> bool;
    /// Whether a server stores a session that has no id context while the peer is to be verified.
    stores_without_id_context() -> bool;
}
