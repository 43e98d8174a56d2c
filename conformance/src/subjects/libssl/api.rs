//! A libssl that is loaded: its functions, what it says it is, and what every world made with it shares.

use std::ffi::{CStr, c_char, c_int};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::callbacks;
use super::certificate::Identity;
use super::peer::Peer;
use super::random;
use super::symbols::Symbols;

/// A loaded libssl. It stays loaded until the process ends.
pub struct Api {
    pub(super) symbols: Symbols,
    /// The ex_data slot of an `SSL_SESSION` in which its number travels.
    pub(super) number_index: c_int,
    pub(super) synonyms: Synonyms,
    pub(super) peer: OnceLock<Peer>,
    /// Of every context; `None`: no server of this library speaks TLS 1.3.
    identity: Option<Identity>,
    version: String,
    path: PathBuf,
}

/// Which of the old synonyms the library has.
#[derive(Clone, Copy)]
pub(super) struct Synonyms {
    pub(super) add: bool,
    pub(super) remove: bool,
    pub(super) flush: bool,
}

/// `OPENSSL_INIT_NO_LOAD_CONFIG`
const NO_CONFIGURATION: u64 = 0x80;
/// `OPENSSL_INIT_NO_ATEXIT`: a worker that is ended for its growth is still inside the library.
const NO_ATEXIT: u64 = 0x8_0000;
/// `CRYPTO_EX_INDEX_SSL_SESSION`
const CLASS_OF_SESSIONS: c_int = 2;
/// `OPENSSL_VERSION`
const VERSION: c_int = 0;

impl Api {
    /// Starts the library, before anything else can: without the machine's configuration file, which would change
    /// ciphers, protocols and security level.
    pub(super) fn start(symbols: Symbols, synonyms: Synonyms, path: PathBuf) -> Self {
        // SAFETY: no settings are given, and null says so. Failure shows at the first SSL_CTX_new.
        unsafe { (symbols.OPENSSL_init_ssl)(NO_CONFIGURATION | NO_ATEXIT, std::ptr::null()) };
        random::take_over(&symbols);
        // SAFETY: it takes any number.
        let version = unsafe { (symbols.OpenSSL_version)(VERSION) };
        // SAFETY: it is a string of the library's own, never freed.
        let version = unsafe { CStr::from_ptr(version) }.to_string_lossy().into_owned();
        let (dup, free) = (Some(callbacks::DUP), Some(callbacks::FREE));
        // SAFETY: the class is one of the library's, and both functions live as long as the process.
        let number_index =
            unsafe { (symbols.CRYPTO_get_ex_new_index)(CLASS_OF_SESSIONS, 0, std::ptr::null_mut(), None, dup, free) };
        let mut api = Self { symbols, number_index, synonyms, peer: OnceLock::new(), identity: None, version, path };
        api.identity = api.identity();
        api
    }

    /// The key and certificate of every server.
    pub(super) fn servers_identity(&self) -> Option<Identity> {
        self.identity
    }

    /// What the library says it is: `OpenSSL_version(OPENSSL_VERSION)`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The file it was loaded from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The unobserved peer; it is made while the library is loaded.
    pub(super) fn peer(&self) -> &Peer {
        self.peer.get().expect("load() hands an Api out only after it has made the peer")
    }

    /// Whether it has all that TLS 1.3 needs, as far as can be told without a handshake.
    pub(super) fn has_tls13(&self) -> bool {
        self.identity.is_some() && self.symbols.SSL_set_num_tickets.is_some()
    }

    /// Forgets the errors of this thread, or the next `SSL_get_error()` would take an old one for its own.
    pub(super) fn clear_errors(&self) {
        // SAFETY: it touches only the thread's own queue.
        unsafe { (self.symbols.ERR_clear_error)() };
    }

    /// The first error of this thread's queue, in the library's words.
    pub(super) fn first_error(&self) -> String {
        // SAFETY: it touches only the thread's own queue.
        let code = unsafe { (self.symbols.ERR_get_error)() };
        let mut text: [c_char; 256] = [0; 256];
        // SAFETY: `text` may be written for as long as is said; it ends with a NUL then.
        unsafe { (self.symbols.ERR_error_string_n)(code, text.as_mut_ptr(), text.len()) };
        // SAFETY: a string that ends with a NUL was just written, or none and the zeros are left.
        unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy().into_owned()
    }
}
