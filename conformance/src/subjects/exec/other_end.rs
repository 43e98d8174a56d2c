//! The library at the other end of the wire: which op is which call, and what an answer means.
//!
//! Not here: when it is asked, and for which trace ([`super::calls`]).

use session_model::application::{Callbacks, Copy, ExternalPolicy};
use session_model::{
    CacheMode, ConnectionRef, ContextRef, IdContext, NewSession, Renegotiation, SessionId, SessionRef, Time, Timeout,
};

use super::calls::{Asked, Calls, Piece, is_show};
use super::needs;
use super::sessions::id_of;
use super::wire::{Accept, Again, Call, CalledBack, Kind, Makes, Said, Step};
use crate::driver::{Begin, Library, Offer};
use crate::op::{Close, LongIdContext};
use crate::trace::{Setup, Trace};
use crate::transcript::{Counters, Ending, Event, Member, Transcript, id_digest};

/// Asks for a piece: pushes an answer for each call.
type Ask<'a> = &'a mut dyn FnMut(Piece<'_>, &mut Vec<Said>) -> Ending;

/// The library at the other end of the wire.
pub(super) struct Wire<'a> {
    calls: Calls,
    answers: Vec<Said>,
    /// Up to which call it was asked, or the answers were handed out.
    next: usize,
    run: Run<'a>,
    /// Whether the trace has an external cache: without, the application's side of it is not spoken of.
    external: bool,
    /// Whether the trace has handshakes: without, callbacks that only they call are not spoken of.
    handshakes: bool,
    policies: Vec<ExternalPolicy>,
    open: Vec<Open>,
    /// What the last handshake has made.
    made: Vec<u32>,
    counters: Vec<Counters>,
    members: Vec<Member>,
    events: Vec<Event>,
    destroyed: Vec<SessionRef>,
}

/// Which of the two runs it is.
enum Run<'a> {
    /// Calls are written down, and asked for where what comes next depends on them.
    Asking {
        ask: Ask<'a>,
        ending: Ending,
        /// The op: its number, its first call, where to ask in it, whether each of its calls shows the members.
        op: u32,
        first: usize,
        asks: Asks,
        shows: bool,
    },
    /// Calls are answered by what was said.
    Answered,
}

/// At which calls of an op the subject is asked, since what comes next depends on them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asks {
    /// At none.
    Never,
    /// When a handshake is finished.
    AtTheEnd,
    /// When one is begun, and when one is finished.
    Always,
}

/// An open connection of a client without context.
struct Open {
    connection: ConnectionRef,
    /// The id of what a handshake of it makes.
    id: SessionId,
    /// What the server's side of that is.
    server_session: SessionRef,
    /// What the client has to propose in the next handshake.
    offered: Option<SessionId>,
}

impl<'a> Wire<'a> {
    /// For the first run.
    pub(super) fn asking(trace: &Trace, ask: Ask<'a>) -> Self {
        let run = Run::Asking { ask, ending: Ending::Completed, op: 0, first: 0, asks: Asks::Never, shows: false };
        Self::new(trace, run, Calls::default(), Vec::new())
    }

    /// For the second run.
    pub(super) fn answered(trace: &Trace, calls: Calls, answers: Vec<Said>) -> Self {
        Self::new(trace, Run::Answered, calls, answers)
    }

    fn new(trace: &Trace, run: Run<'a>, calls: Calls, answers: Vec<Said>) -> Self {
        Self {
            calls,
            answers,
            next: 0,
            run,
            external: needs::has_external(trace),
            handshakes: needs::has_handshakes(trace),
            policies: trace.setup.contexts.iter().map(|context| context.external).collect(),
            open: Vec::new(),
            made: Vec::new(),
            counters: Vec::new(),
            members: Vec::new(),
            events: Vec::new(),
            destroyed: Vec::new(),
        }
    }

