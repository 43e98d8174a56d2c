//! What goes over the wire: a message a line, both ways, as JSON.
//!
//! Not here: which calls a trace comes to ([`super::calls`]), and what an answer has to be ([`super::answers`]).

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::transcript::{Counter, Counters};

/// The version of the protocol.
pub const VERSION: u32 = 1;

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
    /// Session id contexts: `session_set1_id_context`, `set_session_id_context`.
    IdContext,
}

impl Capability {
    /// All of this version.
    pub const ALL: [Self; 2] = [Self::External, Self::IdContext];

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::IdContext => "id_context",
        }
    }
}

/// One trace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// Its number: never the same twice in one process.
    pub trace: u64,
    /// What to do, in order.
    pub steps: Vec<Step>,
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
            | Self::ApplicationRelease { .. } => Gives::Nothing,
            Self::ShowSession { .. } => Gives::Session,
            _ => Gives::Value,
        }
    }

    /// What a subject has to have for it; `None`: it is of the core.
    #[must_use]
    pub fn needs(&self) -> Option<Capability> {
        match self {
            Self::SessionSetIdContext { .. } | Self::SetSessionIdContext { .. } => Some(Capability::IdContext),
            Self::ExternalPolicy { .. }
            | Self::ExternalStore { .. }
            | Self::ExternalForget { .. }
            | Self::ApplicationRelease { .. } => Some(Capability::External),
            _ => None,
        }
    }
}

/// The subject's first line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Greeting {
    /// Who answers.
    pub hello: Greeted,
}

/// The subject, and what it has beyond the core.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Greeted {
    /// The version of the protocol that it speaks: that of the harness.
    pub protocol: u32,
    /// Its name and version, as the report shows it.
    pub subject: String,
    /// What it has beyond the core.
    pub capabilities: Vec<Capability>,
}

/// Every other line of a subject: the answer to a step, that it cannot do it, or that a trace is done.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The number of the trace.
    pub trace: u64,
    /// The step that is answered, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// All steps of the trace are answered: how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<u32>,
    /// This step cannot be done: why. It ends the trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What the function returned, when it returns something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns: Option<i64>,
    /// The callbacks that were called, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<CalledBack>,
    /// The sessions whose last reference was given up, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destroyed: Vec<u32>,
    /// The counters that changed; what is left out is as it was, and 0 at first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<Counted>,
    /// Who is in the internal caches, in any order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<MemberSaid>>,
    /// Of `show_session`: its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// Of `show_session`: its timeout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
    /// Of `show_session`: whether it is resumable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumable: Option<bool>,
}

/// A callback that was called.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "callback", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the arguments of the callback")]
pub enum CalledBack {
    /// `remove_session_cb`
    Remove { context: u8, session: u32 },
}

/// Counters of one context, by their names in SSL_CTX_sess_number(3).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "they are those of the page")]
pub struct Counted {
    pub context: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_good: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_renegotiate: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept_good: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept_renegotiate: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hits: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cb_hits: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub misses: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_full: Option<i64>,
}

impl Counted {
    /// Puts what is said into the counters of its context.
    pub(super) fn put(&self, counters: &mut Counters) {
        for counter in Counter::ALL {
            if let Some(value) = self.of(counter) {
                counters[counter as usize] = value;
            }
        }
    }

    fn of(&self, counter: Counter) -> Option<i64> {
        match counter {
            Counter::Number => self.number,
            Counter::Connect => self.connect,
            Counter::ConnectGood => self.connect_good,
            Counter::ConnectRenegotiate => self.connect_renegotiate,
            Counter::Accept => self.accept,
            Counter::AcceptGood => self.accept_good,
            Counter::AcceptRenegotiate => self.accept_renegotiate,
            Counter::Hits => self.hits,
            Counter::CbHits => self.cb_hits,
            Counter::Misses => self.misses,
            Counter::Timeouts => self.timeouts,
            Counter::CacheFull => self.cache_full,
        }
    }
}

/// A session in an internal cache.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "what the functions of their names return")]
pub struct MemberSaid {
    pub context: u8,
    pub session: u32,
    pub time: i64,
    pub timeout: i64,
    pub resumable: bool,
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
