//! Traces as the bytes of a fuzzing engine, without the generator: setup and ops one after the other.
//!
//! The generator's choices cannot be had back from a trace, so a trace that a person wrote has no bytes of that kind.
//! These begin with [`MARK`], which the generator's never do, and then have every trace of the core alphabet that is
//! not too long. Every byte string is a trace: what has no meaning is taken for something that has, what is not core
//! where it stands is left out, and bytes that are missing are 0.
//!
//! Names for people, and how much a run shows, are not in them. Nor are the old synonyms, which no edition that has
//! this alphabet knows.

mod read;
mod write;

use crate::source::{MAX_TIME, keep_core};
use crate::trace::{Names, Shown, Trace};

/// The first byte. The generator's bytes begin with the number of a lane.
pub const MARK: u8 = 0xff;

/// The most ops that such a trace executes, repeats unrolled, without its last phase.
pub const LONGEST: u64 = 1 << 14;
/// The most that stand in one setup, one script or one block.
const MANY: u64 = 1 << 10;
/// Names of sessions and of connections are below this.
const NAMES: u64 = 1 << 14;
/// The most seconds that a relative time can be away.
const FAR: i64 = MAX_TIME;

/// The trace of these bytes; `None`: they do not begin with [`MARK`].
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Trace> {
    let (&MARK, rest) = bytes.split_first()? else { return None };
    let mut reader = read::Reader::new(rest);
    let setup = reader.setup();
    let ops = reader.ops();
    let mut trace = Trace { setup, ops, shown: Shown::Steps, names: Names::default() };
    keep_core(&mut trace);
    Some(trace)
}

/// The bytes of a trace.
///
/// # Errors
///
/// What the trace has that these bytes have not.
pub fn write(trace: &Trace) -> Result<Vec<u8>, String> {
    if !crate::source::is_core(trace) {
        return Err("only the core alphabet has bytes, and the trace goes beyond it".to_owned());
    }
    let mut writer = write::Writer(vec![MARK]);
    writer.setup(&trace.setup);
    trace.ops.iter().for_each(|op| writer.op(op));
    let again = read(&writer.0).expect("it begins with the mark");
    if again.setup == trace.setup && again.ops == trace.ops {
        return Ok(writer.0);
    }
    let differs = again.ops.iter().zip(&trace.ops).position(|(one, other)| one != other);
    let step = differs.unwrap_or_else(|| again.ops.len().min(trace.ops.len())) + 1;
    Err(match again.setup == trace.setup {
        true => format!("step {step} has no bytes: an old synonym, a name or a repeat beyond the bounds"),
        false => "the setup has no bytes: it has more than there is room for".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Choices, Lane, Prng, Seed, is_core, trace_of};

    /// Every so manieth scenario, where each is run several times.
    const STEP: usize = 6;

    fn unnamed(trace: &Trace) -> Trace {
        Trace { shown: Shown::Steps, names: Names::default(), ..trace.clone() }
    }

    fn is_old(trace: &Trace) -> bool {
        use crate::op::Op;
        trace.ops.iter().any(|op| {
            matches!(
                op,
                Op::AddSession { synonym: true, .. }
                    | Op::RemoveSession { synonym: true, .. }
                    | Op::FlushSessions { synonym: true, .. }
            )
        })
    }

    #[test]
    fn every_core_scenario_comes_back_from_its_bytes() {
        let files = crate::suite::embedded().expect("the built-in scenarios are read");
        let mut came_back = 0;
        for file in files {
            let trace = unnamed(&file.scenario.trace);
            match write(&trace) {
                Ok(bytes) => {
                    assert_eq!(read(&bytes), Some(trace), "{}", file.path);
                    came_back += 1;
                }
                Err(why) => assert!(!is_core(&trace) || is_old(&trace), "{}: {why}", file.path),
            }
        }
        assert!(came_back > 500, "{came_back} scenarios have bytes");
    }

    #[test]
    fn every_random_trace_comes_back_from_its_bytes() {
        for lane in [Lane::Direct, Lane::Handshakes, Lane::Mixed, Lane::Tickets] {
            for number in 0..60 {
                let trace = trace_of(Seed(3), number, lane);
                let bytes = write(&trace).unwrap_or_else(|why| panic!("{lane} {number}: {why}"));
                assert_eq!(read(&bytes), Some(trace), "{lane} {number}");
            }
        }
    }

    #[test]
    fn any_bytes_make_a_trace_of_the_core_alphabet_that_comes_back() {
        let mut prng = Prng::new(5);
        let random = |prng: &mut Prng, length: u32| (0..length).map(|_| prng.below(256) as u8).collect::<Vec<_>>();
        for round in 0..300 {
            let mut bytes = vec![MARK];
            let length = prng.below(400);
            bytes.extend(random(&mut prng, length));
            let trace = read(&bytes).expect("it begins with the mark");
            assert!(is_core(&trace), "{round}");
            let executed = trace.executed().count() - trace.last_phase().len();
            assert!(executed as u64 <= LONGEST, "{round}: {executed}");
            let written = write(&trace).unwrap_or_else(|why| panic!("{round}: {why}"));
            assert_eq!(read(&written), Some(trace), "{round}");
        }
    }

    #[test]
    fn a_scenario_with_a_byte_changed_or_cut_off_is_a_core_trace_still() {
        let files = crate::suite::embedded().expect("the built-in scenarios are read");
        let mut prng = Prng::new(6);
        for file in files.iter().step_by(7) {
            let Ok(mut bytes) = write(&file.scenario.trace) else { continue };
            let at = 1 + prng.below(bytes.len() as u32 - 1) as usize;
            assert!(is_core(&read(&bytes[..at]).expect("the mark is there")), "{}", file.path);
            bytes[at] = prng.below(256) as u8;
            assert!(is_core(&read(&bytes).expect("the mark is there")), "{}", file.path);
        }
    }

    #[test]
    fn the_cache_is_the_models_on_scenarios_with_a_few_bytes_changed() {
        let files = crate::suite::embedded().expect("the built-in scenarios are read");
        let mut prng = Prng::new(8);
        for file in files.iter().step_by(STEP) {
            let Ok(mut bytes) = write(&file.scenario.trace) else { continue };
            for _ in 0..3 {
                crate::fuzzing::optimised_against_model(&bytes);
                let at = 1 + prng.below(bytes.len() as u32 - 1) as usize;
                bytes[at] = prng.below(256) as u8;
            }
        }
    }

    #[test]
    fn what_goes_beyond_the_core_alphabet_has_no_bytes() {
        let mut trace = trace_of(Seed(3), 0, Lane::Direct);
        trace.setup.hazards = true;
        assert!(write(&trace).is_err());
        assert_eq!(read(&[0, 1, 2]), None);
        assert_eq!(read(&[]), None);
    }
}
