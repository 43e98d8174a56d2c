//! The peer that is not observed, and the one session whose secrets all hand-made sessions share.
//!
//! A session that is put together by hand does not resume: the extended master secret is missing. So one real
//! handshake of each protocol, made while the library is loaded, gives a template, and every hand-made session is a
//! copy of it with an id, a protocol, a time, a timeout and an id context of its own. In TLS 1.3 what is proposed is a
//! ticket, which is in the serialised form alone; there the id takes its place.

use session_model::{IdContext, Mechanism, Protocol, SessionId, Time};

use super::api::Api;
use super::clock;
use super::contexts::Control;
use super::der;
use super::handles::{Context, Session};
use super::handshake::{Ends, Own};
use crate::op::Close;

/// The unobserved peer of every world of this process.
pub(super) struct Peer {
    context: Context,
    template: Vec<u8>,
    /// `None`: the library does not speak TLS 1.3.
    template13: Option<Template13>,
}

/// A serialised session of TLS 1.3: what stands in its sequence before its ticket, and what after it.
struct Template13 {
    before: Vec<u8>,
    after: Vec<u8>,
}

/// Of the ticket in a serialised session: `[10]`, explicit.
const TICKET: u8 = 0xaa;

impl Template13 {
    /// Takes the ticket out of a serialised session; `None`: there is none.
    fn of(serialised: &[u8]) -> Option<Self> {
        let (der::SEQUENCE, body, _) = der::split(serialised)? else { return None };
        let mut rest = body;
        loop {
            let (tag, _, after) = der::split(rest)?;
            if tag == TICKET {
                let before = body[..body.len() - rest.len()].to_vec();
                return Some(Self { before, after: after.to_vec() });
            }
            rest = after;
        }
    }

    /// The session with a ticket that holds this id.
    fn with(&self, id: SessionId) -> Vec<u8> {
        let ticket = der::element(TICKET, &der::element(der::OCTET_STRING, id.as_bytes()));
        der::element(der::SEQUENCE, &[&self.before[..], &ticket, &self.after].concat())
    }

    /// Whether the library has this id for the ticket of the session that it reads.
    fn is_read_back(&self, api: &Api, id: SessionId) -> bool {
        let written = self.with(id);
        api.session_from(&written).is_some_and(|session| {
            let again = api.session_serialised(session);
            api.session_free(session);
            again == written
        })
    }
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

/// In seconds: RFC 8446, 4.6.1.
const A_WEEK: std::ffi::c_long = 7 * 24 * 60 * 60;
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
        // The ticket's lifetime, and so that of every hand-made one, is the longest that there is.
        api.set_timeout(server, A_WEEK);
        let template = Self::template(api, (server, context), Mechanism::Ids).ok_or_else(failed)?;
        let template13 = Self::template13(api, (server, context));
        api.clear_errors();
        api.context_free(server);
        Ok(Self { context, template, template13 })
    }

    /// A session of a full handshake, as the client has it.
    fn template(api: &Api, contexts: (Context, Context), mechanism: Mechanism) -> Option<Vec<u8>> {
        let ends = Ends::begin(api, contexts, mechanism, Own::default(), None)?;
        let finished = ends.finish(api);
        if finished && mechanism.tickets() > 0 {
            ends.take_a_ticket(api);
        }
        let session = if finished { api.ssl_session(ends.client) } else { None };
        let template = session.map(|session| api.session_serialised(session));
        ends.close(api, Close::Clean, false);
        // It is read back once, so that every later reading may be taken for granted.
        api.session_free(api.session_from(template.as_ref()?)?);
        template
    }

    fn template13(api: &Api, contexts: (Context, Context)) -> Option<Template13> {
        if !api.has_tls13() {
            return None;
        }
        let template = Template13::of(&Self::template(api, contexts, Mechanism::Stateful(1))?)?;
        let lengths = [1, SessionId::MAX].map(|length| SessionId::new(&[7; SessionId::MAX][..length]));
        lengths.into_iter().flatten().all(|id| template.is_read_back(api, id)).then_some(template)
    }

    /// Whether it speaks TLS 1.3.
    pub(super) fn has_tls13(&self) -> bool {
        self.template13.is_some()
    }

    /// Its context, in which nothing is cached.
    pub(super) fn context(&self) -> Context {
        self.context
    }

    /// A fresh object with the secrets that all hand-made sessions share, for a protocol and with an id, and one
    /// reference.
    pub(super) fn hand_made(&self, api: &Api, protocol: Protocol, id: SessionId) -> Session {
        let session = match &self.template13 {
            Some(template) if protocol == Protocol::Tls13 => api.session_from(&template.with(id)),
            _ => api.session_from(&self.template),
        };
        let session = session.expect("the template was read back when it was made");
        api.session_set1_id(session, id);
        api.session_set_protocol(session, protocol);
        session
    }

    /// The peer's own twin of a session, with one reference: its id or ticket, and its secrets (`None`: those of the
    /// template).
    pub(super) fn twin(&self, api: &Api, id: SessionId, secrets: Option<&[u8]>, mechanism: Mechanism) -> Session {
        let own = secrets.map(|secrets| api.session_from(secrets).expect("the library reads what it has written"));
        let twin = own.unwrap_or_else(|| self.hand_made(api, mechanism.protocol(), id));
        if mechanism == Mechanism::Ids {
            api.session_set1_id(twin, id);
        } else {
            // As young as can be: a peer that is not observed never keeps a ticket back for its age.
            api.session_set_time(twin, Time(clock::now_virtual().into()));
        }
        // The peer's context has no id context, and a client insists that the two are equal.
        api.session_set1_id_context(twin, IdContext::default());
        twin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence of an octet string of `n` bytes, a ticket and another octet string.
    fn serialised(n: usize, ticket: &[u8]) -> Vec<u8> {
        let ticket = der::element(TICKET, &der::element(der::OCTET_STRING, ticket));
        let secret = der::element(der::OCTET_STRING, &vec![7; n]);
        der::element(der::SEQUENCE, &[&secret[..], &ticket, &[4, 1, 9]].concat())
    }

    #[test]
    fn a_ticket_of_any_length_takes_the_place_of_another() {
        for n in [1, 90, 200, 300] {
            let template = Template13::of(&serialised(n, &[0; 32])).expect("it has a ticket");
            for length in 1..=SessionId::MAX {
                let id = SessionId::new(&[5; SessionId::MAX][..length]).expect("1 to 32 bytes");
                assert_eq!(template.with(id), serialised(n, id.as_bytes()), "{n} {length}");
            }
        }
    }

    #[test]
    fn a_session_without_a_ticket_is_no_template() {
        assert!(Template13::of(&der::element(der::SEQUENCE, &[4, 1, 9])).is_none());
        assert!(Template13::of(&serialised(1, &[0; 32])[1..]).is_none());
    }
}
