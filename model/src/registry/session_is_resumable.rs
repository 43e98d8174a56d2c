//! SSL_SESSION_is_resumable(3).

super::clauses! {
    "SSL_SESSION_is_resumable", V3_0..=V3_3;

    RESUMABLE_QUERY "resumable.query" Rule "DESCRIPTION" [1, 2]
        "is_resumable returns 1 for a session that can be resumed and 0 for one that is marked not resumable";
    RESUMABLE_FULL_HANDSHAKE "resumable.full-handshake" Rule "DESCRIPTION" [3]
        "proposing a session that is not resumable ends in a full handshake";
}
