//! The verbs of a step, one variant an op, each with its arguments as they are written.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_yaml::Value;

use super::document::{CallbackWords, Flag, ProtocolWord, Record, TicketsWord};
use super::document::{GetWords, NewWord, NewWords, RemoveWords};
use super::scalars::{Count, IdWord, Seconds, When};
use super::schema::Step;
use super::shapes::{Brief, GivenNames};

/// What a step does.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verb {
    /// Makes a session by hand.
    Session(NamedSession),
    /// `SSL_SESSION_up_ref`
    UpRef(String),
    /// `SSL_SESSION_free`
    Free(String),
    /// `SSL_SESSION_set_time`
    SetTime(SetTime),
    /// `SSL_SESSION_get_time`
    GetTime(String),
    /// `SSL_SESSION_set_timeout`, or `SSL_CTX_set_timeout` when it names a context.
    SetTimeout(SetTimeout),
    /// `SSL_SESSION_get_timeout`, or `SSL_CTX_get_timeout` when it names a context.
    GetTimeout(Brief<String, GetTimeout>),
    /// `SSL_SESSION_is_resumable`
    IsResumable(String),
    /// `SSL_SESSION_set1_id_context`
    SetIdContext(SetIdContext),

    /// `SSL_CTX_add_session`
    AddSession(Brief<String, InContext>),
    /// `SSL_CTX_remove_session`
    RemoveSession(Brief<String, InContext>),
    /// `SSL_CTX_flush_sessions`, at a time.
    FlushSessions(Brief<When, FlushIn>),
    /// The old name of `SSL_CTX_add_session`.
    #[serde(rename = "SSL_add_session")]
    SslAddSession(Brief<String, InContext>),
    /// The old name of `SSL_CTX_remove_session`.
    #[serde(rename = "SSL_remove_session")]
    SslRemoveSession(Brief<String, InContext>),
    /// The old name of `SSL_CTX_flush_sessions`.
    #[serde(rename = "SSL_flush_sessions")]
    SslFlushSessions(Brief<When, FlushIn>),

    /// `SSL_CTX_set_session_cache_mode`
    SetSessionCacheMode(Brief<Vec<Flag>, SetMode>),
    /// `SSL_CTX_get_session_cache_mode`
    GetSessionCacheMode(String),
    /// `SSL_CTX_sess_set_cache_size`
    SessSetCacheSize(Brief<Count, SetSize>),
    /// `SSL_CTX_sess_get_cache_size`
    SessGetCacheSize(String),
    /// `SSL_CTX_set_session_id_context`: text, or `hex:` and digits; at most 64 bytes, of which 32 are allowed.
    SetSessionIdContext(Brief<String, SetContextId>),
    /// `SSL_CTX_sess_set_new_cb`, `_get_cb` and `_remove_cb` at once; what is left out is unset.
    SetCallbacks(SetCallbacks),
    /// The application stores a session in the external cache of its own accord.
    ExternalStore(Brief<String, InContext>),
    /// The application forgets what its external cache has under this session's id.
    ExternalForget(Brief<String, InContext>),
    /// `SSL_CTX_free`
    CtxFree(String),

    /// A handshake up to the point where the server has decided whether to resume.
    AcceptBegin(Begin),
    /// The rest of the handshake of this connection.
    AcceptFinish(String),
    /// Another handshake on a finished connection, begin to end.
    Renegotiate(Brief<String, RenegotiateHow>),
    /// Drops a connection whose handshake is not finished.
    AcceptAbort(String),
    /// Closes a finished connection.
    Close(Brief<String, CloseHow>),
    /// A whole handshake and a close.
    Handshake(Handshake),

    /// A hazard: `SSL_SESSION_set1_id`, on a session that may be cached.
    SetId(SetId),
    /// A hazard: `SSL_SESSION_free` of a reference that is not the trace's own.
    FreeUnowned(String),

    /// The clock goes on by so many seconds.
    Advance(Count),
    /// The clock is set.
    SetClock(Seconds),
    /// Ops, so many times.
    Repeat(Repeat),

    /// Does nothing: for expectations.
    Probe(()),
    /// Gives up every reference that the trace itself holds on the session.
    Release(String),
    /// Closes the connection cleanly if it is finished, drops it if it is not.
    Hangup(String),
    /// The application frees all that it holds for the context.
    ApplicationRelease(String),
}

/// A map of one verb.
pub(super) struct OneVerb(pub(super) Verb);

impl<'de> Deserialize<'de> for OneVerb {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneVerbVisitor;

        impl<'de> Visitor<'de> for OneVerbVisitor {
            type Value = OneVerb;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map of one verb")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OneVerb, A::Error> {
                Verb::deserialize(MapAccessDeserializer::new(map)).map(OneVerb)
            }
        }

        deserializer.deserialize_map(OneVerbVisitor)
    }
}

