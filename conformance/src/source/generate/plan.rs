//! What is drawn once for a whole trace.

use crate::source::choices::Choices;
use crate::source::generate::ids::Shape;
use crate::source::weights::Weights;

/// Which part of the alphabet a trace is drawn from, and how long it gets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Lane {
    /// Direct calls only, up to thousands of them.
    Direct,
    /// Everything; handshakes favoured, hundreds of ops.
    Handshakes,
    /// Everything; direct calls favoured, up to two thousand ops.
    Mixed,
    /// As `Handshakes`, with tickets: TLS 1.3, and TLS 1.2 with stateless ones.
    Tickets,
    /// A short trace of one of the others, with hazards in it.
    Hazards,
    /// A yardstick and part of no check: a hundred ops, each kind as likely as every other, and no bursts.
    Uniform,
    /// A scenario that comes with the harness, with a few random edits.
    Mutated,
    /// A trace of a small scope of [`crate::exhaust`], by number: a seed is a slice of all of them.
    Scopes,
}

/// What one trace is drawn from.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Plan {
    /// The part of the alphabet.
    pub lane: Lane,
    /// Whether old synonyms are called now and then; they exist in early editions only, so never unless asked.
    pub synonyms: bool,
    /// How many draws, at most.
    pub length: u32,
    /// How many contexts, 1 to 3.
    pub contexts: u32,
    /// How many ids are hot, 1 to 6.
    pub hot: u32,
    /// How often each kind of op is drawn.
    pub weights: Weights,
    pub(super) shape: Shape,
    /// The timeouts that the trace prefers, in seconds: few, so that sessions expire in the same second.
    pub(super) timeouts: [i64; 4],
    /// The draws at which a burst stands instead of an op.
    pub(super) bursts: Vec<u32>,
    /// The draw at which a context is freed before the last phase.
    pub(super) context_free: Option<u32>,
}

impl Plan {
    /// Draws a plan.
    pub fn draw(choices: &mut impl Choices, lane: Lane) -> Self {
        if lane == Lane::Uniform {
            return Self::uniform(choices);
        }
        let length = draw_length(choices, lane);
        Self {
            lane,
            synonyms: false,
            length,
            contexts: choices.pick(&[1, 2, 1, 2, 3, 2, 1, 3]),
            hot: 1 + choices.below(6),
            weights: Weights::of(lane).swarm(choices),
            // Some libraries look up no ticket but one of 32 bytes.
            shape: match lane {
                Lane::Tickets if !choices.one_in(4) => Shape::Long,
                _ => choices.pick(&Shape::ALL),
            },
            timeouts: draw_timeouts(choices),
            bursts: draw_bursts(choices, lane, length),
            context_free: (choices.below(6) == 5).then(|| length - choices.below(length / 4 + 1) - 1),
        }
    }

    /// The plan that needs no thought.
    fn uniform(choices: &mut impl Choices) -> Self {
        Self {
            lane: Lane::Uniform,
            synonyms: false,
            length: 100,
            contexts: 2,
            hot: 6,
            weights: Weights::of(Lane::Uniform),
            shape: choices.pick(&Shape::ALL),
            timeouts: draw_timeouts(choices),
            bursts: Vec::new(),
            context_free: None,
        }
    }
}

/// From 5 to thousands: what is quickly found is quickly reduced, and what is rare takes length.
fn draw_length(choices: &mut impl Choices, lane: Lane) -> u32 {
    let (least, more) = match lane {
        Lane::Direct => {
            choices.pick(&[(5, 12), (5, 60), (20, 100), (60, 400), (100, 400), (400, 1000), (1000, 2000), (2000, 2000)])
        }
        Lane::Handshakes | Lane::Tickets => {
            choices.pick(&[(5, 12), (5, 12), (5, 60), (20, 60), (20, 100), (60, 100), (100, 200), (200, 200)])
        }
        Lane::Mixed | Lane::Hazards | Lane::Uniform | Lane::Mutated | Lane::Scopes => {
            choices.pick(&[(5, 12), (5, 60), (20, 100), (60, 100), (60, 400), (100, 400), (400, 1000), (1000, 1000)])
        }
    };
    least + choices.below(more)
}

/// One to four different ones; one alone makes every session expire in the order of its time.
fn draw_timeouts(choices: &mut impl Choices) -> [i64; 4] {
    let mut timeouts = [300; 4];
    let different = 1 + choices.below(4) as usize;
    for n in 0..timeouts.len() {
        timeouts[n] = if n < different { draw_timeout(choices) } else { timeouts[n % different] };
    }
    timeouts
}

fn draw_timeout(choices: &mut impl Choices) -> i64 {
    match choices.below(16) {
        15 => i64::from(choices.below(1000)),
        _ => choices.pick(&[300, 1, 0, 2, 10, 60, 299, 301, 7200, 1_000_000]),
    }
}

/// One trace in four has a burst or more, each at a draw of its own; one in six where a burst is of handshakes, which
/// cost a real library a tenth of a second.
fn draw_bursts(choices: &mut impl Choices, lane: Lane, length: u32) -> Vec<u32> {
    let rarely = if lane == Lane::Direct { 4 } else { 6 };
    if !choices.one_in(rarely) {
        return Vec::new();
    }
    let most = if matches!(lane, Lane::Handshakes | Lane::Tickets) { 3 } else { 2 };
    (0..=choices.below(most)).map(|_| choices.below(length)).collect()
}

impl std::fmt::Display for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Direct => "direct",
            Self::Handshakes => "handshakes",
            Self::Mixed => "mixed",
            Self::Tickets => "tickets",
            Self::Hazards => "hazards",
            Self::Uniform => "uniform",
            Self::Mutated => "mutated",
            Self::Scopes => "scopes",
        })
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { lane, length, contexts, hot, shape, timeouts, weights, .. } = self;
        write!(f, "{lane}, at most {length} draws, {} bursts, {contexts} contexts, ", self.bursts.len())?;
        write!(f, "{hot} hot ids ({shape:?}), timeouts {timeouts:?}; {weights}")
    }
}
