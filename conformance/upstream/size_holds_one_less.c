/*
 * Departure: size-holds-one-less.
 *
 * Page: SSL_CTX_sess_set_cache_size says that sessions are dropped when adding one makes the cache exceed its size,
 *   and SSL_CTX_flush_sessions that the cache collects up to that number. Three sessions do not exceed a size of
 *   three. The first page calls the size a hint as well.
 * What happens: the newcomer is in the hash already when the number is compared with the size, and the comparison is
 *   `>=`. A cache of size n, from 2 on, holds n - 1 sessions.
 * Seen in: 3.0.7, 3.0.22, 3.2.0, 3.3.1, 3.5.5, 4.0.3. Not in 1.1.1w, which compares with `>`.
 * Code: SSL_CTX_add_session, ssl/ssl_sess.c.
 *
 * Build: cc size_holds_one_less.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up failed.
 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE 3

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("size-holds-one-less: the set-up failed: %s\n", what);
        exit(2);
    }
}

int main(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    long number, dropped;
    unsigned char id;

    need(ctx != NULL, "SSL_CTX_new");
    SSL_CTX_sess_set_cache_size(ctx, SIZE);
    for (id = 1; id <= SIZE; id++) {
        SSL_SESSION *session = SSL_SESSION_new();

        need(session != NULL && SSL_SESSION_set1_id(session, &id, 1), "a session");
        need(SSL_SESSION_set_protocol_version(session, TLS1_2_VERSION), "its protocol");
        need(SSL_CTX_add_session(ctx, session), "SSL_CTX_add_session");
        SSL_SESSION_free(session);
    }
    number = SSL_CTX_sess_number(ctx);
    dropped = SSL_CTX_sess_cache_full(ctx);
    printf("size-holds-one-less: %s: a cache of size %d holds %ld after %d adds, %ld dropped\n",
           OpenSSL_version(OPENSSL_VERSION), SIZE, number, SIZE, dropped);
    SSL_CTX_free(ctx);
    return number < SIZE;
}
