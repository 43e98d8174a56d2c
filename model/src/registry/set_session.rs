//! SSL_set_session(3).

super::clauses! {
    "SSL_set_session", V3_0..=V3_3;

    SET_SESSION_OFFERED "set-session.offered" Rule "DESCRIPTION" [1, 2]
        "the session set on a client's connection is the one that it proposes";
    SET_SESSION_UP_REF "set-session.up-ref" Rule "DESCRIPTION" [3, 4]
        "the connection takes one reference on the session set, and frees it in the handshake when it is not resumed";
    SET_SESSION_REPLACES "set-session.replaces" Background "DESCRIPTION" [6, 7]
        "a session set before, or used before, is freed; no op of the alphabet sets a second one";
    SESSION_ONE_CONTEXT "session.one-context" Hazard "NOTES" [1, 2]
        "one session object belongs into the cache of one context and no other";
    SET_SESSION_RETURNS "set-session.returns" Background "RETURN VALUES" [1, 2, 3]
        "1 when the session was set, else 0";
}
