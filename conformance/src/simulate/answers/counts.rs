//! What is counted, and nothing but counted: every figure here is a whole number that adds up, so that the parts of a
//! run (a server's, a stretch of time's) make the whole. Not here: rates and peaks, which do not add up.

use serde::Serialize;

use crate::simulate::event::{Answer, Cause, Event, Found, Outcome, Proposes, What};

/// A struct of counts, with their names and values in order, so that a table never leaves one out.
macro_rules! counts {
    ($(#[$of:meta])* $name:ident { $($(#[doc = $doc:literal])+ $field:ident,)+ }) => {
        $(#[$of])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
        pub struct $name { $($(#[doc = $doc])+ pub $field: u64,)+ }

        impl $name {
            /// Their names, in order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            /// Their values, in the same order.
            #[must_use]
            pub fn values(&self) -> Vec<u64> {
                vec![$(self.$field),+]
            }

            /// Adds those of another part.
            pub fn add(&mut self, other: &Self) {
                $(self.$field += other.$field;)+
            }
        }
    };
}

/// How many causes a miss may have.
pub const CAUSES: usize = 16;

counts! {
    /// What became of the connections that clients began.
    Handshakes {
        /// Connections that clients began.
        connections,
        /// Connections in which the client proposed a session or a ticket, or an id out of nowhere.
        proposed,
        /// Full handshakes since the client proposed nothing.
        not_asked,
        /// Resumed, from the server's internal cache.
        hit_internal,
        /// Resumed, from the external cache.
        hit_external,
        /// Resumed, from a ticket that the server decrypted.
        hit_ticket,
        /// Full, since no server has given out this id.
        miss_unknown,
        /// Full, since the ticket is of another server, or of the time before this one started anew.
        miss_other_key,
        /// Full, since the server's mode has it look nowhere.
        miss_not_looked_up,
        /// Full, since the session had expired.
        miss_expired,
        /// Full, since the session was dropped to make room.
        miss_dropped,
        /// Full, since the session was removed, or is marked not resumable after an unclean close.
        miss_removed,
        /// Full, since the external cache did not answer.
        miss_unanswered,
        /// Full, since the external cache was not asked: it had not answered a while ago.
        miss_not_asked_outside,
        /// Full, since the external cache was told of the session in vain.
        miss_lost_outside,
        /// Full, since the session does not show in the external cache yet.
        miss_not_yet_outside,
        /// Full, since the session was dropped from the external cache to make room.
        miss_dropped_outside,
        /// Full, since the server has lost its cache since.
        miss_restarted,
        /// Full, since the session is another server's, and no external cache was told of it.
        miss_other_server,
        /// Full, since the session was never stored.
        miss_not_stored,
        /// Full, since the session was found and does not fit the connection: another protocol made it.
        miss_refused,
        /// Full, for a cause that a cache without the model in step does not tell.
        miss_not_told,
        /// Handshakes that failed.
        failed,
        /// Connections that were not made, since all servers were taken out: none of those above. Each is counted at a
        /// server that the balancer would have chosen.
        turned_away,
    }
}

counts! {
    /// How connections ended, and what the internal caches did.
    Cache {
        /// Handshakes that were finished.
        finished,
        /// Connections whose client went before the handshake was finished.
        aborted,
        /// Connections that were shut down before they were freed.
        closed_clean,
        /// Connections that were freed without.
        closed_unclean,
        /// Connections that ended with something else: a handshake that failed, a server that started anew.
        gone,
        /// Events in which sessions were flushed.
        flushes,
        /// Sessions that were flushed.
        flushed,
        /// Sessions that were dropped to make room.
        dropped,
        /// Sessions that a lookup found expired.
        expired,
        /// Sessions that were removed otherwise.
        removed,
        /// Those of them that were removed as they came, since the new callback returned 0.
        refused,
    }
}

counts! {
    /// Traffic with the external cache.
    Outside {
        /// Lookups in the external cache.
        gets,
        /// Lookups that found something.
        found,
        /// Lookups that the external cache did not answer.
        unanswered,
        /// Sessions stored in the external cache.
        stores,
        /// Stores that did not arrive.
        lost,
        /// Sessions deleted from the external cache.
        deletes,
        /// Calls that were not made, since the external cache had not answered a while ago.
        not_made,
        /// How long servers waited for the external cache, in microseconds.
        waited,
    }
}

/// All that is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Counts {
    /// What became of the connections that clients began.
    pub handshakes: Handshakes,
    /// How connections ended, and what the internal caches did.
    pub cache: Cache,
    /// Traffic with the external cache.
    pub external: Outside,
}

impl Counts {
    /// Adds those of another part.
    pub fn add(&mut self, other: &Self) {
        self.handshakes.add(&other.handshakes);
        self.cache.add(&other.cache);
        self.external.add(&other.external);
    }

    /// Counts what an event brought.
    pub(super) fn note(&mut self, event: &Event, outcome: &Outcome) {
        let cache = &mut self.cache;
        match &event.what {
            What::Begin { .. } | What::TurnAway(_) => self.handshakes.note(event, outcome),
            // A handshake that fails in its second half is among those that are gone.
            What::Finish(visit) => cache.finished += u64::from(!outcome.gone.contains(visit)),
            What::Abort(_) => cache.aborted += 1,
            What::Close { clean: true, .. } => cache.closed_clean += 1,
            What::Close { clean: false, .. } => cache.closed_unclean += 1,
            _ => {}
        }
        cache.gone += outcome.gone.len() as u64;
        cache.flushes += u64::from(outcome.left.flushed > 0);
        cache.flushed += outcome.left.flushed;
        cache.dropped += outcome.left.dropped;
        cache.expired += outcome.left.expired;
        cache.removed += outcome.left.removed;
        cache.refused += outcome.left.refused;
        let (sum, one) = (&mut self.external, &outcome.external);
        sum.gets += one.gets;
        sum.found += one.found;
        sum.unanswered += one.unanswered;
        sum.stores += one.stores;
        sum.lost += one.lost;
        sum.deletes += one.deletes;
        sum.not_made += one.not_made;
        sum.waited += one.waited;
    }
}

impl Handshakes {
    /// Counts a connection that was begun, or would have been.
    pub(super) fn note(&mut self, event: &Event, outcome: &Outcome) {
        match event.what {
            What::Begin { proposes, .. } => self.begun(proposes, outcome.answer),
            What::TurnAway(_) => self.turned_away += 1,
            _ => {}
        }
    }

    fn begun(&mut self, proposes: Proposes, answer: Option<Answer>) {
        self.connections += 1;
        self.proposed += u64::from(proposes != Proposes::Nothing);
        *match answer {
            Some(Answer::NotAsked) => &mut self.not_asked,
            Some(Answer::Hit(Found::Internal)) => &mut self.hit_internal,
            Some(Answer::Hit(Found::External)) => &mut self.hit_external,
            Some(Answer::Hit(Found::Ticket)) => &mut self.hit_ticket,
            Some(Answer::Miss(cause)) => self.missed_for(cause),
            // No answer is no handshake.
            Some(Answer::Failed) | None => &mut self.failed,
        } += 1;
    }

    fn missed_for(&mut self, cause: Cause) -> &mut u64 {
        match cause {
            Cause::Unknown => &mut self.miss_unknown,
            Cause::OtherKey => &mut self.miss_other_key,
            Cause::NotLookedUp => &mut self.miss_not_looked_up,
            Cause::Expired => &mut self.miss_expired,
            Cause::Dropped => &mut self.miss_dropped,
            Cause::Removed => &mut self.miss_removed,
            Cause::Unanswered => &mut self.miss_unanswered,
            Cause::NotAskedOutside => &mut self.miss_not_asked_outside,
            Cause::LostOutside => &mut self.miss_lost_outside,
            Cause::NotYetOutside => &mut self.miss_not_yet_outside,
            Cause::DroppedOutside => &mut self.miss_dropped_outside,
            Cause::Restarted => &mut self.miss_restarted,
            Cause::OtherServer => &mut self.miss_other_server,
            Cause::NotStored => &mut self.miss_not_stored,
            Cause::Refused => &mut self.miss_refused,
            Cause::NotTold => &mut self.miss_not_told,
        }
    }

    /// Connections that were resumed, from wherever.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hit_internal + self.hit_external + self.hit_ticket
    }

    /// Full handshakes although something was proposed, for whatever cause.
    #[must_use]
    pub fn misses(&self) -> u64 {
        self.causes().iter().map(|(_, number)| number).sum()
    }

    /// Where sessions were found, in words, and how often.
    #[must_use]
    pub fn founds(&self) -> [(&'static str, u64); 3] {
        [("internal cache", self.hit_internal), ("external cache", self.hit_external), ("ticket", self.hit_ticket)]
    }

    /// The causes of misses, in words, and how often; in their order.
    #[must_use]
    pub fn causes(&self) -> [(&'static str, u64); CAUSES] {
        [
            ("unknown id", self.miss_unknown),
            ("ticket of another key", self.miss_other_key),
            ("not looked up", self.miss_not_looked_up),
            ("expired", self.miss_expired),
            ("dropped for size", self.miss_dropped),
            ("removed", self.miss_removed),
            ("no answer outside", self.miss_unanswered),
            ("not asked outside", self.miss_not_asked_outside),
            ("lost outside", self.miss_lost_outside),
            ("not yet outside", self.miss_not_yet_outside),
            ("dropped outside", self.miss_dropped_outside),
            ("server restarted", self.miss_restarted),
            ("of another server", self.miss_other_server),
            ("never stored", self.miss_not_stored),
            ("does not fit", self.miss_refused),
            ("not told", self.miss_not_told),
        ]
    }

    /// Hits of what was proposed: of every connection in which the client proposed anything at all, valid or not and
    /// whether its handshake then failed or not, the share that the server agreed to resume. What a cache is judged by.
    /// `None`: nothing was proposed.
    ///
    /// A connection counts where the server answers, at its beginning: one that the client aborts afterwards has been a
    /// hit.
    #[must_use]
    pub fn rate_of_proposed(&self) -> Option<f64> {
        share(self.hits(), self.proposed)
    }

    /// Hits of all connections: the share that the server agreed to resume, clients that come for the first time
    /// included. What a server saves. `None`: nobody came.
    #[must_use]
    pub fn rate_of_all(&self) -> Option<f64> {
        share(self.hits(), self.connections)
    }
}

impl Outside {
    /// How long a call took in the mean, whichever it was, in microseconds; `None`: there was none.
    #[must_use]
    pub fn wait_of_a_call(&self) -> Option<u64> {
        self.waited.checked_div(self.gets + self.stores + self.deletes)
    }
}

/// A part of a whole; `None`: there is no whole.
#[must_use]
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
