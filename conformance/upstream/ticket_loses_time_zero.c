/*
 * Departure: ticket-loses-time-zero.
 *
 * Page: SSL_SESSION_get_time says that SSL_SESSION_set_time gives the session the time that was chosen, in seconds
 *   since the epoch, and excepts none; d2i_SSL_SESSION and i2d_SSL_SESSION decode and encode a session.
 * What happens: a time of 0 is left out of the encoding, and a time that is left out is read as the time of the moment.
 *   The session that had expired long ago is a fresh one. A stateless ticket is such an encoding.
 * Seen in: 1.1.1w, 3.0.7, 3.0.22, 3.2.0, 3.3.1, 3.5.5, 4.0.3.
 * Code: i2d_SSL_SESSION and d2i_SSL_SESSION, ssl/ssl_asn1.c.
 *
 * Build: cc ticket_loses_time_zero.c -lssl -lcrypto. Exit status: 1 the defect shows, 0 it does not, 2 the set-up
 * failed.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* from 3.4 on there is SSL_SESSION_set_time_ex beside it */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("ticket-loses-time-zero: the set-up failed: %s\n", what);
        exit(2);
    }
}

/* The time of a session of this time that was written and read back. */
static long round_trip(SSL_SESSION *session, long at)
{
    unsigned char *bytes = NULL;
    const unsigned char *next;
    SSL_SESSION *copy;
    int length;
    long seen;

    SSL_SESSION_set_time(session, at);
    need(SSL_SESSION_get_time(session) == at, "SSL_SESSION_set_time");
    length = i2d_SSL_SESSION(session, &bytes);
    need(length > 0, "i2d_SSL_SESSION");
    next = bytes;
    copy = d2i_SSL_SESSION(NULL, &next, length);
    need(copy != NULL, "d2i_SSL_SESSION");
    seen = (long)SSL_SESSION_get_time(copy);
    SSL_SESSION_free(copy);
    OPENSSL_free(bytes);
    return seen;
}

int main(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL_SESSION *session = SSL_SESSION_new();
    unsigned char id = 1, key[48] = { 7 };
    long zero, one;

    need(ctx != NULL && session != NULL, "SSL_CTX_new, SSL_SESSION_new");
    need(SSL_SESSION_set1_id(session, &id, 1) && SSL_SESSION_set1_master_key(session, key, sizeof(key))
         && SSL_SESSION_set_protocol_version(session, TLS1_2_VERSION)
         && SSL_SESSION_set_cipher(session, sk_SSL_CIPHER_value(SSL_CTX_get_ciphers(ctx), 0)), "a session");
    one = round_trip(session, 1);
    zero = round_trip(session, 0);
    need(one == 1, "a time of 1 is not read back");
    printf("ticket-loses-time-zero: %s: a time of 1 is read back as %ld, one of 0 as %ld\n",
           OpenSSL_version(OPENSSL_VERSION), one, zero);
    SSL_SESSION_free(session);
    SSL_CTX_free(ctx);
    return zero != 0;
}
