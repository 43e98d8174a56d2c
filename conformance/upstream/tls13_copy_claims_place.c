/*
 * Departure: tls13-copy-claims-place.
 *
 * Page: SSL_CTX_flush_sessions says that only the internal cache is examined, and SSL_CTX_set_session_cache_mode that
 *   under SSL_SESS_CACHE_NO_INTERNAL_STORE no negotiated session is in it.
 * What happens: the session of a TLS 1.3 ticket is made as a copy of the one that the connection was using, with the
 *   pointer by which that one knows its cache. SSL_SESSION_set_timeout and SSL_SESSION_set_time follow the pointer and
 *   link the copy into the list of that cache, which has no reference on it. A flush then calls remove_session_cb with
 *   the copy and frees a reference that is somebody else's. Where the copy was freed before, the flush reads freed
 *   memory; SSL_CTX_free then calls remove_session_cb and takes memory without end.
 * Seen in: 3.0.7. Not in 1.1.1w, which has no such pointer, nor in 3.0.22, 3.2.0, 3.3.1, 3.5.5, 4.0.3, which clear it.
 * Code: ssl_session_dup, ssl/ssl_sess.c: owner is copied.
 *
 * Build: cc tls13_copy_claims_place.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up
 * failed. With an argument the copy is freed before SSL_CTX_free, for a run under valgrind; the tenth call of
 * remove_session_cb ends the program.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* from 3.4 on there is SSL_CTX_flush_sessions_ex beside it */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int removed;

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("tls13-copy-claims-place: the set-up failed: %s\n", what);
        exit(2);
    }
}

static void remove_session(SSL_CTX *ctx, SSL_SESSION *session)
{
    (void)ctx;
    (void)session;
    if (++removed == 10) {
        printf("tls13-copy-claims-place: %s: remove_session_cb is called for ever\n",
               OpenSSL_version(OPENSSL_VERSION));
        exit(1);
    }
}

/* A server with stateful tickets that stores nothing by itself, with a certificate for the occasion. */
static SSL_CTX *make_server(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    unsigned char bytes[32] = { 7 };
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, sizeof(bytes));
    X509 *x = X509_new();

    need(ctx != NULL && key != NULL && x != NULL, "a key");
    need(X509_gmtime_adj(X509_getm_notBefore(x), 0) != NULL && X509_gmtime_adj(X509_getm_notAfter(x), 86400) != NULL
         && X509_set_pubkey(x, key) && X509_sign(x, key, NULL), "a certificate");
    need(SSL_CTX_use_certificate(ctx, x) && SSL_CTX_use_PrivateKey(ctx, key)
         && SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) && SSL_CTX_set_num_tickets(ctx, 1), "a context");
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_remove_cb(ctx, remove_session);
    EVP_PKEY_free(key);
    X509_free(x);
    return ctx;
}

/* One connection; the sessions that both sides have at its end, if asked for. */
static void shake(SSL_CTX *server_ctx, SSL_CTX *client_ctx, SSL_SESSION *offered, SSL_SESSION **at_client,
                  SSL_SESSION **at_server)
{
    SSL *server = SSL_new(server_ctx), *client = SSL_new(client_ctx);
    BIO *left, *right;
    char byte;
    int i, done = 0;

    need(server != NULL && client != NULL && BIO_new_bio_pair(&left, 0, &right, 0), "two ends");
    SSL_set_bio(server, left, left);
    SSL_set_bio(client, right, right);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    need(offered == NULL || SSL_set_session(client, offered), "SSL_set_session");
    for (i = 0; i < 6 && done != 3; i++)
        done = (SSL_do_handshake(client) == 1) | (SSL_do_handshake(server) == 1) << 1;
    need(done == 3, "a handshake");
    need(SSL_session_reused(server) == (offered != NULL), "what is offered is resumed");
    SSL_read(client, &byte, 1); /* the ticket */
    if (at_client != NULL)
        *at_client = SSL_get1_session(client);
    *at_server = SSL_get1_session(server);
    SSL_set_shutdown(server, SSL_SENT_SHUTDOWN); /* or SSL_free would take the sessions out of the caches */
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN);
    SSL_free(server);
    SSL_free(client);
}

int main(int argc, char **argv)
{
    SSL_CTX *server_ctx = make_server(), *client_ctx = SSL_CTX_new(TLS_method());
    SSL_SESSION *offered, *cached, *copy;
    int wrong;

    (void)argv;
    shake(server_ctx, client_ctx, NULL, &offered, &cached);
    need(SSL_CTX_add_session(server_ctx, cached), "SSL_CTX_add_session");
    shake(server_ctx, client_ctx, offered, NULL, &copy);
    need(SSL_CTX_sess_number(server_ctx) == 1, "only what was added is cached");
    SSL_SESSION_up_ref(copy); /* for the flush to take */
    SSL_SESSION_set_timeout(copy, 1);
    if (argc > 1) {
        SSL_SESSION_free(copy);
        SSL_SESSION_free(copy);
        SSL_CTX_free(server_ctx);
        return 0;
    }
    SSL_CTX_flush_sessions(server_ctx, (long)time(NULL) + 100); /* the cached session lives for longer */
    wrong = removed;
    printf("tls13-copy-claims-place: %s: a flush removes %d sessions and leaves %ld of 1 in the cache\n",
           OpenSSL_version(OPENSSL_VERSION), wrong, SSL_CTX_sess_number(server_ctx));
    return wrong != 0;
}
