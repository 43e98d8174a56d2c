//! A trace as the calls that it comes to, and the subject's answers as what a library would have done.
//!
//! The driver runs twice, here: once on a library that writes down what it is called with, and once on one that hands
//! out the answers. In between, the calls of a whole trace are one message. In this version of the protocol no call
//! depends on an answer: handshakes would. So the subject needs to know nothing of names, of what is absent, of
//! repeats and of the last phase.

use session_model::application::Callbacks;
use session_model::{
    CacheMode, ConnectionRef, ContextRef, IdContext, NewSession, Renegotiation, SessionRef, Time, Timeout,
};

use super::wire::{Call, CalledBack, Capability, Said, Step};
use crate::driver::{Begin, Driver, Library};
use crate::op::{Close, LongIdContext, Op};
use crate::trace::{Setup, Shown, Trace};
use crate::transcript::{Counters, Ending, Event, Member, Transcript};

/// The calls of a trace, each with the step of the trace that it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// What is asked.
    pub steps: Vec<Step>,
    /// Of each, the step of the trace, counted from 0; those of the setup belong to the first.
    pub of: Vec<u32>,
    /// How many steps the trace has.
    pub count: u32,
}

/// The calls that a trace comes to.
///
/// # Errors
///
/// When the protocol has no words for it, or the subject not what it takes: why.
pub fn calls_of(trace: &Trace, has: &[Capability]) -> Result<Calls, String> {
    if trace.setup.hazards {
        return Err("hazards are not in the protocol".to_owned());
    }
    for (_, op) in trace.executed() {
        wordless(&op).map_or(Ok(()), |what| Err(format!("{what} not in version 1 of the protocol")))?;
    }
    let external = trace.executed().any(|(_, op)| matches!(*op, Op::ExternalStore(..)));
    let mut driver = Driver::new(Wire { external, ..Wire::default() }, &trace.setup, trace.shown);
    let (mut steps, mut of) = (Vec::new(), Vec::new());
    let mut none = Transcript::default();
    let mut count = 0;
    for (_, op) in trace.executed() {
        driver.step(&op, &mut none);
        let asks = matches!(*op, Op::Probe) || trace.shown == Shown::Everything || count % 64 == 0;
        let mut made = std::mem::take(&mut driver.library_mut().calls);
        if asks {
            let last = made.iter_mut().rfind(|step| !matches!(step.op, Call::ShowSession { .. }));
            match last {
                Some(last) => last.members = true,
                None => made.insert(0, Step { op: Call::Probe {}, members: true }),
            }
        }
        of.extend(made.iter().map(|_| count));
        steps.append(&mut made);
        count += 1;
        none.clear();
    }
    if driver.library().beyond {
        return Err("a time or timeout of more than 64 bits is not in the protocol".to_owned());
    }
    let lacks = |step: &Step| step.op.needs().filter(|needed| !has.contains(needed));
    match steps.iter().find_map(lacks) {
        Some(needed) => Err(format!("the subject does not have `{}`", needed.word())),
        None => Ok(Calls { steps, of, count }),
    }
}

/// What the protocol has no words for.
fn wordless(op: &Op) -> Option<&'static str> {
    match op {
        Op::AcceptBegin(..)
        | Op::AcceptFinish(_)
        | Op::Renegotiate(..)
        | Op::AcceptAbort(_)
        | Op::Close(..)
        | Op::Handshake(..) => Some("handshakes are"),
        Op::AddSession { synonym, .. } | Op::RemoveSession { synonym, .. } | Op::FlushSessions { synonym, .. }
            if *synonym =>
        {
            Some("the old synonyms are")
        }
        _ => None,
    }
}

/// Fills a transcript with what the answers come to. There may be fewer of them than calls: then the transcript ends
/// before the step of the first call that is not answered.
pub fn transcript_of(trace: &Trace, calls: &Calls, answers: Vec<Said>, ending: Ending, out: &mut Transcript) {
    let whole = calls.of.get(answers.len()).copied().unwrap_or(calls.count);
    let external = trace.executed().any(|(_, op)| matches!(*op, Op::ExternalStore(..)));
    let answered = Answered { answers, next: 0 };
    let wire = Wire {
        external,
        calls: calls.steps.clone(),
        of: calls.of.clone(),
        answered: Some(answered),
        ..Wire::default()
    };
    // The setup belongs to the first step.
    if whole > 0 {
        let mut driver = Driver::new(wire, &trace.setup, trace.shown);
        for ((_, op), _) in trace.executed().zip(0..whole) {
            driver.step(&op, out);
        }
    }
    out.ending = ending;
}

/// The library at the other end of the wire: its calls are written down, or answered by what was said.
#[derive(Default)]
struct Wire {
    calls: Vec<Step>,
    of: Vec<u32>,
    /// `None`: calls are written down.
    answered: Option<Answered>,
    /// Whether the trace has an external cache: without, the application's side of it is not spoken of.
    external: bool,
    /// Whether something was said that does not fit into a number on the wire.
    beyond: bool,
    counters: Vec<Counters>,
    members: Vec<Member>,
    events: Vec<Event>,
    destroyed: Vec<SessionRef>,
}

