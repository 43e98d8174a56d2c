//! Where a subject and the manual part: a result, not an error.

use session_model::Clause;

use crate::op::Op;
use crate::trace::Place;
use crate::transcript::Counter;

/// What differs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// What the call returns.
    Answer,
    /// A callback that is ruled is not called.
    CallbackMissing,
    /// A callback is called that is not ruled.
    CallbackExtra,
    /// The right callbacks in the wrong order.
    CallbackOrder,
    /// An object lives on whose last reference is gone.
    DestroyedMissing,
    /// An object is destroyed that is still referenced.
    DestroyedExtra,
    /// A counter of SSL_CTX_sess_number(3).
    Counter(Counter),
    /// A session is not in the internal cache, or not shown.
    MemberMissing,
    /// A session is in the internal cache that should not be.
    MemberExtra,
    /// A session's time.
    Time,
    /// A session's timeout.
    Timeout,
    /// A session's resumable mark.
    Mark,
    /// Something about the members; shown in full, it is one of those above.
    Digest,
    /// The subject crashed.
    Crashed,
    /// The subject hung.
    Hung,
    /// The subject took more memory than there is for it.
    Grew,
    /// The subject said what is no answer.
    Broke,
    /// The subject showed fewer steps than there are, more, or less of one than was asked for.
    Short,
}

impl Kind {
    /// The names of all of them.
    #[must_use]
    pub fn names() -> Vec<String> {
        let plain = [
            Self::Answer,
            Self::CallbackMissing,
            Self::CallbackExtra,
            Self::CallbackOrder,
            Self::DestroyedMissing,
            Self::DestroyedExtra,
            Self::MemberMissing,
            Self::MemberExtra,
            Self::Time,
            Self::Timeout,
            Self::Mark,
            Self::Digest,
            Self::Crashed,
            Self::Hung,
            Self::Grew,
            Self::Broke,
            Self::Short,
        ];
        plain.into_iter().chain(Counter::ALL.map(Self::Counter)).map(Self::name).collect()
    }

    /// In a word or two, for lists and for telling two divergences apart.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Answer => "answer",
            Self::CallbackMissing => "callback missing",
            Self::CallbackExtra => "callback extra",
            Self::CallbackOrder => "callback order",
            Self::DestroyedMissing => "not destroyed",
            Self::DestroyedExtra => "destroyed",
            Self::Counter(counter) => return format!("counter {}", counter.name()),
            Self::MemberMissing => "member missing",
            Self::MemberExtra => "member extra",
            Self::Time => "time",
            Self::Timeout => "timeout",
            Self::Mark => "mark",
            Self::Digest => "digest",
            Self::Crashed => "crashed",
            Self::Hung => "hung",
            Self::Grew => "grew",
            Self::Broke => "broke the protocol",
            Self::Short => "short",
        }
        .to_owned()
    }
}

/// The first step at which a subject and the manual part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Divergence {
    /// Where in the trace.
    pub place: Place,
    /// Which of the executed ops, counted from 0.
    pub index: usize,
    /// The op.
    pub op: Op,
    /// The clause that is broken.
    pub clause: Clause,
    /// What differs.
    pub kind: Kind,
    /// What the manual rules.
    pub ruled: String,
    /// What was seen.
    pub seen: String,
}

impl Op {
    /// The op's word, as a scenario writes it.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Session(..) => "session",
            Self::UpRef(_) => "up_ref",
            Self::Free(_) => "free",
            Self::SessionSetTime(..) => "set_time",
            Self::SessionGetTime(_) => "get_time",
            Self::SessionSetTimeout(..) | Self::SetTimeout(..) => "set_timeout",
            Self::SessionGetTimeout(_) | Self::GetTimeout(_) => "get_timeout",
            Self::IsResumable(_) => "is_resumable",
            Self::SessionSetIdContext(..) => "set_id_context",
            Self::AddSession { .. } => "add_session",
            Self::RemoveSession { .. } => "remove_session",
            Self::FlushSessions { .. } => "flush_sessions",
            Self::SetSessionCacheMode(..) => "set_session_cache_mode",
            Self::GetSessionCacheMode(_) => "get_session_cache_mode",
            Self::SessSetCacheSize(..) => "sess_set_cache_size",
            Self::SessGetCacheSize(_) => "sess_get_cache_size",
            Self::SetSessionIdContext(..) => "set_session_id_context",
            Self::SetCallbacks(..) => "set_callbacks",
            Self::ExternalStore(..) => "external_store",
            Self::ExternalForget(..) => "external_forget",
            Self::CtxFree(_) => "ctx_free",
            Self::AcceptBegin(..) => "accept_begin",
            Self::AcceptFinish(_) => "accept_finish",
            Self::Renegotiate(..) => "renegotiate",
            Self::AcceptAbort(_) => "accept_abort",
            Self::Close(..) => "close",
            Self::Handshake(..) => "handshake",
            Self::Advance(_) => "advance",
            Self::SetClock(_) => "set_clock",
            Self::Repeat(..) => "repeat",
            Self::Hazard(hazard) => hazard.verb(),
            Self::Release(_) => "release",
            Self::Hangup(_) => "hangup",
            Self::ApplicationRelease(_) => "application_release",
            Self::Probe => "probe",
        }
    }
}
