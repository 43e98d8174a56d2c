//! The peer that is not observed, and the one session whose secrets all hand-made sessions share.
//!
//! A session that is put together by hand does not resume: the extended master secret is missing. So one real
//! handshake, made while the library is loaded, gives a template, and every hand-made session is a copy of it with an
//! id, a protocol, a time, a timeout and an id context of its own.

use session_model::{IdContext, Protocol, SessionId};

use super::api::Api;
use super::clock;
use super::contexts::Control;
use super::handles::{Context, Session};
use super::handshake::Ends;
use crate::op::Close;

/// The unobserved peer of every world of this process.
pub(super) struct Peer {
    context: Context,
    template: Vec<u8>,
}

// SAFETY: the context is the library's own, which locks it; worlds on any thread only make connections from it.
unsafe impl Send for Peer {}
// SAFETY: as for `Send`.
unsafe impl Sync for Peer {}

/// Why there is no peer.
pub(super) enum PeerError {
    /// The library cannot shake hands with itself: in its words.
    Handshake(String),
    /// The library shook hands without asking the clock that it was given.
    RealTime,
}

/// `SSL_SESS_CACHE_OFF`
const CACHE_OFF: std::ffi::c_long = 0;

impl Peer {
    /// Makes the peer by a first handshake.
    pub(super) fn make(api: &Api) -> Result<Self, PeerError> {
        let told = clock::told();
        // One time for all processes: a template is the same whenever it is made. Not 0, which some calls take for
        // no time at all.
        let before = clock::set(1);
        let made = Self::first_handshake(api);
        clock::restore(before);
        if made.is_ok() && clock::told() == told {
            return Err(PeerError::RealTime);
        }
        made
    }

    fn first_handshake(api: &Api) -> Result<Self, PeerError> {
        let failed = || PeerError::Handshake(api.first_error());
        let context = api.context_new().ok_or_else(failed)?;
        api.control(context, Control::SetCacheMode, CACHE_OFF);
        let server = api.context_new().ok_or_else(failed)?;
        let ends = Ends::begin(api, server, context, None).ok_or_else(failed)?;
        let template = ends.finish(api).then(|| api.ssl_session(ends.client)).flatten();
        let template = template.map(|session| api.session_serialised(session)).ok_or_else(failed)?;
        ends.close(api, Close::Clean, false);
        api.context_free(server);
        // It is read back once, so that every later reading may be taken for granted.
        api.session_free(api.session_from(&template).ok_or_else(failed)?);
        Ok(Self { context, template })
    }

    /// Its context, in which nothing is cached.
    pub(super) fn context(&self) -> Context {
        self.context
    }

    /// A fresh object with the secrets that all hand-made sessions share, and one reference.
    pub(super) fn hand_made(&self, api: &Api) -> Session {
        api.session_from(&self.template).expect("the template was read back when it was made")
    }

    /// The peer's own twin of a session, with one reference: its id, its secrets (`None`: those of the template).
    pub(super) fn twin(&self, api: &Api, id: SessionId, secrets: Option<&[u8]>) -> Session {
        let twin =
            api.session_from(secrets.unwrap_or(&self.template)).expect("the library reads what it has written itself");
        api.session_set1_id(twin, id);
        api.session_set_protocol(twin, Protocol::Tls12);
        // The peer's context has no id context, and a client insists that the two are equal.
        api.session_set1_id_context(twin, IdContext::default());
        twin
    }
}