    /// An op of the trace begins. The calls of the setup are there already and belong to the first.
    pub(super) fn begin_op(&mut self, n: u32, asked: Asks, shown: bool) {
        let calls = self.calls.steps.len();
        if let Run::Asking { op, first, asks, shows, .. } = &mut self.run {
            (*op, *asks, *shows) = (n, asked, asked != Asks::Never && shown);
            *first = if n == 0 { 0 } else { calls };
        }
    }

    /// An op of the trace has ended; when it shows everything, its last call has to.
    pub(super) fn end_op(&mut self, shown: bool) {
        let Run::Asking { op, first, .. } = self.run else { return };
        if !shown {
            return;
        }
        match self.calls.steps[first..].iter_mut().rfind(|step| !is_show(&step.op)) {
            Some(last) => last.members = true,
            None => {
                self.calls.steps.insert(first, Step { op: Call::Probe {}, members: true });
                self.calls.of.insert(first, op);
            }
        }
    }

    /// Whether the trace has ended before its last op.
    pub(super) fn ended(&self) -> bool {
        matches!(&self.run, Run::Asking { ending, .. } if *ending != Ending::Completed)
    }

    /// After so many ops: asks for what was not asked for, unless the trace has ended.
    pub(super) fn ask_for_the_rest(&mut self, count: u32) -> Asked {
        if !self.ended() {
            self.ask(false);
        }
        self.calls.count = count;
        let Run::Asking { ending, .. } = &mut self.run else { unreachable!("only the first run asks") };
        let ending = std::mem::take(ending);
        Asked { calls: std::mem::take(&mut self.calls), answers: std::mem::take(&mut self.answers), ending }
    }

    fn ask(&mut self, more: bool) {
        let Run::Asking { ask, ending, .. } = &mut self.run else { return };
        let Calls { steps, of, .. } = &self.calls;
        let from = u32::try_from(self.next).expect("a trace has fewer than 2^32 calls");
        *ending = ask(Piece { from, steps: &steps[self.next..], of: &of[self.next..], more }, &mut self.answers);
        self.next = steps.len();
    }

    /// Writes the call down, or takes its answer.
    fn call(&mut self, call: Call) -> Said {
        let Run::Asking { op, shows, .. } = self.run else { return self.take(&call) };
        if !self.ended() {
            let members = shows && !is_show(&call) || self.may_change_after_a_drop(&call);
            self.calls.steps.push(Step { members, op: call });
            self.calls.of.push(op);
        }
        Said::default()
    }

    /// Whether a call may take sessions out in a step in which an earlier one has dropped some for size: what is shown
    /// of them is how they are at the end of the step.
    fn may_change_after_a_drop(&self, call: &Call) -> bool {
        match call {
            Call::Close { clean, .. } => !clean,
            Call::AcceptFinish { .. } => self.external,
            _ => false,
        }
    }

    /// As [`Self::call`]; the answer is waited for from an op that asks here. Otherwise it is taken to be 0.
    fn call_from(&mut self, from: &[Asks], call: Call) -> Said {
        let said = self.call(call);
        let Run::Asking { asks, .. } = self.run else { return said };
        if !from.contains(&asks) {
            return Said { returns: Some(0), ..said };
        }
        if !self.ended() {
            self.ask(true);
        }
        match self.answers.last() {
            Some(last) if !self.ended() => last.clone(),
            // The trace is over, and so is its connection.
            _ => Said { returns: Some(-1), ..said },
        }
    }

    fn take(&mut self, call: &Call) -> Said {
        // Once an object is said to be destroyed, the driver gives up no more references on it.
        let step = self.calls.of.get(self.next);
        let is_rest = |next: usize| {
            let free = self.calls.steps.get(next).filter(|free| matches!(free.op, Call::SessionFree { .. }));
            self.calls.of.get(next) == step && free.is_some_and(|free| free.op != *call)
        };
        while is_rest(self.next) {
            self.next += 1;
        }
        debug_assert_eq!(self.calls.steps[self.next].op, *call, "the driver makes the same calls both times");
        self.take_next()
    }

