//! What a wrapper knows of the run that it stands in: what was said to the library, and what came out of it.
//!
//! Not here: what is in a cache. The library is asked for that.

use std::collections::{BTreeMap, BTreeSet};

use session_model::{ConnectionRef, Protocol, SessionId, SessionRef, Time};

use crate::driver::{Begin, Offer};
use crate::trace::{ContextSetup, Setup};
use crate::transcript::{Counters, Transcript};

/// What is known of a run.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) clock: Time,
    /// As they were set up; callbacks and session id context as they are now.
    pub(crate) contexts: Vec<ContextSetup>,
    /// What is added to the counters of each context.
    pub(crate) offsets: Vec<Counters>,
    /// Contexts that were freed are not among them.
    pub(crate) live: Vec<bool>,
    pub(crate) open: BTreeMap<ConnectionRef, Open>,
    /// What was called back and destroyed since it was last asked for.
    pub(crate) news: Transcript,
    ids: BTreeMap<SessionRef, Ids>,
    held: BTreeMap<SessionRef, u32>,
    gone: BTreeSet<SessionRef>,
}

/// An open connection.
#[derive(Clone, Copy)]
pub(crate) struct Open {
    pub(crate) begin: Begin,
    /// When it was begun.
    pub(crate) begun: Time,
    /// What stood in the internal cache under what was proposed.
    pub(crate) found: Option<SessionRef>,
    pub(crate) resumed: bool,
}

impl Open {
    pub(crate) fn is_tls13(&self) -> bool {
        self.begin.mechanism.protocol() == Protocol::Tls13
    }
}

#[derive(Clone, Copy)]
struct Ids {
    /// Under which it is cached.
    own: SessionId,
    /// Which a client proposes that has it.
    proposed: SessionId,
}

impl Facts {
    /// What is known before the first call.
    pub(super) fn of(setup: &Setup) -> Self {
        Self {
            clock: setup.clock,
            contexts: setup.contexts.clone(),
            offsets: vec![[0; 12]; setup.contexts.len()],
            live: vec![true; setup.contexts.len()],
            ..Self::default()
        }
    }

    /// A session has this id.
    pub(super) fn made_by_hand(&mut self, c: SessionRef, id: SessionId) {
        self.ids.insert(c, Ids { own: id, proposed: id });
        self.held.insert(c, 1);
    }

    /// What a handshake may have made has these ids.
    pub(super) fn made(&mut self, begin: &Begin) {
        for (n, (own, of_client)) in (0..).zip(begin.ids().into_iter().zip(begin.handshake().client_ids())) {
            self.ids.insert(SessionRef(begin.server_session.0 + n), Ids { own, proposed: own });
            self.ids.insert(SessionRef(begin.client_session.0 + n), Ids { own: of_client, proposed: own });
            if begin.mechanism.tickets() <= 1 {
                break;
            }
        }
    }

    /// The id of an object that was made.
    pub(crate) fn id(&self, c: SessionRef) -> Option<SessionId> {
        self.ids.get(&c).map(|ids| ids.own)
    }

    /// The id that is proposed to a server that goes by ids.
    pub(crate) fn proposed(&self, begin: &Begin) -> Option<SessionId> {
        let of = |c| self.ids.get(&c).map(|ids| ids.proposed);
        match begin.offer {
            _ if begin.mechanism.is_stateless() => None,
            Offer::Nothing => None,
            Offer::Peer(id, c) => c.and_then(of).or(Some(id)),
            Offer::Own(c) => of(c),
        }
    }

    /// The object whose ticket or id is proposed.
    pub(crate) fn offered(&self, begin: &Begin) -> Option<SessionRef> {
        match begin.offer {
            Offer::Peer(_, c) => c,
            Offer::Own(c) => Some(c),
            Offer::Nothing => None,
        }
    }

    /// How many references the trace holds.
    pub(crate) fn held(&self, c: SessionRef) -> u32 {
        self.held.get(&c).copied().unwrap_or(0)
    }

    pub(super) fn holds_one_more(&mut self, c: SessionRef) {
        *self.held.entry(c).or_default() += 1;
    }

    pub(super) fn holds_one_less(&mut self, c: SessionRef) {
        if let Some(held) = self.held.get_mut(&c) {
            *held = held.saturating_sub(1);
        }
    }

    /// This number will be another session's.
    pub(super) fn forget(&mut self, c: SessionRef) {
        self.ids.remove(&c);
        self.held.remove(&c);
        self.gone.remove(&c);
    }

    /// Whether it was destroyed.
    pub(crate) fn is_gone(&self, c: SessionRef) -> bool {
        self.gone.contains(&c)
    }

    /// Takes note of what was destroyed from here on in the news.
    pub(super) fn note_destroyed(&mut self, from: usize) {
        self.gone.extend(&self.news.destroyed[from..]);
    }
}
