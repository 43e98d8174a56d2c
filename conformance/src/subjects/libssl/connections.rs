//! The calls on an `SSL`.

use std::ffi::{CStr, c_int, c_long, c_uint};
use std::ptr::{NonNull, null_mut};

use session_model::{IdContext, Protocol};

use super::api::Api;
use super::callbacks;
use super::contexts::{NO_TICKET, REFUSED};
use super::handles::{Context, Session, Ssl};
use super::sessions::version;
use super::symbols::Symbols;

/// Where a side of a handshake stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// It has finished.
    Finished,
    /// It waits for the other side.
    Waits,
    /// It has failed.
    Failed,
}

/// `SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN`
const BOTH_SHUT_DOWN: c_int = 3;
/// `SSL_CTRL_SET_MIN_PROTO_VERSION`
const SET_MIN_PROTOCOL: c_int = 123;
/// `SSL_CTRL_SET_MAX_PROTO_VERSION`
const SET_MAX_PROTOCOL: c_int = 124;
/// `SSL_CTRL_CLEAR_MODE`
const CLEAR_MODE: c_int = 78;
/// `SSL_MODE_AUTO_RETRY`
const MODE_AUTO_RETRY: c_long = 4;
/// `SSL_CTRL_SET_TLSEXT_SERVERNAME_CB`
const SET_TLSEXT_SERVERNAME_CB: c_int = 53;
/// `SSL_CTRL_SET_TLSEXT_HOSTNAME`
const SET_TLSEXT_HOSTNAME: c_int = 55;
/// `TLSEXT_NAMETYPE_host_name`
const HOST_NAME: c_long = 0;
/// The host that clients mean.
const HOST: &CStr = c"other.test";
/// `SSL_OP_ALLOW_CLIENT_RENEGOTIATION`, which releases before 3.0 do not have and do not need.
const ALLOW_CLIENT_RENEGOTIATION: std::ffi::c_ulong = 1 << 8;
/// `SSL_ERROR_WANT_READ`
const WANT_READ: c_int = 2;
/// `SSL_ERROR_WANT_WRITE`
const WANT_WRITE: c_int = 3;

// Every handle is of a live object: see `Ssl`, `Context`, `Session`.
impl Api {
    /// Both ends of a connection in memory, the server's and the client's; `None`: the library would not.
    pub(super) fn pair(&self, server: Context, client: Context) -> Option<(Ssl, Ssl)> {
        let server = self.ssl_new(server)?;
        let Some(client) = self.ssl_new(client) else {
            self.ssl_free(server);
            return None;
        };
        let (mut one, mut other) = (null_mut(), null_mut());
        // SAFETY: both pointers may be written; 0 is the default size, which holds a flight of these handshakes.
        let made = unsafe { (self.symbols.BIO_new_bio_pair)(&raw mut one, 0, &raw mut other, 0) };
        if made != 1 {
            self.ssl_free(server);
            self.ssl_free(client);
            return None;
        }
        // SAFETY: live; the one end is given to the server, with the one reference that it has.
        unsafe { (self.symbols.SSL_set_bio)(server.0.as_ptr(), one, one) };
        // SAFETY: live; the other end is given to the client, with the one reference that it has.
        unsafe { (self.symbols.SSL_set_bio)(client.0.as_ptr(), other, other) };
        // SAFETY: live.
        unsafe { (self.symbols.SSL_set_accept_state)(server.0.as_ptr()) };
        // SAFETY: live.
        unsafe { (self.symbols.SSL_set_connect_state)(client.0.as_ptr()) };
        Some((server, client))
    }

    fn ssl_new(&self, context: Context) -> Option<Ssl> {
        // SAFETY: live; the object takes a reference on the context.
        NonNull::new(unsafe { (self.symbols.SSL_new)(context.0.as_ptr()) }).map(Ssl)
    }

    /// Ends it: nobody may have the handle any more.
    pub(super) fn ssl_free(&self, ssl: Ssl) {
        // SAFETY: live until here, and its maker's reference is the one given up.
        unsafe { (self.symbols.SSL_free)(ssl.0.as_ptr()) };
    }

