//! Repeats, and bursts that jump near the numbers at which a cache does something by itself.

use session_model::{ContextRef, Time, Timeout};

use super::Generator;
use crate::op::{Accept, At, Close, Name, Op, Propose};
use crate::source::alphabet::MAX_TIME;
use crate::source::choices::Choices;
use crate::source::weights::Kind;

impl<C: Choices> Generator<'_, C> {
    /// A small block a few times.
    pub(super) fn repeat(&mut self) {
        let context = self.a_context();
        let names = [self.a_name_of(context), self.a_name_of(context)];
        let block = (0..=self.choices.below(4)).map(|_| self.block_op(context, names)).collect();
        let times = 2 + self.choices.below(7);
        self.push_repeat(context, times, block);
    }

    /// An op that names nothing, so that each round carries it out.
    fn block_op(&mut self, context: ContextRef, names: [Name; 2]) -> Op {
        let session = self.choices.pick(&names);
        let most = if self.plan.weights.weight(Kind::Handshake) > 0 { 8 } else { 5 };
        match self.choices.below(most) {
            0 | 1 => Op::AddSession { context, session, synonym: false },
            2 => Op::RemoveSession { context, session, synonym: false },
            3 => Op::Advance(self.choices.below(4)),
            4 => Op::FlushSessions { context, at: At::Now(0), synonym: false },
            5 => Op::Handshake(self.draw_unnamed(context, Propose::Nothing), Close::Clean),
            6 => Op::Handshake(self.draw_unnamed(context, Propose::Session(session)), Close::Clean),
            _ => Op::Handshake(self.draw_unnamed(context, Propose::Session(session)), Close::Unclean),
        }
    }

    /// Pushes the repeat, after a step back in time when its rounds would leave the core alphabet.
    fn push_repeat(&mut self, context: ContextRef, times: u32, block: Vec<Op>) {
        let seconds = |op: &Op| {
            if let Op::Advance(seconds) = op { i64::from(*seconds) } else { 0 }
        };
        let passes = i64::from(times) * block.iter().map(seconds).sum::<i64>();
        if self.known.clock + passes > MAX_TIME {
            self.known.clock = 1000;
            self.ops.push(Op::SetClock(Time(1000)));
        }
        self.known.clock += passes;
        let handshakes = block.iter().filter(|op| matches!(op, Op::Handshake(..) | Op::Renegotiate(..))).count() as u32;
        self.count_connection(context, times * handshakes);
        self.ops.push(Op::Repeat(times, block));
    }

    pub(super) fn burst(&mut self) {
        let handshakes = self.plan.weights.weight(Kind::Handshake) > 0;
        match self.choices.below(4) {
            0..=2 if handshakes => self.burst_of_handshakes(),
            0 | 1 => self.burst_of_adds(),
            _ => self.burst_of_the_same(),
        }
    }

    /// Full handshakes up to one or two beside a multiple of 255 or 256 connections; some resume, some take a second.
    fn burst_of_handshakes(&mut self) {
        let context = self.a_context();
        let name = self.a_name_of(context);
        let propose = self.choices.pick(&[Propose::Nothing, Propose::Nothing, Propose::Session(name)]);
        let accept = self.draw_unnamed(context, propose);
        let mut block = vec![Op::Handshake(accept, Close::Clean)];
        if self.choices.one_in(4) {
            block.push(Op::Advance(1));
        }
        let mut context = context;
        if self.choices.one_in(3)
            && let Some((open, op)) = self.renegotiate_unnamed()
        {
            // Alone, or each beside a connection of its own.
            block.truncate(self.choices.below(2) as usize);
            block.push(op);
            context = open.accept.context;
        }
        let so_far = self.known.contexts[usize::from(context.0)].connections;
        let times = self.times_near(so_far) / block.iter().filter(|op| !matches!(op, Op::Advance(_))).count() as u32;
        self.push_repeat(context, times.max(1), block);
        // Of a connection that is switched it matters which of the two contexts has come near the number.
        if let Some(other) = self.another(context, accept.client) {
            let pair = if self.choices.one_in(2) { (context, other) } else { (other, context) };
            for _ in 0..=self.choices.below(3) {
                let to = if self.choices.one_in(2) { None } else { Some(pair.1) };
                self.count_connection(pair.0, 1);
                self.ops.push(Op::Handshake(Accept { context: pair.0, switch_to: to, ..accept }, Close::Clean));
            }
        }
    }

    /// How many more it takes from here to come near one of the numbers.
    fn times_near(&mut self, so_far: u32) -> u32 {
        let number = self.choices.pick(&[255, 255, 255, 256, 510, 512, 765, 768]);
        let beside = number - 2 + self.choices.below(4);
        match beside.checked_sub(so_far) {
            Some(more @ 1..) => more,
            _ => 253 + self.choices.below(4),
        }
    }

    /// Sessions of cold ids, one add each; the size near their number in half of the bursts.
    fn burst_of_adds(&mut self) {
        let context = self.a_context();
        let times = match self.choices.below(3) {
            0 => 16 + self.choices.below(64),
            _ => self.times_near(0),
        };
        if self.choices.below(2) == 1 {
            self.ops.push(Op::SessSetCacheSize(context, times - 1 + self.choices.below(3)));
        }
        let same = self.choices.below(2) == 0;
        let timeout = self.palette_timeout();
        for _ in 0..times {
            let id = self.a_cold_id();
            let mut spec = self.draw_spec(context, id);
            if same {
                (spec.time, spec.timeout) = (None, Timeout(timeout.into()));
            }
            let session = self.heat_made(&spec, id);
            self.ops.push(Op::Session(session, spec));
            self.ops.push(Op::AddSession { context, session, synonym: false });
        }
    }

    /// Two sessions added, removed, flushed over and over.
    fn burst_of_the_same(&mut self) {
        let context = self.a_context();
        let names = [self.a_name_of(context), self.a_name_of(context)];
        let [a, b] = names.map(|session| Op::AddSession { context, session, synonym: false });
        let remove = Op::RemoveSession { context, session: names[0], synonym: false };
        let flush = Op::FlushSessions { context, at: At::Now(0), synonym: false };
        let block = match self.choices.below(4) {
            0 => vec![a, remove],
            1 => vec![a, b],
            2 => vec![a, b, remove],
            _ => vec![a, Op::Advance(1), flush],
        };
        let times = self.times_near(0);
        self.push_repeat(context, times, block);
    }
}
