//! The session cache mode of a context: SSL_CTX_set_session_cache_mode(3).

/// A set of the `SSL_SESS_CACHE_*` flags; `SERVER` by default.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CacheMode(u32);

impl CacheMode {
    /// No caching for client or server.
    pub const OFF: Self = Self(0);
    /// What a client negotiates is cached.
    pub const CLIENT: Self = Self(0x1);
    /// What a server negotiates is cached, and looked up.
    pub const SERVER: Self = Self(0x2);
    /// Both of them.
    pub const BOTH: Self = Self(0x3);
    /// No automatic flush.
    pub const NO_AUTO_CLEAR: Self = Self(0x80);
    /// A server does not look into the internal cache.
    pub const NO_INTERNAL_LOOKUP: Self = Self(0x100);
    /// Nothing enters the internal cache but what the application adds.
    pub const NO_INTERNAL_STORE: Self = Self(0x200);
    /// Both of the last two.
    pub const NO_INTERNAL: Self = Self(0x300);
    /// Resuming a session sets its time.
    pub const UPDATE_TIME: Self = Self(0x400);

    /// The mode with these bits; `None` when one of them has no meaning.
    #[must_use]
    pub fn from_bits(bits: u32) -> Option<Self> {
        (bits & !0x783 == 0).then_some(Self(bits))
    }

    /// The bits, as the C function takes them.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Whether every flag of `flags` is set; true for the empty set.
    #[must_use]
    pub fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl Default for CacheMode {
    fn default() -> Self {
        Self::SERVER
    }
}

impl std::ops::BitOr for CacheMode {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
