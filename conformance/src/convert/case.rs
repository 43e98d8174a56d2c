//! A trace as a test function for `conformance/tests/state_machine.rs`, which drives model and cache side by side.
//!
//! The function holds the trace as a scenario, so that it can be read, and given back.

use crate::scenario::{self, Header};
use crate::trace::Trace;

/// What stands before the text, apart from the marks of the raw string.
const CALL: &str = "given::<Cache>(";

/// The test function.
///
/// # Errors
///
/// When it is a hazards trace: the machines have no such ops.
pub fn written(trace: &Trace, header: &Header) -> Result<String, String> {
    if trace.setup.hazards {
        return Err("a hazards trace: the state machines have no such ops".to_owned());
    }
    let text = scenario::write(trace, header, &[], &[]);
    let marks = "#".repeat((1..).find(|n| !text.contains(&format!("\"{}", "#".repeat(*n)))).expect("text has an end"));
    let name = name(&header.title);
    Ok(format!("#[test]\nfn {name}() {{\n    {CALL}\n        r{marks}\"\n{text}\"{marks},\n    );\n}}\n"))
}

/// The text of the scenario in such a function; `None`: there is none.
#[must_use]
pub fn text(function: &str) -> Option<&str> {
    let (_, after) = function.split_once("given::<")?;
    let (_, after) = after.split_once('(')?;
    let after = after.trim_start().strip_prefix('r')?;
    let (marks, after) = after.split_once('"')?;
    if !marks.chars().all(|mark| mark == '#') {
        return None;
    }
    let (text, _) = after.split_once(&format!("\"{marks}"))?;
    Some(text.trim_start_matches('\n'))
}

/// The title as the name of a function.
fn name(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_");
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name,
        _ => format!("case_{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Lane, Seed, trace_of};

    #[test]
    fn a_case_holds_its_trace() {
        let header = Header { title: "The 1st case: \"a\"#".to_owned(), ..Header::default() };
        for lane in [Lane::Direct, Lane::Handshakes, Lane::Tickets] {
            let trace = trace_of(Seed(4), 2, lane);
            let function = written(&trace, &header).expect("it is no hazards trace");
            assert!(function.contains("fn the_1st_case_a() {"), "{function}");
            let text = text(&function).expect("it is there");
            let scenario = scenario::parse("case", text, &crate::suite::vocabulary()).expect("it is read");
            assert_eq!((scenario.trace.setup, scenario.trace.ops), (trace.setup, trace.ops), "{lane}");
            assert_eq!(scenario.title, header.title);
        }
    }

    #[test]
    fn what_is_no_case_has_no_text() {
        for other in ["", "given::<Cache>(text)", "given::<Cache>(r#\"no end", "#[test]\nfn a() {}"] {
            assert_eq!(text(other), None, "{other}");
        }
    }

    #[test]
    fn every_title_is_a_name() {
        assert_eq!(name("255 handshakes, then one"), "case_255_handshakes_then_one");
        assert_eq!(name(""), "case_");
    }
}
