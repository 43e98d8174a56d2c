//! SSL_SESSION_free(3)

use crate::clause::*;
use crate::ruling::{Ruling, What};
use crate::session::SessionRef;
use crate::world::World;

impl World {
    /// `SSL_SESSION_up_ref()`: one more reference.
    pub fn session_up_ref(&mut self, c: SessionRef, why: &mut Ruling) -> i64 {
        if why.keeps(SESSION_UP_REF) {
            self.session_mut(c).references += 1;
        }
        why.returns(SESSION_UP_REF, 1)
    }

    /// `SSL_SESSION_free()`: one reference less; the object goes with the last one.
    pub fn session_free(&mut self, c: SessionRef, why: &mut Ruling) {
        if why.keeps(SESSION_FREE) {
            self.free(c, SESSION_FREE_AT_ZERO, why);
        }
    }

    /// A reference is given back on account of `clause`.
    pub(crate) fn free(&mut self, c: SessionRef, clause: Clause, why: &mut Ruling) {
        let references = &mut self.session_mut(c).references;
        *references -= 1;
        if *references == 0 && why.keeps(SESSION_FREE_AT_ZERO) {
            why.rules(clause, What::Destroys(c));
            self.sessions[c.0 as usize] = None;
        }
    }
}
