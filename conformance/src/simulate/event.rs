//! What happens in a simulated service, one event at a time, and what came of it.
//!
//! `traffic` says what happens next, `service` carries it out and tells the outcome, which traffic learns from, since
//! what a client has to propose depends on it. `answers` reads both. Not here: why an event happens when it does, and
//! what a cache makes of it.

use session_model::{CacheMode, Mechanism, SessionId, Timeout};

/// Microseconds of virtual time since the start of the run. Only the simulation has fractions of a second; a cache
/// sees the clock of its server, in whole seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment(pub u64);

/// A server, by its place in the workload, from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Server(pub u16);

/// A group of clients, by its place in the workload, from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Group(pub u16);

/// A connection from begin to close. Given out by traffic, and given again once that connection is gone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Visit(pub u32);

/// What a client has to propose: a session or a ticket that some server has given it. Given out by the service, which
/// keeps what belongs to it until traffic gives it back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Held(pub u32);

/// Something that happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// When.
    pub at: Moment,
    /// Where.
    pub server: Server,
    /// What.
    pub what: What,
}

/// What happens at a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// A client connects, and the server answers its first flight.
    Begin {
        /// The new connection.
        visit: Visit,
        /// Whose client it is.
        group: Group,
        /// How its two ends are set to have sessions resumed.
        mechanism: Mechanism,
        /// What it proposes.
        proposes: Proposes,
    },
    /// The rest of a handshake.
    Finish(Visit),
    /// The client goes before the handshake is finished; that is the end of the connection.
    Abort(Visit),
    /// A finished connection ends; clean: shut down before it is freed.
    Close {
        /// The connection.
        visit: Visit,
        /// Whether it was shut down.
        clean: bool,
    },
    /// The server starts anew: connections, internal cache and keys of tickets are gone, its settings are those that
    /// it was started with.
    Restart,
    /// The server's clock is moved by so many seconds, also backwards; nothing else of the service is.
    StepClock(i64),
    /// `SSL_CTX_set_session_cache_mode`
    SetMode(CacheMode),
    /// `SSL_CTX_sess_set_cache_size`
    SetSize(u32),
    /// `SSL_CTX_set_timeout`
    SetTimeout(Timeout),
    /// `SSL_CTX_flush_sessions` at the time of the server's clock.
    Flush,
    /// The balancer gives the server no more connections; those that are open stay.
    TakeOut,
    /// The balancer gives it connections again.
    PutBack,
    /// The balancer gives a client to any server, also where it knows clients.
    Scatter,
    /// The balancer gives a client to its server again.
    Gather,
    /// A client of this group would have connected, and all servers that it goes to are taken out. The server is one of
    /// those, and knows nothing of it.
    TurnAway(Group),
}

/// What a client proposes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proposes {
    /// Nothing.
    Nothing,
    /// What it has from an earlier connection, of this server or of another.
    Held(Held),
    /// An id that no server has given out.
    Unknown(SessionId),
}

/// What came of an event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// Of a begin: what the server made of what was proposed.
    pub answer: Option<Answer>,
    /// Of a finish: what the client has to propose now, in place of all it had; `None`: what it had stays.
    pub gives: Option<Held>,
    /// Connections that ended with this event (a failed handshake, those of a server that started anew): traffic must
    /// not name them again.
    pub gone: Vec<Visit>,
    /// Sessions that left the internal cache, by why.
    pub left: Left,
    /// What the external cache was asked, and how it answered.
    pub external: External,
    /// The most sessions that one call had to look at before the server went on: what a pause is made of. Of our cache, or
    /// of the libssl that runs, as its release does it; of a libssl of 1.1.1, which looks at all that there are; of 3.0
    /// and later, which looks at those that it removes. Beside our cache, the last two are as if their sessions lived as
    /// long as these: where no timeout is set, theirs live for 7200 s, and ours for 300.
    pub looked_at: [u64; 3],
}

