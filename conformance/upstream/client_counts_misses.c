/*
 * Departure: client-counts-misses.
 *
 * Page: SSL_CTX_sess_number says that SSL_CTX_sess_misses counts the sessions that clients proposed and that were not
 *   found in the internal cache, in server mode.
 * What happens: the client's context counts as well, when the server does not agree to resume what the client proposed.
 *   The client has searched no cache.
 * Seen in: 1.1.1w, 3.0.7, 3.0.22, 3.2.0, 3.3.1, 3.5.5, 4.0.3.
 * Code: tls_process_server_hello, ssl/statem/statem_clnt.c.
 *
 * Build: cc client_counts_misses.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up failed.
 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("client-counts-misses: the set-up failed: %s\n", what);
        exit(2);
    }
}

/* TLS 1.2 without tickets, and with a cipher suite that asks for no certificate. */
static SSL_CTX *make(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());

    need(ctx != NULL && SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION)
         && SSL_CTX_set_cipher_list(ctx, "AECDH-AES128-SHA:@SECLEVEL=0"), "a context");
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    return ctx;
}

/* Whether both sides came to the end; the session that the client has then, if asked for. */
static int shake(SSL_CTX *server_ctx, SSL_CTX *client_ctx, SSL_SESSION *offered, SSL_SESSION **at_client)
{
    SSL *server = SSL_new(server_ctx), *client = SSL_new(client_ctx);
    BIO *left, *right;
    int i, done = 0;

    need(server != NULL && client != NULL && BIO_new_bio_pair(&left, 0, &right, 0), "two ends");
    SSL_set_bio(server, left, left);
    SSL_set_bio(client, right, right);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    need(offered == NULL || SSL_set_session(client, offered), "SSL_set_session");
    for (i = 0; i < 6 && done != 3; i++)
        done = (SSL_do_handshake(client) == 1) | (SSL_do_handshake(server) == 1) << 1;
    if (at_client != NULL)
        *at_client = SSL_get1_session(client);
    SSL_set_shutdown(server, SSL_SENT_SHUTDOWN); /* or SSL_free would take the sessions out of the caches */
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN);
    SSL_free(server);
    SSL_free(client);
    return done == 3;
}

int main(void)
{
    SSL_CTX *server_ctx = make(), *other_ctx = make(), *client_ctx = make();
    SSL_SESSION *at_client;
    long at_clients, at_servers;

    need(shake(server_ctx, client_ctx, NULL, &at_client), "the first handshake");
    need(SSL_CTX_sess_misses(client_ctx) == 0, "a miss without a proposal");
    need(shake(other_ctx, client_ctx, at_client, NULL), "the second handshake");
    at_clients = SSL_CTX_sess_misses(client_ctx);
    at_servers = SSL_CTX_sess_misses(other_ctx);
    printf("client-counts-misses: %s: one session is not found: the server counts %ld, the client %ld\n",
           OpenSSL_version(OPENSSL_VERSION), at_servers, at_clients);
    SSL_SESSION_free(at_client);
    SSL_CTX_free(server_ctx);
    SSL_CTX_free(other_ctx);
    SSL_CTX_free(client_ctx);
    return at_clients != 0;
}
