//! SSL_CTX_set_num_tickets(3): how many sessions a TLS 1.3 connection makes.

super::clauses! {
    "SSL_CTX_set_num_tickets", V3_0..=V3_3;

    NUM_TICKETS_FULL "num-tickets.full" Rule "DESCRIPTION" [1]
        "after a full TLS 1.3 handshake the server sends as many tickets as are set, each a session";
    NUM_TICKETS_DEFAULT "num-tickets.default" Background "DESCRIPTION" [4]
        "2 tickets unless another number is set";
    NUM_TICKETS_RESUMED "num-tickets.resumed" Open "DESCRIPTION" [5]
        "after a resumption there is at most one ticket";
    NUM_TICKETS_ZERO "num-tickets.zero" Rule "DESCRIPTION" [2, 6]
        "with 0 set no ticket is sent, after a full handshake or a resumption";
    NUM_TICKETS_LATER "num-tickets.later" Background "DESCRIPTION" [3, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]
        "the number is set before the handshake; further tickets come with client certificates after the handshake, and when the application asks for them";
    NUM_TICKETS_GET "num-tickets.get" Background "DESCRIPTION" [18]
        "the number is what was set last, 2 if nothing was; the calls that set it or ask for a ticket return 1, or 0 on failure";
}
