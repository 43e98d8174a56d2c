//! SSL_SESSION_get_time(3).

super::clauses! {
    "SSL_SESSION_get_time", V3_0..=V3_3;

    TIME_GET "time.get" Rule "DESCRIPTION" [1, 2]
        "get_time returns the session's time, in seconds since the Epoch";
    TIME_SET "time.set" Rule "DESCRIPTION" [3]
        "set_time replaces the session's time, which at once decides when it expires, cached or not";
    TIME_GET_TIMEOUT "time.get-timeout" Rule "DESCRIPTION" [4]
        "get_timeout returns the session's timeout, in seconds";
    TIME_SET_TIMEOUT "time.set-timeout" Rule "DESCRIPTION" [5]
        "set_timeout replaces the session's timeout, which at once decides when it expires, cached or not";
    TIME_SYNONYMS "time.synonyms" Background "DESCRIPTION" [6]
        "SSL_get_time, SSL_set_time, SSL_get_timeout and SSL_set_timeout are other names of the four functions";
    TIME_CREATION "time.creation" Rule "NOTES" [2]
        "a new session's time is the time at which it is made";
    TIME_SET_RETURNS_1 "time.set-returns-1" Rule "RETURN VALUES" [2]
        "set_time and set_timeout return 1";
    TIME_NULL "time.null" Background "RETURN VALUES" [3]
        "each function returns 0 when it is given no session";
}
