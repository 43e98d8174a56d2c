//! The key and the certificate of every server of this process: TLS 1.3 without one would be external PSK, under which
//! each connection counts as a hit.
//!
//! Made by the library when it is loaded, and never freed. Nobody checks it.

use std::ffi::{c_int, c_long};
use std::ptr::{NonNull, null, null_mut};

use super::api::Api;
use super::handles::{Context, RawCertificate, RawKey};

/// A key and a certificate that it has signed itself.
#[derive(Clone, Copy)]
pub(super) struct Identity {
    key: NonNull<RawKey>,
    certificate: NonNull<RawCertificate>,
}

/// `EVP_PKEY_ED25519`
const ED25519: c_int = 1087;
/// Ten years, in seconds; nobody looks.
const VALIDITY: c_long = 10 * 365 * 24 * 60 * 60;

impl Api {
    /// Makes both; `None`: the library would not.
    pub(super) fn identity(&self) -> Option<Identity> {
        let key = self.key()?;
        // SAFETY: it takes nothing.
        let certificate = NonNull::new(unsafe { (self.symbols.X509_new)() })?;
        let raw = certificate.as_ptr();
        // SAFETY: live; the time is part of it.
        let before = unsafe { (self.symbols.X509_getm_notBefore)(raw) };
        // SAFETY: live; the time is part of it.
        let after = unsafe { (self.symbols.X509_getm_notAfter)(raw) };
        for (time, seconds) in [(before, 0), (after, VALIDITY)] {
            // SAFETY: the time is part of the live certificate.
            unsafe { (self.symbols.X509_gmtime_adj)(time, seconds) };
        }
        // SAFETY: both live; the certificate takes a reference of its own on the key.
        let made = unsafe { (self.symbols.X509_set_pubkey)(raw, key.as_ptr()) };
        // SAFETY: both live; this kind of key takes no digest.
        let signed = unsafe { (self.symbols.X509_sign)(raw, key.as_ptr(), null()) };
        (made == 1 && signed > 0).then_some(Identity { key, certificate })
    }

    fn key(&self) -> Option<NonNull<RawKey>> {
        // SAFETY: no engine is given.
        let context = NonNull::new(unsafe { (self.symbols.EVP_PKEY_CTX_new_id)(ED25519, null_mut()) })?;
        let mut key = null_mut();
        // SAFETY: live.
        let begun = unsafe { (self.symbols.EVP_PKEY_keygen_init)(context.as_ptr()) };
        if begun > 0 {
            // SAFETY: live and begun; `key` may be written.
            unsafe { (self.symbols.EVP_PKEY_keygen)(context.as_ptr(), &raw mut key) };
        }
        // SAFETY: live until here, and its maker's.
        unsafe { (self.symbols.EVP_PKEY_CTX_free)(context.as_ptr()) };
        NonNull::new(key)
    }

    /// Gives a context the certificate and its key.
    pub(super) fn identify_as(&self, context: Context, identity: Identity) {
        // SAFETY: both live; the context takes a reference of its own.
        unsafe { (self.symbols.SSL_CTX_use_certificate)(context.0.as_ptr(), identity.certificate.as_ptr()) };
        // SAFETY: both live; the context takes a reference of its own.
        unsafe { (self.symbols.SSL_CTX_use_PrivateKey)(context.0.as_ptr(), identity.key.as_ptr()) };
    }
}

// SAFETY: both are counted references of the library's, which locks the counts, and nothing is written any more.
unsafe impl Send for Identity {}
// SAFETY: as for `Send`.
unsafe impl Sync for Identity {}
