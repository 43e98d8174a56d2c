//! The calls on an `SSL_CTX`.

use std::ffi::{CStr, c_int, c_long, c_uint, c_void};
use std::ptr::{NonNull, null_mut};

use session_model::application::Callbacks;

use super::api::Api;
use super::callbacks;
use super::handles::{Context, RawSession, Session};

/// What `SSL_CTX_ctrl()` is asked for: the page calls each a function.
#[derive(Clone, Copy)]
pub(super) enum Control {
    SetCacheSize = 42,
    GetCacheSize = 43,
    SetCacheMode = 44,
    GetCacheMode = 45,
    SetMinProtocol = 123,
    SetMaxProtocol = 124,
}

/// The first of the twelve counters among the controls; the others follow in the page's order.
const NUMBER: c_int = 20;
/// `SSL_VERIFY_PEER`
const VERIFY_PEER: c_int = 1;
/// `SSL_OP_NO_TICKET`
pub(super) const NO_TICKET: std::ffi::c_ulong = 1 << 14;
/// `TLS1_2_VERSION`
const TLS12: c_long = 0x303;
/// The cipher of the fastest handshake that every release still has, and needs no certificate.
const CIPHERS: &CStr = c"PSK-AES128-GCM-SHA256:@SECLEVEL=0";
/// Of TLS 1.3: one, so that every session fits every connection.
const SUITES: &CStr = c"TLS_AES_128_GCM_SHA256";

// Every handle is of a live context: see `Context`.
impl Api {
    /// A context that can be server and client. Its connections are of TLS 1.2 with session ids and no tickets unless
    /// they are set otherwise. `None`: the library would not.
    pub(super) fn context_new(&self) -> Option<Context> {
        // SAFETY: it takes nothing.
        let method = unsafe { (self.symbols.TLS_method)() };
        // SAFETY: the method is the library's own, for ever.
        let context = NonNull::new(unsafe { (self.symbols.SSL_CTX_new)(method) }).map(Context)?;
        let raw = context.0.as_ptr();
        // SAFETY: live.
        unsafe { (self.symbols.SSL_CTX_set_options)(raw, NO_TICKET) };
        self.control(context, Control::SetMinProtocol, TLS12);
        self.control(context, Control::SetMaxProtocol, TLS12);
        // SAFETY: live; the string ends with a NUL and is copied.
        unsafe { (self.symbols.SSL_CTX_set_cipher_list)(raw, CIPHERS.as_ptr()) };
        if let Some(set_ciphersuites) = self.symbols.SSL_CTX_set_ciphersuites {
            // SAFETY: live; the string ends with a NUL and is copied.
            unsafe { set_ciphersuites(raw, SUITES.as_ptr()) };
        }
        if let Some(identity) = self.servers_identity() {
            self.identify_as(context, identity);
        }
        // SAFETY: live; the function lives as long as the process.
        unsafe { (self.symbols.SSL_CTX_set_psk_client_callback)(raw, Some(callbacks::PSK_CLIENT)) };
        // SAFETY: live; the function lives as long as the process.
        unsafe { (self.symbols.SSL_CTX_set_psk_server_callback)(raw, Some(callbacks::PSK_SERVER)) };
        // SAFETY: live; the function lives as long as the process.
        unsafe { (self.symbols.SSL_CTX_set_generate_session_id)(raw, Some(callbacks::GENERATE_ID)) };
        Some(context)
    }

    /// Ends it: nobody may have the handle any more.
    pub(super) fn context_free(&self, context: Context) {
        // SAFETY: live until here, and its maker's reference is the one given up.
        unsafe { (self.symbols.SSL_CTX_free)(context.0.as_ptr()) };
    }

    pub(super) fn control(&self, context: Context, control: Control, value: c_long) -> c_long {
        // SAFETY: live; the controls of `Control` read a number and no pointer.
        unsafe { (self.symbols.SSL_CTX_ctrl)(context.0.as_ptr(), control as c_int, value, null_mut()) }
    }

    /// The twelve counters of SSL_CTX_sess_number(3), in the page's order.
    pub(super) fn counters(&self, context: Context) -> [i64; 12] {
        let mut counters = [0; 12];
        for (counter, control) in counters.iter_mut().zip(NUMBER..) {
            // SAFETY: live; these controls read nothing.
            *counter = unsafe { (self.symbols.SSL_CTX_ctrl)(context.0.as_ptr(), control, 0, null_mut()) };
        }
        counters
    }

