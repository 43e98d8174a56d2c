//! The functions of libssl and libcrypto that are called, by name and signature, as the public headers of 1.1.1 to
//! 4.0 declare them.

use std::ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};

use libloading::os::unix::Library;

use super::handles::{
    RawBio, RawCertificate, RawContext, RawHash, RawKey, RawKeyContext, RawMethod, RawSession, RawSsl, RawTime,
};
use super::random::Method;

/// `new_session_cb`
pub(super) type NewSession = unsafe extern "C" fn(*mut RawSsl, *mut RawSession) -> c_int;
/// `get_session_cb`
pub(super) type GetSession = unsafe extern "C" fn(*mut RawSsl, *const c_uchar, c_int, *mut c_int) -> *mut RawSession;
/// `remove_session_cb`
pub(super) type RemoveSession = unsafe extern "C" fn(*mut RawContext, *mut RawSession);
/// `GEN_SESSION_CB`
pub(super) type GenerateId = unsafe extern "C" fn(*mut RawSsl, *mut c_uchar, *mut c_uint) -> c_int;
/// The servername callback of `SSL_CTX_set_tlsext_servername_callback()`
pub(super) type ServerName = unsafe extern "C" fn(*mut RawSsl, *mut c_int, *mut c_void) -> c_int;
/// `SSL_psk_client_cb_func`
pub(super) type PskClient =
    unsafe extern "C" fn(*mut RawSsl, *const c_char, *mut c_char, c_uint, *mut c_uchar, c_uint) -> c_uint;
/// `SSL_psk_server_cb_func`
pub(super) type PskServer = unsafe extern "C" fn(*mut RawSsl, *const c_char, *mut c_uchar, c_uint) -> c_uint;
/// `SSL_verify_cb`
pub(super) type Verify = unsafe extern "C" fn(c_int, *mut c_void) -> c_int;
/// `CRYPTO_EX_new`
pub(super) type ExNew = unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_void, c_int, c_long, *mut c_void);
/// `CRYPTO_EX_dup`
pub(super) type ExDup =
    unsafe extern "C" fn(*mut c_void, *const c_void, *mut *mut c_void, c_int, c_long, *mut c_void) -> c_int;
/// `CRYPTO_EX_free`
pub(super) type ExFree = ExNew;
/// `OPENSSL_LH_DOALL_FUNCARG`
pub(super) type EachMember = unsafe extern "C" fn(*mut c_void, *mut c_void);

/// Where `long` and `time_t` are the same, the newer name of a function serves a library without the old one.
const SAME: bool = size_of::<c_long>() == 8;

macro_rules! symbols {
    (
        required { $($name:ident $(or $newer:ident)? : fn($($arg:ty),*) $(-> $ret:ty)?;)* }
        optional { $($opt:ident $(or $opt_newer:ident)? : fn($($opt_arg:ty),*) $(-> $opt_ret:ty)?;)* }
    ) => {
        /// The addresses of the functions. Without an optional one, the ops that need it are refused.
        #[expect(non_snake_case, reason = "each field is the function with this name")]
        pub(super) struct Symbols {
            $(pub(super) $name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)*
            $(pub(super) $opt: Option<unsafe extern "C" fn($($opt_arg),*) $(-> $opt_ret)?>,)*
        }

        impl Symbols {
            /// Finds all of them in a library and in what it was linked with; else the names of those that are
            /// required and not there.
            ///
            /// # Safety
            ///
            /// Where the library has a function of a name of the table, it is OpenSSL's, with its signature.
            #[expect(non_snake_case, reason = "each variable is the function with this name")]
            pub(super) unsafe fn find(library: &Library) -> Result<Self, Vec<&'static str>> {
                let mut missing = Vec::new();
                $(
                    // SAFETY: the field's type is the function's, and the caller vouches for the library.
                    let $name = unsafe { one_of(library, &[stringify!($name), $(stringify!($newer))?]) };
                    if $name.is_none() {
                        missing.push(stringify!($name));
                    }
                )*
                if !missing.is_empty() {
                    return Err(missing);
                }
                Ok(Self {
                    $($name: $name.expect("nothing is missing"),)*
                    // SAFETY: the field's type is the function's, and the caller vouches for the library.
                    $($opt: unsafe { one_of(library, &[stringify!($opt), $(stringify!($opt_newer))?]) },)*
                })
            }
        }
    };
}

