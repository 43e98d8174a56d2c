//! SSL_get_session(3): what the way in which a connection ends does to its session.

use super::add_session::Cause;
use crate::clause::*;
use crate::ruling::Ruling;
use crate::world::{Side, World};

impl World {
    /// `SSL_free()` on one side of a finished connection, after a shutdown or without one.
    pub(crate) fn close_side(&mut self, side: &Side, clean: bool, why: &mut Ruling) {
        let Some(c) = side.session else { return };
        if !clean || !why.keeps(UNCLEAN_CLEAN_STAYS) {
            self.close_unclean(side, c, why);
        }
        self.free(c, SESSION_FREE_AT_ZERO, why);
    }

    /// Not closed down cleanly: the session leaves the internal cache and is marked non-resumable.
    fn close_unclean(&mut self, side: &Side, c: crate::session::SessionRef, why: &mut Ruling) {
        let cause = Cause { removes: UNCLEAN_REMOVED, marks: None, calls_back: Some(REMOVE_CB_UNCLEAN) };
        if self.session(c).id.is_some() {
            self.remove_through(side.context, c, cause, why);
        }
        self.mark(c, UNCLEAN_NOT_RESUMABLE, why);
    }
}
