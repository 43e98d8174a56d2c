//! SSL_CTX_set_timeout(3).

super::clauses! {
    "SSL_CTX_set_timeout", V3_0..=V3_3;

    TIMEOUT_NEW_SESSIONS "timeout.new-sessions" Rule "DESCRIPTION" [1, 2]
        "a new session takes the timeout, in seconds, that its context has when it is made";
    TIMEOUT_LATER_THAN "timeout.later-than" Rule "NOTES" [3]
        "a session has expired once now is later than its time plus its timeout, and not before";
    TIMEOUT_ESTABLISHED_UNAFFECTED "timeout.established-unaffected" Rule "NOTES" [4, 5]
        "a changed timeout of the context leaves the sessions that exist as they are";
    TIMEOUT_SINGLE_SESSION "timeout.single-session" Rule "NOTES" [6]
        "one session's expiry can be changed through its own time and timeout";
    TIMEOUT_FLUSH_REMOVES_EXPIRED "timeout.flush-removes-expired" Rule "NOTES" [7]
        "expired sessions leave the internal cache at each flush, by hand or automatic";
    TIMEOUT_DEFAULT_300 "timeout.default-300" Rule "NOTES" [7, 8]
        "a context starts with a timeout of 300 seconds";
    TIMEOUT_TICKETS "timeout.tickets" Background "NOTES" [9, 10, 11, 12, 13]
        "the timeout is also the lifetime of tickets, with limits of the protocol's own";
    TIMEOUT_SET_RETURNS_PREVIOUS "timeout.set-returns-previous" Rule "RETURN VALUES" [1]
        "setting the timeout of a context returns the one before";
    TIMEOUT_GET "timeout.get" Rule "RETURN VALUES" [2]
        "the getter returns the timeout now set";
}
