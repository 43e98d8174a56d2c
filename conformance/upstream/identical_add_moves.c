/*
 * Departure: identical-add-moves.
 *
 * Page: SSL_CTX_add_session says that adding the SSL_SESSION object that the cache already holds does nothing, and
 *   returns 0.
 * What happens: 0 is returned, and yet the session is put into the list once more, before the others that expire in
 *   the same second. Another session is the first to be dropped for size.
 * Seen in: 3.0.7, 3.0.22, 3.2.0, 3.3.1, 3.5.5. Not in 1.1.1w, nor in 4.0.3.
 * Code: SSL_CTX_add_session, ssl/ssl_sess.c: SSL_SESSION_list_add is called whatever the hash answered.
 *
 * Build: cc identical_add_moves.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up failed.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* from 3.4 on there is SSL_SESSION_set_time_ex beside it */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

static int first_dropped;

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("identical-add-moves: the set-up failed: %s\n", what);
        exit(2);
    }
}

static void on_remove(SSL_CTX *ctx, SSL_SESSION *session)
{
    unsigned int length;
    const unsigned char *id = SSL_SESSION_get_id(session, &length);

    (void)ctx;
    if (first_dropped == 0 && length == 1)
        first_dropped = id[0];
}

/* All sessions expire in the same second. */
static SSL_SESSION *make(unsigned char id)
{
    SSL_SESSION *session = SSL_SESSION_new();

    need(session != NULL && SSL_SESSION_set1_id(session, &id, 1), "a session");
    need(SSL_SESSION_set_protocol_version(session, TLS1_2_VERSION), "its protocol");
    SSL_SESSION_set_time(session, 1000000000L);
    return session;
}

/* The id of the session that is the first to be dropped for size: 1 and 2 are added, then others. */
static int drop_one(int add_1_again)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL_SESSION *one = make(1), *other;
    unsigned char id;

    need(ctx != NULL, "SSL_CTX_new");
    SSL_CTX_sess_set_remove_cb(ctx, on_remove);
    SSL_CTX_sess_set_cache_size(ctx, 4);
    need(SSL_CTX_add_session(ctx, one), "the add of 1");
    first_dropped = 0;
    for (id = 2; first_dropped == 0 && id < 9; id++) {
        other = make(id);
        need(SSL_CTX_add_session(ctx, other), "the add of another session");
        SSL_SESSION_free(other);
        if (id == 2 && add_1_again)
            need(SSL_CTX_add_session(ctx, one) == 0, "the identical add returned 1");
    }
    id = (unsigned char)first_dropped;
    SSL_SESSION_free(one);
    SSL_CTX_free(ctx);
    return id;
}

int main(void)
{
    int without = drop_one(0), with = drop_one(1);

    printf("identical-add-moves: %s: session %d is the first dropped for size, after an identical add of 1 it is %d\n",
           OpenSSL_version(OPENSSL_VERSION), without, with);
    return without != with;
}
