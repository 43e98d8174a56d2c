//! The forms of a trace, and the ways from one to another.
//!
//! YAML is the form in which findings are kept; trace text is what travels to a worker; a proptest case is a test
//! function; fuzz bytes are what the fuzz targets take. A trace comes back from each of them. The C program is for who
//! maintains the library: it is written and never read.
//!
//! Not here: how a scenario is read and printed, which is [`crate::scenario`]'s.

pub mod bytes;
pub mod c;
pub mod case;

use crate::fuzzing::trace_of_bytes;
use crate::profiles::Named;
use crate::scenario::{self, Header, Scenario};
use crate::suite::vocabulary;
use crate::trace::Trace;
use crate::worker::text_of_trace;

/// A form of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A scenario.
    Yaml,
    /// A scenario that claims nothing, as it travels to a worker.
    Text,
    /// A test function for the state machines of proptest.
    Proptest,
    /// The bytes of the fuzz targets that run traces.
    Fuzz,
    /// A program that reproduces it on a libssl. It is not read.
    C,
}

impl Form {
    /// The form of a file, by the end of its name; fuzzing engines give theirs none.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("yaml" | "yml") => Self::Yaml,
            Some("txt") => Self::Text,
            Some("rs") => Self::Proptest,
            Some("c") => Self::C,
            _ => Self::Fuzz,
        }
    }
}

/// A trace with what its form says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// The trace.
    pub trace: Trace,
    /// Its title, and the clauses that it shows.
    pub header: Header,
    /// The scenario with its claims, when it was one.
    scenario: Option<Scenario>,
}

impl From<Scenario> for Given {
    fn from(scenario: Scenario) -> Self {
        let header = Header {
            title: scenario.title.clone(),
            clauses: scenario.clauses.iter().map(|clause| clause.value.clone()).collect(),
            editions: scenario.editions.clone(),
            readings: scenario.readings.clone(),
        };
        Self { trace: scenario.trace.clone(), header, scenario: Some(scenario) }
    }
}

impl Given {
    /// A trace of which nothing else is known.
    #[must_use]
    pub fn alone(trace: Trace) -> Self {
        Self { trace, header: Header { title: "a trace".to_owned(), ..Header::default() }, scenario: None }
    }
}

/// Reads a trace. The name is for what is told of mistakes.
///
/// # Errors
///
/// All mistakes of a scenario; or why the bytes have not this form.
pub fn read(name: &str, bytes: &[u8], form: Form) -> Result<Given, String> {
    let text = || std::str::from_utf8(bytes).map_err(|error| format!("{name}: {error}"));
    match form {
        Form::Yaml | Form::Text => of_text(name, text()?),
        Form::Proptest => {
            let case = case::text(text()?);
            of_text(name, case.ok_or_else(|| format!("{name}: no test function that holds a scenario in `given`"))?)
        }
        Form::Fuzz => Ok(Given::alone(trace_of_bytes(bytes))),
        Form::C => Err(format!("{name}: a C program is written, and never read")),
    }
}

fn of_text(name: &str, text: &str) -> Result<Given, String> {
    match scenario::parse(name, text, &vocabulary()) {
        Ok(scenario) => Ok(scenario.into()),
        Err(mistakes) => Err(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// Writes a trace. The profile is what a C program holds the library to.
///
/// # Errors
///
/// What the trace has that the form has not.
pub fn write(given: &Given, form: Form, profile: &Named) -> Result<Vec<u8>, String> {
    let text = match form {
        Form::Yaml => match &given.scenario {
            Some(scenario) => scenario::rewrite(scenario),
            None => scenario::write(&given.trace, &given.header, &[], &[]),
        },
        Form::Text => text_of_trace(&given.trace),
        Form::Proptest => case::written(&given.trace, &given.header)?,
        Form::Fuzz => return bytes::write(&given.trace),
        Form::C => {
            let Header { title, clauses, .. } = given.header.clone();
            c::program(&given.trace, &c::About { title, clauses }, profile)?
        }
    };
    Ok(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manual() -> Named {
        crate::profiles::by_name("manual").expect("it is shipped")
    }

    #[test]
    fn every_form_that_is_read_gives_the_trace_back_and_each_is_made_from_each() {
        const READ: [Form; 4] = [Form::Yaml, Form::Text, Form::Proptest, Form::Fuzz];
        let files = crate::suite::embedded().expect("the built-in scenarios are read");
        for file in files.into_iter().step_by(5) {
            let given = Given::from(file.scenario.clone());
            for first in READ {
                let Ok(written) = write(&given, first, &manual()) else {
                    assert_eq!(first, Form::Fuzz, "{}", file.path);
                    continue;
                };
                let once = read("once", &written, first).expect("what is written is read");
                for second in READ {
                    let Ok(written) = write(&once, second, &manual()) else { continue };
                    let twice = read("twice", &written, second).expect("what is written is read").trace;
                    assert_eq!(twice.setup, given.trace.setup, "{}: {first:?}, {second:?}", file.path);
                    assert_eq!(twice.ops, given.trace.ops, "{}: {first:?}, {second:?}", file.path);
                }
            }
        }
    }

    #[test]
    fn a_scenario_keeps_its_claims_and_a_case_its_title() {
        let files = crate::suite::embedded().expect("the built-in scenarios are read");
        for file in files.into_iter().step_by(20) {
            let given = Given::from(file.scenario.clone());
            let written = write(&given, Form::Yaml, &manual()).expect("any trace is a scenario");
            let again = read("again", &written, Form::Yaml).expect("it is read");
            let claims = |given: &Given| given.scenario.as_ref().map(|scenario| scenario.expectations.len());
            assert_eq!(claims(&again), claims(&given), "{}", file.path);
            let case = write(&given, Form::Proptest, &manual()).expect("it is no hazards trace");
            assert_eq!(read("case", &case, Form::Proptest).expect("it is read").header, given.header, "{}", file.path);
        }
    }

    #[test]
    fn hazards_are_kept_where_there_is_a_word_for_them_and_refused_elsewhere() {
        let files = crate::suite::embedded_hazards().expect("the built-in scenarios are read");
        let given = Given::from(files.into_iter().next().expect("there are some").scenario);
        for form in [Form::Yaml, Form::Text] {
            let written = write(&given, form, &manual()).expect("a scenario says them");
            assert_eq!(read("again", &written, form).expect("it is read").trace.ops, given.trace.ops);
        }
        for form in [Form::Proptest, Form::Fuzz, Form::C] {
            assert!(write(&given, form, &manual()).is_err(), "{form:?}");
        }
    }

    #[test]
    fn a_form_is_told_by_the_name() {
        let names = ["a.yaml", "a.txt", "a.rs", "a.c", "crash-0123", "a.b/c"];
        let forms = [Form::Yaml, Form::Text, Form::Proptest, Form::C, Form::Fuzz, Form::Fuzz];
        assert_eq!(names.map(Form::of_name), forms);
        assert!(read("a.c", b"int main;", Form::C).is_err());
    }
}
