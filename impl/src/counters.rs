//! The counters of SSL_CTX_sess_number(3).

use crate::mode::CacheMode;

/// What a context has counted. Each is the function `SSL_CTX_sess_…` of its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
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
