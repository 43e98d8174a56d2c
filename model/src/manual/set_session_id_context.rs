//! SSL_CTX_set_session_id_context(3)

use crate::clause::*;
use crate::ruling::Ruling;
use crate::session::{ContextRef, IdContext, SessionRef};
use crate::world::World;

impl World {
    /// `SSL_CTX_set_session_id_context()`: 0, and nothing changed, when it is too long.
    pub fn set_session_id_context(&mut self, ctx: ContextRef, sid_ctx: &[u8], why: &mut Ruling) -> i64 {
        let Some(sid_ctx) = IdContext::new(sid_ctx) else {
            return why.returns(ID_CONTEXT_LIMIT, 0);
        };
        // What is established already stays in the context that it was made in.
        if !why.keeps(ID_CONTEXT_SET_BEFORE) {
            for c in self.members(ctx).collect::<Vec<_>>() {
                self.session_mut(c).id_context = sid_ctx;
            }
            for connection in self.connections.values_mut().filter(|connection| connection.server.context == ctx) {
                connection.server.new.1.id_context = sid_ctx;
            }
        }
        if why.keeps(ID_CONTEXT_SET) {
            self.context_mut(ctx).id_context = sid_ctx;
        }
        why.returns(ID_CONTEXT_SET, 1)
    }

    /// `SSL_SESSION_set1_id_context()`: a session made by hand is put into a context.
    pub fn session_set1_id_context(&mut self, c: SessionRef, sid_ctx: IdContext, why: &mut Ruling) -> i64 {
        if why.keeps(ID_CONTEXT_BECOMES_PART) {
            self.session_mut(c).id_context = sid_ctx;
        }
        why.returns(ID_CONTEXT_SET, 1)
    }
}