/// What a server made of what was proposed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Answer {
    /// Nothing was proposed.
    NotAsked,
    /// Resumed, and where the session was found.
    Hit(Found),
    /// A full handshake, and why.
    Miss(Cause),
    /// The handshake failed.
    Failed,
}

/// Where a session was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Found {
    /// In the server's internal cache.
    Internal,
    /// In the external cache.
    External,
    /// In a ticket that the server decrypted.
    Ticket,
}

/// Why nothing was resumed: of all that holds, the first in this order.
///
/// An external cache is a server's last resort: where it was asked for a session that it had been told of, it is the cause
/// that it brought none, whatever has become of the session inside. There are two exceptions. What had expired inside, has
/// expired. And what was deleted outside, since it had left the internal cache of some server, is missed for why it had
/// left that: expired, dropped or removed, or not told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cause {
    /// No server has given out this id.
    Unknown,
    /// The ticket is of another server, or of the time before this one started anew.
    OtherKey,
    /// The server's mode has it look nowhere.
    NotLookedUp,
    /// It had expired: found so, or flushed for it. Where nobody found it, by the clock of the server that had it, or since
    /// the external cache has kept it for as long as it does.
    Expired,
    /// It was dropped from an internal cache to make room; or deleted from the external cache with that.
    Dropped,
    /// It was removed: after an unclean close, or flushed before its time by a clock that was wrong; or deleted from the
    /// external cache with that. An unclean close also marks the client's own session not resumable, so that no ticket of
    /// TLS 1.2 is proposed that came with it.
    Removed,
    /// The external cache did not answer: it was away, or slower than the server waits.
    Unanswered,
    /// The external cache was not asked: the server had not been answered a while ago, and tries again later. By then it may
    /// answer again.
    NotAskedOutside,
    /// The external cache was told of it in vain: that never arrived, or the server did not call since it had not been
    /// answered a while ago.
    LostOutside,
    /// It is on its way to the external cache, or does not show there yet.
    NotYetOutside,
    /// It was dropped from the external cache to make room.
    DroppedOutside,
    /// The server has lost its cache since.
    Restarted,
    /// It was given out by another server, which has it still or has started anew, and no external cache was told of it.
    OtherServer,
    /// It was never stored.
    NotStored,
    /// It was found, and does not fit the connection: it was made by another protocol. Clients that always come by the
    /// same one never meet this.
    Refused,
    /// It was stored and had not expired, and is not known to have left or to be there, or why it was deleted from the
    /// external cache: the internal cache does not tell, and no model is in step.
    NotTold,
}

/// Sessions that left the internal cache in one event.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Left {
    /// Flushed, automatically or by the application.
    pub flushed: u64,
    /// Dropped to make room.
    pub dropped: u64,
    /// Found expired at a lookup.
    pub expired: u64,
    /// Removed after an unclean close, replaced by another with its id, gone with a restart, or refused.
    pub removed: u64,
    /// Those of the removed that were refused: the new callback returned 0, by which they left as they came.
    pub refused: u64,
}

/// Traffic with the external cache in one event.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct External {
    /// Lookups.
    pub gets: u64,
    /// Lookups that found something.
    pub found: u64,
    /// Lookups that the cache did not answer: away, or slower than the server waits.
    pub unanswered: u64,
    /// Sessions stored.
    pub stores: u64,
    /// Stores that did not arrive.
    pub lost: u64,
    /// Sessions deleted.
    pub deletes: u64,
    /// Calls that were not made, since the server had not been answered a while ago: none of those above.
    pub not_made: u64,
    /// How long the server waited, in microseconds of virtual time.
    pub waited: u64,
}

/// How a server stands, whenever it is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Gauges {
    /// Its clock, in seconds since the Epoch.
    pub clock: i64,
    /// Sessions in its internal cache.
    pub sessions: u64,
    /// Bytes that the internal cache takes beside the sessions themselves: an estimate from its tables.
    pub bytes: u64,
    /// Connections that are open.
    pub connections: u64,
}