struct Answered {
    answers: Vec<Said>,
    next: usize,
}

impl Wire {
    /// Writes the call down, or takes its answer.
    fn call(&mut self, op: Call) -> Said {
        let Some(answered) = &mut self.answered else {
            self.calls.push(Step { op, members: false });
            return Said::default();
        };
        // Once an object is said to be destroyed, the driver gives up no more references on it.
        let step = self.of.get(answered.next);
        let is_rest = |next: usize| {
            let free = self.calls.get(next).filter(|free| matches!(free.op, Call::SessionFree { .. }));
            self.of.get(next) == step && free.is_some_and(|free| free.op != op)
        };
        while is_rest(answered.next) {
            answered.next += 1;
        }
        debug_assert_eq!(self.calls[answered.next].op, op, "the driver makes the same calls both times");
        let said = std::mem::take(&mut answered.answers[answered.next]);
        answered.next += 1;
        self.learn(&said);
        said
    }

    fn returns(&mut self, op: Call) -> i64 {
        self.call(op).returns.unwrap_or_default()
    }

    fn learn(&mut self, said: &Said) {
        self.destroyed.extend(said.destroyed.iter().map(|session| SessionRef(*session)));
        self.events.extend(said.events.iter().map(|event| match *event {
            CalledBack::Remove { context, session } => Event::Remove(ContextRef(context), SessionRef(session)),
        }));
        for counted in &said.counters {
            counted.put(&mut self.counters[usize::from(counted.context)]);
        }
        if let Some(members) = &said.members {
            self.members.clear();
            self.members.extend(members.iter().map(|member| Member {
                context: Some(ContextRef(member.context)),
                session: SessionRef(member.session),
                time: member.time,
                timeout: member.timeout,
                resumable: member.resumable,
            }));
        }
    }

    fn seconds(&mut self, seconds: i128) -> i64 {
        i64::try_from(seconds).unwrap_or_else(|_| {
            self.beyond = true;
            0
        })
    }

    fn set_id_context(&mut self, session: SessionRef, id_context: IdContext) -> i64 {
        let id_context = hex(id_context.as_bytes());
        self.returns(Call::SessionSetIdContext { session: session.0, id_context })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Library for Wire {
    fn begin(&mut self, setup: &Setup) {
        self.counters = vec![[0; 12]; setup.contexts.len()];
        self.set_clock(setup.clock);
        for (set, context) in setup.contexts.iter().zip(0..) {
            self.call(Call::CtxNew { context });
            if let Some(mode) = set.mode {
                self.call(Call::SetSessionCacheMode { context, mode: mode.bits() });
            }
            if let Some(size) = set.size {
                self.call(Call::SessSetCacheSize { context, size });
            }
            if let Some(timeout) = set.timeout {
                let timeout = self.seconds(timeout.0);
                self.call(Call::SetTimeout { context, timeout });
            }
            let id_context = set.id_context.as_bytes();
            if !id_context.is_empty() {
                self.call(Call::SetSessionIdContext { context, id_context: hex(id_context) });
            }
            if set.callbacks.remove {
                self.call(Call::SessSetRemoveCb { context, set: true });
            }
            if self.external {
                self.call(Call::ExternalPolicy { context, forgets_removed: set.external.forgets_removed });
            }
        }
    }

    fn at_step(&mut self, step: u32) {
        let Some(answered) = &mut self.answered else { return };
        // What is left of a step before is the rest of a release: references on what was destroyed at an earlier one.
        while answered.next < self.of.len() && self.of[answered.next] < step {
            answered.next += 1;
        }
        let probes = |next: usize| self.of.get(next) == Some(&step) && self.calls[next].op == Call::Probe {};
        if probes(answered.next) {
            self.call(Call::Probe {});
        }
    }

    fn drain(&mut self, out: &mut Transcript) {
        let from = out.destroyed.len();
        out.events.append(&mut self.events);
        out.destroyed.append(&mut self.destroyed);
        out.destroyed[from..].sort_unstable();
    }

    fn counters(&mut self, context: ContextRef) -> Counters {
        self.counters[usize::from(context.0)]
    }

    fn members(&mut self, context: ContextRef, out: &mut Vec<Member>) {
        out.extend(self.members.iter().filter(|member| member.context == Some(context)));
    }

    fn has_id(&mut self, _session: SessionRef) -> bool {
        false
    }

    fn object(&mut self, session: SessionRef) -> Member {
        let said = self.call(Call::ShowSession { session: session.0 });
        let (time, timeout) = (said.time.unwrap_or_default(), said.timeout.unwrap_or_default());
        Member { context: None, session, time, timeout, resumable: said.resumable.unwrap_or_default() }
    }

    fn set_clock(&mut self, now: Time) {
        let time = self.seconds(now.0);
        self.call(Call::SetClock { time });
    }

    fn session(&mut self, session: SessionRef, new: &NewSession) {
        let (time, timeout) = (self.seconds(new.time.0), self.seconds(new.timeout.0));
        let (id, protocol) = (hex(new.id.as_bytes()), new.protocol.into());
        self.call(Call::Session { session: session.0, id, protocol, time, timeout });
        if !new.id_context.as_bytes().is_empty() {
            self.set_id_context(session, new.id_context);
        }
    }

    fn session_up_ref(&mut self, session: SessionRef) -> i64 {
        self.returns(Call::SessionUpRef { session: session.0 })
    }

    fn session_free(&mut self, session: SessionRef) {
        self.call(Call::SessionFree { session: session.0 });
    }

    fn session_set_time(&mut self, session: SessionRef, time: Time) -> i64 {
        let time = self.seconds(time.0);
        self.returns(Call::SessionSetTime { session: session.0, time })
    }

    fn session_get_time(&mut self, session: SessionRef) -> i64 {
        self.returns(Call::SessionGetTime { session: session.0 })
    }

    fn session_set_timeout(&mut self, session: SessionRef, timeout: Timeout) -> i64 {
        let timeout = self.seconds(timeout.0);
        self.returns(Call::SessionSetTimeout { session: session.0, timeout })
    }

    fn session_get_timeout(&mut self, session: SessionRef) -> i64 {
        self.returns(Call::SessionGetTimeout { session: session.0 })
    }

    fn session_is_resumable(&mut self, session: SessionRef) -> i64 {
        self.returns(Call::SessionIsResumable { session: session.0 })
    }

    fn session_set1_id_context(&mut self, session: SessionRef, id_context: IdContext) -> i64 {
        self.set_id_context(session, id_context)
    }

    fn add_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        self.returns(Call::AddSession { context: context.0, session: session.0 })
    }

    fn remove_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        self.returns(Call::RemoveSession { context: context.0, session: session.0 })
    }

