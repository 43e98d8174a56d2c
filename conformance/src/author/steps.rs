//! The steps that a new scenario may have: what each does, what it is given, and what it can state.

/// A verb, what it does, and what a step with it can state.
pub(super) struct Step {
    pub(super) verb: &'static str,
    pub(super) argument: Argument,
    pub(super) does: &'static str,
    pub(super) states: &'static str,
}

/// What stands behind a verb that is given none.
pub(super) enum Argument {
    /// A session.
    Session,
    /// A session, in the context.
    InContext,
    /// The context.
    Context,
    /// A value, in the context under this key.
    Value(&'static str, &'static str),
    /// A session and this.
    With(&'static str),
    /// A connection on which a handshake is begun.
    Begun,
    /// A connection whose handshake is finished.
    Finished,
    /// A new connection.
    Connection,
    /// A new name.
    NewSession,
    /// A whole handshake.
    Handshake,
    /// This.
    Bare(&'static str),
}

/// All verbs but the hazards, in the order of the schema.
const STEPS: &[Step] = {
    use Argument::*;
    const fn step(verb: &'static str, argument: Argument, does: &'static str, states: &'static str) -> Step {
        Step { verb, argument, does, states }
    }
    const ADDED: &str = "`returns: 1` or `0`; `members: [a]`; where remove_session_cb is set, `callbacks: [{remove: \
        a}]` for what leaves; `counters: {number: 1, cache_full: 0}`";
    const REMOVED: &str = "`returns: 1` or `0`; `members: []`; `resumable: {a: false}`; `destroyed: []`; where \
        remove_session_cb is set, `callbacks: [{remove: a}]`";
    const FLUSHED: &str = "it returns nothing; `members: []`; where remove_session_cb is set, `callbacks: [{remove: \
        a}]`; `destroyed: []`; `counters: {number: 0}`";
    const SHAKEN: &str = "`returns: full`, `resumed` or `failed`; where callbacks are set, `callbacks: [{new: s}]`, \
        `[{get: none}]`, `[{remove: a}]`; `members`; `counters: {hits: 1, misses: 0, cb_hits: 0, timeouts: 0}`";
    &[
        step(
            "session",
            NewSession,
            "A session made by hand at this step",
            "it returns nothing; `times` and `timeouts`",
        ),
        step("up_ref", Session, "SSL_SESSION_up_ref", "`returns: 1`; `destroyed: []`"),
        step(
            "free",
            Session,
            "SSL_SESSION_free, of a reference of the application's",
            "it returns nothing; `destroyed: [a]`",
        ),
        step("set_time", With("time: 1000"), "SSL_SESSION_set_time", "`returns: 1000`; `times: {a: 1000}`; `members`"),
        step("get_time", Session, "SSL_SESSION_get_time", "`returns: 1000`"),
        step(
            "set_timeout",
            With("timeout: 600"),
            "SSL_SESSION_set_timeout",
            "`returns: 1`; `timeouts: {a: 600}`; `members`",
        ),
        step("get_timeout", Session, "SSL_SESSION_get_timeout", "`returns: 300`"),
        step("is_resumable", Session, "SSL_SESSION_is_resumable", "`returns: 1` or `0`"),
        step("set_id_context", With("id_context: \"one\""), "SSL_SESSION_set1_id_context", "`returns: 1` or `0`"),
        step("add_session", InContext, "SSL_CTX_add_session", ADDED),
        step("remove_session", InContext, "SSL_CTX_remove_session", REMOVED),
        step(
            "flush_sessions",
            Value("at", "now+301"),
            "SSL_CTX_flush_sessions, with the time that expiry is tested against",
            FLUSHED,
        ),
        step("SSL_add_session", InContext, "The old name of SSL_CTX_add_session", ADDED),
        step("SSL_remove_session", InContext, "The old name of SSL_CTX_remove_session", REMOVED),
        step("SSL_flush_sessions", Value("at", "now+301"), "The old name of SSL_CTX_flush_sessions", FLUSHED),
        step(
            "set_session_cache_mode",
            Value("mode", "[SERVER, NO_INTERNAL]"),
            "SSL_CTX_set_session_cache_mode",
            "`returns: 2`, the bits of the mode before",
        ),
        step("get_session_cache_mode", Context, "SSL_CTX_get_session_cache_mode", "`returns: 2`, the bits of the mode"),
        step(
            "sess_set_cache_size",
            Value("size", "2"),
            "SSL_CTX_sess_set_cache_size; 0 is unlimited",
            "`returns: 20480`, the size before; `members`",
        ),
        step("sess_get_cache_size", Context, "SSL_CTX_sess_get_cache_size", "`returns: 20480`"),
        step(
            "set_session_id_context",
            Value("id_context", "\"one\""),
            "SSL_CTX_set_session_id_context",
            "`returns: 1` or `0`",
        ),
        step(
            "set_callbacks",
            Value("callbacks", "{remove: record}"),
            "SSL_CTX_sess_set_new_cb, get_cb and remove_cb; what is left out is unset",
            "it returns nothing",
        ),
        step(
            "external_store",
            InContext,
            "The application puts the session into the external cache",
            "it returns nothing",
        ),
        step(
            "external_forget",
            InContext,
            "The application forgets what the external cache has under this id",
            "it returns nothing",
        ),
        step(
            "ctx_free",
            Context,
            "SSL_CTX_free",
            "it returns nothing; `destroyed`; where remove_session_cb is set, `callbacks`",
        ),
        step(
            "accept_begin",
            Connection,
            "A handshake up to the server's decision whether to resume; `propose: a` proposes a session",
            SHAKEN,
        ),
        step("accept_finish", Begun, "The rest of that handshake", SHAKEN),
        step("renegotiate", Finished, "Another handshake on the connection", SHAKEN),
        step(
            "accept_abort",
            Begun,
            "The connection is dropped before its handshake is finished",
            "it returns nothing; `members`; `resumable`",
        ),
        step(
            "close",
            Finished,
            "The connection is closed; `{connection: k, how: unclean}` without a shutdown",
            "it returns nothing; `members`; `resumable`",
        ),
        step(
            "handshake",
            Handshake,
            "A handshake from begin to end, and a clean close; `propose: a` proposes a session",
            SHAKEN,
        ),
        step(
            "advance",
            Bare("10"),
            "The clock goes on by so many seconds",
            "nothing changes by it alone: `callbacks: []`, `members`",
        ),
        step("set_clock", Bare("2000"), "The clock is set", "nothing changes by it alone: `callbacks: []`, `members`"),
        step(
            "repeat",
            Bare("{times: 255, steps: [{advance: 1}]}"),
            "Ops, so many times; what they show is not stated",
            "of what there is after it, `members`, `counters`, `times`, `timeouts` and `resumable`",
        ),
        step(
            "probe",
            Bare("~"),
            "Nothing is done",
            "what there is: `members`, `counters`, `times`, `timeouts`, `resumable`",
        ),
        step(
            "release",
            Session,
            "The scenario gives up all its references on the session",
            "it returns nothing; `destroyed: [a]`",
        ),
        step(
            "hangup",
            Begun,
            "The connection is closed if it is finished, and dropped if not",
            "it returns nothing; `members`",
        ),
        step(
            "application_release",
            Context,
            "The application frees what it holds for the context",
            "it returns nothing; `destroyed`",
        ),
    ]
};

/// The verbs that a draft knows, in the order of the schema.
pub fn verbs() -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(|step| step.verb)
}

pub(super) fn of_verb(verb: &str) -> &'static Step {
    STEPS.iter().find(|step| step.verb == verb).expect("the words are of this table")
}
