//! SSL_get_session(3): the session of a connection, and what becomes of it at an unclean close.

super::clauses! {
    "SSL_get_session", V3_0..=V3_3;

    GET_SESSION_WHICH "get-session.which" Background "DESCRIPTION" [1, 3, 4]
        "the session that a connection uses, without a reference or with one";
    UNCLEAN_REMOVED "unclean.removed" Rule "NOTES" [12]
        "the session of a connection that is not closed cleanly leaves the internal cache";
    UNCLEAN_NOT_RESUMABLE "unclean.not-resumable" Rule "NOTES" [12]
        "the session of a connection that is not closed cleanly is not resumable any more";
    GET_SESSION_LIFETIME "get-session.lifetime" Background "NOTES" [15, 16, 17, 18, 19]
        "without a reference of one's own the session may go at any time; with one it stays until that is freed";
}
