//! What the fuzz targets do with their bytes: nothing comes back, and a panic is a finding.
//!
//! The same functions replay the committed seeds on stable, in a test. Not here: an engine; that is cargo-fuzz's, and
//! the targets in `fuzz/` only call.
//!
//! What one input costs is bounded, or a fuzzer that likes long traces does nothing else: a trace is cut to a number of
//! executed ops ([`MOST_OF_MODEL`], [`MOST_OF_LAWS`]), a `repeat` counting each of its rounds, before it is run. What the
//! bytes make beyond that is left to the random lanes.

use std::sync::LazyLock;

use arbitrary::Unstructured;
use session_model::Profile;

use crate::check::{Verdict, check};
use crate::divergence::Divergence;
use crate::driver::Driver;
use crate::op::Op;
use crate::oracles::{LAWS, keeps_promises};
use crate::pages::{self, Fingerprint, Recorded};
use crate::profiles;
use crate::scenario::{Header, parse, rewrite, write};
use crate::source::{Choices, Lane, Plan, Prng};
use crate::subject::Subject;
use crate::subjects::optimised::{Optimised, optimised};
use crate::suite::vocabulary;
use crate::tally::Tally;
use crate::trace::{Shown, Trace};
use crate::transcript::Transcript;

/// What a target does with its bytes.
pub type Target = fn(&[u8]);

/// Every target: its name, which is that of its folder of seeds, and what it does.
pub const TARGETS: [(&str, Target); 4] = [
    ("optimised_against_model", optimised_against_model),
    ("trace_on_cache", trace_on_cache),
    ("scenario_parser", scenario_parser),
    ("pages_reader", pages_reader),
];

/// As many ops of a trace are executed against the model, its last phase aside.
pub const MOST_OF_MODEL: u32 = 2000;

/// As many are executed under laws and promises, which run a trace five times and walk over the members at each step:
/// enough for the automatic flush to have its turn twice.
pub const MOST_OF_LAWS: u32 = 600;

/// Up to so many executed ops, everything is shown after each.
const ALL_SHOWN: u32 = 200;

/// A trace on our cache, held against the model under the cache's profile.
///
/// # Panics
///
/// When the cache departs; the message has the trace as a scenario.
pub fn optimised_against_model(bytes: &[u8]) {
    let (trace, _) = cut(trace_of_bytes(bytes), MOST_OF_MODEL);
    let mut shown = Transcript::default();
    optimised().run(&trace, &mut shown);
    match check(&trace, &PROFILE, &shown, &mut Tally::default()) {
        Verdict::Conforms => {}
        Verdict::NotRun(why) => panic!("the core alphabet is refused: {why}"),
        Verdict::Diverges(divergence) => {
            let Divergence { place, clause, ruled, seen, .. } = *divergence;
            panic!("{place}: {clause} rules that {ruled}; {seen}\n{}", as_scenario(&trace))
        }
    }
}

/// A trace on our cache, held to every promise and to one law, without the model.
///
/// # Panics
///
/// When one of them is broken; the message has the trace as a scenario.
pub fn trace_on_cache(bytes: &[u8]) {
    let (mut trace, executed) = cut(trace_of_bytes(bytes), MOST_OF_LAWS);
    if executed <= ALL_SHOWN {
        trace.shown = Shown::Everything;
    }
    let mut shown = Transcript::default();
    let mut subject = optimised();
    subject.run(&trace, &mut shown);
    let choice = bytes.iter().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
    let law = &LAWS[(choice % LAWS.len() as u64) as usize];
    let held = keeps_promises(&trace, &shown, &PROFILE).and_then(|()| law.hold(&mut subject, &trace, choice).map(drop));
    if let Err(broken) = held {
        panic!("{broken}\n{}", as_scenario(&trace));
    }
    // To walk over a large cache after each op would be most of the work.
    structure_holds_after(&trace, |n| n < ALL_SHOWN || n.is_multiple_of(8));
}

/// The structure of our cache is whole after every op.
///
/// # Panics
///
/// When it is not; the message has the step and the trace as a scenario.
pub fn structure_holds(trace: &Trace) {
    structure_holds_after(trace, |_| true);
}

/// The same after some ops, which are counted from 0.
fn structure_holds_after(trace: &Trace, asked: impl Fn(u32) -> bool) {
    let mut shown = Transcript::default();
    let mut driver = Driver::new(Optimised::default(), &trace.setup, Shown::Steps);
    for ((place, op), n) in trace.executed().zip(0..) {
        driver.step(&op, &mut shown);
        if asked(n)
            && let Err(broken) = driver.library().validate()
        {
            panic!("{place}: {broken}\n{}", as_scenario(trace));
        }
    }
}

/// Text as a scenario: what reads is printed, and reads the same again; what does not has mistakes that can be shown.
///
/// # Panics
///
/// When it does not.
pub fn scenario_parser(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match parse("fuzzed.yaml", text, &vocabulary()) {
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "a refusal says why");
            for mistake in mistakes {
                assert!(mistake.spot().bytes.end <= text.len(), "a mistake is in the text: {mistake:?}");
                assert!(mistake.render(false).starts_with("error"), "{}", mistake.render(false));
            }
        }
        Ok(scenario) => {
            let printed = rewrite(&scenario);
            let again = parse("printed.yaml", &printed, &vocabulary()).unwrap_or_else(|mistakes| {
                panic!("what is printed does not read: {}\n{printed}", mistakes[0].render(false))
            });
            assert_eq!(again.trace, scenario.trace, "another trace reads back from\n{printed}");
            assert_eq!(rewrite(&again), printed, "another scenario is printed from\n{printed}");
        }
    }
}

