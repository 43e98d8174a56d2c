//! Known departures: what some library does that no reading of the pages allows, one short file each.
//!
//! Each is a switch. A departure hooks in at one of the decision points of `points.rs`; with none switched on, every
//! point gives the page's answer back. Not here: why a library is known to do it; that is in its profile.

use crate::clause::{self, Clause};
use crate::profile::{Departures, Profile};
use crate::session::{Protocol, SessionId};
use crate::time::{Time, Timeout};

mod auto_flush_every_256;
mod client_counts_misses;
mod client_gives_up_other_context;
mod client_makes_session_late;
mod default_timeout_two_hours;
mod expired_ticket_counts;
mod flush_zero_empties;
mod identical_add_moves;
mod identical_add_updates_time;
mod idless_skips_flush;
mod marked_session_loses_id;
mod non_resumable_answer_ignored;
mod non_resumable_resumes;
mod non_resumable_skips_flush;
mod protocol_compared;
mod refused_stays;
mod remove_absent_acts;
mod requested_renegotiation_counts_thrice;
mod set_time_returns_time;
mod size_holds_one_less;
mod switch_decides_id;
mod switch_flushes_other;
mod switch_forgets_equal_id_context;
mod switch_splits_counts;
mod ticket_loses_time_zero;
mod timeout_zero_is_default;
mod tls13_copy_claims_place;
mod tls13_copy_keeps_mark;
mod tls13_expired_stays;
mod tls13_failure_removes_found;
mod tls13_flushes_with_each_session;
mod tls13_other_protocol_fails;
mod tls13_renewed_keeps_timeout;
mod tls13_short_id;
mod tls13_ticket_kept_back;
mod uncontexted_not_stored;
mod update_time_unknown;

/// One known departure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Departure(u8);

/// What is said of a departure.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name in a profile.
    pub name: &'static str,
    /// The clause that it breaks.
    pub clause: Clause,
    /// What happens instead.
    pub instead: &'static str,
}

macro_rules! departures {
    ($( $constant:ident = $name:literal breaks $clause:ident: $instead:literal; )+) => {
        #[expect(non_camel_case_types, reason = "only numbers the constants")]
        enum Number { $( $constant ),+ }

        impl Departure {
            $( pub(crate) const $constant: Self = Self(Number::$constant as u8); )+
            const ABOUT: &'static [About] = &[$( About { name: $name, clause: clause::$clause, instead: $instead } ),+];
        }
    };
}

