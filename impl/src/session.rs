//! Session objects: what two connections share, and what the cache holds a reference on.

use std::fmt;
use std::sync::PoisonError;

use crate::id::{IdContext, SessionId};
use crate::seat::{Change, Seat};
use crate::sync::Mutex;
use crate::sync::atomic::AtomicBool;
use crate::sync::atomic::Ordering::Relaxed;

/// The protocol version that a session is made for, as on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Protocol(pub u16);

impl Protocol {
    /// TLS 1.0
    pub const TLS1_0: Self = Self(0x0301);
    /// TLS 1.1
    pub const TLS1_1: Self = Self(0x0302);
    /// TLS 1.2
    pub const TLS1_2: Self = Self(0x0303);
    /// TLS 1.3
    pub const TLS1_3: Self = Self(0x0304);
}

/// What a session is made with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct NewSession {
    /// The id under which it is cached and proposed.
    pub id: SessionId,
    /// The protocol that it is for.
    pub protocol: Protocol,
    /// Its time, in seconds since the Epoch.
    pub time: i64,
    /// Its timeout, in seconds.
    pub timeout: i64,
    /// The id context that it belongs to.
    pub id_context: IdContext,
}

impl NewSession {
    /// The time is in seconds since the Epoch, the timeout in seconds; the id context is the empty one.
    #[must_use]
    pub fn new(id: SessionId, protocol: Protocol, time: i64, timeout: i64) -> Self {
        Self { id, protocol, time, timeout, id_context: IdContext::default() }
    }

    /// The same in this id context.
    #[must_use]
    pub fn in_id_context(self, id_context: IdContext) -> Self {
        Self { id_context, ..self }
    }
}

/// A session, shared as an [`Arc`](std::sync::Arc): a clone is a reference (`SSL_SESSION_up_ref`), dropping it frees
/// one (`SSL_SESSION_free`), and with the last one the payload is dropped.
///
/// The id, the protocol and the payload never change. Time and timeout give a cached session its place among the
/// others, so while it is cached they are set through its context.
pub struct Session<P> {
    id: SessionId,
    protocol: Protocol,
    pub(crate) seat: Seat,
    resumable: AtomicBool,
    id_context: Mutex<IdContext>,
    payload: P,
}

/// The session is in an internal cache (asked of a context: in that of another one), so its time is set elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Cached;

impl fmt::Display for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the session is cached: its time and timeout are set through the context that it is in")
    }
}

impl std::error::Error for Cached {}

impl<P> Session<P> {
    /// A resumable session, in no cache.
    #[must_use]
    pub fn new(new: NewSession, payload: P) -> Self {
        Self {
            id: new.id,
            protocol: new.protocol,
            seat: Seat::new(new.time, new.timeout),
            resumable: AtomicBool::new(true),
            id_context: Mutex::new(new.id_context),
            payload,
        }
    }

    /// Its id.
    #[must_use]
    #[inline]
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// The protocol that it is for.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// What its owner put into it.
    #[must_use]
    pub fn payload(&self) -> &P {
        &self.payload
    }

    /// What its owner put into it, for whoever has the last reference (`Arc::into_inner`).
    #[must_use]
    pub fn into_payload(self) -> P {
        self.payload
    }

    /// Its time, in seconds since the Epoch: SSL_SESSION_get_time(3).
    #[must_use]
    #[inline]
    pub fn time(&self) -> i64 {
        self.seat.time()
    }

    /// Its timeout, in seconds: SSL_SESSION_get_timeout(3).
    #[must_use]
    #[inline]
    pub fn timeout(&self) -> i64 {
        self.seat.timeout()
    }

    /// The last second in which it may be used: time + timeout, or the end of time where that is beyond it.
    #[must_use]
    #[inline]
    pub fn expiry(&self) -> i64 {
        self.seat.expiry()
    }

    /// Whether `now` is later than time + timeout.
    #[must_use]
    #[inline]
    pub fn is_expired_at(&self, now: i64) -> bool {
        now > self.expiry()
    }

    /// SSL_SESSION_is_resumable(3): false once it was removed by hand, or its connection was closed uncleanly.
    #[must_use]
    pub fn is_resumable(&self) -> bool {
        self.resumable.load(Relaxed)
    }

    /// The id context that it belongs to.
    #[must_use]
    pub fn id_context(&self) -> IdContext {
        // Nothing that is done under this lock panics.
        *self.id_context.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SSL_SESSION_set1_id_context(3).
    pub fn set_id_context(&self, id_context: IdContext) {
        *self.id_context.lock().unwrap_or_else(PoisonError::into_inner) = id_context;
    }

    /// SSL_SESSION_set_time(3), in seconds since the Epoch, for a session that is in no internal cache. For one that
    /// may be, see [`Context::session_set_time`](crate::Context::session_set_time).
    ///
    /// # Errors
    ///
    /// When it is in one; nothing is changed then.
    pub fn set_time(&self, time: i64) -> Result<(), Cached> {
        self.seat.change_outside(Change::Time(time))
    }

    /// SSL_SESSION_set_timeout(3), in seconds, for a session that is in no internal cache. For one that may be, see
    /// [`Context::session_set_timeout`](crate::Context::session_set_timeout).
    ///
    /// # Errors
    ///
    /// When it is in one; nothing is changed then.
    pub fn set_timeout(&self, timeout: i64) -> Result<(), Cached> {
        self.seat.change_outside(Change::Timeout(timeout))
    }

    pub(crate) fn mark_not_resumable(&self) {
        self.resumable.store(false, Relaxed);
    }
}

/// The payload may be secret, so it is not shown.
impl<P> fmt::Debug for Session<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("protocol", &self.protocol)
            .field("time", &self.time())
            .field("timeout", &self.timeout())
            .field("resumable", &self.is_resumable())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::Seated;

    fn session(time: i64, timeout: i64) -> Session<()> {
        let id = SessionId::new(&[1]).expect("1 byte");
        let new = NewSession { id, protocol: Protocol::TLS1_2, time, timeout, id_context: IdContext::default() };
        Session::new(new, ())
    }

    #[test]
    fn a_session_is_not_expired_in_its_last_second() {
        assert!(!session(1000, 300).is_expired_at(1300));
        assert!(session(1000, 300).is_expired_at(1301));
    }

    #[test]
    fn an_expiry_beyond_the_end_of_time_is_the_end_of_time() {
        assert!(!session(i64::MAX, i64::MAX).is_expired_at(i64::MAX));
        assert!(session(i64::MIN, i64::MIN).is_expired_at(i64::MIN + 1));
    }

    #[test]
    fn a_session_that_is_cached_keeps_its_time_until_it_leaves() {
        let session = session(1000, 300);
        assert!(matches!(session.seat.take_slot(7, 0), Seated::Now(1300)));
        assert_eq!(session.set_time(5), Err(Cached));
        assert_eq!(session.set_timeout(5), Err(Cached));
        session.seat.leave();
        assert_eq!((session.set_time(5), session.set_timeout(6)), (Ok(()), Ok(())));
        assert_eq!(session.expiry(), 11);
    }
}
