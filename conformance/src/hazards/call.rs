//! The ops and the calls from inside callbacks that only a hazards trace has: data, like every op.

use crate::op::{At, Name};

/// An op that the pages forbid or never mention. Outside of a hazards trace it is absent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Hazard {
    /// `SSL_SESSION_set1_id` on a session, cached or not.
    SetId(Name, AnyId),
    /// `SSL_SESSION_free` of a reference that is not the trace's own. While the object lives it is carried out, also
    /// when the trace has given up all of its own references.
    FreeUnowned(Name),
}

impl Hazard {
    /// The session.
    #[must_use]
    pub fn name(&self) -> Name {
        match self {
            Self::SetId(name, _) | Self::FreeUnowned(name) => *name,
        }
    }

    /// The session, to be changed.
    pub fn name_mut(&mut self) -> &mut Name {
        match self {
            Self::SetId(name, _) | Self::FreeUnowned(name) => name,
        }
    }

    /// The op's word.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::SetId(..) => "set_id",
            Self::FreeUnowned(_) => "free_unowned",
        }
    }
}

/// The bytes that `SSL_SESSION_set1_id()` is given: 0 to 40 of them, where `SSL_MAX_SSL_SESSION_ID_LENGTH` is 32.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnyId {
    bytes: [u8; Self::MAX],
    len: u8,
}

impl AnyId {
    /// How many bytes there are at most.
    pub const MAX: usize = 40;

    /// These bytes; `None` when there are more than [`Self::MAX`].
    #[must_use]
    pub fn new(id: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::MAX];
        bytes.get_mut(..id.len())?.copy_from_slice(id);
        Some(Self { bytes, len: u8::try_from(id.len()).ok()? })
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl std::fmt::Debug for AnyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

/// A callback of a context.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Callback {
    /// `new_session_cb`
    New,
    /// `get_session_cb`
    Get,
    /// `remove_session_cb`
    Remove,
}

impl Callback {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::New, Self::Get, Self::Remove];

    /// Its word in a scenario.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Get => "get",
            Self::Remove => "remove",
        }
    }
}

/// A session of a call from inside a callback.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Whom {
    /// The very session that the callback was called with, or that `get_session_cb` is about to answer.
    This,
    /// A session of the trace.
    Named(Name),
}

/// A call that a callback makes, on its own context. One on an object that is not there is left out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Call {
    /// `SSL_CTX_add_session`
    Add(Whom),
    /// `SSL_CTX_remove_session`
    Remove(Whom),
    /// `SSL_CTX_flush_sessions`
    Flush(At),
    /// `SSL_CTX_sess_number` and the other counters.
    ReadCounters,
    /// `SSL_SESSION_free` of a reference that is not the callback's own.
    FreeUnowned(Whom),
}

impl Call {
    /// Its word in a scenario.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Add(_) => "add_session",
            Self::Remove(_) => "remove_session",
            Self::Flush(_) => "flush_sessions",
            Self::ReadCounters => "read",
            Self::FreeUnowned(_) => "free_unowned",
        }
    }

    /// The session of the trace in it.
    #[must_use]
    pub fn name(&self) -> Option<Name> {
        match self {
            Self::Add(Whom::Named(name)) | Self::Remove(Whom::Named(name)) | Self::FreeUnowned(Whom::Named(name)) => {
                Some(*name)
            }
            _ => None,
        }
    }

    /// That session, to be changed.
    pub fn name_mut(&mut self) -> Option<&mut Name> {
        match self {
            Self::Add(Whom::Named(name)) | Self::Remove(Whom::Named(name)) | Self::FreeUnowned(Whom::Named(name)) => {
                Some(name)
            }
            _ => None,
        }
    }
}

/// How deep callbacks call back: a callback that is called by a call of one of this depth calls nothing. So a
/// recursion is the trace's to end.
pub const DEPTH: u32 = 3;

/// How many calls all callbacks of one step make at most.
pub const MOST_CALLS: u32 = 64;

/// What the callbacks of a context call, each time that they are called, in order. A callback that is not set calls
/// nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct CallsBack {
    /// What `new_session_cb` calls.
    pub new: Vec<Call>,
    /// What `get_session_cb` calls, after it has looked its answer up.
    pub get: Vec<Call>,
    /// What `remove_session_cb` calls.
    pub remove: Vec<Call>,
}

impl CallsBack {
    /// Whether nothing is called.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// What one of them calls.
    #[must_use]
    pub fn of(&self, callback: Callback) -> &[Call] {
        match callback {
            Callback::New => &self.new,
            Callback::Get => &self.get,
            Callback::Remove => &self.remove,
        }
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, callback: Callback) -> &mut Vec<Call> {
        match callback {
            Callback::New => &mut self.new,
            Callback::Get => &mut self.get,
            Callback::Remove => &mut self.remove,
        }
    }

    /// All calls.
    pub fn all(&self) -> impl Iterator<Item = (Callback, &Call)> {
        Callback::ALL.into_iter().flat_map(|callback| self.of(callback).iter().map(move |call| (callback, call)))
    }
}
