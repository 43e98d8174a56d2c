//! SSL_CTX_set_timeout(3)

use crate::clause::*;
use crate::points;
use crate::profile::Profile;
use crate::ruling::Ruling;
use crate::session::ContextRef;
use crate::time::Timeout;
use crate::world::World;

/// NOTES: 300 seconds for every protocol.
pub(crate) fn default_timeout(profile: &Profile) -> Timeout {
    let page = Timeout(if profile.broken == Some(TIMEOUT_DEFAULT_300) { 301 } else { 300 });
    points::default_timeout(profile, page)
}

impl World {
    /// `SSL_CTX_set_timeout()`: for sessions made from now on; the previous value is returned.
    pub fn set_timeout(&mut self, ctx: ContextRef, t: Timeout, why: &mut Ruling) -> i64 {
        let previous = std::mem::replace(&mut self.context_mut(ctx).timeout, t);
        if !why.keeps(TIMEOUT_ESTABLISHED_UNAFFECTED) {
            for c in self.members(ctx).collect::<Vec<_>>() {
                self.change_turn(c, |session| session.timeout = t);
            }
        }
        why.returns(TIMEOUT_SET_RETURNS_PREVIOUS, i64::try_from(previous.0).expect("timeouts of a trace fit"))
    }

    /// `SSL_CTX_get_timeout()`
    pub fn get_timeout(&mut self, ctx: ContextRef, why: &mut Ruling) -> i64 {
        why.keeps(TIMEOUT_DEFAULT_300);
        let timeout = self.context(ctx).timeout;
        why.returns(TIMEOUT_GET, i64::try_from(timeout.0).expect("timeouts of a trace fit"))
    }
}
