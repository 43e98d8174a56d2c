//! The counters of SSL_CTX_sess_number(3).

use crate::mode::CacheMode;
use crate::sync::atomic::AtomicU64;
use crate::sync::atomic::Ordering::Relaxed;

/// What a context has counted. Each is the function `SSL_CTX_sess_…` of its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Sessions in the internal cache now.
    pub number: u64,
    /// Handshakes begun as a client.
    pub connect: u64,
    /// Handshakes finished as a client.
    pub connect_good: u64,
    /// Renegotiations begun as a client.
    pub connect_renegotiate: u64,
    /// Handshakes begun as a server.
    pub accept: u64,
    /// Handshakes finished as a server.
    pub accept_good: u64,
    /// Renegotiations begun as a server.
    pub accept_renegotiate: u64,
    /// Sessions that a server found, internally or externally, and agreed to resume, and those that a client reused.
    pub hits: u64,
    /// Sessions that a server was given by the external cache.
    pub cb_hits: u64,
    /// Ids proposed to a server that were not found in the internal cache, or not looked up there.
    pub misses: u64,
    /// Sessions proposed to a server that were found and had expired.
    pub timeouts: u64,
    /// Sessions dropped because the cache was full.
    pub cache_full: u64,
}

/// The side of a connection that a context is on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Role {
    /// It accepts.
    Server,
    /// It connects.
    Client,
}

impl Role {
    /// The flag that has this role's sessions cached.
    pub(crate) fn flag(self) -> CacheMode {
        match self {
            Self::Server => CacheMode::SERVER,
            Self::Client => CacheMode::CLIENT,
        }
    }
}

/// What a server's handshake has found when it is begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// Nothing to resume, and nothing that is counted.
    Nothing,
    /// No session under this id, or nobody looked.
    Miss,
    /// A session that it agrees to resume.
    Hit,
    /// A session that has expired.
    Timeout,
    /// No session that is cached, but one in a ticket that it agrees to resume.
    Ticket,
}

/// How many handshakes were begun, by what they found. Each is counted once, so that it is counted whole.
pub(crate) struct Looked {
    first: [AtomicU64; 5],
    further: [AtomicU64; 5],
}

impl Looked {
    pub(crate) fn new() -> Self {
        let zeros = || std::array::from_fn(|_| AtomicU64::new(0));
        Self { first: zeros(), further: zeros() }
    }

    /// One more; `again`: on a connection that has had one before.
    #[inline]
    pub(crate) fn count(&self, again: bool, found: Found) {
        let of = if again { &self.further } else { &self.first };
        of[found as usize].fetch_add(1, Relaxed);
    }

    /// Adds them to a context's.
    pub(crate) fn add_to(&self, counters: &mut Counters) {
        let now = |of: &[AtomicU64; 5]| of.each_ref().map(|count| count.load(Relaxed));
        for (begun, now) in
            [(&mut counters.accept, now(&self.first)), (&mut counters.accept_renegotiate, now(&self.further))]
        {
            *begun += now.iter().sum::<u64>();
            let [_, miss, hit, timeout, ticket] = now;
            counters.misses += miss + ticket;
            counters.hits += hit + ticket;
            counters.timeouts += timeout;
        }
    }
}
