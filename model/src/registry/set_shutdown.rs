//! SSL_set_shutdown(3): what a clean close is.

super::clauses! {
    "SSL_set_shutdown", V3_0..=V3_3;

    SHUTDOWN_STATE "shutdown.state" Background "NOTES" [1, 2, 3, 4, 5]
        "a connection knows whether a close was sent and whether one was received";
    UNCLEAN_CLEAN_STAYS "unclean.clean-stays" Rule "NOTES" [8, 9]
        "once a close was sent, or the connection told so, its session stays cached and resumable";
}
