//! The clock, the sessions that are seen, and how what a step shows is held against what the pages rule.
//@ renegotiate
#ifndef SSL_OP_ALLOW_CLIENT_RENEGOTIATION /* before 3.0 nothing forbids it */
# define SSL_OP_ALLOW_CLIENT_RENEGOTIATION 0
#endif
//@ update_time
#ifndef SSL_SESS_CACHE_UPDATE_TIME /* from 3.0 on */
# define SSL_SESS_CACHE_UPDATE_TIME 0x0400
#endif
//@ bytes
#define BYTES(literal) (const unsigned char *)(literal), sizeof(literal) - 1
//@
/* The session cache is told this time: both functions take the place of those of the C library. */
static time_t now;

time_t time(time_t *out)
{
    if (out != NULL)
        *out = now;
    return now;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    (void)zone;
    out->tv_sec = now;
    out->tv_usec = 0;
    return 0;
}

static void need(int ok, const char *what)
{
    if (!ok) {
        printf("the set-up failed: %s\n", what);
        exit(2);
    }
}

/* A session that was seen: what it is called, and what it was like when it was last looked at. */
struct seen {
    SSL_SESSION *session; /* NULL: it is destroyed */
    const char *name;
    int held; /* references of this program's own */
    int looked_at, is_gone;
    long time, timeout;
    int resumable;
    int in[CONTEXTS], was_in[CONTEXTS];
//@ handshake
    int connection; /* the one that made it; 0: it was made by hand */
    char maker; /* 's': the server; 'c': the client; 'o': the server, of a ticket that it opened */
    int nth;
//@ twin_of
    unsigned char id[32];
    unsigned int id_length;
    unsigned char *secrets; /* serialised; NULL: those that all sessions made by hand share */
    long secrets_length;
    int secrets_protocol;
//@
};

static SSL_CTX *ctx[CONTEXTS];
static struct seen seen[SESSIONS];
static int sessions, slot;
static int returned_something;
static long returned_value;
static long counters[CONTEXTS][12];
//@ events
static struct { char what; int context, answer; struct seen *session; char id[65]; } events[SESSIONS + 16];
static int event_count;
//@ handshake
static int handshakes, current; /* how many there were; the one that this step is about */
static struct connection *finishing;
static int opening; /* the handshake in which a server may open a ticket */

struct connection {
    SSL *server, *client;
    int number, has_client, tls13, stateless, made_by_server, made_by_client;
};
//@

//@ returns
static void returns(long value)
{
    returned_something = 1;
    returned_value = value;
}

//@
static void destroyed(void *session, void *entry, CRYPTO_EX_DATA *data, int index, long l, void *p)
{
    struct seen *it = entry;

    (void)data, (void)index, (void)l, (void)p;
    if (it != NULL && it->session == session) { /* a copy that the library makes has the same entry */
        it->session = NULL;
        it->is_gone = 1;
    }
}

/* From now on the session has an entry. */
static struct seen *enter(SSL_SESSION *session, const char *name)
{
    struct seen *it = &seen[sessions++];

    need(session != NULL && sessions <= SESSIONS, "a session");
    it->session = session;
    it->name = name;
    SSL_SESSION_set_ex_data(session, slot, it);
    return it;
}

//@ handshake
static struct seen *enter_made(SSL_SESSION *session, int connection, char maker, int nth)
{
    struct seen *it = enter(session, NULL);

    it->connection = connection;
    it->maker = maker;
    it->nth = nth;
    return it;
}

//@
static struct seen *find(SSL_SESSION *session)
{
    struct seen *it = SSL_SESSION_get_ex_data(session, slot);

    if (it != NULL && it->session == session)
        return it;
//@ handshake
    if (finishing != NULL && SSL_get_session(finishing->server) == session
        && !(opening && SSL_session_reused(finishing->server)))
        return enter_made(session, finishing->number, 's', finishing->made_by_server++);
    if (finishing != NULL && finishing->has_client && SSL_get_session(finishing->client) == session
        && SSL_get_session(finishing->server) != session && !(opening && SSL_session_reused(finishing->client)))
        return enter_made(session, finishing->number, 'c', finishing->made_by_client++);
    if (opening) {
        it = enter_made(session, opening, 'o', 0);
        opening = 0;
        return it;
    }
//@
    return enter(session, "a session that nobody named");
}

