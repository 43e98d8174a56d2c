//! What goes over the wire: a message a line, both ways, as JSON. This file has what the harness says, `said` what a
//! subject does.
//!
//! Not here: which calls a trace comes to ([`super::calls`]), and what an answer has to be ([`super::answers`]).

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::said::{CalledBack, Counted, Greeted, Greeting, MemberSaid, Said};

/// The version of the protocol.
pub const VERSION: u32 = 2;

/// The oldest version that a subject may speak. It has no handshakes, and the rest is the same.
pub const OLDEST: u32 = 1;

/// What the harness says: the hello once, then traces.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Message {
    /// The first line.
    Hello {
        /// Who asks.
        hello: Harness,
    },
    /// Every other line.
    Traces {
        /// Traces to run, one after the other, each in a world of its own.
        traces: Vec<Asked>,
    },
}

/// The harness, and what it can ask for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Harness {
    /// The version of the protocol that it speaks.
    pub protocol: u32,
    /// Its name and version.
    pub harness: String,
    /// What a subject can have beyond the core.
    pub capabilities: Vec<Capability>,
}

/// What a subject can have beyond the core.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// An external cache of the application: `external_policy`, `external_store`, `external_forget`,
    /// `application_release`.
    External,
    /// Session id contexts: `session_set1_id_context`, `set_session_id_context`; with `handshakes`, also one that is a
    /// connection's own.
    IdContext,
    /// The server's side of handshakes up to TLS 1.2, by session ids: `accept_begin`, `accept_finish`, `accept_abort`,
    /// `close`, `set_verify`, `sess_set_new_cb`, `sess_set_get_cb`. From version 2 on.
    Handshakes,
    /// With `handshakes`: a context that clients are connected with, so that their side is seen too.
    Client,
    /// With `handshakes`: `renegotiate`.
    Renegotiation,
    /// With `handshakes`: connections that are switched to another context (`switch_to`).
    Servername,
}

impl Capability {
    /// All of this version.
    pub const ALL: [Self; 6] =
        [Self::External, Self::IdContext, Self::Handshakes, Self::Client, Self::Renegotiation, Self::Servername];

    /// What nobody has without handshakes.
    pub(super) const BEYOND_HANDSHAKES: [Self; 3] = [Self::Client, Self::Renegotiation, Self::Servername];

    /// The version of the protocol that it came with.
    #[must_use]
    pub fn since(self) -> u32 {
        match self {
            Self::External | Self::IdContext => 1,
            Self::Handshakes | Self::Client | Self::Renegotiation | Self::Servername => 2,
        }
    }

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::IdContext => "id_context",
            Self::Handshakes => "handshakes",
            Self::Client => "client",
            Self::Renegotiation => "renegotiation",
            Self::Servername => "servername",
        }
    }
}

/// One trace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// Its number: in one process, no other trace has it.
    pub trace: u64,
    /// The number of the first of these steps. Not 0: the trace goes on from the message before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub from: u32,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// Whether the trace goes on in a later message, which depends on the answers to this one: no `done` yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The op.
    #[serde(flatten)]
    pub op: Call,
    /// Whether the answer has to have `members`, however many there are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub members: bool,
}

/// An op. Times and timeouts are in seconds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the function; what is not has a comment")]
pub enum Call {
    /// It is now this time.
    SetClock { time: i64 },
    /// `SSL_CTX_new`: a context of this number, with the defaults of the pages.
    CtxNew { context: u8 },
    /// `SSL_CTX_free`
    CtxFree { context: u8 },
    /// `SSL_CTX_set_session_cache_mode`; returns the mode before.
    SetSessionCacheMode { context: u8, mode: u32 },
    /// `SSL_CTX_get_session_cache_mode`
    GetSessionCacheMode { context: u8 },
    /// `SSL_CTX_sess_set_cache_size`; returns the size before.
    SessSetCacheSize { context: u8, size: u32 },
    /// `SSL_CTX_sess_get_cache_size`
    SessGetCacheSize { context: u8 },
    /// `SSL_CTX_set_timeout`; returns the timeout before.
    SetTimeout { context: u8, timeout: i64 },
    /// `SSL_CTX_get_timeout`
    GetTimeout { context: u8 },
    /// `SSL_CTX_sess_set_remove_cb`: the callback that records itself in `events`, or none.
    SessSetRemoveCb { context: u8, set: bool },
    /// `SSL_SESSION_new`, with everything set: the trace holds one reference on it. The id is hexadecimal.
    Session { session: u32, id: String, protocol: Protocol, time: i64, timeout: i64 },
    /// `SSL_SESSION_up_ref`: one more reference of the trace.
    SessionUpRef { session: u32 },
    /// `SSL_SESSION_free`: one reference less.
    SessionFree { session: u32 },
    /// `SSL_SESSION_set_time`
    SessionSetTime { session: u32, time: i64 },
    /// `SSL_SESSION_get_time`
    SessionGetTime { session: u32 },
    /// `SSL_SESSION_set_timeout`
    SessionSetTimeout { session: u32, timeout: i64 },
    /// `SSL_SESSION_get_timeout`
    SessionGetTimeout { session: u32 },
    /// `SSL_SESSION_is_resumable`
    SessionIsResumable { session: u32 },
    /// `SSL_CTX_add_session`
    AddSession { context: u8, session: u32 },
    /// `SSL_CTX_remove_session`
    RemoveSession { context: u8, session: u32 },
    /// `SSL_CTX_flush_sessions`: `time` is what expiry is tested against.
    FlushSessions { context: u8, time: i64 },
    /// Nothing happens.
    Probe {},
    /// Nothing happens; the answer has `time`, `timeout` and `resumable` of this session.
    ShowSession { session: u32 },