/// The first of these functions that the library has.
///
/// # Safety
///
/// `F` is a function pointer of the type of whichever is found.
unsafe fn one_of<F: Copy>(library: &Library, names: &[&str]) -> Option<F> {
    let usable = if SAME { names.len() } else { 1 };
    names[..usable].iter().find_map(|name| {
        // SAFETY: the caller vouches for the type.
        unsafe { library.get::<F>(*name) }.ok().map(|found| *found)
    })
}

/// Whether the library has a function of this name.
pub(super) fn has(library: &Library, name: &str) -> bool {
    // SAFETY: a pointer without a type fits any symbol; it is neither read nor called.
    unsafe { library.get::<*const c_void>(name) }.is_ok()
}

symbols! {
    required {
        OpenSSL_version: fn(c_int) -> *const c_char;
        OPENSSL_init_ssl: fn(u64, *const c_void) -> c_int;
        OPENSSL_LH_doall_arg: fn(*mut RawHash, Option<EachMember>, *mut c_void);
        CRYPTO_get_ex_new_index: fn(c_int, c_long, *mut c_void, Option<ExNew>, Option<ExDup>, Option<ExFree>) -> c_int;
        ERR_clear_error: fn();
        ERR_get_error: fn() -> c_ulong;
        ERR_error_string_n: fn(c_ulong, *mut c_char, usize);
        BIO_new_bio_pair: fn(*mut *mut RawBio, usize, *mut *mut RawBio, usize) -> c_int;

        TLS_method: fn() -> *const RawMethod;
        SSL_CTX_new: fn(*const RawMethod) -> *mut RawContext;
        SSL_CTX_free: fn(*mut RawContext);
        SSL_CTX_ctrl: fn(*mut RawContext, c_int, c_long, *mut c_void) -> c_long;
        SSL_CTX_set_options: fn(*mut RawContext, c_ulong) -> c_ulong;
        SSL_CTX_set_cipher_list: fn(*mut RawContext, *const c_char) -> c_int;
        SSL_CTX_set_verify: fn(*mut RawContext, c_int, Option<Verify>);
        SSL_CTX_set_timeout: fn(*mut RawContext, c_long) -> c_long;
        SSL_CTX_set_session_id_context: fn(*mut RawContext, *const c_uchar, c_uint) -> c_int;
        SSL_CTX_set_generate_session_id: fn(*mut RawContext, Option<GenerateId>) -> c_int;
        SSL_CTX_set_psk_client_callback: fn(*mut RawContext, Option<PskClient>);
        SSL_CTX_set_psk_server_callback: fn(*mut RawContext, Option<PskServer>);
        SSL_CTX_sess_set_new_cb: fn(*mut RawContext, Option<NewSession>);
        SSL_CTX_sess_set_get_cb: fn(*mut RawContext, Option<GetSession>);
        SSL_CTX_sess_set_remove_cb: fn(*mut RawContext, Option<RemoveSession>);
        SSL_CTX_sessions: fn(*mut RawContext) -> *mut RawHash;

        SSL_SESSION_up_ref: fn(*mut RawSession) -> c_int;
        SSL_SESSION_free: fn(*mut RawSession);
        SSL_SESSION_get_ex_data: fn(*const RawSession, c_int) -> *mut c_void;
        SSL_SESSION_set_ex_data: fn(*mut RawSession, c_int, *mut c_void) -> c_int;
        SSL_SESSION_get_id: fn(*const RawSession, *mut c_uint) -> *const c_uchar;
        SSL_SESSION_set1_id: fn(*mut RawSession, *const c_uchar, c_uint) -> c_int;
        SSL_SESSION_set1_id_context: fn(*mut RawSession, *const c_uchar, c_uint) -> c_int;
        SSL_SESSION_set_protocol_version: fn(*mut RawSession, c_int) -> c_int;
        SSL_SESSION_get_time or SSL_SESSION_get_time_ex: fn(*const RawSession) -> c_long;
        SSL_SESSION_set_time or SSL_SESSION_set_time_ex: fn(*mut RawSession, c_long) -> c_long;
        SSL_SESSION_get_timeout: fn(*const RawSession) -> c_long;
        SSL_SESSION_set_timeout: fn(*mut RawSession, c_long) -> c_long;
        SSL_SESSION_is_resumable: fn(*const RawSession) -> c_int;
        i2d_SSL_SESSION: fn(*const RawSession, *mut *mut c_uchar) -> c_int;
        d2i_SSL_SESSION: fn(*mut *mut RawSession, *mut *const c_uchar, c_long) -> *mut RawSession;

        SSL_new: fn(*mut RawContext) -> *mut RawSsl;
        SSL_free: fn(*mut RawSsl);
        SSL_set_bio: fn(*mut RawSsl, *mut RawBio, *mut RawBio);
        SSL_set_accept_state: fn(*mut RawSsl);
        SSL_set_connect_state: fn(*mut RawSsl);
        SSL_do_handshake: fn(*mut RawSsl) -> c_int;
        SSL_get_error: fn(*const RawSsl, c_int) -> c_int;
        SSL_set_session_id_context: fn(*mut RawSsl, *const c_uchar, c_uint) -> c_int;
        SSL_set_session: fn(*mut RawSsl, *mut RawSession) -> c_int;
        SSL_get_session: fn(*const RawSsl) -> *mut RawSession;
        SSL_session_reused: fn(*const RawSsl) -> c_int;
        SSL_set_shutdown: fn(*mut RawSsl, c_int);
        SSL_ctrl: fn(*mut RawSsl, c_int, c_long, *mut c_void) -> c_long;
        SSL_clear_options: fn(*mut RawSsl, c_ulong) -> c_ulong;
        SSL_read: fn(*mut RawSsl, *mut c_void, c_int) -> c_int;
        SSL_set_psk_client_callback: fn(*mut RawSsl, Option<PskClient>);
        SSL_set_psk_server_callback: fn(*mut RawSsl, Option<PskServer>);
        SSL_CTX_use_certificate: fn(*mut RawContext, *mut RawCertificate) -> c_int;
        SSL_CTX_use_PrivateKey: fn(*mut RawContext, *mut RawKey) -> c_int;

        EVP_PKEY_CTX_new_id: fn(c_int, *mut c_void) -> *mut RawKeyContext;
        EVP_PKEY_CTX_free: fn(*mut RawKeyContext);
        EVP_PKEY_keygen_init: fn(*mut RawKeyContext) -> c_int;
        EVP_PKEY_keygen: fn(*mut RawKeyContext, *mut *mut RawKey) -> c_int;
        X509_new: fn() -> *mut RawCertificate;
        X509_getm_notBefore: fn(*const RawCertificate) -> *mut RawTime;
        X509_getm_notAfter: fn(*const RawCertificate) -> *mut RawTime;
        X509_gmtime_adj: fn(*mut RawTime, c_long) -> *mut RawTime;
        X509_set_pubkey: fn(*mut RawCertificate, *mut RawKey) -> c_int;
        X509_sign: fn(*mut RawCertificate, *mut RawKey, *const c_void) -> c_int;
    }
    optional {
        SSL_renegotiate: fn(*mut RawSsl) -> c_int;
        SSL_renegotiate_abbreviated: fn(*mut RawSsl) -> c_int;
        SSL_renegotiate_pending: fn(*const RawSsl) -> c_int;
        SSL_in_init: fn(*const RawSsl) -> c_int;
        SSL_set_options: fn(*mut RawSsl, c_ulong) -> c_ulong;
        SSL_CTX_set_ciphersuites: fn(*mut RawContext, *const c_char) -> c_int;
        SSL_set_num_tickets: fn(*mut RawSsl, usize) -> c_int;
        SSL_set_SSL_CTX: fn(*mut RawSsl, *mut RawContext) -> *mut RawContext;
        SSL_CTX_callback_ctrl: fn(*mut RawContext, c_int, Option<ServerName>) -> c_long;
        SSL_CTX_add_session: fn(*mut RawContext, *mut RawSession) -> c_int;
        SSL_CTX_remove_session: fn(*mut RawContext, *mut RawSession) -> c_int;
        SSL_CTX_flush_sessions or SSL_CTX_flush_sessions_ex: fn(*mut RawContext, c_long);
        SSL_CTX_get_timeout: fn(*const RawContext) -> c_long;
        SSL_SESSION_new: fn() -> *mut RawSession;
        SSL_has_matching_session_id: fn(*const RawSsl, *const c_uchar, c_uint) -> c_int;
        RAND_set_rand_method: fn(*const Method) -> c_int;
    }
}
