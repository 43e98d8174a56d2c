//! Byte strings of at most 32 bytes, held in place: session ids and session id contexts.

use std::fmt;
use std::hash::{Hash, Hasher};

/// A session id: 1 to 32 bytes, compared as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(Short);

impl SessionId {
    /// The longest id, in bytes: `SSL_MAX_SSL_SESSION_ID_LENGTH`.
    pub const MAX: usize = 32;

    /// The id with these bytes; `None` when there are none, or more than [`Self::MAX`].
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() { None } else { Short::new(bytes).map(Self) }
    }

    /// The bytes, 1 to 32 of them.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// All 32 bytes as numbers, those past the end as 0, and how many bytes it has.
    #[inline]
    pub(crate) fn words(&self) -> ([u64; 4], u64) {
        let word = |n: usize| {
            let bytes = self.0.bytes[8 * n..8 * n + 8].try_into().expect("8 bytes");
            u64::from_le_bytes(bytes)
        };
        (std::array::from_fn(word), self.0.len.into())
    }
}

impl Hash for SessionId {
    // One write: strings of different lengths differ to the hasher already.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.as_bytes());
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A session id context: 0 to 32 bytes. A session is resumed only in the one that it was made in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct IdContext(Short);

impl IdContext {
    /// The longest id context, in bytes: `SSL_MAX_SID_CTX_LENGTH`.
    pub const MAX: usize = 32;

    /// The id context with these bytes; `None` when there are more than [`Self::MAX`].
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Short::new(bytes).map(Self)
    }

    /// The bytes, 0 to 32 of them.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether there are no bytes: none was set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }
}

impl fmt::Debug for IdContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

/// Bytes past the length are 0, so that all 32 are compared at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Short {
    bytes: [u8; 32],
    len: u8,
}

impl Short {
    fn new(from: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        bytes.get_mut(..from.len())?.copy_from_slice(from);
        Some(Self { bytes, len: u8::try_from(from.len()).ok()? })
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_1_to_32_bytes() {
        assert_eq!(SessionId::new(&[]), None);
        assert_eq!(SessionId::new(&[7; 33]), None);
        assert_eq!(SessionId::new(&[7; 32]).expect("32 bytes").as_bytes(), [7; 32]);
        assert_eq!(SessionId::new(&[7]).expect("1 byte").as_bytes(), [7]);
    }

    #[test]
    fn an_id_context_has_0_to_32_bytes() {
        assert!(IdContext::new(&[]).expect("0 bytes").is_empty());
        assert_eq!(IdContext::new(&[7; 33]), None);
    }

    #[test]
    fn an_id_that_is_the_beginning_of_another_is_another() {
        assert_ne!(SessionId::new(&[1]), SessionId::new(&[1, 0]));
    }
}
