//! SSL_CTX_set_options(3): of the many options, `SSL_OP_NO_TICKET`.

super::clauses! {
    "SSL_CTX_set_options", V3_0..=V3_3;

    TICKET_OR_ID "ticket.or-id" Background "NOTES" [90, 107]
        "a session is resumed by its id or by a stateless ticket";
    TICKET_ID_CACHED "ticket.id-cached" Background "NOTES" [91, 92]
        "with ids the session is cached on the server and found again by its id";
    TICKET_STATELESS_RESUMES "ticket.stateless-resumes" Rule "NOTES" [93, 94, 95, 96, 100]
        "a stateless ticket is the session under a key of the server, which resumes what it can decrypt";
    TICKET_NOT_CACHED "ticket.not-cached" Open "NOTES" [97]
        "with stateless tickets no session needs to be cached on the server";
    TICKET_STATEFUL "ticket.stateful" Rule "NOTES" [101, 102, 103, 104]
        "a stateful ticket of TLS 1.3 wraps the id of a session that is cached on the server and looked up there";
    TICKET_NO_TICKET "ticket.no-ticket" Background "NOTES" [98, 99, 105, 106, 107, 108, 109]
        "stateless tickets unless SSL_OP_NO_TICKET is set, on the server alone; then none up to TLS 1.2 and stateful ones in TLS 1.3";
    OPTIONS_OTHER "options.other" Background "DESCRIPTION" [1]
        "options that are not about sessions";
}
