//! What quickcheck draws: a number for the one generator of traces.

use quickcheck::{Arbitrary, Gen};
use sesscheck::source::{Lane, Seed, trace_of};
use sesscheck::trace::Trace;

/// A trace by seed, number and lane, and what a law has to choose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawn {
    pub(crate) seed: u64,
    pub(crate) number: u64,
    pub(crate) lane: Lane,
    /// No more than so many of its ops.
    pub(crate) ops: usize,
    pub(crate) choice: u64,
}

impl Drawn {
    pub(crate) fn trace(&self) -> Trace {
        let mut trace = trace_of(Seed(self.seed), self.number, self.lane);
        trace.ops.truncate(self.ops);
        trace
    }
}

impl Arbitrary for Drawn {
    fn arbitrary(g: &mut Gen) -> Self {
        let lane = *g.choose(&[Lane::Direct, Lane::Handshakes, Lane::Mixed, Lane::Tickets]).expect("one of four");
        let [seed, number, choice] = [(); 3].map(|()| u64::arbitrary(g));
        Self { seed, number, lane, ops: usize::MAX, choice }
    }

    /// Fewer ops, from the end: half of them, three quarters, … all but one.
    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let this = *self;
        let ops = this.trace().ops.len();
        let fewer = (1..=usize::BITS).map(move |n| ops >> n).take_while(|fewer| *fewer > 0);
        Box::new(fewer.map(move |fewer| Self { ops: ops - fewer, ..this }))
    }
}
