//! The application's side: what it is told of.

use std::sync::Arc;

use crate::session::Session;

/// What a context tells the application. No lock is held meanwhile, so it may call the context.
///
/// The methods that are left out are callbacks that are not set; `()` sets none. There is none for the external cache:
/// that is asked between [`Context::begin_accept`](crate::Context::begin_accept) and
/// [`Context::external`](crate::Context::external), however long it takes.
pub trait Application<P> {
    /// `new_session_cb`: a session was negotiated, and caching is enabled for its side. Whether it stays in the
    /// internal cache. To keep a reference, clone it.
    fn new_session(&mut self, session: &Arc<Session<P>>) -> bool {
        let _ = session;
        true
    }

    /// `remove_session_cb`: the session has left the internal cache.
    fn remove_session(&mut self, session: &Arc<Session<P>>, why: Why) {
        let _ = (session, why);
    }
}

impl<P> Application<P> for () {}

impl<P, A: Application<P> + ?Sized> Application<P> for &mut A {
    fn new_session(&mut self, session: &Arc<Session<P>>) -> bool {
        (**self).new_session(session)
    }

    fn remove_session(&mut self, session: &Arc<Session<P>>, why: Why) {
        (**self).remove_session(session, why);
    }
}

/// Why a session leaves the internal cache.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Why {
    /// It was removed by hand.
    Removed,
    /// Another object with its id takes its place.
    Replaced,
    /// A flush, by hand or automatic, found it expired.
    Flushed,
    /// It was proposed, found and had expired.
    Expired,
    /// The cache was full.
    Dropped,
    /// [`Application::new_session`] said no.
    Refused,
    /// Its connection was closed without a shutdown.
    Unclean,
    /// The context was freed.
    ContextFreed,
}

/// A session that has left the internal cache, with the cache's reference on it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Left<P> {
    /// The session.
    pub session: Arc<Session<P>>,
    /// Why.
    pub why: Why,
}

/// Where a cache puts those who leave it, in order.
pub(crate) trait Leaving<P> {
    /// One more.
    fn push(&mut self, left: Left<P>);
    /// So many more are to come.
    fn expect(&mut self, more: usize);
}

impl<P> Leaving<P> for Vec<Left<P>> {
    #[inline]
    fn push(&mut self, left: Left<P>) {
        self.push(left);
    }

    fn expect(&mut self, more: usize) {
        self.reserve(more);
    }
}

/// Those who have left in one call of a context: mostly nobody or one, who takes no memory of the heap.
pub(crate) struct Leavers<P> {
    first: Option<Left<P>>,
    others: Vec<Left<P>>,
    /// How many were dropped because the cache was full.
    pub(crate) dropped: u64,
}

impl<P> Leavers<P> {
    pub(crate) fn none() -> Self {
        Self { first: None, others: Vec::new(), dropped: 0 }
    }

    /// Tells the application of all who left, in order, and frees the references.
    #[inline]
    pub(crate) fn call_back(self, application: &mut (impl Application<P> + ?Sized)) {
        for Left { session, why } in self.first.into_iter().chain(self.others) {
            application.remove_session(&session, why);
        }
    }
}

impl<P> Leaving<P> for Leavers<P> {
    #[inline]
    fn push(&mut self, left: Left<P>) {
        self.dropped += u64::from(left.why == Why::Dropped);
        if self.first.is_none() {
            self.first = Some(left);
        } else {
            self.others.push(left);
        }
    }

    fn expect(&mut self, more: usize) {
        self.others.reserve(more);
    }
}
