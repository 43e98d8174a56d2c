//! Traces on our cache: against the model, under laws and promises, and by its own structure.

use std::sync::LazyLock;

use session_model::Profile;

use super::bytes::{cut, trace_of_bytes};
use crate::check::{Verdict, check};
use crate::divergence::Divergence;
use crate::driver::Driver;
use crate::oracles::{LAWS, keeps_promises};
use crate::profiles;
use crate::scenario::{Header, write};
use crate::subject::Subject;
use crate::subjects::optimised::{Optimised, optimised};
use crate::tally::Tally;
use crate::trace::{Shown, Trace};
use crate::transcript::Transcript;

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

static PROFILE: LazyLock<Profile> = LazyLock::new(|| profiles::by_name("optimised").expect("it is shipped").profile);

/// What a finding's message has of a trace.
pub(super) fn as_scenario(trace: &Trace) -> String {
    let header = Header { title: "a trace that a fuzz target found".to_owned(), ..Header::default() };
    write(trace, &header, &[], &[])
}
