//! A trace as a C program that needs nothing but libssl: it makes the calls, shows what changes at each step, and ends
//! where the library departs from what the pages rule.
//!
//! What the pages rule is worked out here, by the model, and stands in the program. The names of sessions, the driver's
//! references and what is absent are those of [`crate::driver`]; what a handshake is put together from is in
//! `runtime/`, as in the libssl subject.

mod calls;
mod facts;
mod labels;
mod print;
mod runtime;
mod words;

use session_model::clause::SIZE_DROPS_FROM_END;
use session_model::reading::{SizeLimit, Victim};
use session_model::{Clause, ContextRef, Profile, SessionRef, What};

use self::calls::Calls;
use self::facts::{Facts, main_clause};
use self::labels::Labels;
use self::words::Variables;
use crate::driver::{Driver, Library};
use crate::op::{Name, Op};
use crate::profiles::Named;
use crate::scenario::op_line;
use crate::subjects::model::Model;
use crate::trace::{Place, Shown, Trace};
use crate::transcript::{Answer, Counter, Seen, Transcript};

/// What a program tells of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct About {
    /// The behaviour, as a sentence.
    pub title: String,
    /// The ids of the clauses that it shows.
    pub clauses: Vec<String>,
}

/// The trace as a program that holds a libssl to the pages under this profile.
///
/// # Errors
///
/// The step that has no words in C, and why.
pub fn program(trace: &Trace, about: &About, profile: &Named) -> Result<String, String> {
    if trace.setup.hazards {
        return Err("a hazards trace: the pages rule nothing of it".to_owned());
    }
    let trace = Trace { shown: Shown::Everything, ..trace.clone() };
    let mut writer = Writer::new(&trace, &profile.profile);
    let contexts = writer.contexts()?;
    let sessions = writer.sessions()?;
    let steps = writer.steps()?;
    let Writer { calls, labels, most_facts, .. } = writer;
    let room = print::Room { objects: labels.objects(), facts: most_facts };
    print::printed(print::Parts {
        about,
        profile,
        calls,
        room,
        set_up: [contexts, sessions],
        steps: &steps,
        trace: &trace,
    })
}

/// One step of a program.
#[derive(PartialEq, Eq)]
struct Step {
    place: Place,
    shown: Showing,
}

/// What a step does and shows, wherever it stands.
#[derive(PartialEq, Eq)]
struct Showing {
    op: String,
    code: Vec<String>,
    /// Of the op itself.
    clause: &'static str,
    facts: Vec<String>,
    /// Which session leaves is left to the library.
    open: bool,
}

struct Writer<'t> {
    trace: &'t Trace,
    profile: &'t Profile,
    calls: Calls<'t>,
    facts: Facts<'t>,
    labels: Labels,
    most_facts: usize,
}

impl<'t> Writer<'t> {
    fn new(trace: &'t Trace, profile: &'t Profile) -> Self {
        let last = trace.last_phase();
        let count = |of: &dyn Fn(&Op) -> bool| last.iter().filter(|op| of(op)).count();
        let sessions = count(&|op| matches!(op, Op::Release(_)));
        let connections = count(&|op| matches!(op, Op::Hangup(_)));
        Self {
            trace,
            profile,
            calls: Calls::new(trace, Variables::of(trace, sessions, connections)),
            facts: Facts::new(&trace.names, trace.setup.contexts.len(), profile),
            labels: Labels::of(&trace.setup),
            most_facts: 0,
        }
    }

