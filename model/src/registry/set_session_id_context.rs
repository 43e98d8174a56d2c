//! SSL_CTX_set_session_id_context(3).

super::clauses! {
    "SSL_CTX_set_session_id_context", V3_0..=V3_3;

    ID_CONTEXT_SET "id-context.set" Rule "DESCRIPTION" [1]
        "set_session_id_context gives a context any bytes as the session id context of its sessions, and returns 1";
    ID_CONTEXT_PER_CONNECTION "id-context.per-connection" Rule "DESCRIPTION" [2]
        "a connection that is given a session id context of its own goes by that, and not by its context's";
    ID_CONTEXT_WHY "id-context.why" Background "NOTES" [1, 2, 3]
        "the session id context keeps the sessions of different applications apart";
    ID_CONTEXT_BECOMES_PART "id-context.becomes-part" Rule "NOTES" [5]
        "a session carries the session id context of the server that it was made by";
    ID_CONTEXT_SERVER_SIDE "id-context.server-side" Background "NOTES" [6, 7]
        "the session id context matters on servers alone";
    ID_CONTEXT_CLIENT_CHECKS "id-context.client-checks" Background (V3_0..=V3_0) "NOTES" []
        "in early patch releases the page has clients compare the session id context too, which TLS does not send them";
    ID_CONTEXT_LIMIT "id-context.limit" Rule "NOTES" [8]
        "a session id context longer than 32 bytes is refused: 0 is returned and nothing changes";
    ID_CONTEXT_VERIFY_PEER_FAILS "id-context.verify-peer-fails" Rule "WARNINGS" [1]
        "a server that asks for certificates and has no session id context fails the handshake instead of resuming";
    ID_CONTEXT_MISMATCH_FULL "id-context.mismatch-full" Rule "WARNINGS" [2, 3]
        "a session of another session id context is not resumed: the handshake goes on as a full one";
    ID_CONTEXT_SET_BEFORE "id-context.set-before" Rule "WARNINGS" [4, 5, 6, 7]
        "a session keeps the session id context of the time when it was made, the empty one included; a later set does not reach it";
    ID_CONTEXT_IN_CALLBACKS "id-context.in-callbacks" Background "WARNINGS" [8, 9]
        "which callbacks of a handshake run too late to set the session id context";
}