    fn flush_sessions(&mut self, context: ContextRef, tm: Time) {
        let time = self.seconds(tm.0);
        self.call(Call::FlushSessions { context: context.0, time });
    }

    fn set_session_cache_mode(&mut self, context: ContextRef, mode: CacheMode) -> i64 {
        self.returns(Call::SetSessionCacheMode { context: context.0, mode: mode.bits() })
    }

    fn get_session_cache_mode(&mut self, context: ContextRef) -> i64 {
        self.returns(Call::GetSessionCacheMode { context: context.0 })
    }

    fn sess_set_cache_size(&mut self, context: ContextRef, size: u32) -> i64 {
        self.returns(Call::SessSetCacheSize { context: context.0, size })
    }

    fn sess_get_cache_size(&mut self, context: ContextRef) -> i64 {
        self.returns(Call::SessGetCacheSize { context: context.0 })
    }

    fn set_timeout(&mut self, context: ContextRef, timeout: Timeout) -> i64 {
        let timeout = self.seconds(timeout.0);
        self.returns(Call::SetTimeout { context: context.0, timeout })
    }

    fn get_timeout(&mut self, context: ContextRef) -> i64 {
        self.returns(Call::GetTimeout { context: context.0 })
    }

    fn set_session_id_context(&mut self, context: ContextRef, id_context: &LongIdContext) -> i64 {
        let id_context = hex(id_context.as_bytes());
        self.returns(Call::SetSessionIdContext { context: context.0, id_context })
    }

    fn set_callbacks(&mut self, context: ContextRef, callbacks: &Callbacks) {
        self.call(Call::SessSetRemoveCb { context: context.0, set: callbacks.remove });
    }

    fn external_store(&mut self, context: ContextRef, session: SessionRef) {
        self.call(Call::ExternalStore { context: context.0, session: session.0 });
    }

    fn external_forget(&mut self, context: ContextRef, session: SessionRef) {
        // What was never stored is not there to be forgotten.
        if self.external {
            self.call(Call::ExternalForget { context: context.0, session: session.0 });
        }
    }

    fn application_release(&mut self, context: ContextRef) {
        if self.external {
            self.call(Call::ApplicationRelease { context: context.0 });
        }
    }

    fn ctx_free(&mut self, context: ContextRef) {
        self.call(Call::CtxFree { context: context.0 });
    }

    fn accept_begin(&mut self, _: ConnectionRef, _: &Begin) -> i64 {
        unreachable!("a trace with handshakes has no calls")
    }

    fn accept_finish(&mut self, _: ConnectionRef) -> i64 {
        unreachable!("a trace with handshakes has no calls")
    }

    fn renegotiate(&mut self, _: ConnectionRef, _: Renegotiation, _: &Begin) -> i64 {
        unreachable!("a trace with handshakes has no calls")
    }

    fn accept_abort(&mut self, _: ConnectionRef) {
        unreachable!("a trace with handshakes has no calls")
    }

    fn close(&mut self, _: ConnectionRef, _: Close) {
        unreachable!("a trace with handshakes has no calls")
    }
}