    /// With `id_context`: `SSL_SESSION_set1_id_context`, hexadecimal.
    #[serde(rename = "session_set1_id_context")]
    SessionSetIdContext { session: u32, id_context: String },
    /// With `id_context`: `SSL_CTX_set_session_id_context`, hexadecimal; more than 32 bytes are refused with 0.
    SetSessionIdContext { context: u8, id_context: String },

    /// With `external`: whether the application's `remove_session_cb` forgets the session in the external cache.
    ExternalPolicy { context: u8, forgets_removed: bool },
    /// With `external`: the application takes a reference and stores the session under its id; what was there leaves.
    ExternalStore { context: u8, session: u32 },
    /// With `external`: the application frees the reference that it has under the id of this session, if any.
    ExternalForget { context: u8, session: u32 },
    /// With `external`: the application frees all references that it has for the context.
    ApplicationRelease { context: u8 },

    /// With `handshakes`: `SSL_CTX_set_verify`: whether the server asks for the client's certificate.
    SetVerify { context: u8, peer: bool },
    /// With `handshakes`: `SSL_CTX_sess_set_new_cb`, or none. `keeps`: what the first calls return, `then`: every later
    /// one. What it keeps goes into the external cache when it `stores`.
    SessSetNewCb { context: u8, set: bool, keeps: Vec<bool>, then: bool, stores: bool },
    /// With `handshakes`: `SSL_CTX_sess_set_get_cb`, which answers from the external cache, or none. `copies`: what the
    /// first calls that find a session write to `copy`, `then`: every later one; −1: nothing.
    SessSetGetCb { context: u8, set: bool, copies: Vec<i8>, then: i8 },
    /// With `handshakes`: a client's first flight, and the server's answer.
    AcceptBegin(Accept),
    /// With `handshakes`: the rest of the handshake.
    AcceptFinish { connection: u32 },
    /// With `handshakes`: the connection is dropped before its handshake is finished.
    AcceptAbort { connection: u32 },
    /// With `handshakes`: both sides of a finished connection are freed, the server's first, after a shutdown (`clean`)
    /// or without one.
    Close { connection: u32, clean: bool },
    /// With `renegotiation`: another handshake on a finished connection, begin to end.
    Renegotiate(Again),
}

/// How a handshake is begun.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Accept {
    /// The connection from now on, of this number.
    pub connection: u32,
    /// The server's context.
    pub context: u8,
    /// The protocol of the connection.
    pub protocol: Protocol,
    /// The id that the client proposes, hexadecimal; left out: none, or that of `propose_session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propose_id: Option<String>,
    /// With `client`: the client is given this session of its own (`SSL_set_session`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propose_session: Option<u32>,
    /// What this handshake may make.
    #[serde(flatten)]
    pub makes: Makes,
    /// With `client`: the client's context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<u8>,
    /// With `id_context`: that of the server's connection, when it is another than its context's, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_context: Option<String>,
    /// With `servername`: the context that the servername callback switches the server's connection to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switch_to: Option<u8>,
}

/// A further handshake of a connection.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Again {
    /// The connection.
    pub connection: u32,
    /// Who asks for it, and for which.
    pub kind: Kind,
    /// The id that a client without context proposes, hexadecimal; left out: none. One with a context proposes the
    /// session of the connection, unless `kind` is `new`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propose_id: Option<String>,
    /// What this handshake may make.
    #[serde(flatten)]
    pub makes: Makes,
}

/// What a handshake makes when none is resumed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Makes {
    /// The id of the new session, hexadecimal.
    pub id: String,
    /// The number of the server's new session.
    pub server_session: u32,
    /// With `client`: the number of the client's new session, which has the same id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_session: Option<u32>,
}

/// Who asks for a further handshake.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `SSL_renegotiate` on the client.
    New,
    /// `SSL_renegotiate_abbreviated` on the client.
    Abbreviated,
    /// `SSL_renegotiate` on the server.
    Requested,
}

