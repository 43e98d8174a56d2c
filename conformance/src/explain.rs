//! What the manual rules in a trace, step by step: the members before and after, what was called, and each clause
//! with what it decided.

use std::fmt::Write;

use session_model::{Called, Clause, ContextRef, Profile, SessionRef, What};

use crate::driver::{Driver, Library};
use crate::naming::Naming;
use crate::scenario::op_line;
use crate::subjects::model::Model;
use crate::trace::{Shown, Trace};
use crate::transcript::{Answer, Transcript};

/// The explanation as text. Rounds of a `repeat` after the first are told only where a callback is called.
#[must_use]
pub fn explain(trace: &Trace, profile: &Profile) -> String {
    let trace = Trace { shown: Shown::Everything, ..trace.clone() };
    let mut driver = Driver::new(Model::new(*profile), &trace.setup, trace.shown);
    let (mut out, mut ruled) = (String::new(), Transcript::default());
    let mut before = String::new();
    for (index, (place, op)) in trace.executed().enumerate() {
        if let Some(why) = driver.library().refuses(&op) {
            writeln!(out, "{place}: {}\n  refused: {why}", op_line(&op, &trace.names)).expect("a string takes it all");
            break;
        }
        driver.step(&op, &mut ruled);
        let naming = Naming::of(&trace, &ruled);
        let step = Explained { trace: &trace, naming: &naming };
        let seen = ruled.step(index).expect("the driver ends a step for each op");
        let after = step.members(seen.members.iter().filter_map(|m| Some((m.context?, m.session))));
        let later_round = place.within.is_some_and(|(round, _)| round > 1);
        let last_phase = place.step as usize > trace.ops.len();
        let uneventful = seen.events.is_empty() && (later_round || last_phase && seen.destroyed.is_empty());
        if !uneventful {
            writeln!(out, "{place}: {}", op_line(&op, &trace.names)).expect("a string takes it all");
            step.decisions(&mut out, &driver.library().ruling.decided);
            writeln!(out, "  answer   {}", answer(seen.answer)).expect("a string takes it all");
            if before != after {
                writeln!(out, "  members  {before} → {after}").expect("a string takes it all");
            }
        }
        before = after;
    }
    out
}

struct Explained<'t> {
    trace: &'t Trace,
    naming: &'t Naming,
}

impl Explained<'_> {
    fn who(&self, c: SessionRef) -> String {
        self.naming.show(&self.trace.names, c)
    }

    fn members(&self, members: impl Iterator<Item = (ContextRef, SessionRef)>) -> String {
        let many = self.trace.setup.contexts.len() > 1;
        let each: Vec<_> = members
            .map(|(context, c)| match many {
                true => format!("{}:{}", self.trace.names.context(context), self.who(c)),
                false => self.who(c),
            })
            .collect();
        format!("{{{}}}", each.join(" "))
    }

    fn decisions(&self, out: &mut String, decided: &[(Clause, What)]) {
        for (clause, what) in decided {
            writeln!(out, "  {:<8} {:<34} {}", "", clause.id(), self.what(*clause, *what))
                .expect("a string takes it all");
        }
    }

    fn what(&self, clause: Clause, what: What) -> String {
        match what {
            What::TheWay => clause.entry().statement.to_owned(),
            What::TheAnswer => "decides the answer".to_owned(),
            What::Calls(Called::New(_, c, kept)) => {
                format!("new_session_cb is called with {}, returns {}", self.who(c), i32::from(kept))
            }
            What::Calls(Called::Get(_, _, Some(c))) => format!("get_session_cb is called, answers {}", self.who(c)),
            What::Calls(Called::Get(_, _, None)) => "get_session_cb is called, finds nothing".to_owned(),
            What::Calls(Called::Remove(_, c)) => format!("remove_session_cb is called with {}", self.who(c)),
            What::Destroys(c) => format!("the last reference on {} goes: it is destroyed", self.who(c)),
            What::Counts(_, counter) => format!("the counter {} goes up", counter.name()),
            What::Enters(_, c) => format!("{} enters the internal cache", self.who(c)),
            What::Leaves(_, c) => format!("{} leaves the internal cache", self.who(c)),
            What::Stays(c) => format!("{} stays in the internal cache", self.who(c)),
            What::Marks(c) => format!("{} is marked non-resumable", self.who(c)),
            What::Times(c) => format!("the time of {} is set", self.who(c)),
            What::TimesOut(c) => format!("the timeout of {} is set", self.who(c)),
        }
    }
}

fn answer(answer: Answer) -> String {
    match answer {
        Answer::Returns(value) => value.to_string(),
        Answer::Nothing => "none".to_owned(),
        Answer::Absent => "absent: the op is on something that is not there".to_owned(),
    }
}
