//! SSL_CTX_sess_number(3): the counters.

super::clauses! {
    "SSL_CTX_sess_number", V3_0..=V3_3;

    NUMBER_COUNTS_MEMBERS "number.counts-members" Rule "DESCRIPTION" [1]
        "number is how many sessions the internal cache holds now";
    CONNECT_COUNTS_STARTED "connect.counts-started" Rule "DESCRIPTION" [2]
        "connect counts the handshakes that a client started";
    CONNECT_GOOD_COUNTS_ESTABLISHED "connect-good.counts-established" Rule "DESCRIPTION" [3]
        "connect_good counts the handshakes that a client finished";
    CONNECT_RENEGOTIATE_COUNTS_STARTED "connect-renegotiate.counts-started" Rule "DESCRIPTION" [4]
        "connect_renegotiate counts the renegotiations that a client started, itself or because it was asked";
    ACCEPT_COUNTS_STARTED "accept.counts-started" Rule "DESCRIPTION" [5]
        "accept counts the handshakes that a server started";
    ACCEPT_GOOD_COUNTS_ESTABLISHED "accept-good.counts-established" Rule "DESCRIPTION" [6]
        "accept_good counts the handshakes that a server finished";
    ACCEPT_RENEGOTIATE_COUNTS_STARTED "accept-renegotiate.counts-started" Rule "DESCRIPTION" [7]
        "accept_renegotiate counts the renegotiations that a server started, whoever asked for them";
    RENEGOTIATE_COUNTS_STARTED "renegotiate.counts-started" Open "DESCRIPTION" [2, 4, 5, 7]
        "whether a renegotiation, itself a handshake, is among the handshakes started, too";
    RENEGOTIATE_COUNTS_ESTABLISHED "renegotiate.counts-established" Open "DESCRIPTION" [3, 6]
        "whether a renegotiation that succeeds is among the handshakes established";
    HITS_CLIENT_REUSED "hits.client-reused" Rule "DESCRIPTION" [8, 9]
        "on a client hits counts the sessions that it set and that were resumed";
    HITS_SERVER_RETRIEVED "hits.server-retrieved" Open "DESCRIPTION" [8, 10]
        "on a server hits counts the sessions fit for use that were found in either cache, or those resumed to the end";
    CB_HITS_COUNTS_EXTERNAL "cb-hits.counts-external" Rule "DESCRIPTION" [11]
        "cb_hits counts the sessions that a server got from the external cache";
    MISSES_NOT_FOUND_INTERNALLY "misses.not-found-internally" Rule "DESCRIPTION" [12]
        "misses counts the sessions proposed to a server that its internal cache does not hold";
    MISSES_WITHOUT_LOOKUP "misses.without-lookup" Open "DESCRIPTION" [12]
        "whether a session proposed to a server that does not look into its internal cache counts as a miss";
    TIMEOUTS_FOUND_BUT_EXPIRED "timeouts.found-but-expired" Rule "DESCRIPTION" [13]
        "timeouts counts the sessions proposed to a server that were found in either cache and had expired";
    TIMEOUTS_NOT_HITS "timeouts.not-hits" Rule "DESCRIPTION" [14]
        "a session found expired is not among the hits";
    CACHE_FULL_COUNTS_DROPPED "cache-full.counts-dropped" Rule "DESCRIPTION" [15]
        "cache_full counts the sessions dropped because the cache exceeded its size, and no other removal";
    NUMBER_RETURNS "number.returns" Background "RETURN VALUES" [1]
        "each counter is the value of its function";
}
