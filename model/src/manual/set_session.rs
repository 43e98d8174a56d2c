//! SSL_set_session(3), SSL_session_reused(3), SSL_SESSION_is_resumable(3): the client's side of resumption.

use crate::clause::*;
use crate::ruling::Ruling;
use crate::session::{Mechanism, SessionRef};
use crate::world::{Content, World};

impl World {
    /// `SSL_set_session()`: the connection takes a reference; its id or ticket is proposed if it can be resumed.
    pub(crate) fn set_session(&mut self, c: SessionRef, mechanism: Mechanism, why: &mut Ruling) -> Option<Content> {
        if why.keeps(SET_SESSION_UP_REF) {
            self.session_mut(c).references += 1;
        }
        self.proposed(c, mechanism, why)
    }

    /// What a client proposes when it is to resume this session.
    pub(crate) fn proposed(&self, c: SessionRef, mechanism: Mechanism, why: &mut Ruling) -> Option<Content> {
        let session = self.session(c);
        if !session.resumable && why.keeps(RESUMABLE_FULL_HANDSHAKE) {
            return None;
        }
        if session.protocol != mechanism.protocol() && why.keeps(PROTOCOL_MUST_MATCH) {
            return None;
        }
        // A client proposes exactly one id: that of the session that it was given.
        if !why.keeps(MODE_ONE_ID) || !why.keeps(SET_SESSION_OFFERED) {
            return None;
        }
        self.content(c, mechanism)
    }

    /// `SSL_SESSION_is_resumable()`: 1 if it can be used to resume.
    pub fn session_is_resumable(&mut self, c: SessionRef, why: &mut Ruling) -> i64 {
        let (_, _, resumable) = self.shown(c);
        why.returns(RESUMABLE_QUERY, i64::from(resumable))
    }
}
