//! A trace, written as bytes.
//!
//! A number takes seven bits a byte, the lowest first, with the high bit where more follow. What there are several of
//! comes after its number.

use session_model::application::{Callbacks, Copy};
use session_model::{ContextRef, IdContext, Mechanism, Protocol, SessionId, Time, Timeout};

use crate::op::{Accept, At, Close, Connection, Makes, Name, Op, Propose, Renegotiation, SessionSpec};
use crate::trace::{ContextSetup, Setup};

pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn setup(&mut self, setup: &Setup) {
        self.time(setup.clock);
        self.number(setup.contexts.len().saturating_sub(1) as u64);
        setup.contexts.iter().for_each(|context| self.context(context));
        self.number(setup.sessions.len() as u64);
        setup.sessions.iter().for_each(|spec| self.session(spec));
    }

    fn context(&mut self, setup: &ContextSetup) {
        let ContextSetup { mode, size, timeout, id_context, verify_peer, callbacks, external, calls: _ } = setup;
        let set = [
            mode.is_some(),
            size.is_some(),
            timeout.is_some(),
            *verify_peer,
            !external.stores_new,
            !external.forgets_removed,
        ];
        self.flags(&set);
        if let Some(mode) = mode {
            self.number(mode.bits().into());
        }
        if let Some(size) = size {
            self.number((*size).into());
        }
        if let Some(timeout) = timeout {
            self.timeout(*timeout);
        }
        self.id_context(id_context);
        self.callbacks(callbacks);
    }

    fn callbacks(&mut self, callbacks: &Callbacks) {
        self.flags(&[callbacks.new.is_some(), callbacks.get.is_some(), callbacks.remove]);
        if let Some(script) = &callbacks.new {
            self.number(script.first.len() as u64);
            script.first.iter().chain([&script.then]).for_each(|keeps| self.flags(&[*keeps]));
        }
        if let Some(script) = &callbacks.get {
            self.number(script.first.len() as u64);
            script.first.iter().chain([&script.then]).for_each(|copy| {
                self.0.push(match copy {
                    Copy::One => 0,
                    Copy::Zero => 1,
                    Copy::Unset => 2,
                });
            });
        }
    }

    fn session(&mut self, spec: &SessionSpec) {
        let SessionSpec { context, id, protocol, time, timeout, id_context } = spec;
        self.0.push(context.0);
        self.id(id);
        self.0.push(match protocol {
            Protocol::Tls12 => 0,
            Protocol::Tls11 => 1,
            Protocol::Tls13 => 2,
        });
        self.flags(&[time.is_some()]);
        if let Some(time) = time {
            self.time(*time);
        }
        self.timeout(*timeout);
        self.id_context(id_context);
    }

    pub(super) fn op(&mut self, op: &Op) {
        match op {
            Op::AddSession { context, session, .. } => self.of(0, *context, *session),
            Op::RemoveSession { context, session, .. } => self.of(1, *context, *session),
            Op::FlushSessions { context, at: At::Absolute(time), .. } => {
                self.on(2, *context);
                self.time(*time);
            }
            Op::FlushSessions { context, at: At::Now(later), .. } => {
                self.on(3, *context);
                self.signed(*later);
            }
            Op::Advance(seconds) => {
                self.0.push(4);
                self.number((*seconds).into());
            }
            Op::SetClock(time) => {
                self.0.push(5);
                self.time(*time);
            }
            Op::Session(name, spec) => {
                self.named(6, *name);
                self.session(spec);
            }
            Op::UpRef(name) => self.named(7, *name),
            Op::Free(name) => self.named(8, *name),
            Op::SessionSetTime(name, time) => {
                self.named(9, *name);
                self.time(*time);
            }
            Op::SessionGetTime(name) => self.named(10, *name),
            Op::SessionSetTimeout(name, timeout) => {
                self.named(11, *name);
                self.timeout(*timeout);
            }
            Op::SessionGetTimeout(name) => self.named(12, *name),
            Op::IsResumable(name) => self.named(13, *name),
            Op::SessionSetIdContext(name, id_context) => {
                self.named(14, *name);
                self.id_context(id_context);
            }
            Op::SetSessionCacheMode(context, mode) => {
                self.on(15, *context);
                self.number(mode.bits().into());
            }
            Op::GetSessionCacheMode(context) => self.on(16, *context),
            Op::SessSetCacheSize(context, size) => {
                self.on(17, *context);
                self.number((*size).into());
            }
            Op::SessGetCacheSize(context) => self.on(18, *context),
            Op::SetTimeout(context, timeout) => {
                self.on(19, *context);
                self.timeout(*timeout);
            }
            Op::GetTimeout(context) => self.on(20, *context),
            Op::SetSessionIdContext(context, bytes) => {
                self.on(21, *context);
                self.bytes(bytes.as_bytes());
            }
            Op::SetCallbacks(context, callbacks) => {
                self.on(22, *context);
                self.callbacks(callbacks);
            }
            Op::ExternalStore(context, name) => self.of(23, *context, *name),
            Op::ExternalForget(context, name) => self.of(24, *context, *name),
            Op::CtxFree(context) => self.on(25, *context),
            Op::Handshake(accept, close) => {
                self.0.push(26);
                self.accept(accept);
                self.close(*close);
            }
            Op::AcceptBegin(k, accept) => {
                self.connection(27, *k);
                self.accept(accept);
            }
            Op::AcceptFinish(k) => self.connection(28, *k),
            Op::AcceptAbort(k) => self.connection(29, *k),
            Op::Close(k, close) => {
                self.connection(30, *k);
                self.close(*close);
            }
            Op::Renegotiate(k, again) => {
                self.connection(31, *k);
                self.0.push(match again.kind {
                    Renegotiation::New => 0,
                    Renegotiation::Abbreviated => 1,
                    Renegotiation::Requested => 2,
                });
                self.makes(&again.makes);
            }
            Op::Repeat(times, block) => {
                self.0.push(32);
                self.number((*times).into());
                self.number(block.len() as u64);
                block.iter().for_each(|op| self.op(op));
            }
            // The others are not core: what is read back is not the same trace.
            _ => self.0.push(33),
        }
    }

    fn accept(&mut self, accept: &Accept) {
        let Accept { context, client, mechanism, propose, id_context, switch_to, makes } = accept;
        self.flags(&[client.is_some(), id_context.is_some(), switch_to.is_some()]);
        self.0.push(context.0);
        client.iter().chain(switch_to).for_each(|context| self.0.push(context.0));
        if let Some(id_context) = id_context {
            self.id_context(id_context);
        }
        self.0.push(match mechanism {
            Mechanism::Ids => 0,
            Mechanism::Tickets => 1,
            Mechanism::Stateful(tickets) => 2 + tickets,
            Mechanism::Stateless(tickets) => 2 + tickets + Mechanism::TICKETS as u8 + 1,
        });
        match propose {
            Propose::Nothing => self.0.push(0),
            Propose::Session(name) => self.named(1, *name),
            Propose::Id(id) => {
                self.0.push(2);
                self.id(id);
            }
        }
        self.makes(makes);
    }

    fn makes(&mut self, makes: &Makes) {
        let names: Vec<_> = makes.server.into_iter().chain(makes.client).collect();
        self.flags(&names.iter().map(Option::is_some).collect::<Vec<_>>());
        names.into_iter().flatten().for_each(|name| self.number(name.0.into()));
    }

    fn close(&mut self, close: Close) {
        self.flags(&[close == Close::Unclean]);
    }

    fn on(&mut self, word: u8, context: ContextRef) {
        self.0.extend([word, context.0]);
    }

    fn named(&mut self, word: u8, name: Name) {
        self.0.push(word);
        self.number(name.0.into());
    }

    fn of(&mut self, word: u8, context: ContextRef, name: Name) {
        self.on(word, context);
        self.number(name.0.into());
    }

    fn connection(&mut self, word: u8, connection: Connection) {
        self.0.push(word);
        self.number(connection.0.into());
    }

    fn id(&mut self, id: &SessionId) {
        let id = id.as_bytes();
        self.0.push(id.len() as u8 - 1);
        self.0.extend(id);
    }

    fn id_context(&mut self, id_context: &IdContext) {
        self.bytes(id_context.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.push(bytes.len() as u8);
        self.0.extend(bytes);
    }

    fn time(&mut self, time: Time) {
        self.exact(time.0);
    }

    fn timeout(&mut self, timeout: Timeout) {
        self.exact(timeout.0);
    }

    /// A trace with another one is not core.
    fn exact(&mut self, seconds: i128) {
        self.number(u64::try_from(seconds).unwrap_or(0));
    }

    /// Zigzag: 0, −1, 1, −2 and so on.
    fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// At most eight, the first in the lowest bit.
    fn flags(&mut self, set: &[bool]) {
        self.0.push(set.iter().zip(0..).map(|(set, bit)| u8::from(*set) << bit).sum());
    }
}
