//! What a subject says over the wire: its hello, then an answer a step.
//!
//! Not here: what the harness says ([`super::wire`]), and what an answer has to be ([`super::answers`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::wire::Capability;
use crate::transcript::{Counter, Counters};

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
    /// The version of the protocol that it speaks: that of the harness, or an older one.
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
    /// Of `accept_begin` and `renegotiate`, when a session is resumed: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<u32>,
    /// Of `accept_finish` and `renegotiate`, when a new session was negotiated: which were made and have an id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<u32>,
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
    /// `new_session_cb`, and whether it returned 1.
    New { context: u8, session: u32, kept: bool },
    /// `get_session_cb` with an id, hexadecimal, and the session that it answered, if any.
    Get { context: u8, id: String, session: Option<u32> },
}

impl CalledBack {
    /// The context that called, and the session that it was about.
    pub(super) fn about(&self) -> (u8, Option<u32>) {
        match *self {
            Self::Remove { context, session } | Self::New { context, session, .. } => (context, Some(session)),
            Self::Get { context, session, .. } => (context, session),
        }
    }
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
