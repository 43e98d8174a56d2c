//! SSL_session_reused(3).

super::clauses! {
    "SSL_session_reused", V3_0..=V3_3;

    REUSED_FLAG "reused.flag" Rule "RETURN VALUES" [1, 2, 3]
        "after a handshake reused is 1 when both sides agreed on the session proposed, 0 when a new one was made";
}
