//! What can be observed and no page has a word on.

super::clauses! {
    "", V0_9_8..=V3_3;

    LEAVE_MARKS_SILENT "leave.marks-silent" Silent "" []
        "whether a session that is replaced, flushed, found expired, dropped, refused or left by its context is marked not resumable";
    LEAVE_FREES_REFERENCE "leave.frees-reference" Silent "" []
        "whichever way a session leaves the internal cache, the reference that the cache held is freed";
    ABORT_IN_HANDSHAKE "abort.in-handshake" Silent "" []
        "whether the session proposed stays cached when the handshake that would resume it breaks off";
    PROTOCOL_MUST_MATCH "protocol.must-match" Rule "" []
        "a session is resumed only under the protocol version that it was made for, as TLS has it";
}
