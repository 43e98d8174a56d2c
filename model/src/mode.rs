//! The session cache mode of a context: SSL_CTX_set_session_cache_mode(3).

/// A set of the `SSL_SESS_CACHE_*` flags.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheMode(u32);

impl CacheMode {
    /// No caching for client or server.
    pub const OFF: Self = Self(0);
    /// Client sessions are cached.
    pub const CLIENT: Self = Self(0x1);
    /// Server sessions are cached.
    pub const SERVER: Self = Self(0x2);
    /// Both of them.
    pub const BOTH: Self = Self(0x3);
    /// No automatic flush.
    pub const NO_AUTO_CLEAR: Self = Self(0x80);
    /// Servers do not look into the internal cache.
    pub const NO_INTERNAL_LOOKUP: Self = Self(0x100);
    /// Nothing enters the internal cache by itself.
    pub const NO_INTERNAL_STORE: Self = Self(0x200);
    /// Both of the last two.
    pub const NO_INTERNAL: Self = Self(0x300);
    /// Use of a session sets its time.
    pub const UPDATE_TIME: Self = Self(0x400);

    /// The pages' names (without `SSL_SESS_CACHE_`), single flags first, in the order of their bits.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("CLIENT", Self::CLIENT),
        ("SERVER", Self::SERVER),
        ("NO_AUTO_CLEAR", Self::NO_AUTO_CLEAR),
        ("NO_INTERNAL_LOOKUP", Self::NO_INTERNAL_LOOKUP),
        ("NO_INTERNAL_STORE", Self::NO_INTERNAL_STORE),
        ("UPDATE_TIME", Self::UPDATE_TIME),
        ("OFF", Self::OFF),
        ("BOTH", Self::BOTH),
        ("NO_INTERNAL", Self::NO_INTERNAL),
    ];

    /// The mode with these bits; `None` when one of them has no name on the page.
    #[must_use]
    pub fn from_bits(bits: u32) -> Option<Self> {
        (bits & !0x783 == 0).then_some(Self(bits))
    }

    /// The bits as `SSL_CTX_set_session_cache_mode()` takes them.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Whether every flag of `flags` is set; true for the empty set.
    #[must_use]
    pub fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// The single flags that are set, in the order of their bits.
    pub fn flags(self) -> impl Iterator<Item = (&'static str, Self)> {
        Self::NAMES[..6].iter().copied().filter(move |(_, flag)| self.contains(*flag))
    }
}

impl std::ops::BitOr for CacheMode {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl std::fmt::Debug for CacheMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Self::OFF {
            return f.write_str("OFF");
        }
        for (n, (name, _)) in self.flags().enumerate() {
            if n > 0 {
                f.write_str("|")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_the_page_make_a_mode_and_no_others_do() {
        for (_, mode) in CacheMode::NAMES {
            assert_eq!(CacheMode::from_bits(mode.bits()), Some(mode));
        }
        let with_a_name = (0..32).filter(|bit| CacheMode::from_bits(1 << bit).is_some());
        assert_eq!(with_a_name.collect::<Vec<u32>>(), [0, 1, 7, 8, 9, 10]);
        assert_eq!(CacheMode::from_bits(0x784), None);
    }

    #[test]
    fn a_mode_is_the_flags_that_it_is_made_of() {
        let mode = CacheMode::BOTH | CacheMode::UPDATE_TIME | CacheMode::CLIENT;
        assert!(mode.contains(CacheMode::SERVER) && !mode.contains(CacheMode::NO_INTERNAL_STORE));
        assert!(CacheMode::NO_INTERNAL_STORE != CacheMode::NO_INTERNAL && mode.contains(CacheMode::OFF));
        assert_eq!(mode.flags().map(|(name, _)| name).collect::<Vec<_>>(), ["CLIENT", "SERVER", "UPDATE_TIME"]);
    }
}
