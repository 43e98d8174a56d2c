/*
 * Departure: non-resumable-resumes.
 *
 * Page: SSL_SESSION_is_resumable says that a session that is not resumable leads to a full handshake, and
 *   SSL_CTX_remove_session that it marks its session so.
 * What happens: a TLS 1.2 server whose cache holds such a session, because it was added again, resumes it. The mark is
 *   asked of what get_session_cb answers, where CVE-2024-2511 is mended, but not of what the internal cache holds.
 * Seen in: 3.0.22, 3.3.1, 3.5.5, 4.0.3. In 1.1.1w, 3.0.7 and 3.2.0 the server agrees too, and then the handshake fails
 *   (see marked_session_loses_id.c).
 * Code: ssl_get_prev_session and lookup_sess_in_cache, ssl/ssl_sess.c.
 *
 * Build: cc non_resumable_resumes.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up
 * failed.
 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("non-resumable-resumes: the set-up failed: %s\n", what);
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

/* Whether both sides came to the end; the sessions that they have then, if asked for. */
static int shake(SSL_CTX *server_ctx, SSL_CTX *client_ctx, SSL_SESSION *offered, SSL_SESSION **at_client,
                 SSL_SESSION **at_server)
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
    if (at_client != NULL) {
        *at_client = SSL_get1_session(client);
        *at_server = SSL_get1_session(server);
    }
    SSL_set_shutdown(server, SSL_SENT_SHUTDOWN); /* or SSL_free would take the sessions out of the caches */
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN);
    SSL_free(server);
    SSL_free(client);
    return done == 3;
}

int main(void)
{
    SSL_CTX *server_ctx = make(), *client_ctx = make();
    SSL_SESSION *at_client, *at_server;
    int done;
    long hits;

    need(shake(server_ctx, client_ctx, NULL, &at_client, &at_server), "the first handshake");
    need(SSL_CTX_remove_session(server_ctx, at_server), "SSL_CTX_remove_session");
    need(!SSL_SESSION_is_resumable(at_server), "the session is not marked");
    need(SSL_CTX_add_session(server_ctx, at_server), "SSL_CTX_add_session");
    done = shake(server_ctx, client_ctx, at_client, NULL, NULL);
    hits = SSL_CTX_sess_hits(server_ctx);
    printf("non-resumable-resumes: %s: the server counts %ld hits for a non-resumable session, the handshake %s\n",
           OpenSSL_version(OPENSSL_VERSION), hits, done ? "is done" : "fails");
    return hits != 0; /* nothing is freed: the cache may be damaged */
}
