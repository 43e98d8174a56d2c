/*
 * Departure: tls13-expired-stays.
 *
 * Page: SSL_CTX_flush_sessions says that expired sessions should be removed to save resources. No page says whether a
 *   lookup that finds one removes it, nor that the protocol matters.
 * What happens: a TLS 1.2 server removes it. A TLS 1.3 server with stateful tickets finds the session in the same
 *   cache, counts a timeout, and leaves it there.
 * Seen in: 1.1.1w, 3.0.7, 3.0.22, 3.2.0, 3.3.1, 3.5.5, 4.0.3.
 * Code: ssl_get_prev_session, ssl/ssl_sess.c: try_session_cache stays 0 where TLS 1.3 looks in the cache.
 *
 * Build: cc tls13_expired_stays.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up failed.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* from 3.4 on there is SSL_SESSION_set_time_ex beside it */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("tls13-expired-stays: the set-up failed: %s\n", what);
        exit(2);
    }
}

/* A server that keeps its sessions, with a certificate for the occasion. */
static SSL_CTX *make_server(int version)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    unsigned char bytes[32] = { 7 };
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, sizeof(bytes));
    X509 *x = X509_new();

    need(ctx != NULL && key != NULL && x != NULL, "a key");
    need(X509_gmtime_adj(X509_getm_notBefore(x), 0) != NULL && X509_gmtime_adj(X509_getm_notAfter(x), 86400) != NULL
         && X509_set_pubkey(x, key) && X509_sign(x, key, NULL), "a certificate");
    need(SSL_CTX_use_certificate(ctx, x) && SSL_CTX_use_PrivateKey(ctx, key)
         && SSL_CTX_set_max_proto_version(ctx, version) && SSL_CTX_set_num_tickets(ctx, 1), "a context");
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
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
    SSL_read(client, &byte, 1); /* the ticket */
    if (at_client != NULL) {
        *at_client = SSL_get1_session(client);
        *at_server = SSL_get1_session(server);
    }
    SSL_set_shutdown(server, SSL_SENT_SHUTDOWN); /* or SSL_free would take the sessions out of the caches */
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN);
    SSL_free(server);
    SSL_free(client);
}

/* Whether a session that a lookup has found expired is still in the cache. */
static int stays(int version)
{
    SSL_CTX *server_ctx = make_server(version), *client_ctx = SSL_CTX_new(TLS_method());
    SSL_SESSION *offered, *expired;
    int stayed;

    shake(server_ctx, client_ctx, NULL, &offered, &expired);
    need(SSL_CTX_sess_number(server_ctx) == 1, "the session is not cached");
    SSL_SESSION_set_time(expired, (long)time(NULL) - 100000);
    shake(server_ctx, client_ctx, offered, NULL, NULL);
    need(SSL_CTX_sess_timeouts(server_ctx) == 1, "the session is not found expired");
    stayed = SSL_CTX_remove_session(server_ctx, expired); /* 1 if it was still there */
    SSL_SESSION_free(offered);
    SSL_SESSION_free(expired);
    SSL_CTX_free(server_ctx);
    SSL_CTX_free(client_ctx);
    return stayed;
}

int main(void)
{
    int in_12 = stays(TLS1_2_VERSION), in_13 = stays(TLS1_3_VERSION);

    printf("tls13-expired-stays: %s: after the lookup an expired session %s under TLS 1.2, and %s under TLS 1.3\n",
           OpenSSL_version(OPENSSL_VERSION), in_12 ? "stays" : "is gone", in_13 ? "stays" : "is gone");
    return in_13;
}
