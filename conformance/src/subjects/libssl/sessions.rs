//! The calls on an `SSL_SESSION`.

use std::ffi::{c_int, c_long, c_uint};
use std::ptr::NonNull;

use session_model::{IdContext, Protocol, SessionId, SessionRef, Time, Timeout};

use super::api::Api;
use super::handles::Session;
use crate::hazards::AnyId;

/// Seconds as the library takes them. Outside the hazards every time fits.
pub(super) fn seconds(exact: i128) -> c_long {
    let (min, max) = (i128::from(c_long::MIN), i128::from(c_long::MAX));
    c_long::try_from(exact.clamp(min, max)).expect("clamped to the type's range")
}

/// `TLS1_1_VERSION` and those that follow.
pub(super) fn version(protocol: Protocol) -> c_int {
    match protocol {
        Protocol::Tls11 => 0x302,
        Protocol::Tls12 => 0x303,
        Protocol::Tls13 => 0x304,
    }
}

/// A length as the library takes it.
fn length(bytes: &[u8]) -> c_uint {
    c_uint::try_from(bytes.len()).expect("ids and id contexts have at most 64 bytes")
}

// Every handle is of a live session: see `Session`.
impl Api {
    /// A session made from its serialised form, with one reference; `None`: the library does not take it.
    pub(super) fn session_from(&self, serialised: &[u8]) -> Option<Session> {
        let mut at = serialised.as_ptr();
        let len = c_long::try_from(serialised.len()).expect("a serialised session is short");
        // SAFETY: `at` points to `len` bytes, and no object to write to is given.
        let session = unsafe { (self.symbols.d2i_SSL_SESSION)(std::ptr::null_mut(), &raw mut at, len) };
        NonNull::new(session).map(Session)
    }

    /// Its serialised form; empty: the library cannot write it.
    pub(super) fn session_serialised(&self, session: Session) -> Vec<u8> {
        // SAFETY: live; null asks for the length alone.
        let len = unsafe { (self.symbols.i2d_SSL_SESSION)(session.0.as_ptr(), std::ptr::null_mut()) };
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
        let mut at = bytes.as_mut_ptr();
        if !bytes.is_empty() {
            // SAFETY: live; `at` points to as many bytes as it has just asked for.
            unsafe { (self.symbols.i2d_SSL_SESSION)(session.0.as_ptr(), &raw mut at) };
        }
        bytes
    }

    pub(super) fn session_up_ref(&self, session: Session) -> c_int {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_SESSION_up_ref)(session.0.as_ptr()) }
    }

    /// Gives up a reference that the caller need not have: a hazard, in a worker process only.
    pub(super) fn session_free_unowned(&self, session: Session) {
        // SAFETY: live, by the world's list. The count may go wrong: that is the hazard, which `refuses_hazard` keeps
        // to a worker, and the world forgets the object when the library says that it destroys it.
        unsafe { (self.symbols.SSL_SESSION_free)(session.0.as_ptr()) };
    }

    /// Gives up a reference, which the caller must have.
    pub(super) fn session_free(&self, session: Session) {
        // SAFETY: live, and the caller has a reference to give.
        unsafe { (self.symbols.SSL_SESSION_free)(session.0.as_ptr()) };
    }

    /// The number that travels with it; `None`: nobody gave it one.
    pub(super) fn session_number(&self, session: Session) -> Option<SessionRef> {
        // SAFETY: live; the slot is this library's.
        let number = unsafe { (self.symbols.SSL_SESSION_get_ex_data)(session.0.as_ptr(), self.number_index) };
        number_of(number)
    }

    pub(super) fn session_set_number(&self, session: Session, number: SessionRef) {
        let one_up = std::ptr::without_provenance_mut(number.0 as usize + 1);
        // SAFETY: live; the slot is this library's, and what stands in it is a number, never followed.
        unsafe { (self.symbols.SSL_SESSION_set_ex_data)(session.0.as_ptr(), self.number_index, one_up) };
    }

    /// Its id; `None`: it has none.
    pub(super) fn session_id(&self, session: Session) -> Option<SessionId> {
        let mut len = 0;
        // SAFETY: live; `len` may be written.
        let id = unsafe { (self.symbols.SSL_SESSION_get_id)(session.0.as_ptr(), &raw mut len) };
        // SAFETY: the session holds `len` bytes there, and nothing changes them before they are copied.
        SessionId::new(unsafe { std::slice::from_raw_parts(id, len as usize) })
    }

    pub(super) fn session_set1_id(&self, session: Session, id: SessionId) {
        let id = id.as_bytes();
        // SAFETY: live; the bytes are copied.
        unsafe { (self.symbols.SSL_SESSION_set1_id)(session.0.as_ptr(), id.as_ptr(), length(id)) };
    }

    /// As the hazards have it: any bytes, whatever the library says to them.
    pub(super) fn session_set1_any_id(&self, session: Session, id: &AnyId) -> c_int {
        let id = id.as_bytes();
        // SAFETY: live; the bytes are copied, and more than the library has room for it refuses.
        unsafe { (self.symbols.SSL_SESSION_set1_id)(session.0.as_ptr(), id.as_ptr(), length(id)) }
    }

    pub(super) fn session_set1_id_context(&self, session: Session, id_context: IdContext) -> c_int {
        let id_context = id_context.as_bytes();
        let (at, len) = (id_context.as_ptr(), length(id_context));
        // SAFETY: live; the bytes are copied.
        unsafe { (self.symbols.SSL_SESSION_set1_id_context)(session.0.as_ptr(), at, len) }
    }

    pub(super) fn session_set_protocol(&self, session: Session, protocol: Protocol) {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_SESSION_set_protocol_version)(session.0.as_ptr(), version(protocol)) };
    }

    pub(super) fn session_get_time(&self, session: Session) -> c_long {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_SESSION_get_time)(session.0.as_ptr()) }
    }

    pub(super) fn session_set_time(&self, session: Session, time: Time) -> c_long {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_SESSION_set_time)(session.0.as_ptr(), seconds(time.0)) }
    }

    pub(super) fn session_get_timeout(&self, session: Session) -> c_long {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_SESSION_get_timeout)(session.0.as_ptr()) }
    }

    pub(super) fn session_set_timeout(&self, session: Session, timeout: Timeout) -> c_long {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_SESSION_set_timeout)(session.0.as_ptr(), seconds(timeout.0)) }
    }

    pub(super) fn session_is_resumable(&self, session: Session) -> c_int {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_SESSION_is_resumable)(session.0.as_ptr()) }
    }
}

/// The number that stands in a session's ex_data: one up, so that null is none.
pub(super) fn number_of(ex_data: *mut std::ffi::c_void) -> Option<SessionRef> {
    let number = ex_data.addr().checked_sub(1)?;
    u32::try_from(number).ok().map(SessionRef)
}
