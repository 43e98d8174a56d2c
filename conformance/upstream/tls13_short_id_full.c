/*
 * Departure: tls13-short-id.
 *
 * Page: SSL_CTX_set_generate_session_id says that an id has between 1 and 32 bytes and that the callback may make it
 *   shorter; SSL_CTX_set_options says that the ticket of a TLS 1.3 server with SSL_OP_NO_TICKET stands for a session
 *   that is cached on the server.
 * What happens: with ids of 16 bytes a TLS 1.2 server resumes. A TLS 1.3 server caches the session, sends the 16 bytes
 *   as the ticket, and never looks for what has another length than 32: each handshake is a full one, and none counts
 *   as a miss.
 * Seen in: 1.1.1w, 3.0.7, 3.0.22, 3.2.0, 3.3.1, 3.5.5, 4.0.3.
 * Code: tls_get_stateful_ticket, ssl/statem/extensions_srvr.c.
 *
 * Build: cc tls13_short_id_full.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up failed.
 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("tls13-short-id-full: the set-up failed: %s\n", what);
        exit(2);
    }
}

static int short_id(SSL *ssl, unsigned char *id, unsigned int *len)
{
    static unsigned char number;

    (void)ssl;
    memset(id, ++number, 16);
    *len = 16;
    return 1;
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
    SSL_CTX_set_generate_session_id(ctx, short_id);
    EVP_PKEY_free(key);
    X509_free(x);
    return ctx;
}

/* One connection; what the client has at its end. Whether a session was reused. */
static int shake(SSL_CTX *server_ctx, SSL_CTX *client_ctx, SSL_SESSION *offered, SSL_SESSION **at_client)
{
    SSL *server = SSL_new(server_ctx), *client = SSL_new(client_ctx);
    BIO *left, *right;
    char byte;
    int i, done = 0, reused;

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
    reused = SSL_session_reused(server);
    *at_client = SSL_get1_session(client);
    SSL_set_shutdown(server, SSL_SENT_SHUTDOWN); /* or SSL_free would take the sessions out of the caches */
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN);
    SSL_free(server);
    SSL_free(client);
    return reused;
}

/* Whether a session with a short id is resumed. */
static int resumes(int version, long *misses)
{
    SSL_CTX *server_ctx = make_server(version), *client_ctx = SSL_CTX_new(TLS_method());
    SSL_SESSION *offered, *last;
    int reused;

    shake(server_ctx, client_ctx, NULL, &offered);
    need(SSL_CTX_sess_number(server_ctx) == 1, "the session is not cached");
    reused = shake(server_ctx, client_ctx, offered, &last);
    *misses = SSL_CTX_sess_misses(server_ctx);
    SSL_SESSION_free(offered);
    SSL_SESSION_free(last);
    SSL_CTX_free(server_ctx);
    SSL_CTX_free(client_ctx);
    return reused;
}

int main(void)
{
    long misses_12, misses_13;
    int in_12 = resumes(TLS1_2_VERSION, &misses_12), in_13 = resumes(TLS1_3_VERSION, &misses_13);

    need(in_12, "TLS 1.2 does not resume");
    printf("tls13-short-id-full: %s: an id of 16 bytes is resumed under TLS 1.2, and %s under TLS 1.3 (misses: %ld)\n",
           OpenSSL_version(OPENSSL_VERSION), in_13 ? "too" : "not", misses_13);
    return !in_13;
}
