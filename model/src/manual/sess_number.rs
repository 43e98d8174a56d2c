//! SSL_CTX_sess_number(3): which counter goes up when is decided where it happens; here is how.

use crate::clause::*;
use crate::ruling::{Counter, Ruling, What};
use crate::session::ContextRef;
use crate::world::World;

impl World {
    /// One more on a counter of `ctx`.
    pub(crate) fn count(&mut self, ctx: ContextRef, counter: Counter, clause: Clause, why: &mut Ruling) {
        if why.rules(clause, What::Counts(ctx, counter)) {
            self.context_mut(ctx).counters[counter as usize] += 1;
        }
    }
}