departures! {
    AUTO_FLUSH_EVERY_256 = "auto-flush-every-256" breaks MODE_AUTO_255_CONNECTIONS:
        "the automatic flush runs every 256 connections";
    CLIENT_COUNTS_MISSES = "client-counts-misses" breaks MISSES_NOT_FOUND_INTERNALLY:
        "a client that has a session counts a miss when the server does not agree to resume it, be it that it was not proposed";
    CLIENT_GIVES_UP_OTHER_CONTEXT = "client-gives-up-other-context" breaks REUSED_FLAG:
        "a client whose session has another id context than its own gives the handshake up once the server agrees to resume";
    CLIENT_MAKES_SESSION_LATE = "client-makes-session-late" breaks TIME_CREATION:
        "a client whose proposal is refused makes its session when the handshake goes on, not when it begins";
    DEFAULT_TIMEOUT_TWO_HOURS = "default-timeout-two-hours" breaks TIMEOUT_DEFAULT_300:
        "the default timeout is 7200 seconds";
    EXPIRED_TICKET_COUNTS = "expired-ticket-counts" breaks TIMEOUTS_FOUND_BUT_EXPIRED:
        "a session that has expired in its stateless ticket, and was in neither cache, counts as a timeout";
    FLUSH_ZERO_EMPTIES = "flush-zero-empties" breaks FLUSH_ZERO:
        "a flush at time 0 removes every session";
    IDENTICAL_ADD_MOVES = "identical-add-moves" breaks ADD_IDENTICAL_IS_NOOP:
        "adding the identical object gives it a new place among those that expire with it, and under UPDATE_TIME a new time";
    IDENTICAL_ADD_UPDATES_TIME = "identical-add-updates-time" breaks ADD_IDENTICAL_IS_NOOP:
        "under UPDATE_TIME adding the identical object gives it a new time but no new place, and a flush stops at it";
    IDLESS_SKIPS_FLUSH = "idless-skips-flush" breaks MODE_AUTO_255_CONNECTIONS:
        "the automatic flush that is due in a connection whose session has no id does not run";
    MARKED_SESSION_LOSES_ID = "marked-session-loses-id" breaks RESUMABLE_FULL_HANDSHAKE:
        "a server that agrees to resume a non-resumable session takes its id away: the handshake fails, and the cache is damaged";
    NON_RESUMABLE_ANSWER_IGNORED = "non-resumable-answer-ignored" breaks GET_CB_NOT_FOUND_INTERNALLY:
        "a non-resumable session that get_session_cb answers counts for nothing: no cb_hit, no copy, no resumption";
    NON_RESUMABLE_RESUMES = "non-resumable-resumes" breaks RESUMABLE_FULL_HANDSHAKE:
        "a server resumes a cached session that is marked non-resumable";
    NON_RESUMABLE_SKIPS_FLUSH = "non-resumable-skips-flush" breaks MODE_AUTO_255_CONNECTIONS:
        "the automatic flush that is due in a connection with a non-resumable session does not run";
    PROTOCOL_COMPARED = "protocol-compared" breaks ADD_SAME_ID_REPLACES:
        "sessions of one id and two protocol versions are two sessions";
    REFUSED_STAYS = "refused-stays" breaks NEW_CB_ZERO_REMOVES:
        "a session for which new_session_cb returns 0 stays in the internal cache";
    REMOVE_ABSENT_ACTS = "remove-absent-acts" breaks REMOVE_ABSENT_FAILS:
        "removing a session that is not cached marks it non-resumable and calls remove_session_cb";
    REQUESTED_RENEGOTIATION_COUNTS_THRICE = "requested-renegotiation-counts-thrice" breaks ACCEPT_RENEGOTIATE_COUNTS_STARTED:
        "a renegotiation that the server asks for counts as three";
    SET_TIME_RETURNS_TIME = "set-time-returns-time" breaks TIME_SET_RETURNS_1:
        "SSL_SESSION_set_time returns the time that was set";
    SIZE_HOLDS_ONE_LESS = "size-holds-one-less" breaks FLUSH_COLLECTS:
        "a cache of size n from 2 on holds n - 1 sessions";
    TIMEOUT_ZERO_IS_DEFAULT = "timeout-zero-is-default" breaks TIMEOUT_NEW_SESSIONS:
        "under a context's timeout 0 new sessions take the default timeout";
    SWITCH_DECIDES_ID = "switch-decides-id" breaks MODE_SERVER:
        "the mode of the context that a connection was switched to decides whether the new session has an id, and so whether it is cached";
    SWITCH_FLUSHES_OTHER = "switch-flushes-other" breaks MODE_AUTO_255_CONNECTIONS:
        "a connection that was switched to another context counts towards the automatic flush of the cache that it does not use";
    SWITCH_FORGETS_EQUAL_ID_CONTEXT = "switch-forgets-equal-id-context" breaks ID_CONTEXT_PER_CONNECTION:
        "a session id context that was set for the connection and equals that of its context is lost when the connection is switched: renegotiations go by the other context's";
    SWITCH_SPLITS_COUNTS = "switch-splits-counts" breaks ACCEPT_GOOD_COUNTS_ESTABLISHED:
        "of a connection that was switched to another context the first one counts the start and the other one the end";
    TICKET_LOSES_TIME_ZERO = "ticket-loses-time-zero" breaks TICKET_STATELESS_RESUMES:
        "a session of time 0 comes out of a stateless ticket with the time of the moment; where that makes the ticket longer while it is made, the handshake fails";
    TLS13_COPY_CLAIMS_PLACE = "tls13-copy-claims-place" breaks FLUSH_EXPIRED:
        "a TLS 1.3 session that is not cached, made in a connection that was using a cached one, comes into the order of that cache when its time or timeout is set: the cache is damaged";
    TLS13_COPY_KEEPS_MARK = "tls13-copy-keeps-mark" breaks RESUMABLE_QUERY:
        "a server's session that comes with a TLS 1.3 ticket is non-resumable from the first when the one that the connection was using is";
    TLS13_EXPIRED_STAYS = "tls13-expired-stays" breaks LEAVE_LOOKUP_EXPIRED:
        "under TLS 1.3 a session that a lookup finds expired stays in the internal cache";
    TLS13_FAILURE_REMOVES_FOUND = "tls13-failure-removes-found" breaks ABORT_IN_HANDSHAKE:
        "a TLS 1.3 server that fails for want of an id context removes the session that it has found, and marks it";
    TLS13_FLUSHES_WITH_EACH_SESSION = "tls13-flushes-with-each-session" breaks MODE_AUTO_255_CONNECTIONS:
        "a TLS 1.3 connection flushes with each session that it makes, when the connections are one short of a period, itself counted; without a session it does not";
    TLS13_FUTURE_TICKET_KEPT_BACK = "tls13-future-ticket-kept-back" breaks SET_SESSION_OFFERED:
        "a TLS 1.3 client does not propose a session whose time is still to come";
    TLS13_OLD_TICKET_KEPT_BACK = "tls13-old-ticket-kept-back" breaks SET_SESSION_OFFERED:
        "a TLS 1.3 client does not propose a session whose ticket has outlived its lifetime";
    TLS13_OTHER_PROTOCOL_FAILS = "tls13-other-protocol-fails" breaks PROTOCOL_MUST_MATCH:
        "a TLS 1.3 server whose get_session_cb answers with a session of another protocol fails the handshake";
    TLS13_RENEWED_KEEPS_TIMEOUT = "tls13-renewed-keeps-timeout" breaks TIMEOUT_NEW_SESSIONS:
        "a session that a resumed TLS 1.3 connection makes takes its timeout from the session that was resumed";
    TLS13_SHORT_ID = "tls13-short-id" breaks TICKET_STATEFUL:
        "a TLS 1.3 server looks up no stateful ticket of less than 32 bytes: its session is cached and never resumed";
    UNCONTEXTED_NOT_STORED = "uncontexted-not-stored" breaks MODE_SERVER:
        "a server that verifies its peer and has no session id context does not cache its sessions";
    UPDATE_TIME_UNKNOWN = "update-time-unknown" breaks MODE_UPDATE_TIME:
        "the flag UPDATE_TIME means nothing";
}

