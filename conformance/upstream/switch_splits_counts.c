/*
 * Departure: switch-splits-counts.
 *
 * Page: SSL_CTX_sess_number says that SSL_CTX_sess_accept counts the handshakes that a server started, and
 *   SSL_CTX_sess_accept_good those that it finished.
 * What happens: a connection that the servername callback switches to another context is started on the first one
 *   and finished on the other, which then has finished more than it has started. The code means to move the count
 *   along, and compares the context that it has read before the callback.
 * Seen in: 3.2.0, 3.3.1, 3.5.5, 4.0.3.
 * Code: final_server_name, ssl/statem/extensions.c.
 *
 * Build: cc switch_splits_counts.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up failed.
 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("switch-splits-counts: the set-up failed: %s\n", what);
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

/* One connection, closed properly; the client names a host. */
static void shake(SSL_CTX *server_ctx, SSL_CTX *client_ctx)
{
    SSL *server = SSL_new(server_ctx), *client = SSL_new(client_ctx);
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
    need(done == 3, "a handshake");
    SSL_set_shutdown(server, SSL_SENT_SHUTDOWN); /* or SSL_free would take the session out of the cache */
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN);
    SSL_free(server);
    SSL_free(client);
}

int main(void)
{
    SSL_CTX *first_ctx = make(), *other_ctx = make(), *client_ctx = make();
    long started, finished;

    need(SSL_CTX_set_tlsext_servername_callback(first_ctx, go_over), "the servername callback");
    need(SSL_CTX_set_tlsext_servername_arg(first_ctx, other_ctx), "its argument");
    shake(first_ctx, client_ctx);
    started = SSL_CTX_sess_accept(other_ctx);
    finished = SSL_CTX_sess_accept_good(other_ctx);
    printf("switch-splits-counts: %s: the second context has started %ld and finished %ld, the first %ld and %ld\n",
           OpenSSL_version(OPENSSL_VERSION), started, finished, SSL_CTX_sess_accept(first_ctx),
           SSL_CTX_sess_accept_good(first_ctx));
    SSL_CTX_free(first_ctx);
    SSL_CTX_free(other_ctx);
    SSL_CTX_free(client_ctx);
    return finished > started;
}