    /// Sets or unsets the three callbacks of the context of this number.
    pub(super) fn set_callbacks(&self, context: Context, number: usize, set: &Callbacks) {
        let raw = context.0.as_ptr();
        let new = set.new.is_some().then_some(callbacks::NEW[number]);
        let get = set.get.is_some().then_some(callbacks::GET[number]);
        let remove = set.remove.then_some(callbacks::REMOVE);
        // SAFETY: live; the function lives as long as the process.
        unsafe { (self.symbols.SSL_CTX_sess_set_new_cb)(raw, new) };
        // SAFETY: live; the function lives as long as the process.
        unsafe { (self.symbols.SSL_CTX_sess_set_get_cb)(raw, get) };
        // SAFETY: live; the function lives as long as the process.
        unsafe { (self.symbols.SSL_CTX_sess_set_remove_cb)(raw, remove) };
    }

    pub(super) fn set_verify_peer(&self, context: Context) {
        // SAFETY: live; the function lives as long as the process.
        unsafe { (self.symbols.SSL_CTX_set_verify)(context.0.as_ptr(), VERIFY_PEER, Some(callbacks::VERIFY)) };
    }

    pub(super) fn set_session_id_context(&self, context: Context, id_context: &[u8]) -> c_int {
        let len = c_uint::try_from(id_context.len()).expect("at most 64 bytes are asked for");
        let at = id_context.as_ptr();
        // SAFETY: live; the bytes are copied.
        unsafe { (self.symbols.SSL_CTX_set_session_id_context)(context.0.as_ptr(), at, len) }
    }

    pub(super) fn set_timeout(&self, context: Context, timeout: c_long) -> c_long {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_CTX_set_timeout)(context.0.as_ptr(), timeout) }
    }

    pub(super) fn get_timeout(&self, context: Context) -> c_long {
        let get_timeout = self.symbols.SSL_CTX_get_timeout.expect(REFUSED);
        // SAFETY: live.
        unsafe { get_timeout(context.0.as_ptr()) }
    }

    pub(super) fn add_session(&self, context: Context, session: Session) -> c_int {
        let add_session = self.symbols.SSL_CTX_add_session.expect(REFUSED);
        // SAFETY: both live.
        unsafe { add_session(context.0.as_ptr(), session.0.as_ptr()) }
    }

    pub(super) fn remove_session(&self, context: Context, session: Session) -> c_int {
        let remove_session = self.symbols.SSL_CTX_remove_session.expect(REFUSED);
        // SAFETY: both live.
        unsafe { remove_session(context.0.as_ptr(), session.0.as_ptr()) }
    }

    pub(super) fn flush_sessions(&self, context: Context, tm: c_long) {
        let flush_sessions = self.symbols.SSL_CTX_flush_sessions.expect(REFUSED);
        // SAFETY: live.
        unsafe { flush_sessions(context.0.as_ptr(), tm) };
    }

    /// Pushes the members of the internal cache, in the order of its hash.
    pub(super) fn push_members(&self, context: Context, members: &mut Vec<Session>) {
        // SAFETY: live; the hash belongs to the context.
        let hash = unsafe { (self.symbols.SSL_CTX_sessions)(context.0.as_ptr()) };
        let out = (&raw mut *members).cast();
        // SAFETY: the hash is the context's and holds sessions; `push_member` is what `out` is meant for, and
        // changes nothing in the hash.
        unsafe { (self.symbols.OPENSSL_LH_doall_arg)(hash, Some(push_member), out) };
    }
}

/// Why an optional function is there when it is called.
pub(super) const REFUSED: &str = "an op whose function is missing is refused";

/// Pushes one member of the hash.
///
/// # Safety
///
/// `session` is a live session and `out` the vector of [`Api::push_members`], nobody else's at the time.
unsafe extern "C" fn push_member(session: *mut c_void, out: *mut c_void) {
    // SAFETY: as the caller promises.
    let out = unsafe { &mut *out.cast::<Vec<Session>>() };
    out.extend(NonNull::new(session.cast::<RawSession>()).map(Session));
}