    fn take_next(&mut self) -> Said {
        let said = std::mem::take(&mut self.answers[self.next]);
        self.next += 1;
        self.learn(&said);
        said
    }

    /// A handshake has failed: what else was called on its connection in this step did nothing.
    fn take_the_rest_of(&mut self, failed: u32) {
        if !matches!(self.run, Run::Answered) {
            return;
        }
        let step = self.calls.of[self.next - 1];
        let is_of_it = |call: &Call| match call {
            Call::AcceptFinish { connection } | Call::Close { connection, .. } => *connection == failed,
            _ => false,
        };
        while self.calls.of.get(self.next) == Some(&step) && is_of_it(&self.calls.steps[self.next].op) {
            self.take_next();
        }
    }

    fn returns(&mut self, call: Call) -> i64 {
        self.call(call).returns.unwrap_or_default()
    }

    /// What came of the end of a handshake of this connection.
    fn negotiated(&mut self, connection: ConnectionRef, said: Said) -> i64 {
        let returns = said.returns.unwrap_or_default();
        self.made = said.made;
        if returns < 0 {
            self.close_open(connection);
            self.take_the_rest_of(connection.0);
        } else if let Some(open) = self.open.iter_mut().find(|open| open.connection == connection)
            && returns == 0
        {
            // A session that has no id, or was not made, cannot be proposed.
            open.offered = self.made.contains(&open.server_session.0).then_some(open.id);
        }
        returns
    }

    fn close_open(&mut self, connection: ConnectionRef) {
        self.open.retain(|open| open.connection != connection);
    }

    fn learn(&mut self, said: &Said) {
        self.destroyed.extend(said.destroyed.iter().map(|session| SessionRef(*session)));
        self.events.extend(said.events.iter().map(event_of));
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
            if let Run::Asking { ending, .. } = &mut self.run {
                *ending = Ending::Refused("a time or timeout of more than 64 bits is not in the protocol".to_owned());
            }
            0
        })
    }

    /// The callbacks that only a handshake calls; those that are not set are spoken of where they may have been.
    fn set_handshake_callbacks(&mut self, context: u8, callbacks: &Callbacks, again: bool) {
        if !self.handshakes {
            return;
        }
        let Callbacks { new, get, .. } = callbacks;
        if again || new.is_some() {
            let (set, script) = (new.is_some(), new.clone().unwrap_or_default());
            let stores = self.policies[usize::from(context)].stores_new;
            self.call(Call::SessSetNewCb { context, set, keeps: script.first, then: script.then, stores });
        }
        if again || get.is_some() {
            let (set, script) = (get.is_some(), get.clone().unwrap_or_default());
            let copies = script.first.into_iter().map(copy_of).collect();
            self.call(Call::SessSetGetCb { context, set, copies, then: copy_of(script.then) });
        }
    }

    fn set_id_context(&mut self, session: SessionRef, id_context: IdContext) -> i64 {
        let id_context = hex(id_context.as_bytes());
        self.returns(Call::SessionSetIdContext { session: session.0, id_context })
    }
}

fn event_of(event: &CalledBack) -> Event {
    match event {
        CalledBack::Remove { context, session } => Event::Remove(ContextRef(*context), SessionRef(*session)),
        CalledBack::New { context, session, kept } => Event::New(ContextRef(*context), SessionRef(*session), *kept),
        CalledBack::Get { context, id, session } => {
            let id = id_of(id).expect("an answer has ids");
            Event::Get(ContextRef(*context), id_digest(id.as_bytes()), session.map(SessionRef))
        }
    }
}

/// What a callback writes to its parameter `copy`.
fn copy_of(copy: Copy) -> i8 {
    match copy {
        Copy::Unset => -1,
        Copy::Zero => 0,
        Copy::One => 1,
    }
}

