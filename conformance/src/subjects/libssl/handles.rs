//! What the library hands out: pointers to objects of which only it knows the inside.
//!
//! A handle is a plain pointer with a type, copied freely. Who may use one, and until when, is said at each.

use std::ptr::NonNull;

macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[repr(C)]
        pub(super) struct $name([u8; 0]);
    )* };
}

opaque! {
    /// `SSL_CTX`
    RawContext;
    /// `SSL`
    RawSsl;
    /// `SSL_SESSION`
    RawSession;
    /// `BIO`
    RawBio;
    /// `OPENSSL_LHASH`
    RawHash;
    /// `SSL_METHOD`
    RawMethod;
    /// `X509`
    RawCertificate;
    /// `ASN1_TIME`
    RawTime;
    /// `EVP_PKEY`
    RawKey;
    /// `EVP_PKEY_CTX`
    RawKeyContext;
}

/// A live `SSL_CTX`. Known only to the world it was made for, which forgets it when it frees it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Context(pub(super) NonNull<RawContext>);

/// A live `SSL`. Known only to its connection, which ends when it is freed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Ssl(pub(super) NonNull<RawSsl>);

/// A live `SSL_SESSION`: the world knows it until the library says that it is destroyed, a callback for as long as it
/// runs, and whoever else has one holds a reference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Session(pub(super) NonNull<RawSession>);
