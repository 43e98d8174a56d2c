//! What is called back: what is noted of it, and the application that answers.
//@ events
static void event(char what, int context, struct seen *session, int answer)
{
    need(event_count < SESSIONS + 16, "room for all calls of a step");
    events[event_count].what = what;
    events[event_count].context = context;
    events[event_count].session = session;
    events[event_count].answer = answer;
    event_count++;
}

//@ application
/* The application of a context: what its callbacks answer, call by call, and what it keeps. */
static struct {
    const char *keeps; /* what new_session_cb returns; the last one for all further calls */
    const char *copies; /* what get_session_cb writes to `copy`: 0, 1 or nothing (-), call by call as above */
    int ignores_new, keeps_removed;
    int new_calls, finds, stored, kept_count;
    struct { unsigned char id[32]; unsigned int length; struct seen *session; } external[SESSIONS];
    struct seen *kept[SESSIONS];
} application[CONTEXTS];

//@ new|get
static char answer(const char *script, int call)
{
    int last = (int)strlen(script) - 1;

    return script[call < last ? call : last];
}

//@ application
static void let_go(struct seen *it)
{
    if (it != NULL && it->session != NULL)
        SSL_SESSION_free(it->session);
}

//@ new|store|forget|application&remove
/* Takes what the external cache has under this id out of it. */
static struct seen *take_out(int context, const unsigned char *id, unsigned int length)
{
    int i;

    for (i = 0; i < application[context].stored; i++)
        if (application[context].external[i].length == length
            && memcmp(application[context].external[i].id, id, length) == 0) {
            struct seen *it = application[context].external[i].session;

            application[context].external[i] = application[context].external[--application[context].stored];
            return it;
        }
    return NULL;
}

//@ new|store
static struct seen *put_in(int context, struct seen *it)
{
    unsigned int length;
    const unsigned char *id = SSL_SESSION_get_id(it->session, &length);
    struct seen *before = take_out(context, id, length);
    int i = application[context].stored++;

    need(i < SESSIONS, "room in the external cache");
    memcpy(application[context].external[i].id, id, length);
    application[context].external[i].length = length;
    application[context].external[i].session = it;
    return before;
}

//@ new
static int new_session(int context, SSL_SESSION *session)
{
    struct seen *it = find(session), *before = NULL;
    unsigned int length;
    int keep = 0;

    SSL_SESSION_get_id(session, &length);
    if (ctx[context] == NULL)
        return 0;
    if (length > 0)
        keep = answer(application[context].keeps, application[context].new_calls++) == '1';
    event('n', context, it, keep);
    if (keep && application[context].ignores_new)
        application[context].kept[application[context].kept_count++] = it;
    else if (keep)
        before = put_in(context, it);
    let_go(before);
    return keep;
}

//@ get
static SSL_SESSION *get_session(int context, const unsigned char *id, int length, int *copy)
{
    struct seen *it = NULL;
    char flag = '-';
    int i;

    for (i = 0; i < application[context].stored; i++)
        if ((int)application[context].external[i].length == length
            && memcmp(application[context].external[i].id, id, (size_t)length) == 0)
            it = application[context].external[i].session;
    event('g', context, it, 0);
    for (i = 0; i < length; i++)
        snprintf(events[event_count - 1].id + 2 * i, 3, "%02x", id[i]);
    if (it == NULL || it->session == NULL)
        return NULL;
    flag = answer(application[context].copies, application[context].finds++);
    if (flag == '0')
        SSL_SESSION_up_ref(it->session);
    if (flag != '-')
        *copy = flag == '1';
    return it->session;
}

//@ remove
static void remove_session(SSL_CTX *context, SSL_SESSION *session)
{
    int c;

    for (c = 0; c < CONTEXTS && ctx[c] != context; c++)
        ;
    if (c == CONTEXTS)
        return;
    event('r', c, find(session), 0);
//@ remove&application
    if (!application[c].keeps_removed) {
        unsigned int length;
        const unsigned char *id = SSL_SESSION_get_id(session, &length);

        let_go(take_out(c, id, length));
    }
//@ remove
}

//@ store
/* The application stores a session of its own accord. */
static void store(int context, SSL_SESSION *session)
{
    unsigned int length;

    SSL_SESSION_get_id(session, &length);
    if (length > 0) {
        SSL_SESSION_up_ref(session);
        let_go(put_in(context, find(session)));
    }
}

//@ forget
/* The application forgets what it has stored under the id of this session. */
static void forget(int context, SSL_SESSION *session)
{
    unsigned int length;
    const unsigned char *id = SSL_SESSION_get_id(session, &length);

    if (length > 0)
        let_go(take_out(context, id, length));
}

//@ application
/* The application frees all that it holds. */
static void free_application(int context)
{
    while (application[context].stored > 0)
        let_go(application[context].external[--application[context].stored].session);
    while (application[context].kept_count > 0)
        let_go(application[context].kept[--application[context].kept_count]);
}

