//! Any bytes, read as a trace: the inverse of `write.rs` where that has written them.

use session_model::application::{Callbacks, Copy, ExternalPolicy, GetScript, NewScript};
use session_model::{CacheMode, ContextRef, IdContext, Mechanism, Protocol, SessionId, Time, Timeout};

use super::{FAR, LONGEST, MANY, NAMES};
use crate::hazards::CallsBack;
use crate::op::{
    Accept, At, Close, Connection, LongIdContext, Makes, Name, Op, Propose, Renegotiate, Renegotiation, SessionSpec,
};
use crate::source::{MAX_TIME, MAX_TIMEOUT};
use crate::trace::{ContextSetup, Setup};

pub(super) struct Reader<'b> {
    rest: &'b [u8],
    contexts: u8,
    /// Ops that may still be executed.
    left: u64,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, contexts: 1, left: LONGEST }
    }

    pub(super) fn setup(&mut self) -> Setup {
        let clock = self.time();
        self.contexts = 1 + (self.number() & 7) as u8;
        let contexts = (0..self.contexts).map(|_| self.context_setup()).collect();
        let sessions = self.many(Self::session);
        Setup { clock, contexts, sessions, hazards: false }
    }

    /// All that is left.
    pub(super) fn ops(&mut self) -> Vec<Op> {
        let mut ops = Vec::new();
        while !self.rest.is_empty() && self.left > 0 {
            ops.extend(self.op(true));
        }
        ops
    }

    fn context_setup(&mut self) -> ContextSetup {
        let [mode, size, timeout, verify_peer, ignores_new, keeps_removed, ..] = self.flags();
        ContextSetup {
            mode: mode.then(|| self.mode()),
            size: size.then(|| self.size()),
            timeout: timeout.then(|| self.timeout()),
            id_context: self.id_context(),
            verify_peer,
            callbacks: self.callbacks(),
            external: ExternalPolicy { stores_new: !ignores_new, forgets_removed: !keeps_removed },
            calls: CallsBack::default(),
        }
    }

    fn callbacks(&mut self) -> Callbacks {
        let [new, get, remove, ..] = self.flags();
        let keeps = |reader: &mut Self| reader.flags()[0];
        let copy = |reader: &mut Self| [Copy::One, Copy::Zero, Copy::Unset][reader.below(3)];
        Callbacks {
            new: new.then(|| NewScript { first: self.many(keeps), then: keeps(self) }),
            get: get.then(|| GetScript { first: self.many(copy), then: copy(self) }),
            remove,
        }
    }

    fn session(&mut self) -> SessionSpec {
        SessionSpec {
            context: self.context(),
            id: self.id(),
            protocol: [Protocol::Tls12, Protocol::Tls11, Protocol::Tls13][self.below(3)],
            time: self.flags()[0].then(|| self.time()),
            timeout: self.timeout(),
            id_context: self.id_context(),
        }
    }

    /// `None`: it has no meaning, or is longer than the trace may be.
    fn op(&mut self, repeats: bool) -> Option<Op> {
        let word = self.byte();
        if word == 32 {
            return if repeats { self.repeat() } else { None };
        }
        self.left = self.left.checked_sub(1)?;
        let synonym = false;
        Some(match word {
            0 => Op::AddSession { context: self.context(), session: self.name(), synonym },
            1 => Op::RemoveSession { context: self.context(), session: self.name(), synonym },
            2 => Op::FlushSessions { context: self.context(), at: At::Absolute(self.time()), synonym },
            3 => Op::FlushSessions { context: self.context(), at: At::Now(self.signed()), synonym },
            4 => Op::Advance(self.at_most(MAX_TIME as u64) as u32),
            5 => Op::SetClock(self.time()),
            6 => Op::Session(self.name(), self.session()),
            7 => Op::UpRef(self.name()),
            8 => Op::Free(self.name()),
            9 => Op::SessionSetTime(self.name(), self.time()),
            10 => Op::SessionGetTime(self.name()),
            11 => Op::SessionSetTimeout(self.name(), self.timeout()),
            12 => Op::SessionGetTimeout(self.name()),
            13 => Op::IsResumable(self.name()),
            14 => Op::SessionSetIdContext(self.name(), self.id_context()),
            15 => Op::SetSessionCacheMode(self.context(), self.mode()),
            16 => Op::GetSessionCacheMode(self.context()),
            17 => Op::SessSetCacheSize(self.context(), self.size()),
            18 => Op::SessGetCacheSize(self.context()),
            19 => Op::SetTimeout(self.context(), self.timeout()),
            20 => Op::GetTimeout(self.context()),
            21 => Op::SetSessionIdContext(self.context(), self.long_id_context()),
            22 => Op::SetCallbacks(self.context(), self.callbacks()),
            23 => Op::ExternalStore(self.context(), self.name()),
            24 => Op::ExternalForget(self.context(), self.name()),
            25 => Op::CtxFree(self.context()),
            26 => Op::Handshake(self.accept(), self.close()),
            27 => Op::AcceptBegin(self.connection(), self.accept()),
            28 => Op::AcceptFinish(self.connection()),
            29 => Op::AcceptAbort(self.connection()),
            30 => Op::Close(self.connection(), self.close()),
            31 => Op::Renegotiate(self.connection(), self.renegotiate()),
            33 => Op::Probe,
            _ => return None,
        })
    }

    fn repeat(&mut self) -> Option<Op> {
        let (times, length) = (self.at_most(LONGEST) as u32, self.at_most(MANY));
        let before = self.left;
        let block: Vec<_> =
            (0..length).map_while(|_| (!self.rest.is_empty()).then(|| self.op(false))).flatten().collect();
        self.left = before.checked_sub(u64::from(times) * block.len() as u64).unwrap_or(before);
        (self.left < before).then_some(Op::Repeat(times, block))
    }

    fn accept(&mut self) -> Accept {
        let [client, id_context, switch_to, ..] = self.flags();
        Accept {
            context: self.context(),
            client: client.then(|| self.context()),
            switch_to: switch_to.then(|| self.context()),
            id_context: id_context.then(|| self.id_context()),
            mechanism: self.mechanism(),
            propose: match self.below(3) {
                0 => Propose::Nothing,
                1 => Propose::Session(self.name()),
                _ => Propose::Id(self.id()),
            },
            makes: self.makes(),
        }
    }

    fn mechanism(&mut self) -> Mechanism {
        let each = Mechanism::TICKETS + 1;
        match self.below(2 + 2 * each) {
            0 => Mechanism::Ids,
            1 => Mechanism::Tickets,
            n if n < 2 + each => Mechanism::Stateful((n - 2) as u8),
            n => Mechanism::Stateless((n - 2 - each) as u8),
        }
    }

    fn renegotiate(&mut self) -> Renegotiate {
        let kind = [Renegotiation::New, Renegotiation::Abbreviated, Renegotiation::Requested][self.below(3)];
        Renegotiate { kind, makes: self.makes() }
    }

    fn makes(&mut self) -> Makes {
        let named = self.flags();
        let mut makes = Makes::UNNAMED;
        for (name, named) in makes.each_mut().zip(named) {
            *name = named.then(|| self.name());
        }
        makes
    }

    fn close(&mut self) -> Close {
        if self.flags()[0] { Close::Unclean } else { Close::Clean }
    }

    fn context(&mut self) -> ContextRef {
        ContextRef(self.byte() % self.contexts)
    }

    fn name(&mut self) -> Name {
        Name((self.number() % NAMES) as u32)
    }

    fn connection(&mut self) -> Connection {
        Connection((self.number() % NAMES) as u32)
    }

    fn mode(&mut self) -> CacheMode {
        CacheMode::from_bits((self.number() & 0x783) as u32).expect("those are the bits with a name")
    }

    fn size(&mut self) -> u32 {
        self.at_most(u32::MAX.into()) as u32
    }

    fn time(&mut self) -> Time {
        Time(self.at_most(MAX_TIME as u64).into())
    }

    fn timeout(&mut self) -> Timeout {
        Timeout(self.at_most(MAX_TIMEOUT as u64).into())
    }

    fn signed(&mut self) -> i64 {
        let zigzag = self.at_most(2 * FAR as u64);
        (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)
    }

    fn id(&mut self) -> SessionId {
        let length = 1 + self.below(SessionId::MAX);
        SessionId::new(&self.bytes(length)).expect("1 to 32 bytes")
    }

    fn id_context(&mut self) -> IdContext {
        let length = self.below(IdContext::MAX + 1);
        IdContext::new(&self.bytes(length)).expect("at most 32 bytes")
    }

    fn long_id_context(&mut self) -> LongIdContext {
        let length = self.below(65);
        LongIdContext::new(&self.bytes(length)).expect("at most 64 bytes")
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }

    /// As many as are said, and no more than there are bytes for.
    fn many<T>(&mut self, one: impl Fn(&mut Self) -> T) -> Vec<T> {
        let count = self.at_most(MANY).min(self.rest.len() as u64);
        (0..count).map(|_| one(self)).collect()
    }

    fn below(&mut self, n: usize) -> usize {
        usize::from(self.byte()) % n
    }

    fn at_most(&mut self, most: u64) -> u64 {
        self.number() % (most + 1)
    }

    fn number(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        number
    }

    fn flags(&mut self) -> [bool; 8] {
        let byte = self.byte();
        [0, 1, 2, 3, 4, 5, 6, 7].map(|bit| byte >> bit & 1 != 0)
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }
}