    /// Marks it as shut down in both ways, as after a proper goodbye.
    pub(super) fn ssl_shut_down(&self, ssl: Ssl) {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_set_shutdown)(ssl.0.as_ptr(), BOTH_SHUT_DOWN) };
    }

    /// Goes on with the handshake as far as what has arrived allows.
    pub(super) fn ssl_advance(&self, ssl: Ssl) -> Progress {
        self.clear_errors();
        // SAFETY: live, and it has a side and a BIO.
        let answer = unsafe { (self.symbols.SSL_do_handshake)(ssl.0.as_ptr()) };
        if answer == 1 {
            return Progress::Finished;
        }
        // SAFETY: live; `answer` is that of the call just made.
        match unsafe { (self.symbols.SSL_get_error)(ssl.0.as_ptr(), answer) } {
            WANT_READ | WANT_WRITE => Progress::Waits,
            _ => Progress::Failed,
        }
    }

    fn ssl_control(&self, ssl: Ssl, control: c_int, value: c_long) {
        // SAFETY: live; the controls that are used read a number and no pointer.
        unsafe { (self.symbols.SSL_ctrl)(ssl.0.as_ptr(), control, value, null_mut()) };
    }

    /// Lets it negotiate this protocol alone.
    pub(super) fn ssl_set_protocol(&self, ssl: Ssl, protocol: Protocol) {
        for bound in [SET_MAX_PROTOCOL, SET_MIN_PROTOCOL] {
            self.ssl_control(ssl, bound, version(protocol).into());
        }
    }

    /// Takes `SSL_OP_NO_TICKET` away.
    pub(super) fn ssl_allow_stateless_tickets(&self, ssl: Ssl) {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_clear_options)(ssl.0.as_ptr(), NO_TICKET) };
    }

    /// Takes the shared key away: in TLS 1.3 it would stand for every session.
    pub(super) fn ssl_forget_psk(&self, ssl: Ssl) {
        // SAFETY: live; no callback is given.
        unsafe { (self.symbols.SSL_set_psk_client_callback)(ssl.0.as_ptr(), None) };
        // SAFETY: live; no callback is given.
        unsafe { (self.symbols.SSL_set_psk_server_callback)(ssl.0.as_ptr(), None) };
    }

    pub(super) fn ssl_set_num_tickets(&self, ssl: Ssl, tickets: u8) {
        let set_num_tickets = self.symbols.SSL_set_num_tickets.expect("an op whose function is missing is refused");
        // SAFETY: live.
        unsafe { set_num_tickets(ssl.0.as_ptr(), tickets.into()) };
    }

    /// Has a read return after each message that is not for the application.
    pub(super) fn ssl_read_one_at_a_time(&self, ssl: Ssl) {
        self.ssl_control(ssl, CLEAR_MODE, MODE_AUTO_RETRY);
    }

    /// Reads where nothing is to be read but what the library keeps to itself; false: it has failed.
    pub(super) fn ssl_read_nothing(&self, ssl: Ssl) -> bool {
        self.clear_errors();
        let mut byte = 0_u8;
        // SAFETY: live; one byte may be written.
        let answer = unsafe { (self.symbols.SSL_read)(ssl.0.as_ptr(), (&raw mut byte).cast(), 1) };
        // SAFETY: live; `answer` is that of the call just made.
        matches!(unsafe { (self.symbols.SSL_get_error)(ssl.0.as_ptr(), answer) }, WANT_READ | WANT_WRITE)
    }

    /// Whether this library has what a renegotiation takes.
    pub(super) fn can_renegotiate(&self) -> bool {
        let Symbols { SSL_renegotiate, SSL_renegotiate_abbreviated, SSL_renegotiate_pending, SSL_set_options, .. } =
            &self.symbols;
        SSL_renegotiate.is_some()
            && SSL_renegotiate_abbreviated.is_some()
            && SSL_renegotiate_pending.is_some()
            && SSL_set_options.is_some()
            && self.symbols.SSL_in_init.is_some()
    }

    /// Lets a server take part in what its client starts.
    pub(super) fn ssl_allow_client_renegotiation(&self, ssl: Ssl) {
        let set_options = self.symbols.SSL_set_options.expect(REFUSED);
        // SAFETY: live.
        unsafe { set_options(ssl.0.as_ptr(), ALLOW_CLIENT_RENEGOTIATION) };
    }

    /// Schedules a renegotiation; false: the library would not.
    pub(super) fn ssl_renegotiate(&self, ssl: Ssl, abbreviated: bool) -> bool {
        let symbols = &self.symbols;
        let renegotiate = if abbreviated { symbols.SSL_renegotiate_abbreviated } else { symbols.SSL_renegotiate };
        let renegotiate = renegotiate.expect(REFUSED);
        // SAFETY: live, and it has a side.
        unsafe { renegotiate(ssl.0.as_ptr()) == 1 }
    }

    /// Whether it is in the middle of a handshake, or is to begin one.
    pub(super) fn ssl_is_negotiating(&self, ssl: Ssl) -> bool {
        let pending = self.symbols.SSL_renegotiate_pending.expect(REFUSED);
        let in_init = self.symbols.SSL_in_init.expect(REFUSED);
        // SAFETY: live.
        let pending = unsafe { pending(ssl.0.as_ptr()) } != 0;
        // SAFETY: live.
        pending || unsafe { in_init(ssl.0.as_ptr()) } != 0
    }

    /// Lets a client propose this session; false: the library would not.
    pub(super) fn ssl_set_session(&self, ssl: Ssl, session: Session) -> bool {
        // SAFETY: both live; the connection takes a reference of its own.
        unsafe { (self.symbols.SSL_set_session)(ssl.0.as_ptr(), session.0.as_ptr()) == 1 }
    }

    /// The session that it uses now, without a reference.
    pub(super) fn ssl_session(&self, ssl: Ssl) -> Option<Session> {
        // SAFETY: live.
        NonNull::new(unsafe { (self.symbols.SSL_get_session)(ssl.0.as_ptr()) }).map(Session)
    }

    pub(super) fn ssl_session_reused(&self, ssl: Ssl) -> c_int {
        // SAFETY: live.
        unsafe { (self.symbols.SSL_session_reused)(ssl.0.as_ptr()) }
    }

    /// Gives it a session id context of its own.
    pub(super) fn ssl_set_session_id_context(&self, ssl: Ssl, id_context: IdContext) {
        let bytes = id_context.as_bytes();
        let len = c_uint::try_from(bytes.len()).expect("at most 32 bytes");
        // SAFETY: live; the bytes are copied.
        unsafe { (self.symbols.SSL_set_session_id_context)(ssl.0.as_ptr(), bytes.as_ptr(), len) };
    }

    /// Has a client say which host it means.
    pub(super) fn ssl_name_host(&self, ssl: Ssl) {
        let host = HOST.as_ptr().cast_mut().cast();
        // SAFETY: live; the name is read up to its NUL, and copied.
        unsafe { (self.symbols.SSL_ctrl)(ssl.0.as_ptr(), SET_TLSEXT_HOSTNAME, HOST_NAME, host) };
    }

    /// Puts another context in the place of a connection's; false: the library would not.
    pub(super) fn ssl_set_context(&self, ssl: Ssl, context: Context) -> bool {
        let set_context = self.symbols.SSL_set_SSL_CTX.expect(REFUSED);
        // SAFETY: both live; the connection takes a reference of its own.
        !unsafe { set_context(ssl.0.as_ptr(), context.0.as_ptr()) }.is_null()
    }

    /// Sets or unsets the servername callback of the connections of a context.
    pub(super) fn set_servername_callback(&self, context: Context, set: bool) {
        let callback_control = self.symbols.SSL_CTX_callback_ctrl.expect(REFUSED);
        let callback = set.then_some(callbacks::SERVER_NAME);
        // SAFETY: live; the control takes a function of this type, which lives as long as the process.
        unsafe { callback_control(context.0.as_ptr(), SET_TLSEXT_SERVERNAME_CB, callback) };
    }
}
