//! Sessions made by hand, what a peer proposes that is not looked at, and the set-up.
//@ by_hand_in_handshakes|twin
/* Real handshakes, of whose sessions those made by hand are copies: put together from nothing, they do not resume. */
static unsigned char *template;
static long template_length;
//@ ticket13
static unsigned char *template13;
static long template13_length;

/* The length of an element of DER, whose contents are gone to. */
static long skip_header(const unsigned char **at)
{
    const unsigned char *p = *at + 1;
    long length = *p++;
    int bytes = length & 0x80 ? (int)(length & 0x7f) : 0;

    for (length = bytes ? 0 : length; bytes > 0; bytes--)
        length = length << 8 | *p++;
    *at = p;
    return length;
}

/* The session of TLS 1.3 with this id for its ticket: the element [10] of what is serialised. */
static SSL_SESSION *with_ticket(const unsigned char *id, size_t length)
{
    const unsigned char *first = template13, *element, *after, *end = template13 + template13_length;
    unsigned char out[4096], *to = out;
    size_t before, body;
    SSL_SESSION *session;

    skip_header(&first);
    for (element = after = first; after < end; element = after) {
        long contents = skip_header(&after);

        after += contents;
        if (*element == 0xaa)
            break;
    }
    before = (size_t)(element - first);
    body = before + 4 + length + (size_t)(end - after);
    need(element < end && *element == 0xaa && body < sizeof(out) - 8, "a ticket");
    *to++ = 0x30;
    if (body >= 0x100) {
        *to++ = 0x82;
        *to++ = (unsigned char)(body >> 8);
    } else if (body >= 0x80) {
        *to++ = 0x81;
    }
    *to++ = (unsigned char)body;
    memcpy(to, first, before);
    to += before;
    *to++ = 0xaa;
    *to++ = (unsigned char)(length + 2);
    *to++ = 0x04;
    *to++ = (unsigned char)length;
    memcpy(to, id, length);
    to += length;
    memcpy(to, after, (size_t)(end - after));
    to += end - after;
    after = out;
    session = d2i_SSL_SESSION(NULL, &after, (long)(to - out));
    need(session != NULL, "a session with another ticket");
    return session;
}

//@ by_hand_in_handshakes|twin
static long make_template(unsigned char **out, int tls13)
{
    struct connection k = { 0 };
    struct accept how = { 0 };
    SSL_CTX *context = new_context();
    time_t then = now;
    long length;
    int i;

    now = 1;
    SSL_CTX_set_timeout(context, 7 * 24 * 60 * 60);
    how.server = context;
    how.tls13 = how.tickets = tls13;
    connect_both(&k, &how);
    for (i = 0; i < 8 && (SSL_in_init(k.client) || SSL_in_init(k.server)); i++)
        need(advance(k.client) != FAILED && advance(k.server) != FAILED, "a first handshake");
//@ tls13&by_hand_in_handshakes|tls13&twin
    if (tls13)
        read_nothing(k.client);
//@ by_hand_in_handshakes|twin
    length = i2d_SSL_SESSION(SSL_get_session(k.client), out);
    need(length > 0, "a session to copy");
    close_both(&k, 1);
    SSL_CTX_free(context);
    now = then;
    return length;
}

static SSL_SESSION *copy_of(const unsigned char *bytes, long length)
{
    SSL_SESSION *session = d2i_SSL_SESSION(NULL, &bytes, length);

    need(session != NULL, "a copy of a session");
    return session;
}

static SSL_SESSION *by_hand(const unsigned char *id, size_t length, int protocol)
{
    SSL_SESSION *session;

//@ ticket13
    if (protocol == TLS1_3_VERSION)
        session = with_ticket(id, length);
    else
//@ by_hand_in_handshakes|twin
        session = copy_of(template, template_length);
    need(SSL_SESSION_set1_id(session, id, (unsigned int)length)
         && SSL_SESSION_set_protocol_version(session, protocol), "a session");
    return session;
}

//@ twin
/* What a peer proposes: a copy of its own, with this id, freed when it was proposed. */
static SSL_SESSION *twin_of_id(const unsigned char *id, size_t length, int protocol)
{
    SSL_SESSION *twin = by_hand(id, length, protocol);

    if (protocol == TLS1_3_VERSION)
        SSL_SESSION_set_time(twin, (long)now); /* as young as can be: no peer keeps a ticket back for its age */
    SSL_SESSION_set1_id_context(twin, id, 0);
    return twin;
}

//@ twin_of
static SSL_SESSION *twin_of(SSL_SESSION *session, int protocol, int stateless)
{
    struct seen *it = find(session);
    SSL_SESSION *twin;

    if (it->secrets == NULL || it->secrets_protocol != protocol)
        return twin_of_id(it->id, it->id_length, protocol);
    twin = copy_of(it->secrets, it->secrets_length);
    if (protocol == TLS1_2_VERSION && !stateless)
        SSL_SESSION_set1_id(twin, it->id, it->id_length);
    else
        SSL_SESSION_set_time(twin, (long)now);
    SSL_SESSION_set1_id_context(twin, it->id, 0);
    return twin;
}

//@ make
/* A session made by hand. */
static SSL_SESSION *make(const char *name, const unsigned char *id, size_t id_length, int protocol, long at,
                         long timeout, const unsigned char *id_context, size_t id_context_length)
{
//@ make&by_hand_in_handshakes
    SSL_SESSION *session = by_hand(id, id_length, protocol);
//@ make&!by_hand_in_handshakes
    SSL_SESSION *session = SSL_SESSION_new();
//@ make
    struct seen *it = enter(session, name);

    it->held = 1;
//@ make&twin_of
    memcpy(it->id, id, id_length);
    it->id_length = (unsigned int)id_length;
//@ make
    need(SSL_SESSION_set1_id(session, id, (unsigned int)id_length)
         && SSL_SESSION_set_protocol_version(session, protocol)
         && SSL_SESSION_set1_id_context(session, id_context, (unsigned int)id_context_length), "a session");
    SSL_SESSION_set_time(session, at);
    SSL_SESSION_set_timeout(session, timeout);
    return session;
}

//@
static void set_up(void)
{
    SSL_SESSION *session;

    setbuf(stdout, NULL);
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL); /* the machine's configuration changes ciphers and protocols */
    session = SSL_SESSION_new();
    need(session != NULL && SSL_SESSION_get_time(session) == now, "the library tells its time from another clock");
    SSL_SESSION_free(session);
    slot = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, destroyed);
//@ handshake
    peer = new_context();
    SSL_CTX_set_session_cache_mode(peer, SSL_SESS_CACHE_OFF);
//@ by_hand_in_handshakes|twin
    template_length = make_template(&template, 0);
//@ ticket13
    template13_length = make_template(&template13, 1);
//@
}

