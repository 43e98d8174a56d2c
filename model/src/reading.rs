//! Readings: what settles a clause that the pages leave open or contradict.
//!
//! An axis has named values; the first of them is the one of the pure manual. Not here: what a library does that no
//! reading allows; that is a departure.

use crate::clause::{self, Clause};

/// One axis, for listing and searching.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// Its name, as in a profile.
    pub name: &'static str,
    /// The clause that it settles.
    pub clause: Clause,
    /// Its values; the first is the pure manual's.
    pub values: &'static [&'static str],
}

macro_rules! axes {
    ($( $(#[$doc:meta])* $field:ident: $type:ident = $name:literal settles $clause:ident
        { $( $(#[$vdoc:meta])* $value:ident $vname:literal ),+ $(,)? } )+) => {
        $( $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[expect(missing_docs, reason = "the value's word in a profile says it; the axis says what it is about")]
        pub enum $type { $( $(#[$vdoc])* $value ),+ }

        impl $type {
            const VALUES: &'static [(&'static str, Self)] = &[$(($vname, Self::$value)),+];
        } )+

        /// A value on every axis.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct Readings { $( $(#[$doc])* pub $field: $type, )+ }

        impl Readings {
            /// The pure manual's: the first value of each axis.
            pub const MANUAL: Self = Self { $( $field: $type::VALUES[0].1, )+ };

            /// Every axis.
            pub const AXES: &'static [Axis] = &[$( Axis {
                name: $name, clause: clause::$clause, values: &[$($vname),+],
            } ),+];

            /// The value on an axis, by the axis's name.
            #[must_use]
            pub fn get(&self, axis: &str) -> Option<&'static str> {
                match axis {
                    $( $name => $type::VALUES.iter().find(|(_, value)| *value == self.$field).map(|(name, _)| *name), )+
                    _ => None,
                }
            }

            /// Sets the value on an axis; `None`, and nothing changed, when there is no such axis or value.
            pub fn set(&mut self, axis: &str, value: &str) -> Option<()> {
                match axis {
                    $( $name => self.$field = $type::VALUES.iter().find(|(name, _)| *name == value)?.1, )+
                    _ => return None,
                }
                Some(())
            }
        }
    };
}

axes! {
    /// Which cached session a removal takes when its argument is another object with the same id.
    remove_match: RemoveMatch = "remove.match" settles REMOVE_TWIN { Object "object", Id "id" }
    /// Which of the two is then marked non-resumable.
    remove_marks: RemoveMarks = "remove.marks" settles REMOVE_TWIN {
        Argument "argument", Cached "cached", Both "both"
    }
    /// With which of the two `remove_session_cb` is then called.
    remove_calls_back_with: RemoveCallsBackWith = "remove.calls_back_with" settles REMOVE_TWIN {
        Cached "cached", Argument "argument"
    }
    /// Whether the application's own removal calls `remove_session_cb`.
    remove_callback: RemoveCallback = "remove.remove_cb" settles REMOVE_APPLICATION_CALLBACK {
        Called "called", NotCalled "not_called"
    }
    /// Whether `remove_session_cb` is called for a session that another object with its id replaces.
    replace_callback: ReplaceCallback = "replace.remove_cb" settles REPLACE_CALLBACK {
        Called "called", NotCalled "not_called"
    }
    /// Whether being replaced marks a session non-resumable.
    marks_replaced: MarksReplaced = "marks.replaced" settles LEAVE_MARKS_SILENT { No "no", Yes "yes" }
    /// Whether a flush, manual or automatic, does.
    marks_flushed: MarksFlushed = "marks.flushed" settles LEAVE_MARKS_SILENT { No "no", Yes "yes" }
    /// Whether being found expired at a lookup does.
    marks_expired: MarksExpired = "marks.expired" settles LEAVE_MARKS_SILENT { No "no", Yes "yes" }
    /// Whether being dropped for size does.
    marks_dropped: MarksDropped = "marks.dropped" settles LEAVE_MARKS_SILENT { No "no", Yes "yes" }
    /// Whether the end of the context does.
    marks_context_freed: MarksContextFreed = "marks.context_freed" settles LEAVE_MARKS_SILENT { No "no", Yes "yes" }
    /// Whether `new_session_cb` returning 0 does.
    marks_refused: MarksRefused = "marks.refused" settles LEAVE_MARKS_SILENT { No "no", Yes "yes" }
    /// Whether a session that a lookup finds expired leaves the internal cache there and then.
    lookup_expired: LookupExpired = "lookup.expired" settles LEAVE_LOOKUP_EXPIRED { Removed "removed", Stays "stays" }
    /// What is counted towards the next automatic flush.
    auto_flush_counts: AutoFlushCounts = "auto_flush.counts" settles FLUSH_AUTO_255_SESSIONS {
        Connections "connections", NewSessions "new_sessions", StoredSessions "stored_sessions"
    }
    /// Whether the flush runs in the connection that completes a period or in the one after it.
    auto_flush_phase: AutoFlushPhase = "auto_flush.phase" settles MODE_AUTO_255_CONNECTIONS { At "at", Next "next" }
    /// Whether that connection's own session is stored before the flush or after it.
    auto_flush_sequence: AutoFlushSequence = "auto_flush.sequence" settles MODE_AUTO_255_CONNECTIONS {
        AfterStore "after_store", BeforeStore "before_store"
    }
    /// Whether a context's client and server connections are counted together.
    auto_flush_roles: AutoFlushRoles = "auto_flush.roles" settles MODE_AUTO_255_CONNECTIONS {
        Together "together", Apart "apart"
    }
    /// What a connection does whose role is not cached: nothing, count only, or count and flush.
    auto_flush_when_off: AutoFlushWhenOff = "auto_flush.when_off" settles MODE_AUTO_255_CONNECTIONS {
        No "no", Counts "counts", Yes "yes"
    }
    /// Whether a manual flush starts the count again.
    auto_flush_restart: AutoFlushRestart = "auto_flush.restart" settles MODE_AUTO_255_CONNECTIONS {
        Never "never", Flush "flush"
    }
    /// Whether that connection flushes all that have expired, or the first 64 of them, as each one that counts does
    /// after it until none is left. Where each session that comes with a ticket looks for itself, none goes on.
    auto_flush_extent: AutoFlushExtent = "auto_flush.extent" settles MODE_AUTO_255_CONNECTIONS {
        All "all", Steps "steps"
    }
    /// Whether a renegotiation is a connection to what counts connections.
    auto_flush_renegotiation: AutoFlushRenegotiation = "auto_flush.renegotiation" settles RENEGOTIATE_AUTO_FLUSH {
        NotCounted "not_counted", Counted "counted"
    }
    /// Whether a renegotiation is among the handshakes started, too.
    renegotiate_started: RenegotiateStarted = "renegotiate.started" settles RENEGOTIATE_COUNTS_STARTED {
        Apart "apart", Both "both"
    }
    /// Whether a renegotiation that succeeds is among the handshakes established.
    renegotiate_established: RenegotiateEstablished = "renegotiate.established" settles RENEGOTIATE_COUNTS_ESTABLISHED {
        Counted "counted", NotCounted "not_counted"
    }
    /// Which session id context a renegotiation is under: that of the connection as it was begun, or its context's.
    renegotiate_id_context: RenegotiateIdContext = "renegotiate.id_context" settles RENEGOTIATE_ID_CONTEXT {
        Connection "connection", Context "context"
    }
    /// Where a server looks whose mode lacks SERVER.
    off_lookup: OffLookup = "off.lookup" settles MODE_OFF { None "none", External "external", Both "both" }
    /// Whether such a server gives its new sessions an id; without one neither side can cache or resume them.
    off_session_id: OffSessionId = "off.session_id" settles MODE_OFF { Given "given", Empty "empty" }
    /// Which use of a session updates its time.
    update_time_on: UpdateTimeOn = "update_time.on" settles MODE_UPDATE_TIME {
        Resume "resume", Add "add", Both "both"
    }
    /// Whether the size binds, or any number of sessions may be dropped once it is exceeded.
    size_limit: SizeLimit = "size.limit" settles SIZE_HINT { Exact "exact", Hint "hint" }
    /// Which session is dropped for size.
    victim: Victim = "victim" settles SIZE_DROPS_FROM_END {
        Any "any", SoonestToExpire "soonest_to_expire", FirstAdded "first_added"
    }
    /// In which order one call's calls of `remove_session_cb` come.
    callbacks_order: CallbacksOrder = "callbacks.order" settles CALLBACKS_ORDER {
        Any "any", SoonestToExpire "soonest_to_expire", LatestToExpire "latest_to_expire"
    }
    /// When a server counts a hit.
    hits_at: HitsAt = "hits.at" settles HITS_SERVER_RETRIEVED { Lookup "lookup", Finish "finish" }
    /// Whether an id or a ticket that is proposed and not looked up internally counts as a miss.
    misses_without_lookup: MissesWithoutLookup = "misses.without_lookup" settles MISSES_NOT_FOUND_INTERNALLY {
        Counted "counted", NotCounted "not_counted"
    }
    /// Whether a server caches a session whose ticket is stateless.
    stateless_stored: StatelessStored = "stateless.stored" settles TICKET_NOT_CACHED {
        No "no", WithRemoveCallback "with_remove_cb", Yes "yes"
    }
    /// Whether a ticket is sent after a resumption.
    tickets_resumed: TicketsResumed = "num_tickets.resumed" settles NUM_TICKETS_RESUMED { One "one", None "none" }
    /// Whether a client that has resumed a TLS 1.3 session keeps it in its cache.
    client_used: ClientUsed = "client.used" settles TLS13_USE_ONCE { Stays "stays", Removed "removed" }
    /// Whether a session leaves the cache when the handshake that was to resume it is aborted.
    abort_in_handshake: AbortInHandshake = "abort.in_handshake" settles ABORT_IN_HANDSHAKE {
        Keeps "keeps", Removes "removes"
    }
    /// Whether a session that cannot be resumed fails the handshake where a peer is to be verified without id context.
    resumable_unverified: ResumableUnverified = "resumable.unverified" settles RESUMABLE_UNVERIFIED {
        Fails "fails", Full "full"
    }
    /// Whose session cache a server's connection uses that a servername callback has switched to another context.
    switch_cache: SwitchCache = "switch.cache" settles SWITCH_CACHE { Initial "initial", Switched "switched" }
    /// Whose session id context its further handshakes go by, when it has none of its own.
    switch_id_context: SwitchIdContext = "switch.id_context" settles SWITCH_ID_CONTEXT {
        Initial "initial", Switched "switched"
    }
    /// Which of the two contexts counts its handshake.
    switch_counts: SwitchCounts = "switch.counts" settles SWITCH_COUNTS { Initial "initial", Switched "switched" }
}

impl AutoFlushExtent {
    /// How many sessions leave in one step of an automatic flush, at most.
    pub(crate) fn most(self) -> usize {
        match self {
            Self::All => usize::MAX,
            Self::Steps => 64,
        }
    }
}

impl Default for Readings {
    fn default() -> Self {
        Self::MANUAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_can_be_set_and_read_back() {
        for axis in Readings::AXES {
            for value in axis.values {
                let mut readings = Readings::MANUAL;
                assert_eq!(readings.set(axis.name, value), Some(()));
                assert_eq!(readings.get(axis.name), Some(*value));
            }
        }
    }

    #[test]
    fn what_is_no_value_changes_nothing() {
        let mut readings = Readings::MANUAL;
        assert_eq!(readings.set("remove.match", "ids"), None);
        assert_eq!(readings.set("remove.matches", "id"), None);
        assert_eq!(readings, Readings::MANUAL);
    }
}
