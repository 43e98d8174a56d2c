//! A context: its settings, its internal cache and its counters, shared by threads.
//!
//! Whoever changes anything does so in its turn, under [`Turn`]'s lock, and takes the locks of the shards that it
//! changes after that one ([`crate::shards`]); whoever only looks takes that of one shard. What leaves goes into a
//! buffer; the application hears of it when all locks are free. Not here: handshakes; those are in [`crate::server`],
//! [`crate::client`] and [`crate::connection`].

use std::fmt;
use std::mem::replace;
use std::sync::Arc;

use crate::application::{Application, Leavers, Why};
use crate::cache::Added;
use crate::counters::Counters;
use crate::hash::Key;
use crate::id::{IdContext, SessionId};
use crate::members::Members;
use crate::mode::CacheMode;
use crate::seat::Change;
use crate::session::{Cached, Session};
use crate::shards::{Held, Settings, Shards, WHOLE};
use crate::sync::{Mutex, MutexGuard, yield_now};
use crate::validate::{NotWhole, Whole};

/// The size of a new context's internal cache, in sessions: `SSL_SESSION_CACHE_MAX_SIZE_DEFAULT`, 1024 times 20.
pub const DEFAULT_CACHE_SIZE: usize = 1024 * 20;

/// The timeout that a new context gives its sessions, in seconds: SSL_CTX_set_timeout(3).
pub const DEFAULT_TIMEOUT: i64 = 300;

/// What an `SSL_CTX` is to its sessions. Shared by as many threads as there are, each with an application of its own
/// or with one that they share.
///
/// Methods that may have sessions leave the internal cache take the [`Application`], which is told of them.
pub struct Context<P> {
    pub(crate) key: Key,
    pub(crate) shards: Shards<P>,
    turn: Mutex<Turn>,
}

/// What one thread at a time has: the turn to change something.
pub(crate) struct Turn {
    pub(crate) members: Members,
    /// Those of which each shard has a copy.
    pub(crate) settings: Settings,
    /// What is not counted in the shards.
    pub(crate) counters: Counters,
    /// Connections that count towards the automatic flush.
    pub(crate) established: u64,
    pub(crate) auto_flush: AutoFlush,
    /// Whether an automatic flush in steps has left somebody who had expired.
    pub(crate) flush_goes_on: bool,
}

/// How much of an automatic flush one connection has to wait for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum AutoFlush {
    /// All of it, as the pages have it: every 255th connection takes out all that have expired.
    #[default]
    All,
    /// One step of it: every 255th connection takes out up to 64 that have expired, who expires first leaving first,
    /// and while there were more, each connection that counts does the same. Nobody waits for more than 64 of those who
    /// leave, and a session that nobody asks for is there for some connections longer. The pages know nothing of it.
    InSteps,
}

/// So many sessions leave in one step of a flush.
const FLUSHED_AT_ONCE: usize = if cfg!(shuttle) { 1 } else { 64 };

/// Nothing of what it has: that would have to wait for locks.
impl<P> fmt::Debug for Context<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl<P> Default for Context<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> Context<P> {
    /// A context with the defaults of the pages: server sessions are cached, 20480 of them, for 300 seconds.
    #[must_use]
    pub fn new() -> Self {
        let settings = Settings {
            mode: CacheMode::default(),
            timeout: DEFAULT_TIMEOUT,
            id_context: IdContext::default(),
            verify_peer: false,
        };
        let members = Members::new(DEFAULT_CACHE_SIZE);
        let turn = Turn {
            members,
            settings,
            counters: Counters::default(),
            established: 0,
            auto_flush: AutoFlush::All,
            flush_goes_on: false,
        };
        Self { key: Key::random(), shards: Shards::new(settings), turn: Mutex::new(turn) }
    }

    /// SSL_CTX_free(3), for who wants the application to hear of the sessions that are still cached; dropping a
    /// context frees them without a word.
    pub fn free(mut self, application: &mut (impl Application<P> + ?Sized)) {
        let mut left = Leavers::none();
        let turn = self.turn.get_mut().expect(WHOLE);
        turn.members.clear(&mut self.shards, Why::ContextFreed, &mut left);
        drop(self);
        left.call_back(application);
    }

    /// SSL_CTX_add_session(3): whether the session entered the internal cache. It does so whatever the mode, unless
    /// the very same object is there already, or it is in the cache of another context.
    pub fn add_session(&self, session: &Arc<Session<P>>, application: &mut (impl Application<P> + ?Sized)) -> bool {
        let mut left = Leavers::none();
        let tag = self.key.tag(session.id());
        let added = {
            let (mut turn, mut held) = self.change();
            turn.add(&mut held, tag, session, &mut left)
        };
        left.call_back(application);
        added == Added::Now
    }

