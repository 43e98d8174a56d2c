//! What can be observed and no page has a word on.

super::clauses! {
    "", V0_9_8..=V3_3;

    LEAVE_MARKS_SILENT "leave.marks-silent" Silent "" []
        "whether a session that is replaced, flushed, found expired, dropped, refused or left by its context is marked not resumable";
    LEAVE_FREES_REFERENCE "leave.frees-reference" Silent "" []
        "whichever way a session leaves the internal cache, the reference that the cache held is freed";
    ABORT_IN_HANDSHAKE "abort.in-handshake" Silent "" []
        "whether the session proposed stays cached when the handshake that would resume it breaks off";
    RENEGOTIATE_ID_CONTEXT "renegotiate.id-context" Silent "" []
        "whether a renegotiation is under the session id context that the connection was begun with, or the one set since";
    TICKET_OTHER_KIND "ticket.other-kind" Silent "" []
        "what a server makes of a ticket of the kind that it does not issue: nothing, so the handshake is full";
    TICKET_NO_ID "ticket.no-id" Silent "" []
        "up to TLS 1.2 a server's session has no id when its client is sent a stateless ticket";
    TICKET_RECEIVED "ticket.received" Silent "" []
        "in TLS 1.3 a client proposes a ticket that it has received; a session that it has made as a server has none";
    TICKET_MADE_WHEN_SENT "ticket.made-when-sent" Silent "" []
        "the time of a session that comes with a ticket is that of the ticket: in TLS 1.3 on both sides, before it on the client's";
    TICKET_TIMEOUT_OF_BEGIN "ticket.timeout-of-begin" Silent "" []
        "the timeout of a session that comes with a ticket of TLS 1.3 is its context's when the handshake began";
    SWITCH_CACHE "switch.cache" Silent "" []
        "when a servername callback switches a server's connection to another context: whose sessions, mode, size, timeout, id context and callbacks it goes by";
    SWITCH_ID_CONTEXT "switch.id-context" Silent "" []
        "when a servername callback switches a server's connection to another context: whose session id context its renegotiations go by";
    SWITCH_COUNTS "switch.counts" Silent "" []
        "when a servername callback switches a server's connection to another context: which of the two counts the handshake, started and finished";
    RESUMABLE_UNVERIFIED "resumable.unverified" Silent "" []
        "whether a session that cannot be resumed fails the handshake too where a peer is to be verified without id context";
    PROTOCOL_MUST_MATCH "protocol.must-match" Rule "" []
        "a session is resumed only under the protocol version that it was made for, as TLS has it";
}
