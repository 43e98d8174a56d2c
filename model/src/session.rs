//! What an `SSL_SESSION` object is to the cache.
//!
//! Not here: keys, ciphers and certificates. No clause of the pages lets them decide anything about the cache.

use crate::time::{Time, Timeout};

/// A session id: 1 to 32 bytes, compared as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId {
    bytes: [u8; Self::MAX],
    len: u8,
}

impl SessionId {
    /// `SSL_MAX_SSL_SESSION_ID_LENGTH`, in bytes.
    pub const MAX: usize = 32;

    /// The id with these bytes; `None` when there are none or more than [`Self::MAX`].
    #[must_use]
    pub fn new(id: &[u8]) -> Option<Self> {
        if id.is_empty() || id.len() > Self::MAX {
            return None;
        }
        let mut bytes = [0; Self::MAX];
        bytes[..id.len()].copy_from_slice(id);
        Some(Self { bytes, len: u8::try_from(id.len()).expect("at most 32") })
    }

    /// The bytes, 1 to 32 of them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl std::fmt::Debug for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_bytes().iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

/// Names one `SSL_SESSION` object, as a pointer does: two objects with one id have two references.
///
/// Dense numbers in order of creation, given out by whoever drives the model, never used twice in a world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SessionRef(pub u32);

/// Names one `SSL_CTX` of a world: its place in the setup.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ContextRef(pub u8);

/// Names one connection (an `SSL` object a side) of a world, in order of creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConnectionRef(pub u32);

/// The protocol version that a session was made for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Protocol {
    /// TLS 1.1; no handshake of the alphabet negotiates it, so such a session never fits.
    Tls11,
    /// TLS 1.2.
    #[default]
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// How the two ends of a connection are set to have sessions resumed: the protocol, and whether the server has
/// `SSL_OP_NO_TICKET`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Mechanism {
    /// TLS 1.2 with `SSL_OP_NO_TICKET`: session ids.
    #[default]
    Ids,
    /// TLS 1.2: stateless tickets.
    Tickets,
    /// TLS 1.3 with `SSL_OP_NO_TICKET`: as many stateful tickets (`SSL_set_num_tickets()`).
    Stateful(u8),
    /// TLS 1.3: as many stateless tickets.
    Stateless(u8),
}

impl Mechanism {
    /// The most tickets that a connection of the alphabet sends.
    pub const TICKETS: usize = 4;

    /// The protocol that is negotiated.
    #[must_use]
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Ids | Self::Tickets => Protocol::Tls12,
            Self::Stateful(_) | Self::Stateless(_) => Protocol::Tls13,
        }
    }

    /// How many tickets `SSL_set_num_tickets()` asks for; 0 before TLS 1.3.
    #[must_use]
    pub fn tickets(self) -> u8 {
        match self {
            Self::Ids | Self::Tickets => 0,
            Self::Stateful(tickets) | Self::Stateless(tickets) => tickets,
        }
    }

    /// Whether what the client keeps is the whole state of the session, and not its id.
    #[must_use]
    pub fn is_stateless(self) -> bool {
        matches!(self, Self::Tickets | Self::Stateless(_))
    }
}

/// A session id context: 0 to 32 bytes (`SSL_MAX_SID_CTX_LENGTH`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct IdContext {
    bytes: [u8; Self::MAX],
    len: u8,
}

impl IdContext {
    /// `SSL_MAX_SID_CTX_LENGTH`, in bytes.
    pub const MAX: usize = 32;

    /// The context with these bytes; `None` when there are more than [`Self::MAX`].
    #[must_use]
    pub fn new(context: &[u8]) -> Option<Self> {
        if context.len() > Self::MAX {
            return None;
        }
        let mut bytes = [0; Self::MAX];
        bytes[..context.len()].copy_from_slice(context);
        Some(Self { bytes, len: u8::try_from(context.len()).expect("at most 32") })
    }

    /// The bytes, 0 to 32 of them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether no context was set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl std::fmt::Debug for IdContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

/// What a session is made with, by hand or by a handshake.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NewSession {
    /// The id under which it is cached and proposed.
    pub id: SessionId,
    /// The protocol it was made for.
    pub protocol: Protocol,
    /// Its time, in seconds since the Epoch.
    pub time: Time,
    /// Its timeout, in seconds.
    pub timeout: Timeout,
    /// The id context it belongs to.
    pub id_context: IdContext,
}
