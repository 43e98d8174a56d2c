//! SSL_CTX_free(3).

super::clauses! {
    "SSL_CTX_free", V3_0..=V3_3;

    CTX_FREE_AT_ZERO "ctx-free.at-zero" Background "DESCRIPTION" [1]
        "a context goes with its last reference; those of the alphabet have one";
    CTX_FREE_FREES_CACHE "ctx-free.frees-cache" Rule "DESCRIPTION" [2]
        "with the context its internal cache goes, and the reference on each session in it is freed";
    CTX_FREE_NULL "ctx-free.null" Background "DESCRIPTION" [3]
        "free of no context does nothing";
    CTX_FREE_REMOVE_CB "ctx-free.remove-cb" Rule "WARNINGS" [1, 2]
        "remove_session_cb is called for each session in the internal cache of the context freed";
    CTX_FREE_UNSET_CALLBACK "ctx-free.unset-callback" Rule "WARNINGS" [3]
        "with remove_session_cb unset before, freeing the context leaves the external cache alone";
    CTX_FREE_NO_VALUE "ctx-free.no-value" Background "RETURN VALUES" [1]
        "free of a context returns nothing";
}
