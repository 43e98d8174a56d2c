//! Who leaves a server's internal cache: told by the cache or by the model, or where neither does, counted. Not here: why a
//! miss is one.

use session_model::SessionRef;

use super::{Known, SERVER, Server};
use crate::driver::Why;
use crate::simulate::counted::{Moved, Standing};
use crate::simulate::event::{Left, What};
use crate::simulate::external::Key;
use crate::transcript::{Event, Member};

/// A session that `remove_session_cb` was told of.
#[derive(Clone, Copy)]
pub(in crate::simulate) struct Removed {
    pub(in crate::simulate) session: SessionRef,
    pub(in crate::simulate) key: Key,
    /// What it was tied to: by now that may be another's.
    pub(in crate::simulate) tie: Option<u32>,
}

impl Server {
    /// Whether it is known who leaves its cache, and why.
    pub(in crate::simulate) fn knows_leavers(&self) -> bool {
        self.pair.knows_leavers()
    }

    /// Where it is not, those who leave from now on are counted, until [`Self::counted_left`].
    pub(in crate::simulate) fn count_leavers(&mut self) {
        if !self.knows_leavers() {
            self.counted = Some((Standing::of(&self.pair.counters(SERVER)), Moved::default()));
        }
    }

    /// How many have left by this, where they were counted. After a restart the cache is another one.
    pub(in crate::simulate) fn counted_left(&mut self, what: &What) -> Option<Left> {
        let (before, moved) = self.counted.take()?;
        if *what == What::Restart {
            return Some(before.all_left());
        }
        let after = Standing::of(&self.pair.counters(SERVER));
        Some(before.left(what, after, moved))
    }

    /// The end of a step: `leaves` is told of each session that has left the internal cache, why, and what it is tied
    /// to; what is destroyed has its number given out again.
    pub(in crate::simulate) fn settle(&mut self, mut leaves: impl FnMut(SessionRef, Why, Option<u32>)) {
        let mut left = std::mem::take(&mut self.left);
        self.pair.leavers(&mut left);
        for (c, why) in &left {
            let known = self.known.get(c.0 as usize).copied().unwrap_or_default();
            leaves(*c, *why, known.tie);
        }
        left.clear();
        self.left = left;
        for at in 0..self.pair.seen.destroyed.len() {
            let c = self.pair.seen.destroyed[at];
            let freed = self.numbers.destroyed(c);
            self.known[c.0 as usize] = Known::default();
            freed.for_each(|n| self.pair.recycle(SessionRef(n)));
        }
        self.pair.seen.destroyed.clear();
    }

    /// The sessions that `remove_session_cb` was told of.
    pub(in crate::simulate) fn removed(&self) -> impl Iterator<Item = Removed> {
        self.pair.seen.events.iter().filter_map(|event| match event {
            Event::Remove(SERVER, c) => {
                let Known { key, tie } = *self.known.get(c.0 as usize)?;
                Some(Removed { session: *c, key: key?, tie })
            }
            _ => None,
        })
    }

    /// Looks who is in the cache before a flush (0) and after it (1), and counts who is gone.
    pub(super) fn look(&mut self, at: usize) {
        self.members[at].clear();
        self.pair.members(SERVER, &mut self.members[at]);
        self.members[at].sort_unstable_by_key(|member| member.session);
        let [before, after] = &self.members;
        if let (1, Some((_, moved))) = (at, &mut self.counted) {
            let stays = |member: &&Member| after.binary_search_by_key(&member.session, |m| m.session).is_ok();
            let gone = before.iter().filter(|member| !stays(member)).count();
            moved.gone = i64::try_from(gone).expect("fewer than 2^63 sessions");
        }
    }
}
