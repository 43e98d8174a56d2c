//! SSL_key_update(3): renegotiation.

super::clauses! {
    "SSL_key_update", V3_0..=V3_3;

    KEY_UPDATE_KEYS "key-update.keys" Background "DESCRIPTION" [1, 2, 3, 4, 5, 6, 7, 8, 9]
        "in TLS 1.3 the keys of a connection can be updated; its session stays what it is";
    RENEGOTIATE_PROTOCOL "renegotiate.protocol" Background "DESCRIPTION" [10, 11, 26]
        "a connection of TLS 1.3 is not renegotiated, and one of DTLS otherwise; no op of the alphabet does either";
    RENEGOTIATE_NEW "renegotiate.new" Rule "DESCRIPTION" [12, 15]
        "a client that renegotiates begins a handshake of its own and proposes no session in it";
    RENEGOTIATE_REFUSED "renegotiate.refused" Background "DESCRIPTION" [16, 17]
        "a server may refuse to renegotiate; no server of the alphabet does";
    RENEGOTIATE_ABBREVIATED "renegotiate.abbreviated" Rule "DESCRIPTION" [18]
        "a client that renegotiates in the abbreviated way proposes the session of its connection";
    RENEGOTIATE_REQUESTED "renegotiate.requested" Rule "DESCRIPTION" [19, 20, 22, 24, 25]
        "a client that the server asks to renegotiate proposes the session of its connection";
    RENEGOTIATE_PENDING "renegotiate.pending" Background "DESCRIPTION" [13, 14, 21, 23, 27]
        "a renegotiation begins with the next call that reads or writes; whether one was asked for and has not begun";
    RENEGOTIATE_RETURNS "renegotiate.returns" Background "RETURN VALUES" [1]
        "1 when the renegotiation is scheduled, else 0; the op of the alphabet returns what became of it";
}
