//! SSL_CTX_set_session_cache_mode(3), a seed page.

super::clauses! {
    "SSL_CTX_set_session_cache_mode", V0_9_8..=V3_3;

    MODE_REUSE "mode.reuse" Background "NOTES" [1]
        "sessions are kept so that later connections can resume them";
    MODE_PER_CONTEXT "mode.per-context" Rule "NOTES" [2]
        "each context has a cache of its own and does not see the sessions of another";
    MODE_ONE_ID "mode.one-id" Rule "NOTES" [3, 4]
        "a client proposes a session by its id, and exactly one";
    MODE_RESUME_OR_FULL "mode.resume-or-full" Background "NOTES" [5]
        "a handshake resumes the session proposed or makes a new one; the clauses of lookup and reuse say when";
    MODE_INTERNAL_THEN_EXTERNAL "mode.internal-then-external" Rule "NOTES" [6, 7, 15]
        "a server looks into the internal cache; not found there, or lookup switched off, it asks the external one";
    MODE_ID_CONTEXT "mode.id-context" Rule "NOTES" [8]
        "a session is resumed only by a server with the session id context that the session was made in";
    MODE_FLAGS "mode.flags" Background "NOTES" [9]
        "the mode is a set of flags";
    MODE_OFF "mode.off" Contradiction "NOTES" [10] against "get-cb.always-called"
        "with caching off neither side stores a session or looks one up";
    MODE_CLIENT "mode.client" Rule "NOTES" [11, 12]
        "under CLIENT the sessions of clients are cached, and never looked up: the application chooses what to propose";
    MODE_SERVER "mode.server" Rule "NOTES" [14, 15, 16]
        "under SERVER the sessions of servers are cached, looked up when proposed and resumed when found";
    MODE_BOTH "mode.both" Rule "NOTES" [18]
        "BOTH is CLIENT and SERVER together";
    MODE_AUTO_255_CONNECTIONS "mode.auto-255-connections" Contradiction "NOTES" [19] against "flush.auto-255-sessions"
        "the automatic flush comes every 255 connections";
    RENEGOTIATE_AUTO_FLUSH "renegotiate.auto-flush" Open "NOTES" [19]
        "whether a renegotiation counts as one of the 255 connections";
    MODE_NO_AUTO_CLEAR "mode.no-auto-clear" Rule "NOTES" [20]
        "under NO_AUTO_CLEAR there is no automatic flush, and flush by hand works as ever";
    MODE_NO_INTERNAL_LOOKUP "mode.no-internal-lookup" Rule "NOTES" [21, 22, 23]
        "under NO_INTERNAL_LOOKUP a server takes every lookup to the external cache; nothing changes for clients";
    MODE_NO_INTERNAL_STORE "mode.no-internal-store" Rule "NOTES" [26, 27]
        "under NO_INTERNAL_STORE neither negotiated sessions nor those found externally enter the internal cache; add by hand works";
    MODE_EXTERNAL_COPIED_IN "mode.external-copied-in" Rule "NOTES" [27]
        "a session found externally is put into the internal cache before it is used";
    MODE_NO_INTERNAL "mode.no-internal" Rule "NOTES" [28]
        "NO_INTERNAL is NO_INTERNAL_LOOKUP and NO_INTERNAL_STORE together";
    MODE_UPDATE_TIME "mode.update-time" Rule (V3_0..=V3_3) "NOTES" [29, 30]
        "under UPDATE_TIME use of a session sets its time to now, so that the timeout counts from the last use";
    MODE_WHAT_IS_USE "mode.what-is-use" Open (V3_0..=V3_3) "NOTES" [29, 30]
        "whether UPDATE_TIME takes resuming a session for its use, or putting it into the cache, or both";
    MODE_DEFAULT "mode.default" Rule "NOTES" [13, 17, 31]
        "a context starts with the mode SERVER";
    MODE_SET_RETURNS_PREVIOUS "mode.set-returns-previous" Rule "RETURN VALUES" [1]
        "setting the mode replaces it as a whole and returns the one before";
    MODE_GET "mode.get" Rule "RETURN VALUES" [2]
        "the getter returns the mode now set";
}
