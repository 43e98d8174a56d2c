//! Whether a server asks the external cache: after a call that was not answered, it may not for a while.
//!
//! Clients of such caches take one that did not answer for dead, and try it again later: those of memcached and Redis in
//! Apache's portable runtime after 5 s (`memcache/apr_memcache.c` and `redis/apr_redis.c` of apr), PHP's of memcached after
//! 15 s (`retry_interval` of `Memcache::setServerParams`). A server knows what its own calls have come to, and only once
//! they have: whoever calls before the first is given up waits as well. When the time is over one call tries, and the
//! others go on without it until that is answered or given up.
//!
//! Not here: what comes of a call, and what of a session that is not asked for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Called, Caller};

/// What a server knows of whether the external cache answers.
#[derive(Default)]
pub(super) struct Patience {
    /// When calls are given up that were made while it was taken to answer.
    given_up: BinaryHeap<Reverse<u64>>,
    /// From when on it is asked.
    from: u64,
    /// Whether it is taken not to answer, so that who asks next tries.
    tries: bool,
}

impl Patience {
    /// Whether it is asked now, so long after a call that was given up.
    pub(super) fn asks(&mut self, caller: Caller, retry_after: u64) -> bool {
        while let Some(&Reverse(given_up)) = self.given_up.peek()
            && given_up <= caller.now.0
        {
            self.given_up.pop();
            self.from = self.from.max(given_up.saturating_add(retry_after));
            self.tries = true;
        }
        let at = caller.begins();
        // What it was told by its own calls of this event, of which the others know later.
        let told = |given_up: u64| given_up <= at && at < given_up.saturating_add(retry_after);
        let is_told = at > caller.now.0 && self.given_up.iter().any(|Reverse(given_up)| told(*given_up));
        self.from <= at && !is_told
    }

    /// It was asked, and this came of it.
    pub(super) fn heard(&mut self, caller: Caller, called: &Called, retry_after: u64) {
        let ends = caller.begins().saturating_add(called.waited);
        match (self.tries, called.answered) {
            (false, true) => {}
            (false, false) => self.given_up.push(Reverse(ends)),
            (true, true) => (self.from, self.tries) = (ends, false),
            (true, false) => self.from = ends.saturating_add(retry_after),
        }
    }
}