static const char *called(const struct seen *it)
{
//@ handshake
    static char texts[4][64];
    static int next;
    char *text = texts[next++ % 4];
    const char *whose = it->maker == 'c' ? "client" : "server", *how = it->maker == 'o' ? "opened" : "new";
    char nth[16] = "";

    if (it->name == NULL) {
        if (it->nth > 0)
            snprintf(nth, sizeof(nth), " %d", it->nth + 1);
        if (it->connection == current)
            snprintf(text, sizeof(texts[0]), "the %s's %s session%s", whose, how, nth);
        else
            snprintf(text, sizeof(texts[0]), "the %s's %s session%s of handshake %d", whose, how, nth, it->connection);
        return text;
    }
//@
    return it->name;
}

static char facts[FACTS][256];
static int fact_count;

static void fact(const char *format, ...)
{
    va_list arguments;

    need(fact_count < FACTS, "room for all that a step shows");
    va_start(arguments, format);
    vsnprintf(facts[fact_count++], sizeof(facts[0]), format, arguments);
    va_end(arguments);
}

static void count_member(void *session, void *context)
{
    find(session)->in[*(int *)context]++;
}

/* What has changed since the last step. */
static void look(void)
{
    static const char *const names[12] = {
        "number", "connect", "connect_good", "connect_renegotiate", "accept", "accept_good", "accept_renegotiate",
        "hits", "cb_hits", "misses", "timeouts", "cache_full"
    };
    struct seen *it;
    int c, n;

    fact_count = 0;
    if (returned_something)
        fact("returns %ld", returned_value);
    for (c = 0; c < CONTEXTS; c++)
        if (ctx[c] != NULL)
            OPENSSL_LH_doall_arg((OPENSSL_LHASH *)SSL_CTX_sessions(ctx[c]), count_member, &c);
//@ events
    for (c = n = 0; n < event_count; n++) {
        const char *context = context_name[events[n].context];
        const char *session = events[n].session == NULL ? "none" : called(events[n].session);
        char place[16] = "";

        if (events[n].what != 'r' || ORDERED)
            snprintf(place, sizeof(place), "call %d: ", ++c);
        if (events[n].what == 'r')
            fact("%sremove_session_cb(%s, %s)", place, context, session);
//@ events&new
        if (events[n].what == 'n')
            fact("%snew_session_cb(%s, %s) returns %d", place, context, session, events[n].answer);
//@ events&get
        if (events[n].what == 'g')
            fact("%sget_session_cb(%s, %s) returns %s", place, context, events[n].id, session);
//@ events
    }
//@
    for (it = seen; it < seen + sessions; it++) {
        int is_shown = it->held > 0;

        if (it->is_gone)
            fact("%s is destroyed", called(it));
        for (c = 0; c < CONTEXTS; c++) {
            if (it->in[c] > 0 && it->was_in[c] == 0)
                fact("%s enters the cache of %s", called(it), context_name[c]);
            if (it->in[c] == 0 && it->was_in[c] > 0)
                fact("%s leaves the cache of %s", called(it), context_name[c]);
            if (it->in[c] > 1)
                fact("%s is in the cache of %s more than once", called(it), context_name[c]);
            is_shown |= it->in[c] > 0;
        }
        if (it->session != NULL && is_shown) {
            long time = (long)SSL_SESSION_get_time(it->session), timeout = (long)SSL_SESSION_get_timeout(it->session);
            int resumable = SSL_SESSION_is_resumable(it->session);

            if (!it->looked_at || time != it->time)
                fact("the time of %s is %ld", called(it), time);
            if (!it->looked_at || timeout != it->timeout)
                fact("the timeout of %s is %ld", called(it), timeout);
            if (!it->looked_at || resumable != it->resumable)
                fact("%s is %sresumable", called(it), resumable ? "" : "not ");
            it->looked_at = 1;
            it->time = time;
            it->timeout = timeout;
            it->resumable = resumable;
        }
        it->is_gone = 0;
        memcpy(it->was_in, it->in, sizeof(it->in));
        memset(it->in, 0, sizeof(it->in));
    }
    for (c = 0; c < CONTEXTS; c++)
        for (n = 0; n < 12 && ctx[c] != NULL; n++) {
            long value = SSL_CTX_ctrl(ctx[c], SSL_CTRL_SESS_NUMBER + n, 0, NULL);

            if (value != counters[c][n])
                fact("sess_%s(%s) %+ld", names[n], context_name[c], value - counters[c][n]);
            counters[c][n] = value;
        }
    returned_something = 0;
//@ events
    event_count = 0;
//@ handshake
    current = 0;
//@
}