/// Derives what every map of arguments has in common.
macro_rules! arguments {
    ($($(#[$doc:meta])* $type:ident { $($(#[$field_doc:meta])* $field:ident: $field_type:ty,)+ })+) => { $(
        $(#[$doc])*
        #[derive(Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, expecting = "a map")]
        #[schemars(inline)]
        pub(super) struct $type { $($(#[$field_doc])* pub(super) $field: $field_type,)+ }
    )+ };
}

arguments! {
    /// A session made by hand, with its name.
    NamedSession {
        /// Its name.
        name: String,
        /// The id: 1 to 32 bytes in hex, in quotes.
        id: IdWord,
        /// Its time; without it, the clock's.
        time: Option<Seconds>,
        /// Its timeout, in seconds; without it, 300.
        timeout: Option<Seconds>,
        /// Its protocol; without it, TLSv1.2.
        protocol: Option<ProtocolWord>,
        /// Its id context: text, or `hex:` and digits.
        id_context: Option<String>,
        /// The context whose cache it may enter; may be left out when there is one.
        context: Option<String>,
    }
    /// A session and its new time.
    SetTime { session: String, time: Seconds, }
    /// A session or a context, and its new timeout.
    SetTimeout { session: Option<String>, context: Option<String>, timeout: Seconds, }
    /// A session or a context.
    GetTimeout { session: Option<String>, context: Option<String>, }
    /// A session and its new id context.
    SetIdContext { session: String, id_context: String, }
    /// A session and its new id: 0 to 40 bytes in hex, in quotes; 1 to 32 are allowed.
    SetId { session: String, id: String, }
    /// A session in a context.
    InContext { context: Option<String>, session: String, }
    /// A context and the time to test expiry against.
    FlushIn { context: Option<String>, at: When, }
    /// A context and its new mode.
    SetMode { context: Option<String>, mode: Vec<Flag>, }
    /// A context and its new cache size.
    SetSize { context: Option<String>, size: Count, }
    /// A context and its new session id context.
    SetContextId { context: Option<String>, id_context: String, }
    /// The callbacks; with several contexts, `{context: server, callbacks: {…}}`.
    SetCallbacks {
        context: Option<String>,
        callbacks: Option<CallbackWords>,
        new: Option<Brief<NewWord, NewWords>>,
        get: Option<Brief<Record, GetWords>>,
        remove: Option<Brief<Record, RemoveWords>>,
    }
    /// How a handshake is begun.
    Begin {
        /// The connection's name.
        connection: String,
        /// The server's context; may be left out when there is one.
        context: Option<String>,
        /// The client's context; without it, the client is a peer that is not observed.
        client: Option<String>,
        /// The session id context that the server's connection is given for itself; without it, its context's.
        id_context: Option<String>,
        /// The context that the server's connection is switched to by the name that the client asks for.
        switch_to: Option<String>,
        /// The protocol that is negotiated; without it, TLSv1.2.
        protocol: Option<ProtocolWord>,
        /// What the server issues; without it, session ids, which TLSv1.3 does not have.
        tickets: Option<TicketsWord>,
        /// How many tickets a server of TLSv1.3 is to send, 0 to 4; without it, 2.
        num_tickets: Option<Count>,
        /// The session that the client proposes, or an id that belongs to none.
        propose: Option<Brief<String, ProposedId>>,
        /// Names for the sessions that it makes: the server's, or `[server's, client's]`; each a name, or in TLSv1.3 a
        /// list with one a ticket.
        #[serde(rename = "as")]
        given: Option<GivenNames>,
    }
    /// A whole handshake.
    Handshake {
        /// The server's context; may be left out when there is one.
        context: Option<String>,
        /// The client's context; without it, the client is a peer that is not observed.
        client: Option<String>,
        /// The session id context that the server's connection is given for itself; without it, its context's.
        id_context: Option<String>,
        /// The context that the server's connection is switched to by the name that the client asks for.
        switch_to: Option<String>,
        /// The protocol that is negotiated; without it, TLSv1.2.
        protocol: Option<ProtocolWord>,
        /// What the server issues; without it, session ids, which TLSv1.3 does not have.
        tickets: Option<TicketsWord>,
        /// How many tickets a server of TLSv1.3 is to send, 0 to 4; without it, 2.
        num_tickets: Option<Count>,
        /// The session that the client proposes, or an id that belongs to none.
        propose: Option<Brief<String, ProposedId>>,
        /// Names for the sessions that it makes: the server's, or `[server's, client's]`; each a name, or in TLSv1.3 a
        /// list with one a ticket.
        #[serde(rename = "as")]
        given: Option<GivenNames>,
        /// How it is closed; without it, `clean`.
        close: Option<How>,
    }
    /// A connection and how it is negotiated again.
    RenegotiateHow {
        /// The connection's name.
        connection: String,
        /// Who asks for it; without it, `client`.
        by: Option<AskedBy>,
        /// Whether the client proposes the session of the connection; without it, `false`. A client that the server
        /// asks does in any case.
        abbreviated: Option<bool>,
        /// Names for the sessions that it makes: the server's, or `[server's, client's]`.
        #[serde(rename = "as")]
        given: Option<GivenNames>,
    }
    /// An id that a peer proposes.
    ProposedId {
        /// 1 to 32 bytes in hex, in quotes.
        id: IdWord,
    }
    /// A connection and how it is closed.
    CloseHow {
        connection: String,
        /// Without it, `clean`.
        how: Option<How>,
    }
    /// Ops that are repeated.
    Repeat {
        times: Count,
        /// Ops alone: in a repeat nothing is stated.
        #[schemars(with = "Vec<Step>")]
        steps: Vec<Value>,
    }
}

/// How a connection is closed.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum How {
    /// Shut down before it is freed.
    Clean,
    /// Freed without a shutdown.
    Unclean,
}

/// Who asks for a renegotiation.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum AskedBy {
    /// The client begins it.
    Client,
    /// The server asks the client to begin it.
    Server,
}
