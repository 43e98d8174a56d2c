//! The application's side of the callbacks: scripts by call number and an external cache with a declared policy.
//!
//! It is data, so that every subject meets the same application. It holds no session object: it says which
//! reference the application takes or gives up, and whoever drives a subject carries that out.

use std::collections::BTreeMap;

use crate::session::{SessionId, SessionRef};

/// What `get_session_cb` writes to its parameter `copy`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Copy {
    /// It does not write: the engine takes a reference, and the application frees one explicitly later.
    Unset,
    /// 0: the count stays. A correct application then hands over a reference of its own, so it takes one first.
    Zero,
    /// 1: the engine takes its own reference.
    #[default]
    One,
}

/// Which callbacks are set on a context, and what they answer.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Callbacks {
    /// `new_session_cb`; `None`: not set.
    pub new: Option<NewScript>,
    /// `get_session_cb`; `None`: not set.
    pub get: Option<GetScript>,
    /// Whether `remove_session_cb` is set.
    pub remove: bool,
}

/// The answers of `new_session_cb`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NewScript {
    /// The answers of the first calls: true returns 1 and keeps the reference, false returns 0.
    pub first: Vec<bool>,
    /// The answer of every later call.
    pub then: bool,
}

/// The answers of `get_session_cb`: the session comes from the external cache, the copy flag from here.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct GetScript {
    /// The copy flag of the first calls that find a session.
    pub first: Vec<Copy>,
    /// The copy flag of every later one.
    pub then: Copy,
}

/// What the callbacks do to the external cache.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ExternalPolicy {
    /// A session that `new_session_cb` keeps (returns 1) goes into the external cache.
    pub stores_new: bool,
    /// A session that `remove_session_cb` is told of leaves the external cache.
    pub forgets_removed: bool,
}

impl Default for ExternalPolicy {
    fn default() -> Self {
        Self { stores_new: true, forgets_removed: true }
    }
}

/// The application's state for one context.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Application {
    callbacks: Callbacks,
    policy: ExternalPolicy,
    external: BTreeMap<SessionId, SessionRef>,
    /// References kept by `new_session_cb` that are not in the external cache, in order.
    kept: Vec<SessionRef>,
    new_calls: u32,
    get_finds: u32,
}

impl Application {
    /// An application with these callbacks and an empty external cache.
    #[must_use]
    pub fn new(callbacks: Callbacks, policy: ExternalPolicy) -> Self {
        Self { callbacks, policy, ..Self::default() }
    }

    /// Which callbacks are set now.
    #[must_use]
    pub fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }

    /// Sets the callbacks anew; the counts of calls go on.
    pub fn set_callbacks(&mut self, callbacks: Callbacks) {
        self.callbacks = callbacks;
    }

    /// `new_session_cb` is called with `c`: whether it returns 1, and the reference that leaves the external cache
    /// because `c` takes its place there. Returning 1 keeps the reference that the engine took for the callback.
    pub fn new_session(&mut self, c: SessionRef, id: SessionId) -> (bool, Option<SessionRef>) {
        let script = self.callbacks.new.as_ref().expect("called only when set");
        let keeps = script.first.get(self.new_calls as usize).copied().unwrap_or(script.then);
        self.new_calls += 1;
        if !keeps {
            return (false, None);
        }
        if self.policy.stores_new {
            return (true, self.external.insert(id, c));
        }
        self.kept.push(c);
        (true, None)
    }

    /// `get_session_cb` is called with `id`: the session it answers and the copy flag it writes. For [`Copy::Zero`]
    /// the application takes a reference before it answers.
    pub fn get_session(&mut self, id: SessionId) -> Option<(SessionRef, Copy)> {
        let found = *self.external.get(&id)?;
        let script = self.callbacks.get.as_ref().expect("called only when set");
        let copy = script.first.get(self.get_finds as usize).copied().unwrap_or(script.then);
        self.get_finds += 1;
        Some((found, copy))
    }

    /// `remove_session_cb` is called with a session of this id: the reference that leaves the external cache.
    pub fn remove_session(&mut self, id: SessionId) -> Option<SessionRef> {
        if self.policy.forgets_removed { self.external.remove(&id) } else { None }
    }

    /// The application stores `c` externally, with a reference of its own: the reference whose place it takes.
    pub fn store(&mut self, c: SessionRef, id: SessionId) -> Option<SessionRef> {
        self.external.insert(id, c)
    }

    /// The application forgets what it has under `id`: the reference that it gives up.
    pub fn forget(&mut self, id: SessionId) -> Option<SessionRef> {
        self.external.remove(&id)
    }

    /// What it holds: by the numbers of the sessions in the external cache, then what `new_session_cb` kept, in order.
    pub(crate) fn holds(&self) -> impl Iterator<Item = SessionRef> {
        let mut external: Vec<_> = self.external.values().copied().collect();
        external.sort_unstable();
        external.into_iter().chain(self.kept.iter().copied())
    }

    /// The same with other numbers and ids. Scripts are no longer than its own or than `scripted`, so counts of calls
    /// beyond that are the same.
    pub(crate) fn renamed(
        &self,
        session: impl Fn(SessionRef) -> SessionRef,
        id: impl Fn(SessionId) -> SessionId,
        scripted: u32,
    ) -> Self {
        let Self { callbacks, policy, external, kept, new_calls, get_finds } = self;
        let Callbacks { new, get, remove: _ } = callbacks;
        let longest = |own: Option<usize>| scripted.max(u32::try_from(own.unwrap_or(0)).unwrap_or(u32::MAX));
        Self {
            callbacks: callbacks.clone(),
            policy: *policy,
            external: external.iter().map(|(of, c)| (id(*of), session(*c))).collect(),
            kept: kept.iter().map(|c| session(*c)).collect(),
            new_calls: (*new_calls).min(longest(new.as_ref().map(|script| script.first.len()))),
            get_finds: (*get_finds).min(longest(get.as_ref().map(|script| script.first.len()))),
        }
    }

    /// Everything that the application still holds, to be freed: the external cache in order of id, then what
    /// `new_session_cb` kept, in order.
    pub fn release(&mut self) -> Vec<SessionRef> {
        let mut held: Vec<_> = std::mem::take(&mut self.external).into_values().collect();
        held.append(&mut self.kept);
        held
    }
}
