//! The tables of a context: parts, each behind a lock of its own, and who holds which of them for how long.
//!
//! A part is chosen by the hash of an id, so a lookup needs one lock, for reading, and lookups hold up nobody but
//! changes of the same part. With each part are copies of the settings that a lookup needs, and counters for what it
//! counts. Not here: whose turn it is to change anything, which is a lock before all of these ([`crate::context`]).

use crate::counters::Looked;
use crate::id::IdContext;
use crate::members::Tables;
use crate::mode::CacheMode;
use crate::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::table::Table;

/// How many there are, a power of two: of two threads, one in 16 lookups meets a change of the other's shard.
pub(crate) const SHARDS: usize = if cfg!(shuttle) { 4 } else { 16 };

/// The shard for a tag. The table has its places by the upper bits.
#[inline]
pub(crate) fn shard_of(tag: u32) -> usize {
    // The last step of the hash's finaliser, for the lower bits.
    (tag ^ (tag >> 16)) as usize % SHARDS
}

/// What a lookup and a new session need to know of the context.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) mode: CacheMode,
    /// In seconds.
    pub(crate) timeout: i64,
    pub(crate) id_context: IdContext,
    pub(crate) verify_peer: bool,
}

/// One part.
pub(crate) struct Shard<P> {
    pub(crate) settings: Settings,
    pub(crate) table: Table<P>,
    /// Counted under the lock for reading.
    pub(crate) looked: Looked,
}

/// Whoever still has a session can put it into another cache.
impl<P> Drop for Shard<P> {
    fn drop(&mut self) {
        self.table.iter().for_each(|(.., session)| session.seat.leave());
    }
}

/// No two of them share a line of a processor's cache, nor a pair of lines that it fetches together.
#[repr(align(128))]
struct Apart<T>(T);

/// All parts.
pub(crate) struct Shards<P>([Apart<RwLock<Shard<P>>>; SHARDS]);

/// Callbacks, which may panic, are made without a lock.
pub(crate) const WHOLE: &str = "nothing panics while it holds a lock of a context";

impl<P> Shards<P> {
    /// Empty ones.
    pub(crate) fn new(settings: Settings) -> Self {
        let shard = || Shard { settings, table: Table::new(), looked: Looked::new() };
        Self(std::array::from_fn(|_| Apart(RwLock::new(shard()))))
    }

    /// The shard for this tag, to be read.
    #[inline]
    pub(crate) fn read(&self, tag: u32) -> RwLockReadGuard<'_, Shard<P>> {
        self.0[shard_of(tag)].0.read().expect(WHOLE)
    }

    #[inline]
    fn write(&self, n: usize) -> RwLockWriteGuard<'_, Shard<P>> {
        self.0[n].0.write().expect(WHOLE)
    }

    /// All of them, to be read. Who asks is the one whose turn it is to change something.
    pub(crate) fn read_all(&self) -> [RwLockReadGuard<'_, Shard<P>>; SHARDS] {
        std::array::from_fn(|n| self.0[n].0.read().expect(WHOLE))
    }

    /// All of them. Who asks is the one whose turn it is to change something.
    pub(crate) fn write_all(&self) -> [RwLockWriteGuard<'_, Shard<P>>; SHARDS] {
        std::array::from_fn(|n| self.write(n))
    }

    /// None so far, for a step of a flush. Who asks is the one whose turn it is.
    pub(crate) fn hold_many(&self) -> Many<'_, P> {
        Many { shards: self, held: [const { None }; SHARDS] }
    }

    /// None so far, for a change that is one step. Who asks is the one whose turn it is.
    #[inline]
    pub(crate) fn hold(&self) -> Held<'_, P> {
        Held { shards: self, first: None, second: None, others: Vec::new() }
    }
}

/// A shard that is held, and which one it is.
type Numbered<'c, P> = (usize, RwLockWriteGuard<'c, Shard<P>>);

/// The shards that one step has needed so far. All are free again at its end and none before, so that nobody sees a
/// half of it. One thread at a time has a `Held`, and nobody else waits for a shard while it holds one: the order in
/// which they are taken is free.
pub(crate) struct Held<'c, P> {
    shards: &'c Shards<P>,
    first: Option<Numbered<'c, P>>,
    second: Option<Numbered<'c, P>>,
    others: Vec<Numbered<'c, P>>,
}

impl<'c, P> Held<'c, P> {
    /// The shard for this tag.
    #[inline(always)]
    pub(crate) fn shard(&mut self, tag: u32) -> &mut Shard<P> {
        let n = shard_of(tag);
        let is_it = |held: &Option<Numbered<'c, P>>| held.as_ref().is_none_or(|(held, _)| *held == n);
        let place = if is_it(&self.first) {
            &mut self.first
        } else if is_it(&self.second) {
            &mut self.second
        } else {
            return self.other(n);
        };
        match place {
            Some(held) => &mut held.1,
            none => &mut none.insert((n, self.shards.write(n))).1,
        }
    }

    /// More than two leave at an add when the size has been made smaller.
    #[inline(never)]
    fn other(&mut self, n: usize) -> &mut Shard<P> {
        let at = self.others.iter().position(|(held, _)| *held == n).unwrap_or(self.others.len());
        if at == self.others.len() {
            self.others.push((n, self.shards.write(n)));
        }
        &mut self.others[at].1
    }
}

impl<P> Tables<P> for Held<'_, P> {
    #[inline(always)]
    fn at(&mut self, tag: u32) -> &mut Table<P> {
        &mut self.shard(tag).table
    }
}

/// As [`Held`], for a step that takes something out of most of them.
pub(crate) struct Many<'c, P> {
    shards: &'c Shards<P>,
    held: [Option<RwLockWriteGuard<'c, Shard<P>>>; SHARDS],
}

impl<P> Tables<P> for Many<'_, P> {
    #[inline]
    fn at(&mut self, tag: u32) -> &mut Table<P> {
        let n = shard_of(tag);
        &mut self.held[n].get_or_insert_with(|| self.shards.write(n)).table
    }
}

/// Nobody else has them any more.
impl<P> Tables<P> for Shards<P> {
    fn at(&mut self, tag: u32) -> &mut Table<P> {
        &mut self.0[shard_of(tag)].0.get_mut().expect(WHOLE).table
    }
}