    /// SSL_CTX_remove_session(3): whether this very object was in the internal cache. Then it has left it and is
    /// marked non-resumable; else nothing has changed.
    pub fn remove_session(&self, session: &Session<P>, application: &mut (impl Application<P> + ?Sized)) -> bool {
        let mut left = Leavers::none();
        let removed = {
            let (mut turn, mut held) = self.change();
            let removed = turn.members.remove(&mut held, session, Why::Removed, &mut left);
            if removed {
                // Nobody adds it again before it is marked.
                session.mark_not_resumable();
            }
            removed
        };
        left.call_back(application);
        removed
    }

    /// SSL_CTX_flush_sessions(3): takes all that have expired at `tm`, in seconds since the Epoch, out of the internal
    /// cache, 64 in a step. Other threads have their turns in between. Once it is done, there was a moment at which
    /// nobody was left who had expired.
    pub fn flush_sessions(&self, tm: i64, application: &mut (impl Application<P> + ?Sized)) {
        let mut left = Leavers::none();
        self.flush_in(self.turn(), tm, &mut left);
        left.call_back(application);
    }

    /// Flushes, and begins with it in this turn.
    pub(crate) fn flush_in<'c>(&'c self, mut turn: MutexGuard<'c, Turn>, now: i64, left: &mut Leavers<P>) {
        while turn.members.flush_some(&mut self.shards.hold_many(), now, FLUSHED_AT_ONCE, left) {
            drop(turn);
            // A lock that is free for a moment only is given to nobody who sleeps.
            yield_now();
            turn = self.turn();
        }
    }

    /// The automatic flush, begun or gone on with in this turn.
    pub(crate) fn flush_automatically(&self, mut turn: MutexGuard<'_, Turn>, now: i64, left: &mut Leavers<P>) {
        match turn.auto_flush {
            AutoFlush::All => {
                turn.flush_goes_on = false;
                self.flush_in(turn, now, left);
            }
            AutoFlush::InSteps => {
                let more = turn.members.flush_some(&mut self.shards.hold_many(), now, FLUSHED_AT_ONCE, left);
                turn.flush_goes_on = more;
            }
        }
    }

    /// One step of [`Self::flush_sessions`], for who may not wait for all of it: up to 64 that have expired at `tm`, in
    /// seconds since the Epoch, leave, who expires first leaving first. Whether there were more at that step.
    pub fn flush_step(&self, tm: i64, application: &mut (impl Application<P> + ?Sized)) -> bool {
        let mut left = Leavers::none();
        let more = self.turn().members.flush_some(&mut self.shards.hold_many(), tm, FLUSHED_AT_ONCE, &mut left);
        left.call_back(application);
        more
    }

    /// SSL_SESSION_set_time(3), in seconds since the Epoch, for a session that is in this context's internal cache or
    /// in none.
    ///
    /// # Errors
    ///
    /// When it is in the internal cache of another context; nothing is changed then.
    pub fn session_set_time(&self, session: &Session<P>, time: i64) -> Result<(), Cached> {
        self.set(session, Change::Time(time))
    }

    /// SSL_SESSION_set_timeout(3), in seconds, for a session that is in this context's internal cache or in none.
    ///
    /// # Errors
    ///
    /// When it is in the internal cache of another context; nothing is changed then.
    pub fn session_set_timeout(&self, session: &Session<P>, timeout: i64) -> Result<(), Cached> {
        self.set(session, Change::Timeout(timeout))
    }

    fn set(&self, session: &Session<P>, change: Change) -> Result<(), Cached> {
        let (mut turn, mut held) = self.change();
        turn.members.change(&mut held, session, change)
    }

    /// SSL_CTX_set_session_cache_mode(3): sets the mode, returns the previous one.
    pub fn set_session_cache_mode(&self, mode: CacheMode) -> CacheMode {
        self.setting(|settings| replace(&mut settings.mode, mode))
    }

    /// SSL_CTX_get_session_cache_mode(3)
    #[must_use]
    pub fn session_cache_mode(&self) -> CacheMode {
        self.shards.read(0).settings.mode
    }

    /// SSL_CTX_sess_set_cache_size(3): how many sessions there may be after an add, 0 for any number; returns the
    /// previous size.
    pub fn sess_set_cache_size(&self, size: usize) -> usize {
        replace(&mut self.turn().members.size, size)
    }

    /// SSL_CTX_sess_get_cache_size(3)
    #[must_use]
    pub fn sess_cache_size(&self) -> usize {
        self.turn().members.size
    }

    /// Sets how much of an automatic flush one connection has to wait for, from the next one on; returns what was set.
    /// What has been left so far stays due.
    pub fn set_auto_flush(&self, auto_flush: AutoFlush) -> AutoFlush {
        replace(&mut self.turn().auto_flush, auto_flush)
    }

    /// SSL_CTX_set_timeout(3): the timeout of sessions that are negotiated from now on, in seconds; returns the
    /// previous one.
    pub fn set_timeout(&self, timeout: i64) -> i64 {
        self.setting(|settings| replace(&mut settings.timeout, timeout))
    }

    /// SSL_CTX_get_timeout(3)
    #[must_use]
    pub fn timeout(&self) -> i64 {
        self.shards.read(0).settings.timeout
    }

    /// SSL_CTX_set_session_id_context(3): the id context of sessions that are negotiated from now on, and the only one
    /// whose sessions are resumed. False, and nothing changed, when it has more than [`IdContext::MAX`] bytes.
    pub fn set_session_id_context(&self, bytes: &[u8]) -> bool {
        let id_context = IdContext::new(bytes);
        if let Some(id_context) = id_context {
            self.setting(|settings| settings.id_context = id_context);
        }
        id_context.is_some()
    }

    /// SSL_CTX_set_verify(3): whether a server asks for the peer's certificate. Then it resumes nothing while it has
    /// no id context.
    pub fn set_verify_peer(&self, verify_peer: bool) {
        self.setting(|settings| settings.verify_peer = verify_peer);
    }

    /// Changes the settings, everywhere before anybody sees it anywhere.
    fn setting<T>(&self, change: impl FnOnce(&mut Settings) -> T) -> T {
        let mut turn = self.turn();
        let mut shards = self.shards.write_all();
        let previous = change(&mut turn.settings);
        shards.iter_mut().for_each(|shard| shard.settings = turn.settings);
        previous
    }

    /// How many sessions the internal cache has; [`Self::counters`] has it too, and looks into every shard for the rest.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.turn().members.len as u64
    }

    /// SSL_CTX_sess_number(3): all twelve counters, of one moment.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let turn = self.turn();
        // For writing: who only looks counts under the lock for reading.
        let shards = self.shards.write_all();
        let mut counters = Counters { number: turn.members.len as u64, ..turn.counters };
        shards.iter().for_each(|shard| shard.looked.add_to(&mut counters));
        counters
    }

    /// Pushes what `shows` makes of each member of the internal cache, who expires first coming first. It is called
    /// with no lock held.
    pub fn members<T>(&self, out: &mut Vec<T>, mut shows: impl FnMut(&Session<P>) -> T) {
        let members: Vec<_> = self.whole(|whole| whole.members().map(Arc::clone).collect());
        out.extend(members.iter().map(|session| shows(session)));
    }

    /// What the internal cache has under this id, with a reference; nothing is counted.
    #[must_use]
    pub fn cached(&self, id: &SessionId) -> Option<Arc<Session<P>>> {
        let tag = self.key.tag(id);
        let shard = self.shards.read(tag);
        shard.table.find(tag, |session| session.id() == id).map(|(_, session)| Arc::clone(session))
    }

    /// Whether this very object is in the internal cache.
    #[must_use]
    pub fn contains(&self, session: &Session<P>) -> bool {
        let tag = self.key.tag(session.id());
        let shard = self.shards.read(tag);
        shard.table.find(tag, |found| std::ptr::eq(found, session)).is_some()
    }

    /// Checks the whole structure of the internal cache, in time in proportion to its number.
    ///
    /// # Errors
    ///
    /// What is not as it should be, which is never.
    pub fn validate(&self) -> Result<(), NotWhole> {
        self.whole(|whole| whole.validate()).map_err(NotWhole)
    }

    fn whole<T>(&self, of: impl FnOnce(Whole<'_, P>) -> T) -> T {
        let turn = self.turn();
        let shards = self.shards.read_all();
        let tables = shards.iter().map(|shard| &shard.table).collect();
        of(Whole { key: &self.key, members: &turn.members, tables })
    }

    /// Waits for the turn to change something.
    #[inline]
    pub(crate) fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().expect(WHOLE)
    }

    /// The same, for a change in one step; it ends when both are dropped, the shards first.
    #[inline]
    pub(crate) fn change(&self) -> (MutexGuard<'_, Turn>, Held<'_, P>) {
        (self.turn(), self.shards.hold())
    }
}

impl Turn {
    /// Adds a session, and counts who is dropped.
    #[inline]
    pub(crate) fn add<P>(
        &mut self,
        held: &mut Held<'_, P>,
        tag: u32,
        session: &Arc<Session<P>>,
        left: &mut Leavers<P>,
    ) -> Added {
        let before = left.dropped;
        let added = self.members.add(held, tag, session, left);
        self.counters.cache_full += left.dropped - before;
        added
    }
}
