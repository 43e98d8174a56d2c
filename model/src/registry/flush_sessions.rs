//! SSL_CTX_flush_sessions(3), a seed page.

super::clauses! {
    "SSL_CTX_flush_sessions", V0_9_8..=V3_3;

    FLUSH_EXPIRED "flush.expired" Rule "DESCRIPTION" [1]
        "every session expired at the time given leaves the internal cache, and no other does";
    FLUSH_BOUNDARY "flush.boundary" Rule "DESCRIPTION" [1]
        "a flush expires as a lookup does: not yet at time plus timeout, but one second later";
    FLUSH_COLLECTS "flush.collects" Contradiction "NOTES" [1] against "size.hint"
        "the internal cache collects sessions up to the size that was set";
    FLUSH_NOT_REUSED_ONCE_EXPIRED "flush.not-reused-once-expired" Rule "NOTES" [2]
        "an expired session is not resumed, whether it still stands in the cache or not";
    LEAVE_LOOKUP_EXPIRED "leave.lookup-expired" Open "NOTES" [2]
        "whether a server's lookup that finds an expired session takes it out of the internal cache";
    FLUSH_AUTO_255_SESSIONS "flush.auto-255-sessions" Contradiction "NOTES" [3] against "mode.auto-255-connections"
        "the automatic flush comes with every 255th new session";
    FLUSH_ZERO "flush.zero" Rule "NOTES" [4]
        "the time given is taken as it stands: 0 is a time at which nothing has expired, not a sign for now";
    FLUSH_INTERNAL_ONLY "flush.internal-only" Rule "NOTES" [5]
        "a flush examines the internal cache and never the external one";
    FLUSH_REMOVE_CB "flush.remove-cb" Rule "NOTES" [6]
        "remove_session_cb is called for every session that a flush takes out";
    CALLBACKS_ORDER "callbacks.order" Open "NOTES" [6]
        "in which order remove_session_cb is called when one call takes several sessions out";
    FLUSH_NO_VALUE "flush.no-value" Background "RETURN VALUES" [1]
        "flush returns nothing";
}
