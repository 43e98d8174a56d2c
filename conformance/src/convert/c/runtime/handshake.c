//! Contexts, and both ends of a connection in memory, as in the libssl subject.
//@ verify_peer
static int accept_anyone(int verified, X509_STORE_CTX *store)
{
    (void)verified, (void)store;
    return 1;
}

//@
//@ handshake
static const char psk[] = "a key of 16 byte";

static unsigned int psk_client(SSL *ssl, const char *hint, char *identity, unsigned int identity_room,
                               unsigned char *key, unsigned int room)
{
    (void)ssl, (void)hint;
    if (identity_room < 2 || room < 16)
        return 0;
    strcpy(identity, "u");
    memcpy(key, psk, 16);
    return 16;
}

static unsigned int psk_server(SSL *ssl, const char *identity, unsigned char *key, unsigned int room)
{
    (void)ssl, (void)identity;
    if (room < 16)
        return 0;
    memcpy(key, psk, 16);
    return 16;
}

/* Ids: 32 bytes, at the end the number of the handshake; further tickets and clients count another byte down. */
static void id_of(unsigned char *id, int connection, int client, int nth)
{
    memset(id, 0xff, 32);
    id[26] = (unsigned char)(0xff - client);
    id[27] = (unsigned char)(0xff - nth);
    id[28] = (unsigned char)((connection - 1) >> 24);
    id[29] = (unsigned char)((connection - 1) >> 16);
    id[30] = (unsigned char)((connection - 1) >> 8);
    id[31] = (unsigned char)(connection - 1);
}

static int next_id_of, next_id, ids_left;

static int generate_id(SSL *ssl, unsigned char *id, unsigned int *length)
{
    SSL_SESSION *session = SSL_get_session(ssl);

    if (next_id_of == 0) /* a handshake of the set-up: zeros will do */
        return 1;
    if (ids_left == 0 || *length < 32)
        return 0;
    ids_left--;
    if (finishing != NULL && session != NULL)
        find(session);
    id_of(id, next_id_of, 0, next_id++);
    *length = 32;
    return 1;
}

//@ tls13
/* A server's key and certificate, for the occasion. */
static void certify(SSL_CTX *context)
{
    static EVP_PKEY *key;
    static X509 *certificate;

    if (key == NULL) {
        key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
                                           (const unsigned char *)"0123456789abcdef0123456789abcdef", 32);
        certificate = X509_new();
        need(key != NULL && certificate != NULL, "a key");
        need(X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL
             && X509_gmtime_adj(X509_getm_notAfter(certificate), 10L * 365 * 24 * 60 * 60) != NULL
             && X509_set_pubkey(certificate, key) && X509_sign(certificate, key, NULL), "a certificate");
    }
    need(SSL_CTX_use_certificate(context, certificate) && SSL_CTX_use_PrivateKey(context, key), "a server's identity");
}

//@
static SSL_CTX *new_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());

    need(context != NULL, "SSL_CTX_new");
//@ handshake
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    need(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)
         && SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION)
         && SSL_CTX_set_cipher_list(context, "PSK-AES128-GCM-SHA256:@SECLEVEL=0"), "a cipher suite");
    SSL_CTX_set_psk_client_callback(context, psk_client);
    SSL_CTX_set_psk_server_callback(context, psk_server);
    SSL_CTX_set_generate_session_id(context, generate_id);
//@ tls13
    need(SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256"), "a cipher suite of TLS 1.3");
    certify(context);
//@
    return context;
}

//@ handshake
enum { DONE, WAITS, FAILED };

static int advance(SSL *ssl)
{
    int answer;

    ERR_clear_error();
    answer = SSL_do_handshake(ssl);
    if (answer == 1)
        return DONE;
    answer = SSL_get_error(ssl, answer);
    return answer == SSL_ERROR_WANT_READ || answer == SSL_ERROR_WANT_WRITE ? WAITS : FAILED;
}

//@ made&tls13|renegotiate|ticket13
/* Reads what the library keeps to itself: whether nothing has failed. */
static int read_nothing(SSL *ssl)
{
    char byte;
    int answer;

    ERR_clear_error();
    answer = SSL_get_error(ssl, SSL_read(ssl, &byte, 1));
    return answer == SSL_ERROR_WANT_READ || answer == SSL_ERROR_WANT_WRITE;
}

//@ handshake
/* Frees both ends as they are. */
static void drop(struct connection *k)
{
    SSL_free(k->server);
    SSL_free(k->client);
    k->server = k->client = NULL;
}

