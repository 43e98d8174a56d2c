//! What the fuzz targets do with their bytes: nothing comes back, and a panic is a finding.
//!
//! The same functions replay the committed seeds on stable, in a test. Not here: an engine; that is cargo-fuzz's, and
//! the targets in `fuzz/` only call.
//!
//! What one input costs is bounded, or an engine that likes long inputs does nothing else. A trace is cut to a number
//! of executed ops, a `repeat` counting each of its rounds, before it is run ([`MOST_OF_MODEL`], [`MOST_OF_LAWS`],
//! [`MOST_OF_REDUCER`]), and a reduction tries a number of traces; what is longer is left to the random lanes. The
//! length of texts is the engine's `-max_len`.

mod bytes;
mod dictionary;
mod gate;
mod reducer;
mod seeds;
mod texts;
mod traces;

pub use bytes::{bytes_of_trace, trace_of_bytes};
pub use dictionary::{dictionary, dictionary_text};
pub use gate::{asked, project_parser, subject_parser, verdict_on};
pub use reducer::{MOST_OF_REDUCER, reducer};
pub use seeds::{Seed, seeds};
pub use texts::{pages_reader, profile_parser, protocol_parser, scenario_parser};
pub use traces::{MOST_OF_LAWS, MOST_OF_MODEL, optimised_against_model, structure_holds, trace_on_cache};

/// What a target does with its bytes.
pub type Target = fn(&[u8]);

/// Every target: its name, which is that of its folder of seeds, and what it does.
pub const TARGETS: [(&str, Target); 9] = [
    ("optimised_against_model", optimised_against_model),
    ("trace_on_cache", trace_on_cache),
    ("reducer", reducer),
    ("scenario_parser", scenario_parser),
    ("profile_parser", profile_parser),
    ("protocol_parser", protocol_parser),
    ("pages_reader", pages_reader),
    ("project_parser", project_parser),
    ("subject_parser", subject_parser),
];

/// The targets whose bytes are YAML: the dictionary is theirs.
pub const OF_YAML: [&str; 2] = ["scenario_parser", "profile_parser"];