impl Departure {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::ABOUT.len()).map(|n| Self(u8::try_from(n).expect("fewer than 64")))
    }

    /// The departure of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().find(|departure| departure.about().name == name)
    }

    /// What is said of it.
    #[must_use]
    pub fn about(self) -> &'static About {
        &Self::ABOUT[usize::from(self.0)]
    }
}

impl Departures {
    /// This set and one more.
    #[must_use]
    pub fn with(self, departure: Departure) -> Self {
        Self(self.0 | 1 << departure.0)
    }

    /// This set without one.
    #[must_use]
    pub fn without(self, departure: Departure) -> Self {
        Self(self.0 & !(1 << departure.0))
    }

    /// Whether it is switched on.
    #[must_use]
    pub fn contains(self, departure: Departure) -> bool {
        self.0 >> departure.0 & 1 == 1
    }

    /// Whether one of them may damage the library's own memory, after which nothing is known of it: see
    /// [`crate::World::is_damaged`].
    #[must_use]
    pub fn damage(self) -> bool {
        [Departure::MARKED_SESSION_LOSES_ID, Departure::TLS13_COPY_CLAIMS_PLACE].iter().any(|d| self.contains(*d))
    }

    /// Those that are switched on.
    pub fn iter(self) -> impl Iterator<Item = Departure> {
        Departure::all().filter(move |departure| self.contains(*departure))
    }
}