    fn contexts(&mut self) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        for (context, setup) in (0..).map(ContextRef).zip(&self.trace.setup.contexts) {
            lines.extend(self.calls.context_setup(context, setup)?);
        }
        Ok(lines)
    }

    fn sessions(&mut self) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        for (name, spec) in (0..).map(Name).zip(&self.trace.setup.sessions) {
            lines.extend(self.calls.make(name, spec)?);
            self.labels.name(SessionRef(name.0), &self.trace.names.session(name));
        }
        Ok(lines)
    }

    /// All steps, the set-up first, which is looked at like a step.
    fn steps(&mut self) -> Result<Vec<Step>, String> {
        let (mut driver, mut ruled) =
            (Driver::new(Model::new(*self.profile), &self.trace.setup, Shown::Everything), Transcript::default());
        let mut steps = Vec::new();
        let set_up = Place { step: 0, within: None };
        driver.step(&Op::Probe, &mut ruled);
        steps.push(self.step(set_up, &Op::Probe, &ruled.step(0).expect("it ends its step"), &driver)?);
        for (index, (place, op)) in self.trace.executed().enumerate() {
            let refused = |why: String| format!("{place} ({}): {why}", op_line(&op, &self.trace.names));
            if let Some(why) = driver.library().refuses(&op) {
                return Err(refused(why));
            }
            driver.step(&op, &mut ruled);
            let seen = ruled.step(index + 1).expect("it ends its step");
            let refused = refused(String::new());
            steps.push(self.step(place, &op, &seen, &driver).map_err(|why| refused + &why)?);
            if driver.library().world().is_damaged() {
                return Err(format!("{place}: under this profile the library's own memory is damaged there"));
            }
        }
        Ok(steps)
    }

    fn step(&mut self, place: Place, op: &Op, seen: &Seen<'_>, driver: &Driver<Model>) -> Result<Step, String> {
        self.labels.step(op, seen.answer);
        let code = match seen.answer {
            Answer::Absent => Vec::new(),
            answer => self.calls.op(op, answer, &self.labels)?,
        };
        if seen.answer != Answer::Absent {
            self.calls.named(&self.labels, &|name| driver.session_of(name).is_some());
        }
        for (name, session) in driver.live_names() {
            self.labels.name(session, &self.trace.names.session(name));
        }
        let decided = &driver.library().ruling.decided;
        let open = self.is_open(seen, decided);
        let facts = self.facts.of(seen, decided, &self.labels);
        self.most_facts = self.most_facts.max(facts.len());
        let clause = main_clause(decided);
        if open {
            self.calls.needs.insert("open");
        }
        let op = if place.step == 0 { "sessions made by hand".to_owned() } else { op_line(op, &self.trace.names) };
        Ok(Step { place, shown: Showing { op, code, clause, facts, open } })
    }

    /// Whether this step dropped sessions of which it could have been others.
    fn is_open(&self, seen: &Seen<'_>, decided: &[(Clause, What)]) -> bool {
        let readings = &self.profile.readings;
        let left_open = readings.victim == Victim::Any || readings.size_limit == SizeLimit::Hint;
        left_open
            && decided.iter().any(|(clause, _)| *clause == SIZE_DROPS_FROM_END)
            && seen.counters.iter().filter(|change| change.counter == Counter::CacheFull).any(|change| {
                let left =
                    decided.iter().filter(|(_, what)| matches!(what, What::Leaves(of, _) if *of == change.context));
                left.count() < self.facts.held_by(change.context)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Lane, Seed, trace_of};

    fn about(title: &str) -> About {
        About { title: title.to_owned(), clauses: Vec::new() }
    }

    #[test]
    fn every_scenario_has_a_program_but_those_of_old_synonyms() {
        let manual = crate::profiles::by_name("manual").expect("it is shipped");
        for file in crate::suite::embedded().expect("the built-in scenarios are read") {
            let program = program(&file.scenario.trace, &about(&file.scenario.title), &manual);
            let old = file.text.contains("SSL_add_session")
                || file.text.contains("SSL_remove_session")
                || file.text.contains("SSL_flush_sessions");
            assert_eq!(program.is_err(), old, "{}: {program:?}", file.path);
        }
    }

    #[test]
    fn a_refusal_names_the_step() {
        let manual = crate::profiles::by_name("manual").expect("it is shipped");
        let mut trace = trace_of(Seed(1), 0, Lane::Direct);
        trace.ops = vec![Op::Probe, Op::SetClock(session_model::Time(1 << 70))];
        let why = program(&trace, &about("far"), &manual).expect_err("no long holds it");
        assert!(why.starts_with("step 2 (set_clock: "), "{why}");
    }

    #[test]
    fn rounds_that_are_alike_are_one_loop() {
        let manual = crate::profiles::by_name("manual").expect("it is shipped");
        let text = "scenario: loops\nclauses: []\ncontexts: {server: {}}\nsessions: {a: {id: \"01\", timeout: 1}}\nsteps:\n  \
            - add_session: a\n  - advance: 10\n  - repeat: {times: 300, steps: [{handshake: {}}]}\n";
        let trace = crate::worker::trace_of_text(text).expect("it is read");
        let program = program(&trace, &about("loops"), &manual).expect("it has a program");
        assert_eq!(program.matches("for (round = ").count(), 2, "{program}");
        // The automatic flush removes the session.
        assert!(program.contains("for (round = 1; round <= 254; round++) {"), "{program}");
        assert!(program.contains("CHECK(\"step 3, round 255, op 1\""), "{program}");
        assert!(program.contains("for (round = 256; round <= 300; round++) {"), "{program}");
    }
}