/// Text as a man page in any form: every sentence has the fingerprint of its text, and the comparison with the pages
/// on record accounts for each.
///
/// # Panics
///
/// When one has not, or is lost.
pub fn pages_reader(bytes: &[u8]) {
    static ON_RECORD: LazyLock<Vec<Recorded>> = LazyLock::new(pages::recorded);
    let text = String::from_utf8_lossy(bytes);
    for page in pages::read(&text) {
        for sentence in &page.sentences {
            assert_eq!(Fingerprint::of(&sentence.text), sentence.fingerprint, "{sentence:?}");
            assert_eq!(sentence.fingerprint.to_string().parse(), Ok(sentence.fingerprint));
        }
        let compared = pages::compare("fuzzed".as_ref(), &page, &ON_RECORD);
        assert_eq!(compared.matched + compared.unknown.len(), page.sentences.len(), "{compared}");
    }
}

/// The trace without what would be executed after so many ops, and how many are left.
fn cut(mut trace: Trace, most: u32) -> (Trace, u32) {
    let mut executed = 0;
    trace.ops.retain_mut(|op| {
        let (rounds, each) = match op {
            Op::Repeat(rounds, block) => (rounds, block.len() as u32),
            _ => (&mut 1, 1),
        };
        *rounds = (*rounds).min((most - executed).checked_div(each).unwrap_or(0));
        executed += *rounds * each;
        *rounds > 0
    });
    (trace, executed)
}

static PROFILE: LazyLock<Profile> = LazyLock::new(|| profiles::by_name("optimised").expect("it is shipped").profile);

/// The trace that an engine's bytes make: the first chooses the lane, or says that the trace itself follows, as in
/// [`crate::convert::bytes`].
#[must_use]
pub fn trace_of_bytes(bytes: &[u8]) -> Trace {
    if let Some(trace) = crate::convert::bytes::read(bytes) {
        return trace;
    }
    let mut choices = Unstructured::new(bytes);
    let lane = choices.pick(&LANES);
    Plan::draw(&mut choices, lane).follow(&mut choices)
}

/// The bytes that make the trace of these choices: how a trace that was found otherwise becomes a seed.
#[must_use]
pub fn bytes_of_trace(choices: Prng, lane: Lane) -> Vec<u8> {
    let chosen = LANES.iter().position(|other| *other == lane).expect("all lanes are listed");
    let mut recording = Recording { choices, bytes: vec![chosen as u8] };
    Plan::draw(&mut recording, lane).follow(&mut recording);
    recording.bytes
}

const LANES: [Lane; 4] = [Lane::Direct, Lane::Handshakes, Lane::Mixed, Lane::Tickets];

/// Choices, written down as the bytes from which [`Unstructured`] makes them again.
struct Recording {
    choices: Prng,
    bytes: Vec<u8>,
}

impl Choices for Recording {
    fn below(&mut self, n: u32) -> u32 {
        let choice = self.choices.below(n);
        // As many bytes as the largest choice has, most significant first.
        let length = (u32::BITS - n.saturating_sub(1).leading_zeros()).div_ceil(8) as usize;
        self.bytes.extend(&choice.to_be_bytes()[4 - length..]);
        choice
    }
}

fn as_scenario(trace: &Trace) -> String {
    let header = Header { title: "a trace that a fuzz target found".to_owned(), ..Header::default() };
    write(trace, &header, &[], &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Seed, trace_of};

    #[test]
    fn a_trace_is_made_again_from_its_bytes() {
        for lane in LANES {
            for number in 0..40 {
                let bytes = bytes_of_trace(Seed(1).choices(number), lane);
                assert_eq!(trace_of_bytes(&bytes), trace_of(Seed(1), number, lane), "{lane} {number}");
            }
        }
    }

    #[test]
    fn a_trace_is_cut_where_enough_is_executed_and_not_before() {
        for (lane, number) in LANES.into_iter().flat_map(|lane| (0..40).map(move |number| (lane, number))) {
            let whole = trace_of(Seed(3), number, lane);
            let executed = whole.executed().count() - whole.last_phase().len();
            let (same, counted) = cut(whole.clone(), u32::MAX);
            assert_eq!((same.ops, counted as usize), (whole.ops.clone(), executed), "{lane} {number}");
            let (short, counted) = cut(whole.clone(), 50);
            assert!(short.executed().count() - short.last_phase().len() == counted as usize && counted <= 50);
            let all = |trace: &Trace| trace.executed().map(|(_, op)| op.into_owned()).collect::<Vec<_>>();
            if !whole.ops.iter().any(|op| matches!(op, Op::Repeat(..))) {
                assert!(all(&whole).starts_with(&all(&short)[..counted as usize]), "{lane} {number}");
                assert_eq!(counted as usize, executed.min(50), "{lane} {number}");
            }
        }
    }

    #[test]
    fn any_bytes_make_a_trace_of_the_core_alphabet() {
        for byte in 0..=u8::MAX {
            assert!(crate::source::is_core(&trace_of_bytes(&[byte; 600])), "{byte}");
        }
    }
}
