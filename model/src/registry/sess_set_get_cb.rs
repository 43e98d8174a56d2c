//! SSL_CTX_sess_set_get_cb(3): the new, remove and get callbacks, and the external cache behind them.

super::clauses! {
    "SSL_CTX_sess_set_get_cb", V3_0..=V3_3;

    GET_CB_NOT_FOUND_INTERNALLY "get-cb.not-found-internally" Rule "DESCRIPTION" [4]
        "get_session_cb is called for a session proposed that the internal cache does not give";
    CB_GETTERS_NULL "cb.getters-null" Background "DESCRIPTION" [6, 7]
        "the getters return the callbacks now set, NULL for none";
    CB_EXTERNAL_CACHE "cb.external-cache" Background "NOTES" [1, 2]
        "an external cache is whatever the application makes of the three callbacks";
    NEW_CB_CALLED "new-cb.called" Rule "NOTES" [3]
        "new_session_cb is called for each session negotiated, and for none resumed";
    NEW_CB_CACHING_ENABLED "new-cb.caching-enabled" Rule "NOTES" [3]
        "new_session_cb is called only when the cache mode has the flag of the role";
    CB_ARGUMENTS "cb.arguments" Background "NOTES" [4, 18, 22]
        "what each callback is given: the connection or the context, and the session or its id";
    NEW_CB_UP_REF "new-cb.up-ref" Rule "NOTES" [5]
        "the application is handed a reference of its own with the call of new_session_cb";
    NEW_CB_ZERO_REMOVES "new-cb.zero-removes" Rule "NOTES" [6]
        "when new_session_cb returns 0 the session leaves the internal cache at once";
    NEW_CB_ZERO_FREES "new-cb.zero-frees" Rule "NOTES" [6]
        "when new_session_cb returns 0 the reference handed out is freed again";
    NEW_CB_ONE_KEEPS "new-cb.one-keeps" Rule "NOTES" [7]
        "when new_session_cb returns 1 the reference is the application's, to free when it has done with it";
    TLS13_AFTER_HANDSHAKE "tls13.after-handshake" Background "NOTES" [8, 9, 10]
        "in TLS 1.3 sessions come after the handshake, when the server likes, or never";
    TLS13_SEVERAL_SESSIONS "tls13.several-sessions" Rule "NOTES" [11, 12]
        "in TLS 1.3 one connection may make several sessions, each with its call of new_session_cb";
    TLS13_USE_ONCE "tls13.use-once" Open "NOTES" [13, 14]
        "in TLS 1.3 a session should be resumed once, which an application can see to with remove";
    REMOVE_CB_WHENEVER_REMOVED "remove-cb.whenever-removed" Rule "NOTES" [15]
        "remove_session_cb is called whenever the engine takes a session out of the internal cache";
    REMOVE_CB_EXPIRED "remove-cb.expired" Rule "NOTES" [16]
        "remove_session_cb is called for a session taken out because it has expired";
    REMOVE_CB_UNCLEAN "remove-cb.unclean" Rule "NOTES" [16]
        "remove_session_cb is called for a session taken out because its connection was not closed cleanly";
    REMOVE_CB_CONTEXT_FREED "remove-cb.context-freed" Rule "NOTES" [17]
        "remove_session_cb is called for every session in the internal cache of a context that is freed";
    REMOVE_CB_NO_FEEDBACK "remove-cb.no-feedback" Background "NOTES" [19]
        "remove_session_cb returns nothing and cannot keep the session in";
    GET_CB_SERVER_ONLY "get-cb.server-only" Rule "NOTES" [20]
        "get_session_cb is called on servers alone, with the id that the client proposes";
    GET_CB_ALWAYS_CALLED "get-cb.always-called" Contradiction "NOTES" [21] against "mode.off"
        "get_session_cb is called even with caching off";
    GET_CB_COPY_ONE "get-cb.copy-one" Rule "NOTES" [23]
        "copy set to 1: the engine takes a reference of its own on the session answered";
    GET_CB_COPY_ZERO "get-cb.copy-zero" Rule "NOTES" [23]
        "copy set to 0: the engine takes none, and uses up the one that the callback hands over";
    GET_CB_COPY_UNSET "get-cb.copy-unset" Rule "NOTES" [24]
        "copy not written: as if it were set to 1";
}