/* Whether the fact is the one that is ruled, with the clause that decides it in brackets. */
static int is_ruled(const char *ruled, const char *fact_shown)
{
    size_t length = strlen(fact_shown);

    return strncmp(ruled, fact_shown, length) == 0
        && (ruled[length] == '\0' || strncmp(ruled + length, " [", 2) == 0);
}

static int print_but(const char *const *list, int count, const int *but)
{
    int i, printed = 0;

    for (i = 0; i < count; i++)
        if (but == NULL || !but[i])
            printf("%s%s", printed++ ? "; " : "", list[i]);
    return printed;
}

//@ open
/* Whether it does not depend on which session was dropped. */
static int is_decided(const char *text)
{
    return strncmp(text, "sess_", 5) == 0 || strncmp(text, "returns", 7) == 0;
}

//@
/* Holds what a step shows against what the pages rule. */
static void check(const char *place, const char *op, const char *clause,
//@ open
                  int open,
//@
                  const char *const *ruled)
{
    const char *shown[FACTS];
    int i, j, count, same = 0, met[FACTS] = { 0 }, taken[FACTS] = { 0 };
//@ open
    int another = 0;
//@

    look();
    for (i = 0; i < fact_count; i++)
        shown[i] = facts[i];
    printf("%s, %s: ", place, op);
    printf("%s\n", print_but(shown, fact_count, NULL) ? "" : "nothing changes");
    for (count = 0; ruled[count] != NULL; count++) {
        for (j = 0; j < fact_count && (taken[j] || !is_ruled(ruled[count], shown[j])); j++)
            ;
        if (j < fact_count)
            met[count] = taken[j] = ++same;
    }
    if (same == count && same == fact_count)
        return;
//@ open
    for (i = 0; i < count; i++) {
        open = open && (met[i] || !is_decided(ruled[i]));
        another |= !met[i] && strstr(ruled[i], " leaves the cache of ") != NULL;
    }
    for (j = 0; j < fact_count; j++)
        open = open && (taken[j] || !is_decided(shown[j]));
    if (open && another) {
        printf("%s: undecided at %s (%s): which session is dropped is left to the library, and this program goes on"
               " with another one\n", TITLE, place, op);
        exit(2);
    }
//@
    printf("%s: departs at %s (%s): %s: ", TITLE, place, op, RULES);
    if (!print_but(ruled, count, met))
        printf("nothing else [%s]", clause);
    printf("; %s: ", OpenSSL_version(OPENSSL_VERSION));
    printf("%s\n", print_but(shown, fact_count, taken) ? "" : "not so");
    exit(1);
}

/* The facts that the pages rule come last. */
//@ !open
#define CHECK(place, op, clause, ...) check(place, op, clause, (const char *const[]) { __VA_ARGS__, NULL })
//@ open
#define CHECK(place, op, clause, ...) check(place, op, clause, 0, (const char *const[]) { __VA_ARGS__, NULL })
#define CHECK_OPEN(place, op, clause, ...) check(place, op, clause, 1, (const char *const[]) { __VA_ARGS__, NULL })
//@

//@ rounds
static const char *at_round(int step, int round, int op)
{
    static char text[64];

    snprintf(text, sizeof(text), "step %d, round %d, op %d", step, round, op);
    return text;
}

//@ up_ref
static int up_ref(SSL_SESSION *session)
{
    find(session)->held++;
    return SSL_SESSION_up_ref(session);
}

//@ free
static void give_up(SSL_SESSION *session)
{
    find(session)->held--;
    SSL_SESSION_free(session);
}

//@ release
/* Gives up all references of this program's own, and says at which of them the session was destroyed. */
static int give_up_all(SSL_SESSION *session)
{
    struct seen *it = find(session);
    int n, held = it->held;

    it->held = 0;
    for (n = 1; n <= held; n++) {
        SSL_SESSION_free(session);
        if (it->session == NULL)
            return n;
    }
    return 0;
}

//@
/* The context is known while it is freed: it calls back. */
static void free_context(int context)
{
    SSL_CTX_free(ctx[context]);
    ctx[context] = NULL;
}