/// A protocol version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the versions of TLS")]
pub enum Protocol {
    #[serde(rename = "TLSv1.1")]
    Tls11,
    #[serde(rename = "TLSv1.2")]
    Tls12,
    #[serde(rename = "TLSv1.3")]
    Tls13,
}

impl From<session_model::Protocol> for Protocol {
    fn from(protocol: session_model::Protocol) -> Self {
        match protocol {
            session_model::Protocol::Tls11 => Self::Tls11,
            session_model::Protocol::Tls12 => Self::Tls12,
            session_model::Protocol::Tls13 => Self::Tls13,
        }
    }
}

/// What an answer has to have beside what is the same for all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gives {
    /// Nothing.
    Nothing,
    /// `returns`.
    Value,
    /// `time`, `timeout` and `resumable`.
    Session,
}

impl Call {
    /// Its word on the wire.
    ///
    /// # Panics
    ///
    /// Never: a call is JSON, and has its word in it.
    #[must_use]
    pub fn word(&self) -> String {
        let json = serde_json::to_value(self).expect("a call is JSON");
        json["op"].as_str().expect("a call has its word in it").to_owned()
    }

    /// What its answer has to have.
    #[must_use]
    pub fn gives(&self) -> Gives {
        match self {
            Self::SetClock { .. }
            | Self::CtxNew { .. }
            | Self::CtxFree { .. }
            | Self::SessSetRemoveCb { .. }
            | Self::Session { .. }
            | Self::SessionFree { .. }
            | Self::FlushSessions { .. }
            | Self::Probe {}
            | Self::ExternalPolicy { .. }
            | Self::ExternalStore { .. }
            | Self::ExternalForget { .. }
            | Self::ApplicationRelease { .. }
            | Self::SetVerify { .. }
            | Self::SessSetNewCb { .. }
            | Self::SessSetGetCb { .. }
            | Self::AcceptAbort { .. }
            | Self::Close { .. } => Gives::Nothing,
            Self::ShowSession { .. } => Gives::Session,
            _ => Gives::Value,
        }
    }

    /// What a subject has to have for it; nothing: it is of the core.
    #[must_use]
    pub fn needs(&self) -> Vec<Capability> {
        match self {
            Self::SessionSetIdContext { .. } | Self::SetSessionIdContext { .. } => vec![Capability::IdContext],
            Self::ExternalPolicy { .. }
            | Self::ExternalStore { .. }
            | Self::ExternalForget { .. }
            | Self::ApplicationRelease { .. } => vec![Capability::External],
            Self::SetVerify { .. }
            | Self::SessSetNewCb { .. }
            | Self::SessSetGetCb { .. }
            | Self::AcceptFinish { .. }
            | Self::AcceptAbort { .. }
            | Self::Close { .. } => vec![Capability::Handshakes],
            Self::AcceptBegin(accept) => {
                let beyond = [
                    (accept.client.is_some(), Capability::Client),
                    (accept.switch_to.is_some(), Capability::Servername),
                    (accept.id_context.is_some(), Capability::IdContext),
                ];
                let beyond = beyond.into_iter().filter_map(|(is_there, needed)| is_there.then_some(needed));
                std::iter::once(Capability::Handshakes).chain(beyond).collect()
            }
            Self::Renegotiate(_) => vec![Capability::Handshakes, Capability::Renegotiation],
            _ => Vec::new(),
        }
    }
}

/// Any line of the protocol, for the schema.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema is made of it")]
enum Line {
    /// What the harness writes.
    Harness(Message),
    /// The subject's first line.
    Greeting(Greeting),
    /// Every other line of a subject.
    Said(Said),
}

/// The JSON Schema of a line, as it stands in `protocol.schema.json`, which a test compares.
///
/// # Panics
///
/// Never: a schema is always JSON.
#[must_use]
pub fn schema_text() -> String {
    let schema = schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<Line>();
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

/// Words that may have some of the subject's in them: their beginning, and control characters escaped.
#[must_use]
pub fn shortened(words: &str) -> String {
    const MOST: usize = 300;
    let mut chars = words.chars();
    let mut shortened = String::new();
    for char in chars.by_ref().take(MOST) {
        if char.is_control() {
            shortened.extend(char.escape_debug());
        } else {
            shortened.push(char);
        }
    }
    if chars.next().is_some() {
        shortened.push('…');
    }
    shortened
}

/// A line as a verdict quotes it: its beginning, and what is no text escaped.
#[must_use]
pub fn quoted(line: &[u8]) -> String {
    const MOST: usize = 160;
    let text: Cow<'_, str> = String::from_utf8_lossy(&line[..line.len().min(4 * MOST)]);
    let mut quoted: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().count() > MOST || line.len() > 4 * MOST {
        quoted += "…";
    }
    format!("`{quoted}`")
}
