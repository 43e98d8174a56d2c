//! What one thread accepts on a context that it shares with others: connections of TLS 1.2 with session ids, one after
//! the other, with a client that nobody observes at their other end.
//!
//! Not here: the context and the sessions made by hand; those are in [`super::shared`].

use session_model::{Mechanism, SessionId};

use super::api::Api;
use super::clock;
use super::handles::Session;
use super::handshake::{Ends, Own};
use super::shared::{Context, id_of, next_id};
use crate::op::Close;

/// What the client proposes.
#[derive(Clone, Copy)]
pub enum Proposed {
    /// No session.
    Nothing,
    /// The session of this number, as another object of the client's.
    HandMade(u32),
    /// What the last full handshake of this thread has made.
    Own,
}

/// One thread's connections.
pub struct Accepts {
    api: &'static Api,
    /// Seconds since the Epoch, for the library.
    now: i64,
    begun: Option<(Ends, u32)>,
    finished: Option<Ends>,
    /// The number of what the last full handshake has made, and the session as its client has it, serialised.
    own: Option<(u32, Vec<u8>)>,
}

impl Accepts {
    /// No connection yet. For the library it is always this time.
    #[must_use]
    pub fn new(context: &Context, now: i64) -> Self {
        Self { api: context.library(), now, begun: None, finished: None, own: None }
    }

    /// Begins a handshake; one that was begun before is dropped. What it makes will have this number. Whether the
    /// server agrees to resume; −1: it has failed.
    pub fn begin(&mut self, context: &Context, proposed: Proposed, makes: u32) -> i64 {
        let before = clock::set(self.now);
        self.drop_begun();
        let api = context.library();
        let twin = |id: SessionId, secrets: Option<&[u8]>| api.peer().twin(api, id, secrets, Mechanism::Ids);
        let proposed = match (proposed, &self.own) {
            (Proposed::HandMade(session), _) => Some(twin(context.id(session), None)),
            (Proposed::Own, Some((number, secrets))) => Some(twin(id_of(*number), Some(secrets))),
            (Proposed::Own, None) | (Proposed::Nothing, _) => None,
        };
        next_id(makes);
        let peers = (context.context(), api.peer().context());
        let ends = Ends::begin(api, peers, Mechanism::Ids, Own::default(), proposed);
        proposed.into_iter().for_each(|twin: Session| api.session_free(twin));
        clock::restore(before);
        let Some(ends) = ends else { return -1 };
        self.begun = Some((ends, makes));
        api.ssl_session_reused(ends.server).into()
    }

    /// Finishes it, and then closes cleanly what was finished before. Whether a session was resumed; −1: it has failed,
    /// and nothing else is changed; `None`: none was begun.
    pub fn finish(&mut self) -> Option<i64> {
        let (ends, makes) = self.begun.take()?;
        let before = clock::set(self.now);
        let finished = ends.finish(self.api);
        let reused = i64::from(self.api.ssl_session_reused(ends.server));
        if finished {
            self.close(Close::Clean);
            self.finished = Some(ends);
            let client = self.api.ssl_session(ends.client).filter(|_| reused == 0);
            self.own = client.map(|client| (makes, self.api.session_serialised(client))).or(self.own.take());
        } else {
            ends.free(self.api);
        }
        clock::restore(before);
        Some(if finished { reused } else { -1 })
    }

    /// Frees the connection that was finished last as it is; its client closes cleanly.
    pub fn close_uncleanly(&mut self) {
        let before = clock::set(self.now);
        self.close(Close::Unclean);
        clock::restore(before);
    }

    fn close(&mut self, close: Close) {
        if let Some(ends) = self.finished.take() {
            ends.close(self.api, close, false);
        }
    }

    fn drop_begun(&mut self) {
        if let Some((ends, _)) = self.begun.take() {
            ends.free(self.api);
        }
    }
}

impl Drop for Accepts {
    fn drop(&mut self) {
        self.drop_begun();
        self.close(Close::Clean);
    }
}