fn makes(begin: &Begin) -> Makes {
    Makes {
        id: hex(begin.id().as_bytes()),
        server_session: begin.server_session.0,
        client_session: begin.client.map(|_| begin.client_session.0),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Library for Wire<'_> {
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
            if set.verify_peer && self.handshakes {
                self.call(Call::SetVerify { context, peer: true });
            }
            if set.callbacks.remove {
                self.call(Call::SessSetRemoveCb { context, set: true });
            }
            self.set_handshake_callbacks(context, &set.callbacks, false);
            if self.external {
                self.call(Call::ExternalPolicy { context, forgets_removed: set.external.forgets_removed });
            }
        }
    }

    fn at_step(&mut self, step: u32) {
        let Run::Answered = self.run else { return };
        // What is left of a step before is the rest of a release: references on what was destroyed at an earlier one.
        while self.calls.of.get(self.next).is_some_and(|of| *of < step) {
            self.next += 1;
        }
        if self.calls.of.get(self.next) == Some(&step) && self.calls.steps[self.next].op == (Call::Probe {}) {
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

    fn has_id(&mut self, session: SessionRef) -> bool {
        self.made.contains(&session.0)
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
        self.set_handshake_callbacks(context.0, callbacks, true);
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

    fn accept_begin(&mut self, connection: ConnectionRef, begin: &Begin) -> i64 {
        let hex_of = |id: SessionId| hex(id.as_bytes());
        let (propose_id, propose_session) = match begin.offer {
            Offer::Nothing => (None, None),
            Offer::Peer(id, _) => (Some(id), None),
            Offer::Own(session) => (None, Some(session.0)),
        };
        if begin.client.is_none() {
            let (id, server_session) = (begin.id(), begin.server_session);
            self.open.push(Open { connection, id, server_session, offered: propose_id });
        }
        let said = self.call_from(
            &[Asks::Always],
            Call::AcceptBegin(Accept {
                connection: connection.0,
                context: begin.context.0,
                protocol: begin.mechanism.protocol().into(),
                propose_id: propose_id.map(hex_of),
                propose_session,
                makes: makes(begin),
                client: begin.client.map(|client| client.0),
                id_context: begin.id_context.map(|id_context| hex(id_context.as_bytes())),
                switch_to: begin.switch_to.map(|to| to.0),
            }),
        );
        let returns = said.returns.unwrap_or_default();
        if returns < 0 {
            self.close_open(connection);
            self.take_the_rest_of(connection.0);
        }
        returns
    }

    fn accept_finish(&mut self, connection: ConnectionRef) -> i64 {
        let said = self.call_from(&[Asks::AtTheEnd, Asks::Always], Call::AcceptFinish { connection: connection.0 });
        self.negotiated(connection, said)
    }

    fn renegotiate(&mut self, connection: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64 {
        let kind = match kind {
            Renegotiation::New => Kind::New,
            Renegotiation::Abbreviated => Kind::Abbreviated,
            Renegotiation::Requested => Kind::Requested,
        };
        let open = self.open.iter_mut().find(|open| open.connection == connection);
        let propose_id = open.and_then(|open| {
            (open.id, open.server_session) = (begin.id(), begin.server_session);
            if kind == Kind::New {
                open.offered = None;
            }
            open.offered
        });
        let propose_id = propose_id.map(|id| hex(id.as_bytes()));
        let again = Again { connection: connection.0, kind, propose_id, makes: makes(begin) };
        let said = self.call_from(&[Asks::Always], Call::Renegotiate(again));
        self.negotiated(connection, said)
    }

    fn accept_abort(&mut self, connection: ConnectionRef) {
        self.close_open(connection);
        self.call(Call::AcceptAbort { connection: connection.0 });
    }

    fn close(&mut self, connection: ConnectionRef, close: Close) {
        self.close_open(connection);
        self.call(Call::Close { connection: connection.0, clean: close == Close::Clean });
    }
}
