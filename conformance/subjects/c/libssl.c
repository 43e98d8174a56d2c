/*
 * A libssl behind the protocol of sesscheck (`sesscheck subject --protocol`): `cc -o subject libssl.c -lssl -lcrypto`,
 * then `exec:./subject`. Public API alone. Time is virtual: this program has time() and gettimeofday() of its own, and
 * a library that it is linked with calls those. The harness writes no white space between tokens, `op` first and
 * strings without escapes, so a step is read by searching it.
 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { CONTEXTS = 8, SMALL = 12, SESSIONS = 1 << 20, LIST = 1 << 20 };

static SSL_CTX *contexts[CONTEXTS];
static int forgets[CONTEXTS];
static long dropped[CONTEXTS]; /* cache_full, as it was shown last */
static SSL_SESSION *sessions[SESSIONS]; /* by number; NULL: destroyed */
static struct { SSL_SESSION *session; int context; } external[SESSIONS]; /* the application's own cache */
static size_t stored;
static char events[LIST], destroyed[LIST]; /* of this step */
static size_t events_end, destroyed_end;
static int number_index, shown, current; /* ex_data index of a session's number; for `show_member` */
static time_t now;

time_t time(time_t *out) { return out ? *out = now : now; }

int gettimeofday(struct timeval *out, void *zone) { return (void)zone, out->tv_sec = now, out->tv_usec = 0; }

static long long number(const char *step, const char *key) {
    const char *at = strstr(step, key);
    return at ? strtoll(at + strlen(key), NULL, 10) : -1;
}

/* The bytes of a hexadecimal string. */
static unsigned bytes(const char *step, const char *key, unsigned char *out) {
    unsigned n = 0;
    for (const char *at = strstr(step, key) + strlen(key); sscanf(at, "%2hhx", &out[n]) == 1; at += 2) n++;
    return n;
}

static long number_of(const SSL_SESSION *s) { return (long)(size_t)SSL_SESSION_get_ex_data(s, number_index) - 1; }

static void note(char *list, size_t *end, const char *format, int context, long session) {
    if (*end > LIST - 100) abort();
    if (*end) list[(*end)++] = ',';
    *end += (size_t)sprintf(list + *end, format, session, context);
}

static void when_destroyed(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl, void *argp) {
    if ((void)parent, (void)ad, (void)index, (void)argl, (void)argp, ptr == NULL) return;
    sessions[(size_t)ptr - 1] = NULL;
    note(destroyed, &destroyed_end, "%ld", 0, (long)(size_t)ptr - 1);
}

/* Frees what the application has in this context under the id of a session, or all that it has: NULL. */
static void forget(int context, const SSL_SESSION *session) {
    unsigned length, other_length;
    const unsigned char *id = session ? SSL_SESSION_get_id(session, &length) : NULL;
    for (size_t n = 0; n < stored;) {
        const unsigned char *other = SSL_SESSION_get_id(external[n].session, &other_length);
        int same = !session || (length == other_length && memcmp(id, other, length) == 0);
        if (external[n].context == context && same) {
            SSL_SESSION *gone = external[n].session;
            external[n] = external[--stored];
            SSL_SESSION_free(gone);
            if (session) return;
        } else n++;
    }
}

static void store(int context, SSL_SESSION *session) {
    SSL_SESSION_up_ref(session), forget(context, session);
    external[stored].session = session, external[stored++].context = context;
}

static void when_removed(SSL_CTX *ctx, SSL_SESSION *session) {
    int context = 0;
    while (contexts[context] != ctx) context++;
    note(events, &events_end, "{\"callback\":\"remove\",\"session\":%ld,\"context\":%d}", context, number_of(session));
    if (forgets[context]) forget(context, session);
}

static void make(const char *step, size_t n) {
    unsigned char id[32];
    if (n >= SESSIONS) abort();
    SSL_SESSION *session = sessions[n] = SSL_SESSION_new();
    SSL_SESSION_set_ex_data(session, number_index, (void *)(n + 1));
    SSL_SESSION_set1_id(session, id, bytes(step, "\"id\":\"", id));
    int is_13 = strstr(step, "TLSv1.3") != NULL, is_12 = strstr(step, "TLSv1.2") != NULL;
    SSL_SESSION_set_protocol_version(session, is_13 ? TLS1_3_VERSION : is_12 ? TLS1_2_VERSION : TLS1_1_VERSION);
    SSL_SESSION_set_time(session, number(step, "\"time\":"));
    SSL_SESSION_set_timeout(session, number(step, "\"timeout\":"));
}

