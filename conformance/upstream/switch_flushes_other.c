/*
 * Departure: switch-flushes-other.
 *
 * Page: SSL_CTX_set_session_cache_mode says that the cache is flushed of expired sessions every 255 connections.
 * What happens: connections that the servername callback switches to another context are cached by the first one and
 *   counted by the other. The flush goes by the count of the first, which stands still, so it never comes.
 * Seen in: 1.1.1w, 3.0.7, 3.0.22, 3.2.0, 3.3.1, 3.5.5, 4.0.3.
 * Code: ssl_update_cache, ssl/ssl_lib.c; tls_finish_handshake, ssl/statem/statem_lib.c.
 *
 * Build: cc switch_flushes_other.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up failed.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* from 3.4 on there is SSL_SESSION_set_time_ex beside it */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("switch-flushes-other: the set-up failed: %s\n", what);
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

/* The servername callback of the first context: the connection goes over to the other one. */
static int go_over(SSL *ssl, int *alert, void *other_ctx)
{
    (void)alert;
    return SSL_set_SSL_CTX(ssl, other_ctx) != NULL ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* One connection, closed properly; the client names a host. The server's session. */
static SSL_SESSION *shake(SSL_CTX *server_ctx, SSL_CTX *client_ctx)
{
    SSL *server = SSL_new(server_ctx), *client = SSL_new(client_ctx);
    SSL_SESSION *session;
    BIO *left, *right;
    int i, done = 0;

    need(server != NULL && client != NULL && BIO_new_bio_pair(&left, 0, &right, 0), "two ends");
    SSL_set_bio(server, left, left);
    SSL_set_bio(client, right, right);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    need(SSL_set_tlsext_host_name(client, "other.test"), "SSL_set_tlsext_host_name");
    for (i = 0; i < 6 && done != 3; i++)
        done = (SSL_do_handshake(client) == 1) | (SSL_do_handshake(server) == 1) << 1;
    need(done == 3 && (session = SSL_get1_session(server)) != NULL, "a handshake");
    SSL_set_shutdown(server, SSL_SENT_SHUTDOWN); /* or SSL_free would take the session out of the cache */
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN);
    SSL_free(server);
    SSL_free(client);
    return session;
}

int main(void)
{
    SSL_CTX *first_ctx = make(), *other_ctx = make(), *client_ctx = make();
    SSL_SESSION *expired;
    int i, stays;

    SSL_CTX_sess_set_cache_size(first_ctx, 0); /* nothing is dropped for size */
    need(SSL_CTX_set_tlsext_servername_callback(first_ctx, go_over), "the servername callback");
    need(SSL_CTX_set_tlsext_servername_arg(first_ctx, other_ctx), "its argument");
    expired = shake(first_ctx, client_ctx);
    SSL_SESSION_set_time(expired, 1);
    for (i = 0; i < 600; i++)
        SSL_SESSION_free(shake(first_ctx, client_ctx));
    stays = SSL_CTX_remove_session(first_ctx, expired);
    printf("switch-flushes-other: %s: after 600 more connections an expired session %s in the cache\n",
           OpenSSL_version(OPENSSL_VERSION), stays ? "is" : "is not");
    SSL_SESSION_free(expired);
    SSL_CTX_free(first_ctx);
    SSL_CTX_free(other_ctx);
    SSL_CTX_free(client_ctx);
    return stays;
}
