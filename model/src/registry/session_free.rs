//! SSL_SESSION_free(3): the references on a session.

super::clauses! {
    "SSL_SESSION_free", V3_0..=V3_3;

    SESSION_NEW "session.new" Background "DESCRIPTION" [1]
        "SSL_SESSION_new makes an empty session";
    SESSION_DUP "session.dup" Background "DESCRIPTION" [2, 3]
        "SSL_SESSION_dup makes a copy, which is in no cache";
    SESSION_UP_REF "session.up-ref" Rule "DESCRIPTION" [4]
        "up_ref takes one more reference on the session and returns 1";
    SESSION_FREE "session.free" Rule "DESCRIPTION" [5]
        "free gives one reference up";
    SESSION_FREE_AT_ZERO "session.free-at-zero" Rule "DESCRIPTION" [5]
        "the session is destroyed when its last reference is freed, and not before";
    SESSION_FREE_NULL "session.free-null" Background "DESCRIPTION" [6]
        "free of no session does nothing";
    SESSION_MADE_BY_HANDSHAKE "session.made-by-handshake" Background "NOTES" [1]
        "a handshake that succeeds makes the session object";
    SESSION_HOLDERS "session.holders" Background "NOTES" [2, 3]
        "caches and connections hold references on one session at the same time";
    SESSION_NO_SESSION_AFTER_FREE "session.no-session-after-free" Hazard "NOTES" [4, 5]
        "nobody may use a session whose last reference was freed; harm may show late, as in a flush";
    SESSION_FREE_ONLY_OWN "session.free-only-own" Hazard "NOTES" [6, 7]
        "an application frees the references that it took or was given, and no other";
    SESSION_MAKERS_RETURN "session.makers-return" Background "RETURN VALUES" [1, 2]
        "new and dup return the session made, or NULL";
}