/* Carries out a step; whether it returns something. */
static int carry_out(const char *step, long long *returns) {
    char op[40] = "";
    sscanf(step, "{\"op\":\"%39[a-z_0-9]", op);
    long long context = number(step, "\"context\":"), session = number(step, "\"session\":");
    long long time = number(step, "\"time\":"), timeout = number(step, "\"timeout\":");
    SSL_CTX *ctx = context >= 0 ? contexts[context] : NULL;
    SSL_SESSION *s = session >= 0 && session < SESSIONS ? sessions[session] : NULL;
    unsigned char sid_ctx[64];
#define IS(word) (strcmp(op, word) == 0)
#define GIVES(call) return *returns = (long long)(call), 1
#define DOES(call) return (call), 0
    if (IS("set_clock")) DOES(now = time);
    if (IS("ctx_new")) DOES((contexts[context] = SSL_CTX_new(TLS_method()), forgets[context] = dropped[context] = 0));
    if (IS("ctx_free")) DOES((SSL_CTX_free(ctx), contexts[context] = NULL));
    if (IS("set_session_cache_mode")) GIVES(SSL_CTX_set_session_cache_mode(ctx, number(step, "\"mode\":")));
    if (IS("get_session_cache_mode")) GIVES(SSL_CTX_get_session_cache_mode(ctx));
    if (IS("sess_set_cache_size")) GIVES(SSL_CTX_sess_set_cache_size(ctx, number(step, "\"size\":")));
    if (IS("sess_get_cache_size")) GIVES(SSL_CTX_sess_get_cache_size(ctx));
    if (IS("set_timeout")) GIVES(SSL_CTX_set_timeout(ctx, timeout));
    if (IS("get_timeout")) GIVES(SSL_CTX_get_timeout(ctx));
    if (IS("sess_set_remove_cb")) DOES(SSL_CTX_sess_set_remove_cb(ctx, strstr(step, "t\":true") ? when_removed : NULL));
    if (IS("session")) DOES(make(step, (size_t)session));
    if (IS("session_up_ref")) GIVES(SSL_SESSION_up_ref(s));
    if (IS("session_free")) DOES(SSL_SESSION_free(s));
    if (IS("session_set_time")) GIVES(SSL_SESSION_set_time(s, time));
    if (IS("session_get_time")) GIVES(SSL_SESSION_get_time(s));
    if (IS("session_set_timeout")) GIVES(SSL_SESSION_set_timeout(s, timeout));
    if (IS("session_get_timeout")) GIVES(SSL_SESSION_get_timeout(s));
    if (IS("session_is_resumable")) GIVES(SSL_SESSION_is_resumable(s));
    if (IS("session_set1_id_context"))
        GIVES(SSL_SESSION_set1_id_context(s, sid_ctx, bytes(step, "\"id_context\":\"", sid_ctx)));
    if (IS("set_session_id_context"))
        GIVES(SSL_CTX_set_session_id_context(ctx, sid_ctx, bytes(step, "\"id_context\":\"", sid_ctx)));
    if (IS("add_session")) GIVES(SSL_CTX_add_session(ctx, s));
    if (IS("remove_session")) GIVES(SSL_CTX_remove_session(ctx, s));
    if (IS("flush_sessions")) DOES(SSL_CTX_flush_sessions(ctx, time));
    if (IS("external_policy")) DOES(forgets[context] = strstr(step, "_removed\":true") != NULL);
    if (IS("external_store")) DOES(store((int)context, s));
    if (IS("external_forget")) DOES(forget((int)context, s));
    if (IS("application_release")) DOES(forget((int)context, NULL));
    return 0; /* probe, show_session */
}

static void show(const SSL_SESSION *s) {
    printf("\"time\":%ld,\"timeout\":%ld,", (long)SSL_SESSION_get_time(s), (long)SSL_SESSION_get_timeout(s));
    printf("\"resumable\":%s", SSL_SESSION_is_resumable(s) ? "true" : "false");
}

static void show_member(void *s) {
    printf("%s{\"context\":%d,\"session\":%ld,", shown++ ? "," : "", current, number_of(s));
    show(s), printf("}");
}

static void answer(long long trace, int n, const char *step) {
    long long returns;
    events_end = destroyed_end = 0;
    int gives = carry_out(step, &returns), members = strstr(step, "\"members\":true") != NULL, first = 1;
    long total = 0;
    printf("{\"trace\":%lld,\"step\":%d", trace, n);
    if (gives) printf(",\"returns\":%lld", returns);
    if (strstr(step, "\"show_session\"")) printf(","), show(sessions[number(step, "\"session\":")]);
    printf(",\"events\":[%.*s]", (int)events_end, events);
    printf(",\"destroyed\":[%.*s],\"counters\":[", (int)destroyed_end, destroyed);
    for (int c = 0; c < CONTEXTS; c++) {
        if (!contexts[c]) continue;
        long count = SSL_CTX_sess_number(contexts[c]), full = SSL_CTX_sess_cache_full(contexts[c]);
        printf("%s{\"context\":%d,\"number\":%ld,\"cache_full\":%ld}", first ? "" : ",", c, count, full);
        members |= full != dropped[c], total += count, dropped[c] = full, first = 0;
    }
    if (members || total <= SMALL) {
        printf("],\"members\":[");
        shown = 0;
        for (current = 0; current < CONTEXTS; current++)
            if (contexts[current]) OPENSSL_LH_doall((OPENSSL_LHASH *)SSL_CTX_sessions(contexts[current]), show_member);
    }
    printf("]}\n"), fflush(stdout);
}

int main(void) {
    char *line = NULL;
    size_t size = 0;
    number_index = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, when_destroyed);
    while (getline(&line, &size, stdin) > 0) {
        if (strstr(line, "{\"hello\"")) {
            printf("{\"hello\":{\"protocol\":1,\"subject\":\"libssl.c, %s\",", OpenSSL_version(OPENSSL_VERSION));
            printf("\"capabilities\":[\"external\",\"id_context\"]}}\n"), fflush(stdout);
        }
        char *trace = strstr(line, "{\"trace\":");
        while (trace) {
            char *next = strstr(trace + 1, "{\"trace\":"), *step = trace;
            int n = 0;
            while ((step = strstr(step, "{\"op\":")) && (!next || step < next)) {
                char *end = strchr(step, '}');
                *end = 0;
                answer(number(trace, "\"trace\":"), n++, step);
                step = end + 1;
            }
            printf("{\"trace\":%lld,\"done\":%d}\n", number(trace, "\"trace\":"), n), fflush(stdout);
            trace = next;
        }
    }
    return 0;
}
