/*
 * Departure: identical-add-updates-time.
 *
 * Page: SSL_CTX_add_session says that adding the SSL_SESSION object that the cache already holds does nothing;
 *   SSL_CTX_flush_sessions says that the sessions that have expired are removed.
 * What happens: under SSL_SESS_CACHE_UPDATE_TIME the session's time is set, but the session keeps its place in the
 *   list, which is ordered by expiry. A flush walks the list from the end and stops at the first session that has not
 *   expired: it stops at this one, and leaves expired sessions in the cache.
 * Seen in: 4.0.3. Not in 3.0.7, 3.0.22, 3.2.0, 3.3.1, 3.5.5, which give the session a new place as well (see
 *   identical_add_moves.c). 1.1.1w does not know the flag.
 * Code: SSL_CTX_add_session, ssl/ssl_sess.c: SSL_SESSION_list_add stands in the branch for new sessions alone.
 *
 * Build: cc identical_add_updates_time.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up
 * failed.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* from 3.4 on there is an _ex beside it */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifndef SSL_SESS_CACHE_UPDATE_TIME
# define SSL_SESS_CACHE_UPDATE_TIME 0 /* 1.1.1 does not know it */
#endif

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("identical-add-updates-time: the set-up failed: %s\n", what);
        exit(2);
    }
}

/* A session that expired long ago. */
static SSL_SESSION *make(unsigned char id, time_t now)
{
    SSL_SESSION *session = SSL_SESSION_new();

    need(session != NULL && SSL_SESSION_set1_id(session, &id, 1), "a session");
    need(SSL_SESSION_set_protocol_version(session, TLS1_2_VERSION), "its protocol");
    SSL_SESSION_set_time(session, (long)(now - 10000));
    SSL_SESSION_set_timeout(session, 300);
    return session;
}

int main(void)
{
    time_t now = time(NULL);
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL_SESSION *a = make(1, now), *b = make(2, now);
    int stayed;

    need(ctx != NULL, "SSL_CTX_new");
    need(SSL_CTX_add_session(ctx, a) && SSL_CTX_add_session(ctx, b), "SSL_CTX_add_session");
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_UPDATE_TIME);
    need(SSL_CTX_add_session(ctx, a) == 0, "the identical add returned 1");
    SSL_CTX_flush_sessions(ctx, (long)now);
    stayed = SSL_CTX_remove_session(ctx, b); /* 1 if it was still there */
    printf("identical-add-updates-time: %s: after an identical add of another, a flush %s a session that expired\n",
           OpenSSL_version(OPENSSL_VERSION), stayed ? "leaves" : "removes");
    SSL_SESSION_free(a);
    SSL_SESSION_free(b);
    SSL_CTX_free(ctx);
    return stayed;
}