/* What a connection is set to. */
struct accept {
    SSL_CTX *server, *client; /* without a client's context: a peer of which nothing is looked at */
    SSL_SESSION *propose; /* of the peer: a copy that is freed here */
    int tls13, stateless, tickets;
    const char *id_context; /* of the server's connection; NULL: its context's */
    unsigned int id_context_length;
    SSL_CTX *switch_to; /* what the servername callback puts in the place of the server's context */
};

static SSL_CTX *peer;

//@ switch
static SSL_CTX *switch_to;

static int servername(SSL *ssl, int *alert, void *argument)
{
    SSL_CTX *to = switch_to;

    (void)alert, (void)argument;
    switch_to = NULL;
    return to != NULL && SSL_set_SSL_CTX(ssl, to) != NULL ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

//@ handshake
static void connect_both(struct connection *k, const struct accept *how)
{
    SSL_CTX *client = how->client == NULL ? peer : how->client;
    BIO *left, *right;

    k->server = SSL_new(how->server);
    k->client = SSL_new(client);
    need(k->server != NULL && k->client != NULL && BIO_new_bio_pair(&left, 0, &right, 0), "two ends");
    SSL_set_bio(k->server, left, left);
    SSL_set_bio(k->client, right, right);
    SSL_set_accept_state(k->server);
    SSL_set_connect_state(k->client);
//@ stateless
    if (how->stateless) {
        SSL_clear_options(k->server, SSL_OP_NO_TICKET);
        SSL_clear_options(k->client, SSL_OP_NO_TICKET);
    }
//@ tls13
    if (how->tls13) {
        SSL_set_max_proto_version(k->server, TLS1_3_VERSION);
        SSL_set_min_proto_version(k->server, TLS1_3_VERSION);
        SSL_set_max_proto_version(k->client, TLS1_3_VERSION);
        SSL_set_min_proto_version(k->client, TLS1_3_VERSION);
        SSL_set_psk_client_callback(k->client, NULL); /* it would stand for every session */
        SSL_set_psk_server_callback(k->client, NULL);
        SSL_set_psk_client_callback(k->server, NULL);
        SSL_set_psk_server_callback(k->server, NULL);
        SSL_set_num_tickets(k->server, (size_t)how->tickets);
        SSL_clear_mode(k->client, SSL_MODE_AUTO_RETRY); /* a read takes one ticket */
    }
//@ handshake
}

/* The client proposes, the server answers. */
static void begin(struct connection *k, struct accept how)
{
    int begun;

    memset(k, 0, sizeof(*k));
    k->number = current = ++handshakes;
    k->has_client = how.client != NULL;
    k->tls13 = how.tls13;
    k->stateless = how.stateless;
    connect_both(k, &how);
    if (how.id_context != NULL)
        SSL_set_session_id_context(k->server, (const unsigned char *)how.id_context, how.id_context_length);
    next_id_of = k->number;
    next_id = 0;
    ids_left = 1;
    opening = how.stateless ? k->number : 0;
//@ switch
    if (how.switch_to != NULL) {
        switch_to = how.switch_to;
        SSL_CTX_set_tlsext_servername_callback(how.server, servername);
        SSL_set_tlsext_host_name(k->client, "other.test");
    }
//@ handshake
    begun = (how.propose == NULL || SSL_set_session(k->client, how.propose))
        && advance(k->client) == WAITS && advance(k->server) == WAITS;
//@ switch
    if (how.switch_to != NULL)
        SSL_CTX_set_tlsext_servername_callback(how.server, NULL);
    switch_to = NULL;
//@ handshake
    ids_left = 0;
    if (!begun)
        drop(k);
    if (!k->has_client)
        SSL_SESSION_free(how.propose);
    returns(begun ? SSL_session_reused(k->server) : -1);
    if (begun && opening && SSL_session_reused(k->server))
        find(SSL_get_session(k->server));
    opening = 0;
}

//@ made&twin_of
/* What a peer needs to propose the sessions that a handshake has made: all of it, as the client has it. */
static void keep_secrets(const struct connection *k, SSL_SESSION *session, int nth)
{
    struct seen *it;

    for (it = seen; it < seen + sessions; it++)
        if (it->connection == k->number && it->nth == nth && it->maker != 'o') {
            it->secrets = NULL;
            it->secrets_length = i2d_SSL_SESSION(session, &it->secrets);
            it->secrets_protocol = k->tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
        }
}

//@ made
/* All that both ends have made has an entry from now on. */
static void find_what_was_made(struct connection *k)
{
    SSL_SESSION *session = SSL_get_session(k->client);
//@ made&tls13
    SSL_SESSION *before = session;
    int n;

    for (n = 0; k->tls13 && n <= 4; n++) {
        read_nothing(k->client);
        session = SSL_get_session(k->client);
        if (session == before)
            return;
        before = session;
        if (k->has_client)
            find(session);
//@ made&tls13&twin_of
        keep_secrets(k, session, n);
//@ made&tls13
    }
//@ made
    if (k->tls13 || SSL_session_reused(k->server))
        return;
    if (!k->stateless)
        find(SSL_get_session(k->server));
    if (k->has_client)
        find(session);
//@ made&twin_of
    keep_secrets(k, session, 0);
//@ made
}

//@ finish
/* The rest of the handshake. */
static void finish(struct connection *k)
{
    int i, left = WAITS, right = WAITS;

    if (k->server == NULL)
        return;
    current = k->number;
    finishing = k;
    next_id_of = k->number;
    next_id = 0;
    ids_left = k->tls13 ? 4 : 0;
    for (i = 0; i < 8 && (left == WAITS || right == WAITS); i++) {
        if (left == WAITS)
            left = advance(k->client);
        if (left != FAILED && right == WAITS)
            right = advance(k->server);
        if (left == FAILED || right == FAILED)
            break;
    }
    if (left == DONE && right == DONE)
        find_what_was_made(k);
    else
        drop(k);
    finishing = NULL;
    ids_left = 0;
    returns(k->server == NULL ? -1 : SSL_session_reused(k->server));
}

//@ close|by_hand_in_handshakes|twin
/* Closes both ends, the server's first; a peer always shuts down before. */
static void close_both(struct connection *k, int clean)
{
    if (k->server == NULL)
        return;
    if (clean)
        SSL_set_shutdown(k->server, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(k->server);
    if (clean || !k->has_client)
        SSL_set_shutdown(k->client, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(k->client);
    k->server = k->client = NULL;
}

//@ name_made
/* Takes a reference on what a handshake has made, and gives it a name; NULL: it has made none, or one without an id. */
static SSL_SESSION *take(const struct connection *k, char maker, int nth, const char *name)
{
    struct seen *it;
    unsigned int length = 0;

    for (it = seen; it < seen + sessions; it++)
        if (it->connection == k->number && it->maker == maker && it->nth == nth && it->session != NULL) {
            SSL_SESSION_get_id(it->session, &length);
            if (length == 0)
                return NULL;
            it->name = name;
            it->held = 1;
//@ name_made&twin_of
            id_of(it->id, k->number, maker == 'c' && (k->tls13 || k->stateless), nth);
            it->id_length = 32;
//@ name_made
            SSL_SESSION_up_ref(it->session);
            return it->session;
        }
    return NULL;
}

//@ renegotiate
enum { BY_CLIENT, ABBREVIATED, BY_SERVER };

/* Another handshake on a finished connection. */
static void renegotiate(struct connection *k, int kind)
{
    SSL *asks = kind == BY_SERVER ? k->server : k->client, *other = kind == BY_SERVER ? k->client : k->server;
    int i, failed, done = 0;

    k->number = current = ++handshakes;
    k->made_by_server = k->made_by_client = 0;
    finishing = k;
    next_id_of = k->number;
    next_id = 0;
    ids_left = 1;
    opening = k->stateless ? k->number : 0;
    SSL_set_options(k->server, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    failed = !(kind == ABBREVIATED ? SSL_renegotiate_abbreviated(asks) : SSL_renegotiate(asks))
        || advance(asks) == FAILED;
    for (i = 0; i < 8 && !failed && !done; i++) {
        if (!read_nothing(other)) {
            failed = 1;
            read_nothing(asks); /* the alert */
        } else if (!read_nothing(asks)) {
            failed = 1;
            read_nothing(other);
        }
        done = !failed && !SSL_renegotiate_pending(k->server) && !SSL_in_init(k->server)
            && !SSL_renegotiate_pending(k->client) && !SSL_in_init(k->client);
    }
    if (done)
        find_what_was_made(k);
    else
        drop(k);
    finishing = NULL;
    ids_left = 0;
    returns(done ? SSL_session_reused(k->server) : -1);
    if (done && opening && SSL_session_reused(k->server))
        find(SSL_get_session(k->server));
    opening = 0;
}