pub(crate) use auto_flush_every_256::auto_flush_period;
pub(crate) use client_counts_misses::client_counts_misses;
pub(crate) use client_gives_up_other_context::client_gives_up_other_context;
pub(crate) use client_makes_session_late::client_makes_session_late;
pub(crate) use default_timeout_two_hours::default_timeout;
pub(crate) use expired_ticket_counts::expired_ticket_counts;
pub(crate) use flush_zero_empties::flush_takes;
pub(crate) use identical_add_moves::identical_add_moves;
pub(crate) use identical_add_updates_time::identical_add_updates_time;
pub(crate) use idless_skips_flush::idless_session_flushes;
pub(crate) use marked_session_loses_id::marked_session_loses_id;
pub(crate) use non_resumable_answer_ignored::marked_answer_is_none;
pub(crate) use non_resumable_resumes::mark_prevents_resumption;
pub(crate) use non_resumable_skips_flush::marked_session_flushes;
pub(crate) use protocol_compared::compared_protocol;
pub(crate) use refused_stays::refused_leaves;
pub(crate) use remove_absent_acts::absent_remove_acts;
pub(crate) use requested_renegotiation_counts_thrice::counts_of_renegotiation;
pub(crate) use set_time_returns_time::set_time_returns;
pub(crate) use size_holds_one_less::room;
pub(crate) use switch_decides_id::switched_has_id;
pub(crate) use switch_flushes_other::switched_flushes_own;
pub(crate) use switch_forgets_equal_id_context::equal_id_context_stays;
pub(crate) use switch_splits_counts::switched_counts_once;
pub(crate) use ticket_loses_time_zero::{opened_time, ticket_fails};
pub(crate) use timeout_zero_is_default::taken_timeout;
pub(crate) use tls13_copy_claims_place::copy_claims;
pub(crate) use tls13_copy_keeps_mark::copy_is_resumable;
pub(crate) use tls13_expired_stays::found_expired_leaves;
pub(crate) use tls13_failure_removes_found::failure_removes_found;
pub(crate) use tls13_flushes_with_each_session::flushes_with_each_session;
pub(crate) use tls13_other_protocol_fails::other_protocol_fails;
pub(crate) use tls13_renewed_keeps_timeout::renewed_timeout;
pub(crate) use tls13_short_id::ticket_is_looked_up;
pub(crate) use tls13_ticket_kept_back::ticket_is_kept_back;
pub(crate) use uncontexted_not_stored::stores_without_id_context;
pub(crate) use update_time_unknown::update_time_is_known;

/// What most departures are: another answer when switched on.
fn instead<T>(profile: &Profile, departure: Departure, page: T, seen: T) -> T {
    if profile.departures.contains(departure) { seen } else { page }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Departure {
        Departure::by_name(name).expect("it is one")
    }

    #[test]
    fn each_is_known_by_its_name_and_nothing_else_is() {
        for departure in Departure::all() {
            assert_eq!(named(departure.about().name), departure);
        }
        assert_eq!(Departure::by_name("keeps-to-the-pages"), None);
    }

    #[test]
    fn a_set_has_what_was_put_into_it() {
        let [one, other] = [named("flush-zero-empties"), named("identical-add-moves")];
        let both = Departures::NONE.with(one).with(other).with(one);
        assert_eq!(both.iter().collect::<Vec<_>>(), [one, other]);
        assert_eq!(both.without(one), Departures::NONE.with(other));
        assert_eq!(both.without(one).without(one), Departures::NONE.with(other));
        assert!(both.contains(other) && !both.without(other).contains(other));
    }

    #[test]
    fn few_may_damage_the_librarys_memory() {
        let damage = Departure::all().filter(|departure| Departures::NONE.with(*departure).damage());
        let names: Vec<_> = damage.map(|departure| departure.about().name).collect();
        assert_eq!(names, ["marked-session-loses-id", "tls13-copy-claims-place"]);
    }
}
