//! The YAML of a scenario, as types: what may stand where, and nothing about what it means.
//!
//! The doc comments are what an editor shows; the JSON Schema is made of them. Parts that are lists or maps of parts
//! stay [`Value`]s here and are read one by one ([`super::read`]), so that one mistake does not hide the next.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::Value;

use super::scalars::{CopyWord, Count, IdWord, Keeps, Returned, Seconds, When};
use super::schema::{ClauseId, CounterWords, EditionName, ReadingWords, Step};
use super::shapes::{Brief, Ordered};

/// One behaviour of a session cache: a setup, steps, and what each step shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `scenario:`, `clauses:`, `steps:`")]
#[schemars(rename = "scenario")]
pub(super) struct Document {
    /// The behaviour, as a sentence.
    pub(super) scenario: String,
    /// The ids of the clauses that it shows.
    #[schemars(with = "Vec<ClauseId>")]
    pub(super) clauses: Vec<String>,
    /// The editions of the pages under which it holds; without it, 3.0 and 3.3.
    #[schemars(with = "Option<Vec<EditionName>>")]
    pub(super) editions: Option<Vec<String>>,
    /// Axes that are not as in the pure manual, each with its value.
    #[schemars(with = "Option<ReadingWords>")]
    pub(super) readings: Option<Ordered<String>>,
    /// Whether what the pages forbid or never mention is carried out. Then nothing is stated: the scenario is judged by
    /// how it ends, and runs only when hazards are asked for.
    pub(super) hazards: Option<bool>,
    /// Names, each with a list of values: the file is one scenario for each choice of them, and `$name` stands for the
    /// value. Sums are worked out: `now + $timeout + 1`.
    #[serde(rename = "for")]
    #[schemars(with = "Option<Ordered<Vec<serde_json::Value>>>")]
    pub(super) _for: Option<Ordered<Value>>,
    /// The clock before the first step, in seconds since the Epoch; without it, 1000.
    pub(super) clock: Option<Seconds>,
    /// The contexts, in order; without it, one called `server`, as the library makes it.
    #[schemars(with = "Option<Ordered<Context>>")]
    pub(super) contexts: Option<Ordered<Value>>,
    /// Sessions made by hand before the first step, in order.
    #[schemars(with = "Option<Ordered<Session>>")]
    pub(super) sessions: Option<Ordered<Value>>,
    /// All names, in order. Then a name may be used before it is made, or never be made; for traces that were
    /// generated or reduced.
    pub(super) names: Option<NameLists>,
    /// The steps: each is one op and what it shows.
    #[schemars(with = "Vec<Step>")]
    pub(super) steps: Vec<Value>,
    /// What ops of the last phase show, in its order: `probe`, `hangup`, `release`, `application_release`, `ctx_free`.
    #[schemars(with = "Option<Vec<Step>>")]
    pub(super) last: Option<Vec<Value>>,
}

/// All names of a scenario, in order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map of lists")]
#[schemars(rename = "names")]
pub(super) struct NameLists {
    /// Sessions; those made before the first step come first.
    pub(super) sessions: Option<Vec<String>>,
    /// Connections.
    pub(super) connections: Option<Vec<String>>,
}

/// How a context is set before the first step; what is left out is as the library makes it.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, expecting = "a map; `{}` is a context as the library makes it")]
#[schemars(rename = "context")]
pub(super) struct Context {
    /// The session cache mode: flags without `SSL_SESS_CACHE_`.
    pub(super) mode: Option<Vec<Flag>>,
    /// The cache size; 0 is unlimited.
    pub(super) size: Option<Count>,
    /// The timeout of new sessions, in seconds.
    pub(super) timeout: Option<Seconds>,
    /// The session id context: text, or `hex:` and digits.
    pub(super) id_context: Option<String>,
    /// Whether the server asks for the peer's certificate (`SSL_VERIFY_PEER`).
    pub(super) verify_peer: Option<bool>,
    /// The callbacks that are set.
    pub(super) callbacks: Option<CallbackWords>,
    /// What the callbacks do to the external cache.
    pub(super) external: Option<External>,
}

/// A flag of the session cache mode, without `SSL_SESS_CACHE_`.
#[derive(Deserialize, JsonSchema, Clone)]
#[serde(transparent)]
#[schemars(inline, extend("enum" = super::schema::flags()))]
pub(crate) struct Flag(pub(crate) String);

/// The callbacks that are set, and what they answer.
#[derive(Deserialize, JsonSchema, Clone)]
#[serde(deny_unknown_fields, expecting = "a map of callbacks")]
#[schemars(rename = "callbacks")]
pub(super) struct CallbackWords {
    /// `new_session_cb`: `record` returns 0, `keep` returns 1; or a script.
    pub(super) new: Option<Brief<NewWord, NewWords>>,
    /// `get_session_cb`: `record` answers from the external cache with copy 1; or a script.
    pub(super) get: Option<Brief<Record, GetWords>>,
    /// `remove_session_cb`.
    pub(super) remove: Option<Brief<Record, RemoveWords>>,
}

/// What `remove_session_cb` does.
#[derive(Deserialize, JsonSchema, Clone)]
#[serde(deny_unknown_fields, expecting = "`record`, or a map with `calls`")]
#[schemars(inline)]
pub(super) struct RemoveWords {
    /// What it calls: a hazard.
    pub(super) calls: Vec<CallWords>,
}

/// A call that a callback makes on its own context: a hazard, of the scenario's setup only. `this` is the session that
/// the callback was called with.
#[derive(Deserialize, JsonSchema, Clone)]
#[serde(deny_unknown_fields, expecting = "a call: `{flush_sessions: now}`, `{add_session: a}`, `{read: counters}`")]
#[schemars(inline)]
pub(super) struct CallWords {
    /// `SSL_CTX_add_session`
    pub(super) add_session: Option<String>,
    /// `SSL_CTX_remove_session`
    pub(super) remove_session: Option<String>,
    /// `SSL_CTX_flush_sessions`, at a time.
    pub(super) flush_sessions: Option<When>,
    /// `SSL_CTX_sess_number` and the other counters.
    pub(super) read: Option<Reads>,
    /// `SSL_SESSION_free` of a reference that is not the callback's own.
    pub(super) free_unowned: Option<String>,
}

/// What a call from inside a callback reads.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum Reads {
    Counters,
}

/// What `new_session_cb` does.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum NewWord {
    /// Returns 0.
    Record,
    /// Returns 1 and keeps the reference.
    Keep,
}

/// What a callback does when it only notes that it was called.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Record {
    /// The callback is set.
    Record,
}

/// The answers of `new_session_cb`.
#[derive(Deserialize, JsonSchema, Clone)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct NewWords {
    /// What the first calls return: 1 keeps the reference.
    pub(super) returns: Option<Vec<Keeps>>,
    /// What every later call returns; without it, 0.
    pub(super) then: Option<Keeps>,
    /// What it calls: a hazard.
    pub(super) calls: Option<Vec<CallWords>>,
}

/// The answers of `get_session_cb`.
#[derive(Deserialize, JsonSchema, Clone)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct GetWords {
    /// The copy flag of the first calls that find a session.
    pub(super) copy: Option<Vec<CopyWord>>,
    /// The copy flag of every later one; without it, 1.
    pub(super) then: Option<CopyWord>,
    /// What it calls, after it has looked its answer up: a hazard.
    pub(super) calls: Option<Vec<CallWords>>,
}

/// What the callbacks do to the external cache.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map of `new` and `remove`")]
#[schemars(rename = "external")]
pub(super) struct External {
    /// Whether a session that `new_session_cb` keeps goes into the external cache; without it, `store`.
    pub(super) new: Option<OnNew>,
    /// Whether a session that `remove_session_cb` is told of leaves it; without it, `forget`.
    pub(super) remove: Option<OnRemove>,
}

#[derive(Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum OnNew {
    Store,
    Ignore,
}

#[derive(Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum OnRemove {
    Forget,
    Keep,
}

/// A session made by hand.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with an `id`")]
#[schemars(rename = "session")]
pub(super) struct Session {
    /// The id: 1 to 32 bytes in hex, in quotes.
    pub(super) id: IdWord,
    /// Its time; without it, the clock's.
    pub(super) time: Option<Seconds>,
    /// Its timeout, in seconds; without it, 300.
    pub(super) timeout: Option<Seconds>,
    /// Its protocol; without it, TLSv1.2.
    pub(super) protocol: Option<ProtocolWord>,
    /// Its id context: text, or `hex:` and digits.
    pub(super) id_context: Option<String>,
    /// The context whose cache it may enter; may be left out when there is one.
    pub(super) context: Option<String>,
}

#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[schemars(inline)]
pub(crate) enum ProtocolWord {
    #[serde(rename = "TLSv1.1")]
    Tls11,
    #[serde(rename = "TLSv1.2")]
    Tls12,
    #[serde(rename = "TLSv1.3")]
    Tls13,
}

/// What a server issues: `stateful` under `SSL_OP_NO_TICKET`, `stateless` without it.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[schemars(inline)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TicketsWord {
    Stateful,
    Stateless,
}

/// What a step shows. What is not stated is not checked; callbacks that are not stated must not come.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Shows {
    /// What the call answers: a number, `none`, `absent`; for a handshake also `resumed`, `full`, `failed`.
    pub(super) returns: Option<Returned>,
    /// All callbacks, in order.
    pub(super) callbacks: Option<Vec<EventWords>>,
    /// The whole internal cache; `_` is a session without a name. With several contexts, a map of lists.
    pub(super) members: Option<Brief<Vec<String>, Ordered<Vec<String>>>>,
    /// All objects that are destroyed.
    pub(super) destroyed: Option<Vec<String>>,
    /// Some counters. With several contexts, a map of maps.
    #[schemars(with = "Option<CounterWords>")]
    pub(super) counters: Option<Ordered<Brief<i64, Ordered<i64>>>>,
    /// Times of sessions.
    pub(super) times: Option<Ordered<Seconds>>,
    /// Timeouts of sessions.
    pub(super) timeouts: Option<Ordered<Seconds>>,
    /// What `SSL_SESSION_is_resumable()` says of sessions.
    pub(super) resumable: Option<Ordered<bool>>,
}

impl Shows {
    /// The keys of a step that are no verb.
    pub(super) const KEYS: [&'static str; 8] =
        ["returns", "callbacks", "members", "destroyed", "counters", "times", "timeouts", "resumable"];
}

/// A callback: one of `new`, `get`, `remove`, with the session.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a callback: `{new: a}`, `{get: a}`, `{get: none}` or `{remove: a}`")]
#[schemars(rename = "event")]
pub(super) struct EventWords {
    /// `new_session_cb` with this session.
    pub(super) new: Option<String>,
    /// `get_session_cb`: the session that it answers, or `none`.
    pub(super) get: Option<String>,
    /// `remove_session_cb` with this session.
    pub(super) remove: Option<String>,
    /// The context; may be left out when there is one.
    pub(super) context: Option<String>,
}
